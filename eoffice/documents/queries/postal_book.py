"""Sổ gửi văn bản đi bưu điện, with the columns of NĐ 30/2020/NĐ-CP, Phụ lục IV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Q, QuerySet

from eoffice.core.vietnamese import fold
from eoffice.documents.models import (
    PostalDispatch,
    Register,
)
from eoffice.documents.permissions import registers as permissions
from eoffice.documents.queries.books import PAGE_SIZE, PRINTED_LIMIT, BookFilter, BookPage, bounded, page_key
from eoffice.organization.actor import Actor


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


def postal_book(actor: Actor, wanted: BookFilter, *, after: str = "") -> BookPage[PostalLine]:
    """One page of sổ gửi văn bản đi bưu điện, newest first."""
    rows = _postal_rows(actor, wanted)
    key = page_key(after, parts=2)
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
    return tuple(_postal_line(row) for row in bounded(rows))


def _postal_rows(actor: Actor, wanted: BookFilter) -> QuerySet[PostalDispatch]:
    rows = PostalDispatch.objects.filter(
        permissions.dispatches_visible_to(actor),
        delivery__outgoing__registry_id=wanted.registry_id,
        sent_on__gte=wanted.first_on,
        sent_on__lte=wanted.last_on,
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
