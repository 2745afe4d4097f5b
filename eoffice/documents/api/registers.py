"""Registers for programs: the same commands and reads as the pages."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import fold
from eoffice.documents.models import BlockHolder, Register, RegisterEntry, RegisterKind
from eoffice.documents.queries import registers as queries
from eoffice.documents.queries.register_entries import register_entries
from eoffice.documents.services import numbering
from eoffice.layout.types import TYPES
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Sổ văn bản"])
_CODES = frozenset(each.code for each in TYPES)


class RegisterOut(Schema):
    """One series of numbers; `closed_at` null is open, empty `document_types` is every type."""

    id: int
    registry_id: int
    kind: str
    series: str
    name: str
    year: int
    document_types: list[str]
    first_number: int
    next_number: int
    opening_basis: str
    closed_at: datetime | None


class EntryOut(Schema):
    """One line: exactly one of `incoming_id`, `outgoing_id`, `copy_id` is set; `state` is active, cancelled or void."""

    id: int
    number: int
    suffix: str
    shown_number: str
    dated_on: date
    state: str
    state_reason: str
    incoming_id: int | None
    outgoing_id: int | None
    copy_id: int | None
    code: str
    subject: str
    entered_by: str
    entered_at: datetime


class EntryPage(Schema):
    """Newest entered first; ask for the next page with `after` = `next_after`."""

    rows: list[EntryOut]
    next_after: int | None


class GapOut(Schema):
    shown_number: str
    reason: str
    recorded_by: str
    recorded_at: datetime


class BlockOut(Schema):
    first: int
    last: int
    holder: str
    basis: str
    unused: int


class LedgerOut(Schema):
    """Every number from `first` to `last` accounted for; `unexplained` must be empty."""

    first: int
    last: int
    active: int
    suffixed: int
    gaps: list[GapOut]
    blocks: list[BlockOut]
    unexplained: list[int]
    is_whole: bool


class OpenIn(Schema):
    """`first_number` above 1 needs `opening_basis`: where the numbers before it are."""

    kind: RegisterKind
    year: int = Field(ge=2000, le=2100)
    name: str = Field("", max_length=200)
    document_types: list[str] = Field(default_factory=list)
    first_number: int = Field(1, ge=1, le=9_999_999)
    opening_basis: str = Field("", max_length=300)

    def series(self) -> str:
        """A stable code for the series, made of its types, or of its name: as the page makes it."""
        types = "_".join(sorted(set(self.document_types)))
        return (types or fold(self.name).replace(" ", "_"))[:30] or "chung"


class KeepIn(Schema):
    first: int = Field(ge=1, le=9_999_999)
    last: int = Field(ge=1, le=9_999_999)
    holder: BlockHolder = BlockHolder.RESERVED
    basis: str = Field(max_length=300)


class ExplainIn(Schema):
    number: int = Field(ge=1, le=9_999_999)
    reason: str = Field(max_length=500)


@router.get("", response=list[RegisterOut], summary="Các sổ được xem")
def register_list(request: HttpRequest, year: int | None = None) -> list[Register]:
    return queries.registers_of(api_actor(request), year=year if year is None or 0 < year < 10_000 else 0)


@router.post("", response={201: RegisterOut}, summary="Mở sổ")
def register_open(request: HttpRequest, body: OpenIn) -> Status[Register]:
    actor = api_actor(request)
    if set(body.document_types) - _CODES:
        raise Invalid(fields={"document_types": "Chọn loại văn bản trong danh sách."})
    made = numbering.open_register(
        actor=actor,
        registry=queries.get_manageable_registry(actor),
        kind=body.kind,
        year=body.year,
        name=body.name,
        series=body.series(),
        document_types=body.document_types,
        first_number=body.first_number,
        opening_basis=body.opening_basis,
        now=clock.now(),
    )
    return Status(201, made)


@router.get("/{int:register_id}", response=RegisterOut, summary="Một sổ")
def register_detail(request: HttpRequest, register_id: int) -> Register:
    return queries.get_register(api_actor(request), register_id)


@router.get("/{int:register_id}/entries", response=EntryPage, summary="Các dòng của sổ, mới nhất trước")
def entries(request: HttpRequest, register_id: int, after: int | None = None) -> EntryPage:
    page = register_entries(api_actor(request), register_id, after=after)
    return EntryPage(rows=[_entry(row) for row in page.rows], next_after=page.next_after)


@router.get("/{int:register_id}/ledger", response=LedgerOut, summary="Đối chiếu số của sổ")
def ledger(request: HttpRequest, register_id: int) -> LedgerOut:
    return LedgerOut.from_orm(queries.register_page(api_actor(request), register_id).ledger)


@router.post("/{int:register_id}/blocks", response={201: KeepIn}, summary="Giữ dải số")
def keep_numbers(request: HttpRequest, register_id: int, body: KeepIn) -> Status[object]:
    block = numbering.keep_numbers(
        actor=api_actor(request), register_id=register_id, first=body.first, last=body.last, holder=body.holder,
        basis=body.basis, now=clock.now(),
    )  # fmt: skip
    return Status(201, block)


@router.post("/{int:register_id}/gaps", response={204: None}, summary="Giải trình số không dùng")
def explain_gap(request: HttpRequest, register_id: int, body: ExplainIn) -> Status[None]:
    numbering.explain_gap(
        actor=api_actor(request), register_id=register_id, number=body.number, reason=body.reason, now=clock.now()
    )
    return Status(204, None)


@router.post("/{int:register_id}/close", response=RegisterOut, summary="Khóa sổ")
def close_register(request: HttpRequest, register_id: int) -> Register:
    return numbering.close_register(actor=api_actor(request), register_id=register_id, now=clock.now())


def _entry(row: RegisterEntry) -> EntryOut:
    document = row.incoming or row.outgoing or row.copy
    return EntryOut(
        id=row.pk,
        number=row.number,
        suffix=row.suffix,
        shown_number=row.shown_number,
        dated_on=row.dated_on,
        state=row.state,
        state_reason=row.state_reason,
        incoming_id=row.incoming_id,
        outgoing_id=row.outgoing_id,
        copy_id=row.copy_id,
        code=document.shown_code if document else "",
        subject=document.subject if document else "",
        entered_by=row.entered_by.full_name,
        entered_at=row.entered_at,
    )
