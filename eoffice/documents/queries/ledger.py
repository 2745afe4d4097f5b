"""The ledger of a register: every number given out stands on a document, in a kept block or on an explanation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from eoffice.documents.models import BlockHolder, EntryState, NumberBlock, NumberGap, Register, RegisterEntry

_WALK: Final = """
    SELECT n.number
    FROM generate_series(%(first)s::int, %(last)s::int) AS n (number)
    WHERE NOT EXISTS (
        SELECT 1 FROM documents_register_entry AS e
        WHERE e.register_id = %(register)s AND e.number = n.number AND e.suffix = ''
    )
      AND NOT EXISTS (
        SELECT 1 FROM documents_number_gap AS g
        WHERE g.register_id = %(register)s AND g.number = n.number AND g.suffix = ''
    )
      AND NOT EXISTS (
        SELECT 1 FROM documents_number_block AS b
        WHERE b.register_id = %(register)s AND n.number BETWEEN b.first AND b.last
    )
    ORDER BY n.number
    LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class GapLine:
    """One number without a valid document, and why."""

    shown_number: str
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class BlockLine:
    """One kept block; `unused` of its numbers stand on no document yet."""

    first: int
    last: int
    holder: str
    basis: str
    unused: int
    is_reserved: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """Numbers `first` to `last` of a register; `unexplained` must be empty (at most 1,000 are listed)."""

    first: int
    last: int
    active: int
    suffixed: int
    gaps: tuple[GapLine, ...]
    blocks: tuple[BlockLine, ...]
    unexplained: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        return not self.unexplained


def ledger_of(register: Register) -> Ledger:
    """Walk every number given out by `register`. The caller has checked the right to read it."""
    entries = RegisterEntry.objects.filter(register=register)
    return Ledger(
        first=register.first_number,
        last=register.next_number - 1,
        active=entries.filter(state=EntryState.ACTIVE).count(),
        suffixed=entries.exclude(suffix="").count(),
        gaps=_gaps(register),
        blocks=_blocks(register),
        unexplained=unexplained_numbers(register),
    )


def unexplained_numbers(register: Register) -> tuple[int, ...]:
    """Numbers below the counter that stand on nothing: the proof that a register is whole is that there are none."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WALK, {"register": register.pk, "first": register.first_number, "last": register.next_number - 1}
        )
        return tuple(number for (number,) in cursor.fetchall())


def _gaps(register: Register) -> tuple[GapLine, ...]:
    rows = NumberGap.objects.filter(register=register).select_related("recorded_by").order_by("number", "suffix", "pk")
    return tuple(
        GapLine(
            f"{row.number:02d}{row.suffix}",
            row.reason,
            row.recorded_by.full_name if row.recorded_by else "Hệ thống",
            row.recorded_at,
        )
        for row in rows[:1000]
    )


def _blocks(register: Register) -> tuple[BlockLine, ...]:
    lines = []
    for block in NumberBlock.objects.filter(register=register).order_by("first", "pk"):
        used = RegisterEntry.objects.filter(
            register=register, suffix="", number__gte=block.first, number__lte=block.last
        ).count()
        lines.append(
            BlockLine(
                block.first,
                block.last,
                BlockHolder(block.holder).label,
                block.basis,
                block.last - block.first + 1 - used,
                block.holder == BlockHolder.RESERVED,
            )
        )
    return tuple(lines)
