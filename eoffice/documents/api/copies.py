"""Electronic copies (sao y, sao lục, trích sao) for programs: the same services and queries as the pages."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.documents.models import CopyForm, OriginalKind, PaperCopy
from eoffice.documents.queries import copies as queries
from eoffice.documents.services import copying, extracting, sealing_copies, voiding_copies
from eoffice.documents.services.copying import CopyEntry
from eoffice.documents.services.extracting import ExtractEntry
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.views import files as serving
from eoffice.documents.views.registry_choice import copying_registries, own_registry
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Bản sao điện tử"])


class CopyOut(Schema):
    """One copy. `code` is that of the copied paper, `shown_code` the copy's own where it has one (extracts).

    `state` is open (waits for the seal), sealed or voided; times are UTC, dates those of Vietnam.
    """

    id: int
    registry_id: int
    form: str
    original_kind: str
    code: str
    shown_code: str
    dated: date
    issuing_body: str
    subject: str
    state: str
    decided_by: str
    incoming_id: int | None
    outgoing_id: int | None
    made_by: str
    made_at: datetime
    sealed_by: str
    sealed_at: datetime | None
    voided_by: str
    voided_at: datetime | None
    void_reason: str


class CopyPageOut(Schema):
    """Newest first; ask for the next page with `after` = `next_after`."""

    rows: list[CopyOut]
    next_after: int | None


class DeciderOut(Schema):
    """One who may decide that a paper is copied, today; `id` is his capacity to sign."""

    id: int
    registry_id: int
    person: str
    position: str


class PaperIn(Schema):
    """What is copied and who decided it: `decider_id`, or `basis` in words for someone outside the unit."""

    original_kind: OriginalKind
    code: str = Field(max_length=80)
    dated: date
    issuing_body: str = Field(max_length=200)
    subject: str = Field(max_length=500)
    basis: str = Field("", max_length=300)
    decider_id: int | None = None
    incoming_id: int | None = None


class CopyIn(PaperIn):
    """A scan, PDF in colour of at least 200 dpi, travels beside it; `registry_id` left out is the actor's own.

    Of two calls with one `idempotency_key` the second gets the copy of the first.
    """

    form: CopyForm = CopyForm.FULL
    registry_id: int | None = None
    seen_no_mark: bool = False
    idempotency_key: str = Field("", max_length=64)


class ExtractIn(PaperIn):
    """The form of the paper and the part that is copied; `body` as in drafts. Names in ordinary case."""

    document_type: str = Field(max_length=32)
    signer_name: str = Field(max_length=100)
    body: dict[str, object]
    superior_body: str = Field("", max_length=200)
    place: str = Field("", max_length=60)
    signer_lines: list[str] = Field(default_factory=list, max_length=4)
    recipients: list[str] = Field(default_factory=list, max_length=50)
    outgoing_id: int | None = None

    def entry(self) -> ExtractEntry:
        """What was said, for the service."""
        names = set(ExtractEntry.__slots__) - {"signer_lines", "recipients"}
        return ExtractEntry(
            **{name: getattr(self, name) for name in names},
            signer_lines=tuple(self.signer_lines),
            recipients=tuple(self.recipients),
        )


class NewExtractIn(ExtractIn):
    """`registry_id` left out is the actor's own; `idempotency_key` as in copies: one key takes one number."""

    registry_id: int | None = None
    idempotency_key: str = Field("", max_length=64)


class CopySealIn(Schema):
    pin: str = Field(max_length=12)


class CopyVoidIn(Schema):
    reason: str = Field(max_length=500)


@router.get("", response=CopyPageOut, summary="Các bản sao điện tử, mới nhất trước")
def copy_list(request: HttpRequest, after: int | None = None) -> CopyPageOut:
    page = queries.copies_page(api_actor(request), after=after)
    return CopyPageOut(rows=[_copy(row) for row in page.rows], next_after=page.next_after)


@router.get("/deciders", response=list[DeciderOut], summary="Người có thẩm quyền quyết định việc sao")
def copy_deciders(request: HttpRequest) -> list[DeciderOut]:
    found = queries.deciders_for(api_actor(request), copying_registries(api_actor(request)), now=clock.now())
    return [
        DeciderOut(id=each.pk, registry_id=each.registry_id, person=each.person.full_name, position=each.position_title)
        for each in found
    ]


@router.post("", response={201: CopyOut}, summary="Sao y, sao lục: gửi bản quét văn bản giấy")
def copy_begin(request: HttpRequest, file: File[UploadedFile], entry: Form[CopyIn]) -> Status[CopyOut]:
    actor = api_actor(request)
    said = {name: getattr(entry, name) for name in CopyEntry.__slots__}
    made = copying.begin_copy(
        actor=actor,
        registry_id=entry.registry_id or own_registry(actor),
        entry=CopyEntry(**said),
        upload=file,
        assurance=Assurance(seen_no_mark=entry.seen_no_mark),
        now=clock.now(),
        request_key=entry.idempotency_key,
    )
    return Status(201, _shown(request, made.pk))


@router.post("/extracts", response={201: CopyOut}, summary="Trích sao: lấy số và tạo trang")
def extract_begin(request: HttpRequest, body: NewExtractIn) -> Status[CopyOut]:
    actor = api_actor(request)
    made = extracting.begin_extract(
        actor=actor,
        registry_id=body.registry_id or own_registry(actor),
        entry=body.entry(),
        now=clock.now(),
        request_key=body.idempotency_key,
    )
    return Status(201, _shown(request, made.pk))


@router.put("/extracts/{int:copy_id}", response=CopyOut, summary="Sửa bản trích sao chưa ký số, giữ nguyên số")
def extract_revise(request: HttpRequest, copy_id: int, body: ExtractIn) -> CopyOut:
    extracting.revise_extract(actor=api_actor(request), copy_id=copy_id, entry=body.entry(), now=clock.now())
    return _shown(request, copy_id)


@router.get("/{int:copy_id}", response=CopyOut, summary="Một bản sao điện tử")
def copy_detail(request: HttpRequest, copy_id: int) -> CopyOut:
    return _shown(request, copy_id)


@router.get("/{int:copy_id}/file", summary="Tệp bản sao đã ký số; chưa ký thì bản quét, trang trích sao")
def copy_file(request: HttpRequest, copy_id: int) -> HttpResponseBase:
    found = queries.copy_file(api_actor(request), copy_id)
    return serving.stored_file(found.sha256, name=found.name, media_type="application/pdf")


@router.post("/{int:copy_id}/seal", response=CopyOut, summary="Ký số của cơ quan lên bản sao")
def copy_seal(request: HttpRequest, copy_id: int, body: CopySealIn) -> CopyOut:
    sealing_copies.seal_copy(actor=api_actor(request), copy_id=copy_id, pin=body.pin, now=clock.now())
    return _shown(request, copy_id)


@router.post("/{int:copy_id}/void", response=CopyOut, summary="Hủy bản sao chưa ký số, giữ số trong sổ")
def copy_void(request: HttpRequest, copy_id: int, body: CopyVoidIn) -> CopyOut:
    voiding_copies.void_copy(actor=api_actor(request), copy_id=copy_id, reason=body.reason, now=clock.now())
    return _shown(request, copy_id)


def _shown(request: HttpRequest, copy_id: int) -> CopyOut:
    return _copy(queries.get_copy(api_actor(request), copy_id))


def _copy(copy: PaperCopy) -> CopyOut:
    return CopyOut(
        id=copy.pk,
        registry_id=copy.registry_id,
        form=copy.form,
        original_kind=copy.original_kind,
        code=copy.code,
        shown_code=copy.shown_code,
        dated=copy.dated,
        issuing_body=copy.issuing_body,
        subject=copy.subject,
        state="voided" if copy.voided_at else "sealed" if copy.sealed_at else "open",
        decided_by=copy.decided_by,
        incoming_id=copy.incoming_id,
        outgoing_id=copy.outgoing_id,
        made_by=copy.made_by.full_name,
        made_at=copy.made_at,
        sealed_by=copy.sealed_by.full_name if copy.sealed_by else "",
        sealed_at=copy.sealed_at,
        voided_by=copy.voided_by.full_name if copy.voided_by else "",
        voided_at=copy.voided_at,
        void_reason=copy.void_reason,
    )
