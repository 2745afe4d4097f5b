"""Set phrases of a letter: how numbers, dates, lists and marks are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

URGENCY_WORDS: Final = {"none": "", "khan": "KHẨN", "thuong_khan": "THƯỢNG KHẨN", "hoa_toc": "HỎA TỐC"}
URGENCY_WIDTH_MM: Final = {"khan": 20, "thuong_khan": 40, "hoa_toc": 30}
"""Widths of the marks; all are 8 mm high. Source: NĐ 30, PL I, mục III.2b."""
END_OF_TEXT: Final = "./."


def number_text(number: int, suffix: str = "") -> str:
    """Number as printed: below ten with a leading zero. Source: NĐ 30, PL I, mục II.3."""
    return f"{number:02d}{suffix}"


def date_line(place: str, day: date) -> str:
    """`Hà Nội, ngày 05 tháng 01 năm 2020`: zeros before days below 10 and months 1 and 2 only (PL I, mục II.4)."""
    return f"{place}, {date_words(day)}"


def date_words(day: date) -> str:
    """`ngày 05 tháng 01 năm 2020`."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def roman(number: int) -> str:
    """Roman numeral of a positive number."""
    pairs = zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    )
    written = ""
    for value, sign in pairs:
        written += sign * (number // value)
        number %= value
    return written


def listed(entries: Sequence[str], *, last: str = ".") -> list[str]:
    """Entries of a list as printed: `;` after each, `last` after the last, whatever they were typed with."""
    bare = [entry.strip().lstrip("-–").strip().rstrip(";.,").rstrip() for entry in entries]
    kept = [entry for entry in bare if entry]
    return [f"{entry}{last if index == len(kept) - 1 else ';'}" for index, entry in enumerate(kept)]
