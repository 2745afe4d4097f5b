"""The letterhead of a page cut into its columns: national name, issuer, number line, date line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eoffice.core.vietnamese import fold
from eoffice.layout.pages import Line, Page, Word, lines_of

_NATION: Final = ("cong", "hoa", "xa", "hoi", "chu", "nghia", "viet", "nam")


@dataclass(frozen=True, slots=True)
class Head:
    """The letterhead of page one cut into its two columns."""

    page: Page
    nation: Line
    left: tuple[Line, ...]
    """Lines of the left column from the top."""
    number: Line | None
    date: Line | None


def head_of(page: Page) -> Head | None:
    """The letterhead, or None on a page that does not open with the national name."""
    lines = lines_of(word for word in page.words if word.y1 > page.height * 0.35)
    nation = _nation(lines)
    if nation is None:
        return None
    below = [line for line in lines if line.box.y0 < nation.box.y1]
    date_line = _date_line(below, nation)
    split = nation.box.x0 - 2
    right_edge = split
    left_words = [word for line in below for word in line.words if word.centre < split]
    left = lines_of([*left_words, *(word for line in lines for word in _beside(line, nation, split))])
    left = _unique(left)
    number = next((line for line in left if _is_number_line(line)), None)
    if number is not None:
        number = _whole_number_line(number, lines, date_line, right_edge)
    return Head(page, nation, tuple(left), number, date_line)


def _nation(lines: Sequence[Line]) -> Line | None:
    for line in lines:
        folded = [fold(word.text) for word in line.words]
        for start in range(len(folded) - len(_NATION) + 1):
            if tuple(folded[start : start + len(_NATION)]) == _NATION:
                return Line(line.words[start : start + len(_NATION)])
    return next((found for index, line in enumerate(lines) if (found := _wrapped(line, lines[index + 1 :]))), None)


def _wrapped(line: Line, below: Sequence[Line]) -> Line | None:
    """The national name over two lines, as a narrow right column wraps it: the end of one line and of the next."""
    folded = tuple(fold(word.text) for word in line.words)
    for length in range(len(_NATION) - 1, 1, -1):
        if folded[-length:] != _NATION[:length]:
            continue
        first, rest = line.words[-length:], _NATION[length:]
        for other in below[:2]:
            right = tuple(word for word in other.words if word.x1 > first[0].x0)
            close = first[0].y0 - other.box.y1 < first[0].size
            if close and tuple(fold(word.text) for word in right) == rest:
                return Line((*first, *right))
    return None


def _beside(line: Line, nation: Line, split: float) -> list[Word]:
    """Words left of the national name that stand a little higher than it."""
    return [
        word
        for word in line.words
        if word.centre < split and nation.box.y1 <= word.y0 + word.size and word.y0 < nation.box.y1 + 30
    ]


def _unique(lines: Sequence[Line]) -> list[Line]:
    return lines_of({id(word): word for line in lines for word in line.words}.values())


def _is_number_line(line: Line) -> bool:
    return bool(re.match(r"^S[ốô]\s*:", line.text)) or bool(re.match(r"^Số\s*\d*\s*[/-]", line.text))


def _whole_number_line(number: Line, lines: Sequence[Line], date_line: Line | None, edge: float) -> Line:
    """A long symbol may reach past the column: take the words up to the date line or a wide gap."""
    whole = next(line for line in lines if number.words[0] in line.words)
    taken = {id(word) for word in date_line.words} if date_line else set()
    kept: list[Word] = []
    for word in whole.words:
        if word.x0 < number.words[0].x0 or id(word) in taken:
            continue
        if kept and word.x0 > edge and word.x0 - kept[-1].x1 > 6:
            break
        kept.append(word)
    return Line(tuple(kept))


def _date_line(lines: Sequence[Line], nation: Line) -> Line | None:
    for line in lines:
        if line.box.y0 < nation.box.y0 - 170:
            return None
        words = [word for word in line.words if word.x1 > nation.box.x0 - 60]
        folded = [fold(word.text).strip(",.") for word in words]
        if {"ngay", "thang", "nam"} <= set(folded) and not _is_text(line, words):
            return Line(tuple(_date_words(words, nation)))
    return None


def _is_text(line: Line, words: Sequence[Word]) -> bool:
    """A line of the body runs on from the left column without a gap."""
    before = [word for word in line.words if word.x0 < words[0].x0]
    return bool(before) and words[0].x0 - before[-1].x1 < 8 and not fold(before[0].text).startswith("so")


def _date_words(words: Sequence[Word], nation: Line) -> list[Word]:
    """Words of the place and date: those before "ngày" belong as long as they stand right of the number."""
    day = next(index for index, word in enumerate(words) if fold(word.text).strip(",.") == "ngay")
    start = day
    while start > 0 and words[start].x0 - words[start - 1].x1 < 14 and words[start - 1].centre > nation.box.x0 - 20:
        start -= 1
    return list(words[start:])
