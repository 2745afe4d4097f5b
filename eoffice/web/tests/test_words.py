"""How dates, deadlines and numbers read."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from eoffice.core.clock import VIETNAM
from eoffice.web import words

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("due_at", "days_left", "expected"),
    [
        (None, None, ("Không hạn", "")),
        (datetime(2026, 11, 19, 23, 59, 59, tzinfo=VIETNAM), -2, ("Quá 2 ngày", "late")),
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=VIETNAM), 0, ("Quá hạn", "late")),
        (datetime(2026, 11, 23, 8, 30, tzinfo=VIETNAM), 0, ("Quá 08:30", "late")),
        (datetime(2026, 11, 23, 16, 30, tzinfo=VIETNAM), 0, ("Hôm nay, 16:30", "soon")),
        (datetime(2026, 11, 23, 23, 59, 59, tzinfo=VIETNAM), 0, ("Hôm nay", "soon")),
        (datetime(2026, 11, 26, 23, 59, 59, tzinfo=VIETNAM), 3, ("Còn 3 ngày", "soon")),
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=VIETNAM), 5, ("30/11", "")),
        (datetime(2027, 1, 5, 23, 59, 59, tzinfo=VIETNAM), 30, ("05/01/2027", "")),
    ],
)
def test_deadline_reads_in_working_days(
    due_at: datetime | None, days_left: int | None, expected: tuple[str, str]
) -> None:
    assert words.deadline_words(due_at, days_left, NOW) == expected


def test_moment_is_shown_in_vietnamese_time() -> None:
    assert words.moment_words(datetime.fromisoformat("2026-11-22T23:30:00+00:00")) == "23/11/2026 06:30"
    assert words.date_words(datetime.fromisoformat("2026-11-22T23:30:00+00:00")) == "23/11/2026"


def test_day_of_the_week_is_named() -> None:
    assert words.long_date_words(date(2026, 11, 23)) == "Thứ Hai, 23/11/2026"
    assert words.weekday_words(date(2026, 11, 22)) == "Chủ nhật"


def test_numbers_use_vietnamese_separators() -> None:
    assert words.number_words(1284) == "1.284"
    assert words.number_words(4.8) == "4,8"
    assert words.number_words(3.0) == "3"
    assert words.percent_words(0.946) == "94,6%"
    assert words.file_size_words(1_992_294) == "1,9 MB"
    assert words.file_size_words(3) == "1 KB"
    assert words.file_size_words(0) == "0 KB"


def test_typed_text_is_escaped_line_by_line() -> None:
    assert str(words.lines_html("a<b\nc")) == "a&lt;b<br>c"


def test_date_in_a_field_is_typed_the_vietnamese_way() -> None:
    assert words.form_value(date(2026, 1, 5)) == "05/01/2026"
    assert words.form_value(None) == ""
