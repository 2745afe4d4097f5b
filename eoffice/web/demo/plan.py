"""Which stories the demo plays, in which registry, on which day: the newest are the least finished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from eoffice.documents.models import CopyForm
from eoffice.web.demo.stages import InStage, OutStage

FIRST: Final = 40
"""Stories told before the first page; the group's own and one province's."""
TOTAL: Final = 300
SPAN_DAYS: Final = 75
"""The first stories reach this far back; the others, of the other registries, twice as far."""

_FIRST_REGISTRIES: Final = ("TXG", "TXG", "TXG", "HNI")
_OTHER_REGISTRIES: Final = ("HTM", "DVS", "NTB", "TNB", "ĐNG", "HCM", "CĐTX", "TTYT", "CĐTXG", "ĐTN", "ĐU")
_OLD_IN: Final = (
    InStage.COMPLETED, InStage.ANSWERED, InStage.COMPLETED, InStage.IN_WORK, InStage.ANSWERED, InStage.CANCELLED,
)  # fmt: skip
_RECENT_IN: Final = (
    InStage.IN_WORK, InStage.ACCEPTED, InStage.EXTENSION_ASKED, InStage.REPORTED, InStage.ANSWERED, InStage.RETURNED,
    InStage.DIRECTED,
)  # fmt: skip
_NEW_IN: Final = (InStage.FORWARDED, InStage.RECEIVED, InStage.REGISTERED, InStage.DIRECTED, InStage.FORWARDED)
_OLD_OUT: Final = (OutStage.ISSUED, OutStage.ISSUED, OutStage.RECALLED, OutStage.ISSUED)
_NEW_OUT: Final = (
    OutStage.TO_SIGN, OutStage.IN_REVIEW, OutStage.SIGNED, OutStage.TO_SIGN, OutStage.NUMBERED, OutStage.SEALED,
    OutStage.DRAFT, OutStage.RETURNED,
)  # fmt: skip


_WITH_ANNEX: Final = frozenset({17, 38})
"""Decisions of the group with a list of members: one issued, one that waits for its seal."""
_COPIED: Final = {17: CopyForm.EXTRACT, 18: CopyForm.FULL, 36: CopyForm.AGAIN}
"""Papers of the group that are copied. Extracts are numbered, so they must stand in the order of their days."""


@dataclass(frozen=True, slots=True)
class Story:
    """One letter's story. Exactly one of `in_stage`, `out_stage` is set; `minutes` after eight it begins.

    `copied` says in which form the clerk copies the paper afterwards.
    """

    position: int
    registry: str
    day: date
    minutes: int
    in_stage: InStage | None = None
    out_stage: OutStage | None = None
    with_annex: bool = False
    copied: CopyForm | None = None


def stories(today: date) -> list[Story]:
    """The whole plan. Within one registry days never run backwards, because numbers must not."""
    return [
        *(_story(position, FIRST, position, SPAN_DAYS, _FIRST_REGISTRIES, today) for position in range(FIRST)),
        *(
            _story(position, TOTAL - FIRST, position - FIRST, 2 * SPAN_DAYS, _OTHER_REGISTRIES, today)
            for position in range(FIRST, TOTAL)
        ),
    ]


def _story(position: int, count: int, place: int, span: int, registries: tuple[str, ...], today: date) -> Story:
    # Squared, so that half of the letters are of the last quarter of the span, as on any real desk.
    age = round(span * ((count - 1 - place) / (count - 1)) ** 2)
    day = max(today - timedelta(days=age), date(today.year, 1, 2))
    registry = registries[place % len(registries)]
    minutes = 10 + (place * 7) % 120
    if position % 3 == 2:
        return Story(
            position, registry, day, minutes, out_stage=_out_stage(age, position), with_annex=position in _WITH_ANNEX,
            copied=_COPIED.get(position),
        )  # fmt: skip
    return Story(position, registry, day, minutes, in_stage=_in_stage(age, position), copied=_COPIED.get(position))


def _in_stage(age: int, position: int) -> InStage:
    stages = _OLD_IN if age > 25 else _RECENT_IN if age > 4 else _NEW_IN
    return stages[(position // 3) % len(stages)]


def _out_stage(age: int, position: int) -> OutStage:
    stages = _OLD_OUT if age > 14 else _NEW_OUT
    return stages[(position // 3) % len(stages)]
