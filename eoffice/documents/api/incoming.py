"""Incoming documents for programs: the same services and queries as the pages."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.documents.models import Assignment, AssignmentRole, Channel, IncomingDocument
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries import incoming_lists
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_counters import counters
from eoffice.documents.queries.incoming_lists import Filters
from eoffice.documents.services import (
    assigning,
    closing,
    consulting,
    directing,
    extending,
    forwarding,
    reading,
    receiving,
    registering,
)
from eoffice.documents.services import distributing as orders
from eoffice.documents.services.incoming_entry import IncomingEntry
from eoffice.documents.services.receiving import Assurance
from eoffice.organization import calendar
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"))


class Letter(Schema):
    """An incoming document; times are UTC, dates those of Vietnam."""

    id: int
    state: str
    arrival_number: str
    arrival_on: date | None
    number: str
    symbol: str
    issued_on: date | None
    issuing_body: str
    subject: str
    document_type: str
    urgency: int
    due_at: datetime | None
    received_at: datetime


class Line(Schema):
    """One assignment."""

    id: int
    incoming_id: int
    unit_id: int | None
    person_id: int | None
    role: str
    state: str
    due_at: datetime | None


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


class EntryIn(Schema):
    """Fields of Phụ lục VI; lengths are checked by the service, with a message for each field."""

    issuing_body: str
    subject: str
    number: str = ""
    symbol: str = ""
    issued_on: date | None = None
    document_type: str = ""
    type_name: str = ""
    language: str = "Tiếng Việt"
    page_amount: int | None = None
    description: str = ""
    signer_position: str = ""
    signer_name: str = ""
    urgency: int = 0
    circulation: str = ""
    file_notation: str = ""
    due_on: date | None = None
    forward_to: int | None = None
    not_duplicate: bool = False


class RecipientIn(Schema):
    kind: str
    id: int
    role: AssignmentRole = AssignmentRole.LEAD
    due_on: date | None = None


class OrderIn(Schema):
    """A directive, or an instruction passed on."""

    text: str = ""
    recipients: list[RecipientIn] = Field(default_factory=list)
    due_on: date | None = None
    requires_reply: bool = False


class ReasonIn(Schema):
    reason: str = ""


class ForwardIn(Schema):
    leader_id: int
    note: str = ""


class ReportIn(Schema):
    result: str = ""
    no_reply_reason: str = ""


class ProgressIn(Schema):
    text: str
    percent: int | None = None


class ExtensionIn(Schema):
    due_on: date
    reason: str = ""


@router.get("/", response=BoxPage, summary="Một ngăn văn bản đến")
def incoming_list(
    request: HttpRequest, box: Box = Box.ALL, text: str = "", unread: bool = False, after: str = ""
) -> BoxPage:
    page = incoming_lists.box_page(
        api_actor(request), box=box, now=clock.now(), filters=Filters(text=text[:200], unread=unread), after=after
    )
    return BoxPage(rows=[Row.from_orm(row) for row in page.rows], next_after=page.next_after)


@router.get("/counters", response=dict[str, int], summary="Số văn bản chờ theo từng ngăn")
def incoming_counters(request: HttpRequest) -> dict[str, int]:
    return counters(api_actor(request), clock.now())


@router.post("/", response=list[Receipt], summary="Tiếp nhận tệp, mỗi tệp một văn bản")
def incoming_receive(
    request: HttpRequest,
    files: File[list[UploadedFile]],
    seen_no_mark: Form[bool] = False,
    idempotency_key: Form[str] = "",
) -> list[Receipt]:
    actor = api_actor(request)
    receipts = receiving.receive_incoming(
        actor=actor,
        registry_id=actor.registry_id or 0,
        uploads=files,
        now=clock.now(),
        assurance=Assurance(seen_no_mark=seen_no_mark),
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
    return _letter(detail.incoming)


@router.get("/{int:incoming_id}/assignments", response=list[Line], summary="Các dòng phân công")
def incoming_assignments(request: HttpRequest, incoming_id: int) -> list[Line]:
    return [_line(each) for each in queries.lines_of(api_actor(request), incoming_id)]


@router.post("/{int:incoming_id}/register", response=Letter, summary="Đăng ký, cấp số đến")
def incoming_register(request: HttpRequest, incoming_id: int, body: EntryIn) -> Letter:
    values = body.dict(exclude={"due_on", "forward_to", "not_duplicate"})
    entry = IncomingEntry(**values, due_at=calendar.end_of_day(body.due_on) if body.due_on else None)
    return _letter(
        registering.register_incoming(
            actor=api_actor(request),
            incoming_id=incoming_id,
            entry=entry,
            now=clock.now(),
            forward_to=body.forward_to,
            not_duplicate=body.not_duplicate,
        )
    )


@router.post("/{int:incoming_id}/refuse", response=Letter, summary="Trả lại nơi gửi")
def incoming_refuse(request: HttpRequest, incoming_id: int, body: ReasonIn) -> Letter:
    return _letter(
        registering.refuse_incoming(
            actor=api_actor(request), incoming_id=incoming_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/{int:incoming_id}/cancel", response=Letter, summary="Hủy đăng ký")
def incoming_cancel(request: HttpRequest, incoming_id: int, body: ReasonIn) -> Letter:
    return _letter(
        registering.cancel_registration(
            actor=api_actor(request), incoming_id=incoming_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/{int:incoming_id}/forward", response=Letter, summary="Trình lãnh đạo")
def incoming_forward(request: HttpRequest, incoming_id: int, body: ForwardIn) -> Letter:
    return _letter(
        forwarding.forward_incoming(
            actor=api_actor(request),
            incoming_id=incoming_id,
            leader_id=body.leader_id,
            note=body.note,
            now=clock.now(),
        )
    )


@router.post("/{int:incoming_id}/direct", response=list[Line], summary="Bút phê")
def incoming_direct(request: HttpRequest, incoming_id: int, body: OrderIn) -> list[Line]:
    actor = api_actor(request)
    directing.direct_incoming(
        actor=actor,
        incoming_id=incoming_id,
        text=body.text,
        recipients=_recipients(body),
        due_on=body.due_on,
        requires_reply=body.requires_reply,
        now=clock.now(),
    )
    return [_line(each) for each in queries.lines_of(actor, incoming_id)]


@router.post("/{int:incoming_id}/return", response=Letter, summary="Trả lại văn thư")
def incoming_return(request: HttpRequest, incoming_id: int, body: ReasonIn) -> Letter:
    return _letter(
        directing.return_to_clerk(
            actor=api_actor(request), incoming_id=incoming_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/assignments/{int:assignment_id}/accept", response=Line, summary="Tiếp nhận việc được giao")
def assignment_accept(request: HttpRequest, assignment_id: int) -> Line:
    return _line(assigning.accept_assignment(actor=api_actor(request), assignment_id=assignment_id, now=clock.now()))


@router.post("/assignments/{int:assignment_id}/pass-on", response=list[Line], summary="Giao tiếp")
def assignment_pass_on(request: HttpRequest, assignment_id: int, body: OrderIn) -> list[Line]:
    lines = assigning.pass_on(
        actor=api_actor(request),
        assignment_id=assignment_id,
        recipients=_recipients(body),
        instruction=body.text,
        due_on=body.due_on,
        now=clock.now(),
    )
    return [_line(each) for each in lines]


@router.post("/assignments/{int:assignment_id}/return", response=Line, summary="Trả lại việc được giao")
def assignment_return(request: HttpRequest, assignment_id: int, body: ReasonIn) -> Line:
    return _line(
        assigning.return_assignment(
            actor=api_actor(request), assignment_id=assignment_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/assignments/{int:assignment_id}/progress", response={204: None}, summary="Báo cáo tiến độ")
def assignment_progress(request: HttpRequest, assignment_id: int, body: ProgressIn) -> tuple[int, None]:
    consulting.report_progress(
        actor=api_actor(request),
        assignment_id=assignment_id,
        text=body.text,
        percent=body.percent,
        now=clock.now(),
    )
    return 204, None


@router.post("/assignments/{int:assignment_id}/extend", response={204: None}, summary="Xin gia hạn")
def assignment_extend(request: HttpRequest, assignment_id: int, body: ExtensionIn) -> tuple[int, None]:
    extending.ask_extension(
        actor=api_actor(request),
        assignment_id=assignment_id,
        due_on=body.due_on,
        reason=body.reason,
        now=clock.now(),
    )
    return 204, None


@router.post("/assignments/{int:assignment_id}/report", response=Line, summary="Báo cáo hoàn thành")
def assignment_report(request: HttpRequest, assignment_id: int, body: ReportIn) -> Line:
    return _line(
        closing.report_done(
            actor=api_actor(request),
            assignment_id=assignment_id,
            result=body.result,
            no_reply_reason=body.no_reply_reason,
            now=clock.now(),
        )
    )


@router.post("/assignments/{int:assignment_id}/confirm", response=Line, summary="Xác nhận hoàn thành")
def assignment_confirm(request: HttpRequest, assignment_id: int) -> Line:
    return _line(closing.confirm_done(actor=api_actor(request), assignment_id=assignment_id, now=clock.now()))


def _recipients(body: OrderIn) -> list[orders.Recipient]:
    return [orders.Recipient(each.kind, each.id, each.role, each.due_on) for each in body.recipients]


def _letter(row: IncomingDocument) -> Letter:
    return Letter(
        id=row.pk,
        state=row.state,
        arrival_number=row.shown_arrival,
        arrival_on=row.arrival_on,
        number=row.number,
        symbol=row.symbol,
        issued_on=row.issued_on,
        issuing_body=row.issuing_body,
        subject=row.subject,
        document_type=row.document_type,
        urgency=row.urgency,
        due_at=row.due_at,
        received_at=row.received_at,
    )


def _line(row: Assignment) -> Line:
    return Line(
        id=row.pk,
        incoming_id=row.incoming_id,
        unit_id=row.unit_id,
        person_id=row.person_id,
        role=row.role,
        state=row.state,
        due_at=row.due_at,
    )
