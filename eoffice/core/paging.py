"""Keyset pages: bounded, stable under inserts, never counting the whole list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """`rows` of one page; `next_after` is the key to ask for the next page with, None at the end."""

    rows: list[M]
    next_after: int | None


def newest_first(queryset: models.QuerySet[M], *, after: int | None, size: int = PAGE_SIZE) -> Page[M]:
    """Rows by descending primary key, `size` at most, those below `after`."""
    if after is not None:
        queryset = queryset.filter(pk__lt=after)
    rows = list(queryset.order_by("-pk")[: size + 1])
    return Page(rows[:size], rows[size - 1].pk if len(rows) > size else None)
