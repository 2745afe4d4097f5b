from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.organization import calendar, services
from eoffice.organization.calendar import WorkingCalendar

FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)


def test_two_working_days_after_friday_is_tuesday():
    assert WorkingCalendar({}).add(FRIDAY, 2) == date(2026, 11, 24)


def test_a_holiday_is_stepped_over_and_a_compensatory_saturday_counts():
    tet = WorkingCalendar({MONDAY: False, date(2026, 11, 21): True})

    assert tet.next_working(MONDAY) == date(2026, 11, 24)
    assert tet.add(FRIDAY, 1) == date(2026, 11, 21)


@given(st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.integers(1, 60))
def test_counting_gives_back_what_adding_took(day, days):
    working = WorkingCalendar({})

    assert working.days_between(day, working.add(day, days)) == days


def test_late_is_after_the_last_second_of_the_day_in_vietnam():
    due = calendar.end_of_day(FRIDAY)

    assert not calendar.is_late(due, datetime(2026, 11, 20, 16, 59, tzinfo=UTC))
    assert calendar.is_late(due, datetime(2026, 11, 20, 17, 0, tzinfo=UTC))


@pytest.mark.django_db
def test_the_calendar_is_read_in_one_query(django_assert_num_queries):
    services.set_holiday(actor=ActorRef(person_id=None), day=MONDAY, name="Nghỉ bù", now=clock.now())

    with django_assert_num_queries(1):
        working = calendar.load(FRIDAY)

    assert not working.is_working(MONDAY)
