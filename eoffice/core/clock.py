"""Time of the house: stored in UTC, shown and counted in Asia/Ho_Chi_Minh."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present instant, in UTC. Read at the edge (view, job, command) and passed in from there."""
    return datetime.now(UTC)


def local_date(moment: datetime) -> date:
    """The calendar day in Vietnam at `moment`; years of registers turn by it."""
    return moment.astimezone(VIETNAM).date()


def local_year(moment: datetime) -> int:
    return local_date(moment).year
