"""Sổ đăng ký văn bản đi, with the columns of NĐ 30/2020/NĐ-CP, Phụ lục IV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from eoffice.core.clock import local_date
from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import fold
from eoffice.documents.models import (
    Delivery,
    DocumentLink,
    DraftRecipient,
    EntryState,
    LinkRelation,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.queries.books import (
    NAMES_SHOWN,
    BookFilter,
    BookPage,
    entries_of,
    joined,
    page_of,
    printed,
)
from eoffice.documents.states import DeliveryState
from eoffice.layout.types import type_of
from eoffice.organization.actor import Actor

_RECEIVED: Final = (DeliveryState.ACCEPTED, DeliveryState.ASSIGNED, DeliveryState.IN_PROGRESS, DeliveryState.DONE)


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


def outgoing_book(actor: Actor, wanted: BookFilter, *, after: str = "") -> BookPage[OutgoingBookLine]:
    """One page of sổ đăng ký văn bản đi, newest first."""
    rows, next_after = page_of(_outgoing_rows(actor, wanted), after)
    return BookPage(_outgoing_lines(rows), next_after)


def outgoing_book_to_print(actor: Actor, wanted: BookFilter) -> tuple[OutgoingBookLine, ...]:
    """The whole period in the order of the book. Raises Invalid above `PRINTED_LIMIT`."""
    return _outgoing_lines(printed(_outgoing_rows(actor, wanted)))


def _outgoing_rows(actor: Actor, wanted: BookFilter) -> QuerySet[RegisterEntry]:
    rows = entries_of(actor, wanted, RegisterKind.OUTGOING)
    if wanted.document_type:
        rows = rows.filter(outgoing__document_type=wanted.document_type)
    if wanted.text:
        rows = rows.filter(outgoing__search_fold__contains=fold(wanted.text))
    # A delivery keeps the name its unit had when the letter was sent.
    sent_to = Delivery.objects.filter(
        outgoing__draft_id=OuterRef("draft_id"), unit_id=OuterRef("unit_id"), unit__isnull=False
    )
    names = (
        DraftRecipient.objects.filter(draft_id=OuterRef("outgoing__draft_id"))
        .annotate(
            shown=Coalesce(
                Subquery(sent_to.values("name")[:1]),
                F("unit__name"),
                F("person__full_name"),
                F("outside__name"),
                Value(""),
            )
        )
        .order_by("position")
    )
    later = DocumentLink.objects.filter(
        to_kind="outgoing", to_id=OuterRef("outgoing_id"), relation=LinkRelation.CORRECTS
    )
    replaced = DocumentLink.objects.filter(
        to_kind="outgoing", to_id=OuterRef("outgoing_id"), relation=LinkRelation.REPLACES
    )
    return rows.select_related("outgoing__drafting_unit", "outgoing__recall", "outgoing__draft").annotate(
        recipient_names=ArraySubquery(names.values("shown")[: NAMES_SHOWN + 1]),
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
        recipients=joined(entry.recipient_names, outgoing.copies - 1),  # type: ignore[attr-defined]  # annotated
        keeper=f"VT; {outgoing.drafting_unit.names_on(outgoing.issued_on).short_name}",
        copies=outgoing.copies,
        sent_on=local_date(outgoing.issued_at) if outgoing.issued_at else None,
        receipt=_receipt_words(receipt),
        note=_outgoing_note(entry),
        void_reason=entry.state_reason if entry.state != EntryState.ACTIVE else "",
        outgoing_id=outgoing.pk,
        is_behind=receipt is not None and receipt.received < receipt.sent,
    )


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
