"""How far the letters of the demo come, by which clock, and with which PIN."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from eoffice.core.clock import VIETNAM

PIN: Final = "246810"
"""Opens every person's key and every seal of the demo."""


class InStage(StrEnum):
    """How far an incoming letter has come."""

    RECEIVED = "received"
    REGISTERED = "registered"
    FORWARDED = "forwarded"
    DIRECTED = "directed"
    ACCEPTED = "accepted"
    IN_WORK = "in_work"
    EXTENSION_ASKED = "extension_asked"
    REPORTED = "reported"
    RETURNED = "returned"
    COMPLETED = "completed"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class OutStage(StrEnum):
    """How far a letter of the group's own has come."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    TO_SIGN = "to_sign"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SEALED = "sealed"
    ISSUED = "issued"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Clock:
    """The hours of a story: it begins at nine and every step takes some; never later than the real `now`."""

    start: datetime
    now: datetime

    def at(self, hours: float) -> datetime:
        return min(self.start + timedelta(hours=hours), self.now)


def morning(day: date, *, minutes: int = 0) -> datetime:
    """Eight o'clock in Vietnam on a day, and some minutes."""
    return datetime(day.year, day.month, day.day, 8, tzinfo=VIETNAM) + timedelta(minutes=minutes)
