"""What every book printed from the registers shares: its period, its pages, its entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from django.db.models import Q, QuerySet

from eoffice.core.errors import Invalid
from eoffice.documents.models import (
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.permissions import registers as permissions
from eoffice.organization.actor import Actor

PAGE_SIZE: Final = 50


PRINTED_LIMIT: Final = 10_000
"""Lines of one printed book; a longer period is printed in several volumes (quyển)."""


NAMES_SHOWN: Final = 6


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


def entries_of(actor: Actor, wanted: BookFilter, kind: RegisterKind) -> QuerySet[RegisterEntry]:
    readable = Register.objects.filter(
        permissions.registers_visible_to(actor), registry_id=wanted.registry_id, kind=kind
    )
    if wanted.register_id is not None:
        readable = readable.filter(pk=wanted.register_id)
    return RegisterEntry.objects.filter(
        permissions.entries_visible_to(actor),
        register__in=readable,
        dated_on__gte=wanted.first_on,
        dated_on__lte=wanted.last_on,
    )


def page_of(rows: QuerySet[RegisterEntry], after: str) -> tuple[Sequence[RegisterEntry], str | None]:
    key = page_key(after, parts=3)
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


def page_key(after: str, *, parts: int) -> tuple[int, ...] | None:
    """The key in an address; None for the first page and for one that was tampered with."""
    numbers = after.split(".")
    if len(numbers) != parts or not all(part.isdecimal() and len(part) < 19 for part in numbers):
        return None
    key = tuple(int(part) for part in numbers)
    return key if 0 < key[0] <= date.max.toordinal() else None


def printed(rows: QuerySet[RegisterEntry]) -> Sequence[RegisterEntry]:
    found = list(rows.order_by("dated_on", "number", "suffix", "pk")[: PRINTED_LIMIT + 1])
    return bounded(found)


def bounded(rows: list[T]) -> list[T]:
    if len(rows) > PRINTED_LIMIT:
        raise Invalid(f"Khoảng thời gian này có hơn {PRINTED_LIMIT} dòng. Chọn khoảng ngắn hơn, in thành nhiều quyển.")
    return rows


def joined(names: Sequence[str], total: int) -> str:
    """Names as the book writes them; a long list ends with how many more there are."""
    shown = "; ".join(names[:NAMES_SHOWN])
    rest = max(total, len(names)) - NAMES_SHOWN
    return f"{shown}; và {rest} nơi khác" if rest > 0 else shown
