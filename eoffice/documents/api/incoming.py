"""Incoming documents for programs: the same services and queries as the pages."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.documents.api.incoming_shapes import (
    CorrectIn,
    ForwardIn,
    Letter,
    Line,
    ReasonIn,
    RegisterIn,
    letter_out,
    line_out,
)
from eoffice.documents.models import Channel
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries import incoming_lists
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_counters import counters
from eoffice.documents.queries.incoming_lists import Filters
from eoffice.documents.services import forwarding, reading, recalling, receiving, registering
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.views import files as serving
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Văn bản đến"])


class Row(Schema):
    """One line of a box."""

    incoming_id: int
    assignment_id: int | None
    arrival: str
    code: str
    issuing_body: str
    subject: str
    role: str
    state: str
    due_at: datetime | None
    is_late: bool
    is_unread: bool


class BoxPage(Schema):
    rows: list[Row]
    next_after: str | None


class Receipt(Schema):
    """What became of one file: `incoming_id`, or the code and message of its refusal."""

    name: str
    incoming_id: int | None
    code: str
    message: str


class CorrectionOut(Schema):
    """One field put right: the value before and after."""

    field: str
    old_value: str
    new_value: str


class ForwardManyIn(Schema):
    incoming_ids: list[int] = Field(max_length=200)
    leader_id: int


class ForwardReceipt(Schema):
    """What became of one letter; an empty `code` is submitted."""

    incoming_id: int
    code: str
    message: str


class NoteIn(Schema):
    note: str = ""


class FileOut(Schema):
    id: int
    name: str
    size_bytes: int
    media_type: str
    sha256: str
    is_original: bool


class FileId(Schema):
    id: int
    name: str


@router.get("/", response=BoxPage, summary="Một ngăn văn bản đến")
def incoming_list(
    request: HttpRequest,
    box: Box = Box.ALL,
    text: str = "",
    unread: bool = False,
    after: str = "",
    field_of_work_id: int | None = None,
) -> BoxPage:
    page = incoming_lists.box_page(
        api_actor(request),
        box=box,
        now=clock.now(),
        filters=Filters(text=text[:200], unread=unread, field_of_work_id=field_of_work_id),
        after=after,
    )
    return BoxPage(rows=[Row.from_orm(row) for row in page.rows], next_after=page.next_after)


@router.get("/counters", response=dict[str, int], summary="Số văn bản chờ theo từng ngăn")
def incoming_counters(request: HttpRequest) -> dict[str, int]:
    return counters(api_actor(request), clock.now())


@router.post(
    "/",
    response=list[Receipt],
    summary="Tiếp nhận tệp, mỗi tệp một văn bản; `as_one`: tệp đầu là văn bản, còn lại kèm theo",
)
def incoming_receive(
    request: HttpRequest,
    files: File[list[UploadedFile]],
    seen_no_mark: Form[bool] = False,
    not_secret_basis: Form[str] = "",
    declared_secrecy: Form[str] = "",
    as_one: Form[bool] = False,
    idempotency_key: Form[str] = "",
) -> list[Receipt]:
    actor = api_actor(request)
    receipts = receiving.receive_incoming(
        actor=actor,
        registry_id=actor.registry_id or 0,
        uploads=files,
        now=clock.now(),
        assurance=Assurance(seen_no_mark=seen_no_mark, not_secret_basis=not_secret_basis, declared=declared_secrecy),
        as_one=as_one,
        request_key=idempotency_key,
        channel=Channel.API,
    )
    return [
        Receipt(
            name=each.name,
            incoming_id=each.incoming_id,
            code=each.error.code if each.error else "",
            message=each.error.message if each.error else "",
        )
        for each in receipts
    ]


@router.get("/{int:incoming_id}", response=Letter, summary="Một văn bản đến")
def incoming_detail(request: HttpRequest, incoming_id: int) -> Letter:
    detail = reading.open_incoming(actor=api_actor(request), incoming_id=incoming_id, now=clock.now())
    return letter_out(detail.incoming)


@router.get("/{int:incoming_id}/assignments", response=list[Line], summary="Các dòng phân công")
def incoming_assignments(request: HttpRequest, incoming_id: int) -> list[Line]:
    return [line_out(each) for each in queries.lines_of(api_actor(request), incoming_id)]


@router.post("/{int:incoming_id}/register", response=Letter, summary="Đăng ký, cấp số đến")
def incoming_register(request: HttpRequest, incoming_id: int, body: RegisterIn) -> Letter:
    return letter_out(
        registering.register_incoming(
            actor=api_actor(request),
            incoming_id=incoming_id,
            entry=body.entry(),
            now=clock.now(),
            forward_to=body.forward_to,
            not_duplicate=body.not_duplicate,
            reserved_number=body.reserved_number,
        )
    )


@router.post("/{int:incoming_id}/correct", response=list[CorrectionOut], summary="Sửa dòng sổ")
def incoming_correct(request: HttpRequest, incoming_id: int, body: CorrectIn) -> list[CorrectionOut]:
    made = registering.correct_entry(
        actor=api_actor(request), incoming_id=incoming_id, entry=body.entry(), reason=body.reason, now=clock.now()
    )
    return [CorrectionOut.from_orm(each) for each in made]


@router.post("/{int:incoming_id}/refuse", response=Letter, summary="Trả lại nơi gửi")
def incoming_refuse(request: HttpRequest, incoming_id: int, body: ReasonIn) -> Letter:
    return letter_out(
        registering.refuse_incoming(
            actor=api_actor(request), incoming_id=incoming_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/{int:incoming_id}/cancel", response=Letter, summary="Hủy đăng ký")
def incoming_cancel(request: HttpRequest, incoming_id: int, body: ReasonIn) -> Letter:
    return letter_out(
        registering.cancel_registration(
            actor=api_actor(request), incoming_id=incoming_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/{int:incoming_id}/forward", response=Letter, summary="Trình lãnh đạo")
def incoming_forward(request: HttpRequest, incoming_id: int, body: ForwardIn) -> Letter:
    return letter_out(
        forwarding.forward_incoming(
            actor=api_actor(request),
            incoming_id=incoming_id,
            leader_id=body.leader_id,
            note=body.note,
            now=clock.now(),
        )
    )


@router.post("/forward", response=list[ForwardReceipt], summary="Trình lãnh đạo nhiều văn bản")
def incoming_forward_many(request: HttpRequest, body: ForwardManyIn) -> list[ForwardReceipt]:
    results = forwarding.forward_many(
        actor=api_actor(request), incoming_ids=body.incoming_ids, leader_id=body.leader_id, now=clock.now()
    )
    return [
        ForwardReceipt(
            incoming_id=each.incoming_id,
            code=each.error.code if each.error else "",
            message=each.error.message if each.error else "",
        )
        for each in results
    ]


@router.post("/{int:incoming_id}/keep", response=Letter, summary="Lưu để biết")
def incoming_keep(request: HttpRequest, incoming_id: int, body: NoteIn) -> Letter:
    return letter_out(
        forwarding.keep_for_information(
            actor=api_actor(request), incoming_id=incoming_id, note=body.note, now=clock.now()
        )
    )


@router.post("/{int:incoming_id}/confirm-recall", response=Letter, summary="Xác nhận văn bản đã bị thu hồi")
def incoming_confirm_recall(request: HttpRequest, incoming_id: int) -> Letter:
    return letter_out(recalling.confirm_recall(actor=api_actor(request), incoming_id=incoming_id, now=clock.now()))


@router.get("/{int:incoming_id}/files", response=list[FileOut], summary="Các tệp của văn bản")
def incoming_files(request: HttpRequest, incoming_id: int) -> list[FileOut]:
    incoming = queries.get_incoming(api_actor(request), incoming_id)
    return [FileOut.from_orm(each) for each in queries.files_of(incoming)]


@router.get("/{int:incoming_id}/files/{int:file_id}", summary="Tệp như đã đến")
def incoming_file(request: HttpRequest, incoming_id: int, file_id: int) -> HttpResponseBase:
    version = queries.get_file(api_actor(request), incoming_id, file_id)
    return serving.stored_file(version.file_id, name=version.name, media_type=version.file.media_type)


@router.post("/{int:incoming_id}/files", response={201: list[FileId]}, summary="Thêm tệp kèm theo")
def incoming_attach(
    request: HttpRequest,
    incoming_id: int,
    files: File[list[UploadedFile]],
    seen_no_mark: Form[bool] = False,
    not_secret_basis: Form[str] = "",
) -> Status[list[FileId]]:
    made = receiving.attach_files(
        actor=api_actor(request),
        incoming_id=incoming_id,
        uploads=files,
        now=clock.now(),
        assurance=Assurance(seen_no_mark=seen_no_mark, not_secret_basis=not_secret_basis),
    )
    return Status(201, [FileId(id=each.pk, name=each.name) for each in made])
