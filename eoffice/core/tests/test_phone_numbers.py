"""Every common way of writing a phone number is one number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.core.channels import numbers
from eoffice.core.channels.errors import NotAPhoneNumber


@pytest.mark.parametrize(
    "text",
    [
        "0901234567",
        "0901 234 567",
        "090.123.4567",
        "090-123-4567",
        "(090) 123 4567",
        "+84901234567",
        "+84 90 123 45 67",
        "+84 (0)90 123 4567",
        "0084901234567",
        "84901234567",
        "  0901234567\n",
        "０９０１２３４５６７",
        "901234567",
    ],
)
def test_every_common_form_is_the_same_number(text: str) -> None:
    assert numbers.normalised(text) == "+84901234567"


def test_number_from_abroad_keeps_its_country() -> None:
    assert numbers.normalised("+65 8123 4567") == "+6581234567"
    assert numbers.shown("+6581234567") == "+65 8123 4567"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "090123456",
        "09012345678",
        "01681234567",  # eleven digits, as before 2018
        "1900 1234",
        "02438221234",  # a landline
        "113",
        "+",
        "0901234567 x5",
        "0901234567; 0907654321",
        "gọi 0901234567",
        "9" * 4000,
    ],
)
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(NotAPhoneNumber):
        numbers.normalised(text)


def test_number_is_shown_as_people_write_it() -> None:
    assert numbers.shown("+84901234567") == "0901 234 567"
    assert numbers.national("+84901234567") == "0901234567"
    assert numbers.masked("+84901234567") == "090****567"


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        number = numbers.normalised(text)
    except NotAPhoneNumber:
        return

    assert numbers.normalised(number) == number


@given(st.sampled_from(["90", "32", "56", "70", "81", "99"]), st.integers(0, 9_999_999), st.sampled_from(" .-"))
def test_any_split_gives_the_same_number(prefix: str, rest: int, mark: str) -> None:
    digits = f"0{prefix}{rest:07d}"

    assert numbers.normalised(f"{digits[:4]}{mark}{digits[4:7]}{mark}{digits[7:]}") == numbers.normalised(digits)
