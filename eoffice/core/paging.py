"""Keyset pages: bounded, stable under inserts, never counting the whole list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models

# A key of PostgreSQL's bigint has nineteen digits; eighteen always fit.
_DIGITS = 18
M = TypeVar("M", bound=models.Model)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """`rows` of one page; `next_after` is the key to ask for the next page with, None at the end."""

    rows: list[M]
    next_after: int | None


def whole_number(text: str) -> int | None:
    """The whole number a query or form gave as text; None for anything else, and for more than any key can be."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def newest_first(queryset: models.QuerySet[M], *, after: int | None, size: int = PAGE_SIZE) -> Page[M]:
    """Rows by descending primary key, `size` at most, those below `after`."""
    if after is not None:
        queryset = queryset.filter(pk__lt=after)
    rows = list(queryset.order_by("-pk")[: size + 1])
    return Page(rows[:size], rows[size - 1].pk if len(rows) > size else None)
