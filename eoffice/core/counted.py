"""Counting lists with an end: what waits is counted to 100 at most, shown as "99+"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

LIMIT: Final = 100


def union_of_counts(lists: Mapping[str, Sequence[QuerySet[Any]]]) -> tuple[str, list[Any]]:
    """One statement with a line (name, count) for each list; each is counted to `LIMIT` at most.

    A list is given in parts that have no row in common. One that can hold nothing is left out.
    """
    lines: list[str] = []
    values: list[Any] = []
    for name, parts in lists.items():
        bounded = [compiled for part in parts if (compiled := _bounded(part)) is not None]
        if bounded:
            rows = " UNION ALL ".join(f"({sql})" for sql, _ in bounded)
            # Nothing in the text comes from outside: Django compiled it, values stay apart.
            lines.append(f"SELECT %s::text, (SELECT least(count(*), {LIMIT}) FROM ({rows}) AS bounded)")  # noqa: S608
            values += [name, *(value for _, own in bounded for value in own)]
    return " UNION ALL ".join(lines), values


def _bounded(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]] | None:
    try:
        sql, values = rows.order_by().values_list("pk")[:LIMIT].query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(values)
