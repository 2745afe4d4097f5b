"""Deadlines as they are given: a working day, not past, not later than the one above."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.documents.errors import DayOff, DeadlineAfterParent
from eoffice.organization import calendar

_LONGEST: Final = timedelta(days=3660)
_WEEKDAYS: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


def checked_deadline(
    day: date | None, *, now: datetime, field: str = "due_on", not_after: datetime | None = None
) -> datetime | None:
    """The end of a working day in Vietnam, or None where none was given.

    `not_after` is the deadline of the line above. Raises Invalid for a past day or one beyond ten years,
    DayOff with the nearest working day, DeadlineAfterParent.
    """
    if day is None:
        return None
    if day < local_date(now):
        message = f"Hạn {day:%d/%m/%Y} đã qua. Chọn từ hôm nay trở đi."
        raise Invalid(message, fields={field: message})
    if day > local_date(now) + _LONGEST:
        message = f"Hạn {day:%d/%m/%Y} quá xa. Chọn hạn trong mười năm tới."
        raise Invalid(message, fields={field: message})
    working = calendar.load(day, span_days=60)
    if not working.is_working(day):
        kind = _WEEKDAYS[day.weekday()] if day.weekday() >= 5 else "ngày nghỉ"
        nearest = working.next_working(day)
        message = f"{day:%d/%m/%Y} là {kind}. Chọn ngày làm việc, gần nhất: {nearest:%d/%m/%Y}."
        raise DayOff(message, fields={field: message})
    due_at = calendar.end_of_day(day)
    if not_after is not None and due_at > not_after:
        message = f"Hạn không được sau hạn {local_date(not_after):%d/%m/%Y} của việc được giao. Xin gia hạn trước."
        raise DeadlineAfterParent(message, fields={field: message})
    return due_at


def in_working_days(days: int, *, now: datetime) -> datetime:
    """The deadline `days` working days from today."""
    today = local_date(now)
    return calendar.end_of_day(calendar.load(today, span_days=days * 3 + 30).add(today, days))
