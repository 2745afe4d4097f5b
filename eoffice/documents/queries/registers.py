"""Registers as the law prints them: the lines of each book with the columns of NĐ 30/2020/NĐ-CP, Phụ lục IV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from eoffice.core.clock import VIETNAM, local_date
from eoffice.core.errors import Invalid, NotFound, NotPermitted
from eoffice.core.vietnamese import fold
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Delivery,
    DocumentLink,
    Draft,
    DraftRecipient,
    EntryCorrection,
    EntryState,
    LinkRelation,
    PostalDispatch,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.permissions import registers as permissions
from eoffice.documents.queries.ledger import Ledger, ledger_of
from eoffice.documents.states import AssignmentState, DeliveryState, DraftState, IncomingState
from eoffice.layout.types import type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.calendar import is_late
from eoffice.organization.models import Unit

PAGE_SIZE: Final = 50
PRINTED_LIMIT: Final = 10_000
"""Lines of one printed book; a longer period is printed in several volumes (quyển)."""
_NAMES_SHOWN: Final = 6
_RECEIVED: Final = (DeliveryState.ACCEPTED, DeliveryState.ASSIGNED, DeliveryState.IN_PROGRESS, DeliveryState.DONE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFilter:
    """Which lines of which books. Days are of Vietnam and both included; `text` is looked for without tone marks."""

    registry_id: int
    first_on: date
    last_on: date
    register_id: int | None = None
    document_type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class BookPage(Generic[T]):
    """Lines of one page; `next_after` is the key of the next, None at the end."""

    lines: tuple[T, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingBookLine:
    """Sổ đăng ký văn bản đi: the ten columns, and whether the number was voided (then `void_reason`)."""

    code: str
    dated_on: date
    title: str
    signer: str
    recipients: str
    keeper: str
    copies: int
    sent_on: date | None
    receipt: str
    note: str
    void_reason: str = ""
    outgoing_id: int = 0
    is_behind: bool = False
    """Some recipients have not taken it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingBookLine:
    """Sổ đăng ký văn bản đến: the ten columns, and why the entry was cancelled."""

    arrived_on: date
    number: str
    author: str
    code: str
    dated_on: date | None
    title: str
    receiver: str
    passed_on: date | None
    receipt: str
    note: str
    void_reason: str = ""
    incoming_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpLine:
    """Sổ theo dõi giải quyết văn bản đến: the seven columns; `is_late` by the one definition of late."""

    number: str
    document: str
    receiver: str
    due_on: date | None
    progress: str
    reply: str
    note: str
    incoming_id: int = 0
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalLine:
    """Sổ gửi văn bản đi bưu điện: the six columns."""

    sent_on: date
    code: str
    recipient: str
    envelopes: int
    receipt: str
    note: str
    outgoing_id: int = 0


# Registers --------------------------------------------------------------------------------------------------


def registers_of(actor: Actor, *, year: int | None = None) -> list[Register]:
    """Registers the actor may read, newest year first."""
    rows = Register.objects.filter(permissions.registers_visible_to(actor)).select_related("registry")
    if year is not None:
        rows = rows.filter(year=year)
    return list(rows.order_by("-year", "registry__path", "kind", "pk"))


def get_register(actor: Actor, register_id: int) -> Register:
    """One register the actor may read. Raises NotFound."""
    row = (
        Register.objects.filter(permissions.registers_visible_to(actor), pk=register_id)
        .select_related("registry")
        .first()
    )
    if row is None:
        raise NotFound("Không tìm thấy sổ này.")
    return row


def manageable_registry(actor: Actor) -> Unit | None:
    """The registry whose books the actor keeps: that of the post chosen, else the first; None for others."""
    kept = actor.units_with(*permissions.KEEPERS)
    if not kept:
        return None
    registry_id = actor.registry_id if actor.registry_id in kept else min(kept)
    unit = organization.get_unit(registry_id)
    return unit if permissions.can_manage_registers(actor, unit) else None


def get_manageable_registry(actor: Actor) -> Unit:
    """The same. Raises NotPermitted for those who keep no book."""
    unit = manageable_registry(actor)
    if unit is None:
        raise NotPermitted("Chỉ văn thư, chánh văn phòng của đơn vị có con dấu mở sổ được.")
    return unit


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One register with its ledger; `may_manage` shows the clerk's forms."""

    register: Register
    ledger: Ledger
    corrections: tuple[EntryCorrection, ...]
    may_manage: bool


def register_page(actor: Actor, register_id: int) -> RegisterPage:
    """One register the actor may read. Raises NotFound."""
    register = get_register(actor, register_id)
    return RegisterPage(
        register=register,
        ledger=ledger_of(register),
        corrections=tuple(corrections_of(register)),
        may_manage=permissions.can_manage_registers(actor, register.registry) and register.closed_at is None,
    )


def corrections_of(register: Register) -> list[EntryCorrection]:
    """What was corrected in a register, newest first: old and new value, who and why (at most 200)."""
    rows = EntryCorrection.objects.filter(entry__register=register).select_related("entry", "corrected_by")
    return list(rows.order_by("-pk")[:200])


# Books ------------------------------------------------------------------------------------------------------


def outgoing_book(actor: Actor, wanted: BookFilter, *, after: str = "") -> BookPage[OutgoingBookLine]:
    """One page of sổ đăng ký văn bản đi, newest first."""
    rows, next_after = _page(_outgoing_rows(actor, wanted), after)
    return BookPage(_outgoing_lines(rows), next_after)


def outgoing_book_to_print(actor: Actor, wanted: BookFilter) -> tuple[OutgoingBookLine, ...]:
    """The whole period in the order of the book. Raises Invalid above `PRINTED_LIMIT`."""
    return _outgoing_lines(_printed(_outgoing_rows(actor, wanted)))


def incoming_book(actor: Actor, wanted: BookFilter, *, after: str = "") -> BookPage[IncomingBookLine]:
    """One page of sổ đăng ký văn bản đến, newest first."""
    rows, next_after = _page(_incoming_rows(actor, wanted), after)
    return BookPage(tuple(_incoming_line(row) for row in rows), next_after)


def incoming_book_to_print(actor: Actor, wanted: BookFilter) -> tuple[IncomingBookLine, ...]:
    """The whole period in the order of the book. Raises Invalid above `PRINTED_LIMIT`."""
    return tuple(_incoming_line(row) for row in _printed(_incoming_rows(actor, wanted)))


def follow_up_book(actor: Actor, wanted: BookFilter, *, now: datetime, after: str = "") -> BookPage[FollowUpLine]:
    """One page of sổ theo dõi giải quyết văn bản đến, newest first; cancelled entries are not followed up."""
    rows, next_after = _page(_incoming_rows(actor, wanted).filter(state=EntryState.ACTIVE), after)
    return BookPage(tuple(_follow_up_line(row, now) for row in rows), next_after)


def follow_up_book_to_print(actor: Actor, wanted: BookFilter, *, now: datetime) -> tuple[FollowUpLine, ...]:
    """The whole period in the order of the book. Raises Invalid above `PRINTED_LIMIT`."""
    rows = _printed(_incoming_rows(actor, wanted).filter(state=EntryState.ACTIVE))
    return tuple(_follow_up_line(row, now) for row in rows)


def postal_book(actor: Actor, wanted: BookFilter, *, after: str = "") -> BookPage[PostalLine]:
    """One page of sổ gửi văn bản đi bưu điện, newest first."""
    rows = _postal_rows(actor, wanted)
    key = _key(after, parts=2)
    if key is not None:
        day, pk = date.fromordinal(key[0]), key[1]
        rows = rows.filter(Q(sent_on__lt=day) | Q(sent_on=day, pk__lt=pk))
    found = list(rows.order_by("-sent_on", "-pk")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    return BookPage(
        tuple(_postal_line(row) for row in shown),
        f"{shown[-1].sent_on.toordinal()}.{shown[-1].pk}" if more else None,
    )


def postal_book_to_print(actor: Actor, wanted: BookFilter) -> tuple[PostalLine, ...]:
    """The whole period in the order of the book. Raises Invalid above `PRINTED_LIMIT`."""
    rows = list(_postal_rows(actor, wanted).order_by("sent_on", "pk")[: PRINTED_LIMIT + 1])
    return tuple(_postal_line(row) for row in _bounded(rows))


# Entries ----------------------------------------------------------------------------------------------------


def _entries(actor: Actor, wanted: BookFilter, kind: RegisterKind) -> QuerySet[RegisterEntry]:
    readable = Register.objects.filter(
        permissions.registers_visible_to(actor), registry_id=wanted.registry_id, kind=kind
    )
    if wanted.register_id is not None:
        readable = readable.filter(pk=wanted.register_id)
    return RegisterEntry.objects.filter(
        register__in=readable, dated_on__gte=wanted.first_on, dated_on__lte=wanted.last_on
    )


def _page(rows: QuerySet[RegisterEntry], after: str) -> tuple[Sequence[RegisterEntry], str | None]:
    key = _key(after, parts=3)
    if key is not None:
        day, number, pk = date.fromordinal(key[0]), key[1], key[2]
        rows = rows.filter(
            Q(dated_on__lt=day) | Q(dated_on=day, number__lt=number) | Q(dated_on=day, number=number, pk__lt=pk)
        )
    found = list(rows.order_by("-dated_on", "-number", "-pk")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    if len(found) <= PAGE_SIZE:
        return shown, None
    last = shown[-1]
    return shown, f"{last.dated_on.toordinal()}.{last.number}.{last.pk}"


def _key(after: str, *, parts: int) -> tuple[int, ...] | None:
    """The key in an address; None for the first page and for one that was tampered with."""
    numbers = after.split(".")
    if len(numbers) != parts or not all(part.isdecimal() and len(part) < 19 for part in numbers):
        return None
    key = tuple(int(part) for part in numbers)
    return key if 0 < key[0] <= date.max.toordinal() else None


def _printed(rows: QuerySet[RegisterEntry]) -> Sequence[RegisterEntry]:
    found = list(rows.order_by("dated_on", "number", "suffix", "pk")[: PRINTED_LIMIT + 1])
    return _bounded(found)


def _bounded(rows: list[T]) -> list[T]:
    if len(rows) > PRINTED_LIMIT:
        raise Invalid(f"Khoảng thời gian này có hơn {PRINTED_LIMIT} dòng. Chọn khoảng ngắn hơn, in thành nhiều quyển.")
    return rows


# Văn bản đi -------------------------------------------------------------------------------------------------


def _outgoing_rows(actor: Actor, wanted: BookFilter) -> QuerySet[RegisterEntry]:
    rows = _entries(actor, wanted, RegisterKind.OUTGOING)
    if wanted.document_type:
        rows = rows.filter(outgoing__document_type=wanted.document_type)
    if wanted.text:
        rows = rows.filter(outgoing__search_fold__contains=fold(wanted.text))
    names = (
        DraftRecipient.objects.filter(draft_id=OuterRef("outgoing__draft_id"))
        .annotate(shown=Coalesce(F("unit__name"), F("person__full_name"), F("outside__name"), Value("")))
        .order_by("position")
    )
    later = DocumentLink.objects.filter(
        to_kind="outgoing", to_id=OuterRef("outgoing_id"), relation=LinkRelation.CORRECTS
    )
    replaced = DocumentLink.objects.filter(
        to_kind="outgoing", to_id=OuterRef("outgoing_id"), relation=LinkRelation.REPLACES
    )
    return rows.select_related("outgoing__drafting_unit", "outgoing__recall", "outgoing__draft").annotate(
        recipient_names=ArraySubquery(names.values("shown")[: _NAMES_SHOWN + 1]),
        is_corrected=Exists(later),
        is_replaced=Exists(replaced),
    )


def _outgoing_lines(rows: Sequence[RegisterEntry]) -> tuple[OutgoingBookLine, ...]:
    ids = [row.outgoing_id for row in rows if row.outgoing_id is not None]
    receipts = _receipts(ids)
    return tuple(_outgoing_line(row, receipts) for row in rows)


@dataclass(frozen=True, slots=True)
class _Receipt:
    sent: int
    received: int
    outside: int
    received_at: datetime | None


def _receipts(outgoing_ids: Iterable[int]) -> dict[int, _Receipt]:
    """Who has taken what, counted in one statement."""
    counted = (
        Delivery.objects.filter(outgoing_id__in=outgoing_ids)
        .values("outgoing_id")
        .annotate(
            sent=Count("pk", filter=~Q(state=DeliveryState.OUTSIDE)),
            received=Count("pk", filter=Q(state__in=_RECEIVED)),
            outside=Count("pk", filter=Q(state=DeliveryState.OUTSIDE)),
        )
        .order_by("outgoing_id")
    )
    return {row["outgoing_id"]: _Receipt(row["sent"], row["received"], row["outside"], None) for row in counted}


def _outgoing_line(entry: RegisterEntry, receipts: dict[int, _Receipt]) -> OutgoingBookLine:
    outgoing = entry.outgoing
    if outgoing is None:
        raise NotFound
    receipt = receipts.get(outgoing.pk)
    return OutgoingBookLine(
        code=outgoing.shown_code,
        dated_on=entry.dated_on,
        title=f"{type_of(outgoing.document_type).name} {outgoing.subject}",
        signer=outgoing.signer_name,
        recipients=_joined(entry.recipient_names, outgoing.copies - 1),  # type: ignore[attr-defined]  # annotated
        keeper=f"VT; {outgoing.drafting_unit.short_name}",
        copies=outgoing.copies,
        sent_on=local_date(outgoing.issued_at) if outgoing.issued_at else None,
        receipt=_receipt_words(receipt),
        note=_outgoing_note(entry),
        void_reason=entry.state_reason if entry.state != EntryState.ACTIVE else "",
        outgoing_id=outgoing.pk,
        is_behind=receipt is not None and receipt.received < receipt.sent,
    )


def _joined(names: Sequence[str], total: int) -> str:
    """Names as the book writes them; a long list ends with how many more there are."""
    shown = "; ".join(names[:_NAMES_SHOWN])
    rest = max(total, len(names)) - _NAMES_SHOWN
    return f"{shown}; và {rest} nơi khác" if rest > 0 else shown


def _receipt_words(receipt: _Receipt | None) -> str:
    if receipt is None:
        return ""
    words = [f"{receipt.received}/{receipt.sent} đã nhận"] if receipt.sent else []
    if receipt.outside:
        words.append(f"{receipt.outside} nơi ngoài hệ thống")
    return "; ".join(words)


def _outgoing_note(entry: RegisterEntry) -> str:
    notes = []
    outgoing = entry.outgoing
    if outgoing is not None and hasattr(outgoing, "recall"):
        notes.append(f"Thu hồi ngày {local_date(outgoing.recall.recalled_at):%d/%m/%Y}: {outgoing.recall.reason}")
    if entry.is_corrected:  # type: ignore[attr-defined]  # annotated
        notes.append("Đã đính chính")
    if entry.is_replaced:  # type: ignore[attr-defined]  # annotated
        notes.append("Đã thay thế")
    return "; ".join(notes)


# Văn bản đến ------------------------------------------------------------------------------------------------


def _incoming_rows(actor: Actor, wanted: BookFilter) -> QuerySet[RegisterEntry]:
    rows = _entries(actor, wanted, RegisterKind.INCOMING)
    if wanted.document_type:
        rows = rows.filter(incoming__document_type=wanted.document_type)
    if wanted.text:
        rows = rows.filter(incoming__search_fold__contains=fold(wanted.text))
    lines = (
        Assignment.objects.filter(parent__isnull=True)
        .exclude(state__in=[AssignmentState.WITHDRAWN, AssignmentState.RETURNED])
        .select_related("unit", "person")
        .order_by("pk")
    )
    replies = Draft.objects.filter(state=DraftState.ISSUED).select_related("outgoing").order_by("pk")
    return rows.select_related("incoming__forwarded_to").prefetch_related(
        Prefetch("incoming__assignments", lines, to_attr="top_lines"),
        Prefetch("incoming__replies", replies, to_attr="issued_replies"),
    )


def _incoming_line(entry: RegisterEntry) -> IncomingBookLine:
    incoming = entry.incoming
    if incoming is None:
        raise NotFound
    lines: list[Assignment] = incoming.top_lines  # type: ignore[attr-defined]  # prefetched
    first = min((line.assigned_at for line in lines), default=None)
    return IncomingBookLine(
        arrived_on=entry.dated_on,
        number=entry.shown_number,
        author=incoming.issuing_body,
        code=incoming.shown_code,
        dated_on=incoming.issued_on,
        title=_incoming_title(incoming.document_type, incoming.type_name, incoming.subject),
        receiver=_receivers(lines) or (incoming.forwarded_to.full_name if incoming.forwarded_to else ""),
        passed_on=local_date(first) if first else None,
        receipt=_accepted_words(lines),
        note="Nơi gửi đã thu hồi" if incoming.recalled_at else "",
        void_reason=entry.state_reason if entry.state != EntryState.ACTIVE else "",
        incoming_id=incoming.pk,
    )


def _incoming_title(document_type: str, type_name: str, subject: str) -> str:
    name = type_of(document_type).name if document_type else type_name
    return " ".join(part for part in (name, subject) if part)


def _receivers(lines: Sequence[Assignment]) -> str:
    """Lead first, then support; informed ones receive a copy and do not sign for it."""
    wanted = [line for role in (AssignmentRole.LEAD, AssignmentRole.SUPPORT) for line in lines if line.role == role]
    names = [line.unit.short_name if line.unit else line.person.full_name if line.person else "" for line in wanted]
    return _joined(names, len(names))


def _accepted_words(lines: Sequence[Assignment]) -> str:
    """ "Ký nhận" is the acceptance of the lead: when."""
    accepted = [line.accepted_at for line in lines if line.role == AssignmentRole.LEAD and line.accepted_at]
    return f"Đã nhận {min(accepted).astimezone(VIETNAM):%H:%M %d/%m/%Y}" if accepted else ""


def _follow_up_line(entry: RegisterEntry, now: datetime) -> FollowUpLine:
    incoming = entry.incoming
    if incoming is None:
        raise NotFound
    lines: list[Assignment] = incoming.top_lines  # type: ignore[attr-defined]  # prefetched
    replies: list[Draft] = incoming.issued_replies  # type: ignore[attr-defined]  # prefetched
    lead = next((line for line in lines if line.role == AssignmentRole.LEAD), None)
    due_at = (lead.due_at if lead else None) or incoming.due_at
    done = incoming.state in {IncomingState.COMPLETED, IncomingState.FILED}
    closed_at = lead.closed_at if lead else None
    late = is_late(due_at, closed_at or now)
    return FollowUpLine(
        number=entry.shown_number,
        document=_described(entry),
        receiver=_receivers(lines),
        due_on=local_date(due_at) if due_at else None,
        progress=_progress(IncomingState(incoming.state), closed_at if done else None, late=late),
        reply="; ".join(draft.outgoing.shown_code for draft in replies),
        note="Nơi gửi đã thu hồi" if incoming.recalled_at else (lead.no_reply_reason if lead else ""),
        incoming_id=incoming.pk,
        is_late=late,
    )


def _described(entry: RegisterEntry) -> str:
    """Tên loại, số, ký hiệu, ngày, tháng và tên cơ quan ban hành, in one line."""
    incoming = entry.incoming
    if incoming is None:
        raise NotFound
    name = type_of(incoming.document_type).name if incoming.document_type else incoming.type_name or "Văn bản"
    parts = [f"{name} số {incoming.shown_code}" if incoming.shown_code else name]
    if incoming.issued_on:
        parts.append(f"ngày {incoming.issued_on:%d/%m/%Y}")
    if incoming.issuing_body:
        parts.append(f"của {incoming.issuing_body}")
    return " ".join(parts)


def _progress(state: IncomingState, closed_at: datetime | None, *, late: bool) -> str:
    words = state.label
    if closed_at is not None:
        words = f"{words} ngày {local_date(closed_at):%d/%m/%Y}"
    return f"{words}, quá hạn" if late else words


# Bưu điện ---------------------------------------------------------------------------------------------------


def _postal_rows(actor: Actor, wanted: BookFilter) -> QuerySet[PostalDispatch]:
    rows = PostalDispatch.objects.filter(
        delivery__outgoing__registry_id=wanted.registry_id, sent_on__gte=wanted.first_on, sent_on__lte=wanted.last_on
    )
    # The same right as on the book the documents stand in.
    readable = Register.objects.filter(permissions.registers_visible_to(actor), registry_id=wanted.registry_id)
    rows = rows.filter(Exists(readable))
    if wanted.text:
        rows = rows.filter(delivery__outgoing__search_fold__contains=fold(wanted.text))
    return rows.select_related("delivery__outgoing")


def _postal_line(row: PostalDispatch) -> PostalLine:
    receipt = "; ".join(part for part in (row.received_by, row.reference) if part)
    return PostalLine(
        sent_on=row.sent_on,
        code=row.delivery.outgoing.shown_code,
        recipient=row.delivery.name,
        envelopes=row.envelopes,
        receipt=receipt,
        note="; ".join(part for part in (row.get_method_display(), row.note) if part),
        outgoing_id=row.delivery.outgoing_id,
    )
