"""Set phrases. Source: NĐ 30/2020, PL I mục II."""

from __future__ import annotations

from datetime import date

import pytest

from eoffice.layout.types import TYPES, symbol_of, type_named
from eoffice.layout.wording import date_line, listed, number_text, roman


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2020, 1, 5), "Hà Nội, ngày 05 tháng 01 năm 2020"),
        (date(2020, 2, 10), "Hà Nội, ngày 10 tháng 02 năm 2020"),
        (date(2020, 6, 9), "Hà Nội, ngày 09 tháng 6 năm 2020"),
        (date(2020, 12, 31), "Hà Nội, ngày 31 tháng 12 năm 2020"),
    ],
)
def test_zero_stands_before_days_below_ten_and_the_first_two_months_only(day: date, words: str) -> None:
    assert date_line("Hà Nội", day) == words


def test_number_below_ten_has_a_leading_zero() -> None:
    assert [number_text(5), number_text(12, "a"), number_text(5648)] == ["05", "12a", "5648"]


def test_list_ends_each_entry_with_a_semicolon_and_the_last_with_a_stop() -> None:
    assert listed(["- Như trên,", "Ban Kế hoạch;", "  ", "Lưu: VT."]) == ["Như trên;", "Ban Kế hoạch;", "Lưu: VT."]


def test_roman_numbers() -> None:
    assert [roman(n) for n in (1, 4, 9, 14, 40, 1999)] == ["I", "IV", "IX", "XIV", "XL", "MCMXCIX"]


def test_there_are_29_types_of_which_two_have_no_abbreviation() -> None:
    assert len({each.code for each in TYPES}) == 29
    assert [each.code for each in TYPES if not each.abbreviation] == ["letter", "open_letter"]


def test_symbol_names_type_and_body_or_body_and_drafter() -> None:
    assert symbol_of("decision", body="TXG", drafter="VP") == "QĐ-TXG"
    assert symbol_of("letter", body="TXG", drafter="VP") == "TXG-VP"


def test_type_is_found_by_its_name_in_any_case() -> None:
    found = type_named("TỜ TRÌNH")

    assert found is not None
    assert found.code == "proposal"
    assert type_named("Nghị định") is None
