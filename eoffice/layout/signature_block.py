"""The signature block of a letter others set: title lines and the signer's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eoffice.core.vietnamese import fold, tidy
from eoffice.layout.pages import Line, Page, columns_of, lines_of

AUTHORITY: Final = re.compile(r"^(TM|KT|TL|TUQ|Q|T/M|K/T|T/L)\s*\.", re.IGNORECASE)
"""A line that names in whose place somebody signs."""
_RANKS: Final = re.compile(
    r"^((Đại tướng|Thượng tướng|Trung tướng|Thiếu tướng|Đại tá|Thượng tá|Trung tá|Thiếu tá|Đại úy"
    r"|GS|PGS|TS|ThS|BS|KS|CN)[.\s]\s*)+",
)
_NAME: Final = re.compile(r"^\w+(\s+\w+){1,5}$")


@dataclass(frozen=True, slots=True)
class Foot:
    """The signature block: its title lines from the top, and the line of the name."""

    titles: tuple[Line, ...]
    name: Line | None


def foot_of(pages: Sequence[Page]) -> Foot | None:
    """The signature block beside the last "Nơi nhận", or under a line of authority (TM., KT., …)."""
    for page in reversed(pages):
        lines = lines_of(page.words)
        label = next((line for line in reversed(lines) if fold(line.text).startswith("noi nhan")), None)
        right = [
            piece
            for line in lines
            for piece in columns_of(line, gap=30)
            if (piece.box.x0 + piece.box.x1) / 2 > page.width * 0.52 and piece.box.x0 > page.width * 0.36
        ]
        for top in (label.box.y1 + 20 if label else None, _authority_top(right)):
            foot = _block([piece for piece in right if piece.box.y1 < top]) if top else None
            if foot is not None:
                return foot
    return None


def _authority_top(lines: Sequence[Line]) -> float | None:
    found = next((line for line in lines if line.is_capitals and (AUTHORITY.match(line.text) or _chairs(line))), None)
    return found.box.y1 + 1 if found else None


def _chairs(line: Line) -> bool:
    """The right block of a biên bản, whose "Nơi nhận" stands below it."""
    return fold(line.text).startswith(("chu toa", "chu tri"))


def _block(lines: Sequence[Line]) -> Foot | None:
    start = next((index for index, line in enumerate(lines) if line.is_capitals and line.is_bold), None)
    if start is None:
        return None
    titles = [lines[start]]
    for line in lines[start + 1 :]:
        if not line.is_capitals or titles[-1].box.y0 - line.box.y1 > titles[-1].size:
            break
        titles.append(line)
    rest = lines[start + len(titles) :]
    name = next((line for line in rest if name_in(line)), None)
    return Foot(tuple(titles), name)


def name_in(line: Line) -> str:
    """The person's name on a line, without rank and degree; empty where the line is not a name."""
    if not line.is_bold or line.is_capitals:
        return ""
    text = _RANKS.sub("", tidy(line.text))
    return text if _NAME.match(text) and all(word[0].isupper() for word in text.split()) else ""
