"""Working days (ngày làm việc): Monday to Friday, less holidays, plus compensatory days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from eoffice.core.clock import VIETNAM, local_date
from eoffice.organization.models import Holiday


class WorkingCalendar:
    """The working days of a span, read once; ask `load` for one that covers the days you count."""

    def __init__(self, exceptions: dict[date, bool]) -> None:
        self._exceptions = exceptions

    def is_working(self, day: date) -> bool:
        return self._exceptions.get(day, day.weekday() < 5)

    def next_working(self, day: date) -> date:
        """The first working day on or after `day`."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def add(self, day: date, days: int) -> date:
        """The working day `days` working days after `day`."""
        for _ in range(days):
            day = self.next_working(day + timedelta(days=1))
        return day

    def days_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and with `last`; negative when `last` lies before."""
        if last < first:
            return -self.days_between(last, first)
        count = 0
        day = first
        while day < last:
            day += timedelta(days=1)
            count += self.is_working(day)
        return count


def load(around: date, *, span_days: int = 800) -> WorkingCalendar:
    """The calendar for `span_days` on both sides of `around`, in one query."""
    span = timedelta(days=span_days)
    rows = Holiday.objects.filter(day__range=(around - span, around + span)).values_list("day", "is_working")
    return WorkingCalendar(dict(rows))


def end_of_day(day: date) -> datetime:
    """A deadline given as a day ends with that day in Vietnam."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=VIETNAM)


def is_late(due_at: datetime | None, now: datetime) -> bool:
    """The one definition of late: the deadline has passed."""
    return due_at is not None and due_at < now


def days_left(due_at: datetime, now: datetime, calendar: WorkingCalendar) -> int:
    """Working days until the deadline; 0 is today, negative is late by so many."""
    return calendar.days_between(local_date(now), local_date(due_at))
