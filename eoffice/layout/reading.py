"""Fields of a letter read from its text layer, to pre-fill the registration form. A person confirms every one of them.

Nothing is guessed: a field that is not on the page, or a page without the national name, gives None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Generic, TypeVar

from eoffice.core.geometry import Box
from eoffice.core.vietnamese import fold, tidy
from eoffice.layout.pages import Line, Page, Word, box_of, columns_of, lines_of, read_pages
from eoffice.layout.types import TYPES
from eoffice.layout.wording import URGENCY_WORDS

T = TypeVar("T")

_NATION: Final = ("cong", "hoa", "xa", "hoi", "chu", "nghia", "viet", "nam")
_LEGAL_TYPES: Final = ("Nghị định", "Thông tư", "Thông tư liên tịch", "Luật", "Pháp lệnh", "Lệnh")
"""Types that arrive but are never ours."""
_TYPE_NAMES: Final = {fold(name): name for name in (*(each.name for each in TYPES), *_LEGAL_TYPES)}
_NUMBER: Final = re.compile(r"^S[ốô]\s*:?\s*(?P<number>\d[\d ]*[a-z]?)?\s*(?P<rest>[/\-–]\s*\S.*)?$")
_LAW_YEAR: Final = re.compile(r"^((?:19|20)\d{2})/(.+)$")
_DATE: Final = re.compile(
    r"(?P<place>.*?),?\s*ng[àa]y\s*(?P<day>\d{1,2})?\s*th[áa]ng\s*(?P<month>\d{1,2})?\s*n[ăa]m\s*(?P<year>\d{4})?",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(r"^V\s*/\s*v\s*:?\s*", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"^(TM|KT|TL|TUQ|Q|T/M|K/T|T/L)\s*\.", re.IGNORECASE)
_RANKS: Final = re.compile(
    r"^((Đại tướng|Thượng tướng|Trung tướng|Thiếu tướng|Đại tá|Thượng tá|Trung tá|Thiếu tá|Đại úy"
    r"|GS|PGS|TS|ThS|BS|KS|CN)[.\s]\s*)+",
)
_NAME: Final = re.compile(r"^\w+(\s+\w+){1,5}$")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A value found on the page; `confidence` from 0 to 1, `box` where it stands."""

    value: T
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFields:
    """What a page says of itself; None where it says nothing. Names are as printed (capitals stay capitals).

    `has_text` is False for a scan without a text layer (a few words of a signature's mark do not count).

    `number_symbol` is the whole string (`3/2025/QĐ-UBND`), `symbol` its part without number and year.
    `capacity` lists the lines above the signer's own `position`.
    """

    number: Read[str] | None = None
    symbol: Read[str] | None = None
    number_symbol: Read[str] | None = None
    place: Read[str] | None = None
    issued_on: Read[date] | None = None
    superior: Read[str] | None = None
    issuer: Read[str] | None = None
    type: Read[str] | None = None
    subject: Read[str] | None = None
    signer: Read[str] | None = None
    position: Read[str] | None = None
    capacity: tuple[str, ...] = ()
    urgency: Read[str] | None = None
    has_text: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The letterhead of page one cut into its two columns."""

    page: Page
    nation: Line
    left: tuple[Line, ...]
    """Lines of the left column from the top."""
    number: Line | None
    date: Line | None


@dataclass(frozen=True, slots=True)
class Foot:
    """The signature block: its title lines from the top, and the line of the name."""

    titles: tuple[Line, ...]
    name: Line | None


def read_letter(source: Path | bytes) -> LetterFields:
    """Read the fields of a letter from a PDF with a text layer; a scan gives empty fields. Raises PageUnreadable."""
    return fields_of(read_pages(source))


def fields_of(pages: Sequence[Page]) -> LetterFields:
    """Fields of pages read already."""
    has_text = any(len(page.words) > 60 for page in pages)
    head = head_of(pages[0]) if pages else None
    if head is None:
        return LetterFields(has_text=has_text)
    number, symbol, whole = _number(head)
    kind, subject = _type_and_subject(head)
    superior, issuer = _issuer(head)
    foot = foot_of(pages)
    position, capacity = _position(foot)
    return LetterFields(
        number=number,
        symbol=symbol,
        number_symbol=whole,
        place=_place(head),
        issued_on=_issued_on(head),
        superior=superior,
        issuer=issuer,
        type=kind,
        subject=subject,
        signer=_signer(foot),
        position=position,
        capacity=capacity,
        urgency=_urgency(head),
        has_text=has_text,
    )


# --- the letterhead


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


def _number(head: Head) -> tuple[Read[str] | None, Read[str] | None, Read[str] | None]:
    if head.number is None:
        return None, None, None
    match = _NUMBER.match(tidy(head.number.text))
    if match is None:
        return None, None, None
    digits = (match["number"] or "").replace(" ", "")
    rest = re.sub(r"\s*([/\-–&])\s*", r"\1", (match["rest"] or "").strip()).lstrip("/-–").rstrip(".,;")
    rest = rest.split(" ")[0]
    year = _LAW_YEAR.match(rest)
    box = head.number.box
    symbol = year[2] if year else rest
    separator = (match["rest"] or "/").strip()[:1]
    confidence = 0.95 if digits and symbol else 0.6
    return (
        Read(digits, confidence, box) if digits else None,
        Read(symbol, confidence, box) if symbol and not set(symbol) <= set("….") else None,
        Read(f"{digits}{separator}{rest}", confidence, box) if digits and rest else None,
    )


def _date_match(head: Head) -> re.Match[str] | None:
    return _DATE.search(tidy(head.date.text)) if head.date else None


def _place(head: Head) -> Read[str] | None:
    match = _date_match(head)
    if match is None or head.date is None:
        return None
    name = match["place"].strip(" ,.…")
    return Read(name, 0.9, head.date.box) if name else None


def _issued_on(head: Head) -> Read[date] | None:
    match = _date_match(head)
    if match is None or head.date is None or not (match["day"] and match["month"] and match["year"]):
        return None
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
    return Read(day, 0.95, head.date.box)


def _issuer(head: Head) -> tuple[Read[str] | None, Read[str] | None]:
    """Capitals above the number: the light ones name the superior body, the bold ones the issuer."""
    end = head.number.box.y1 if head.number else head.nation.box.y0 - 60
    named = [line for line in head.left if line.box.y0 > end - 4 and line.is_capitals and line is not head.number]
    if not named:
        return None, None
    bold = [line for line in named if line.is_bold]
    light = [line for line in named if not line.is_bold]
    if bold and light and light[0].box.y0 > bold[0].box.y0:
        return _joined(light, 0.9), _joined(bold, 0.95)
    if named[0].words[0].font != named[-1].words[0].font:
        above = [line for line in named if line.words[0].font == named[0].words[0].font]
        return _joined(above, 0.7), _joined([line for line in named if line not in above], 0.75)
    return None, _joined(named, 0.9 if len(named) == 1 or len(bold) == len(named) else 0.6)


def _joined(lines: Sequence[Line], confidence: float) -> Read[str] | None:
    text = tidy(" ".join(line.text for line in lines))
    return Read(text, confidence, box_of(lines)) if text else None


def _type_and_subject(head: Head) -> tuple[Read[str] | None, Read[str] | None]:
    lines = _below_head(head)
    for index, line in enumerate(lines):
        name = _TYPE_NAMES.get(fold(line.text))
        if name and line.is_capitals and abs((line.box.x0 + line.box.x1) / 2 - head.page.width / 2) < 60:
            return Read(name, 0.95, line.box), _typed_subject(lines[index + 1 :], line)
    subject = _letter_subject(head)
    if subject is None:
        return None, None
    return Read("Công văn", 0.9, subject.box), subject


def _below_head(head: Head) -> list[Line]:
    top = min((line.box.y0 for line in (head.number, head.date) if line), default=head.nation.box.y0 - 30)
    return lines_of(word for word in head.page.words if word.y1 < top + 2 and word.y0 > head.page.height * 0.3)


def _typed_subject(lines: Sequence[Line], title: Line) -> Read[str] | None:
    """Bold lines right under the name of the type, up to the rule, a wide gap or the next component."""
    taken: list[Line] = []
    above = title
    for line in lines:
        gap = above.box.y0 - line.box.y1
        if gap > 1.6 * title.size or not line.is_bold or set(line.text) <= set("_-–—. "):
            break
        if re.match(r"^(Căn cứ|Kính gửi|Thực hiện|Điều \d)", line.text) or (taken and line.is_capitals):
            break
        taken.append(line)
        above = line
    return _joined(taken, 0.85)


def _letter_subject(head: Head) -> Read[str] | None:
    start = next((index for index, line in enumerate(head.left) if _ABOUT.match(line.text)), None)
    if start is None:
        return None
    taken = [head.left[start]]
    for line in head.left[start + 1 :]:
        if taken[-1].box.y0 - line.box.y1 > 0.8 * taken[-1].size or _is_urgency(line) or "Kính gửi" in line.text:
            break
        taken.append(line)
    text = _ABOUT.sub("", tidy(" ".join(line.text for line in taken)))
    return Read(text, 0.85, box_of(taken)) if text else None


def _is_urgency(line: Line) -> bool:
    return line.is_capitals and fold(line.text) in _URGENT


_URGENT: Final = {fold(word): code for code, word in URGENCY_WORDS.items() if word}


def _urgency(head: Head) -> Read[str] | None:
    """A mark counts as a line of its own, in capitals, in the upper half of page one."""
    for line in (*head.left, *lines_of(head.page.words)):
        if _is_urgency(line) and line.box.y0 > head.page.height * 0.5:
            return Read(_URGENT[fold(line.text)], 0.9, line.box)
    return None


# --- the signature block


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
    found = next((line for line in lines if line.is_capitals and (_AUTHORITY.match(line.text) or _chairs(line))), None)
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
    name = next((line for line in rest if _name_in(line)), None)
    return Foot(tuple(titles), name)


def _name_in(line: Line) -> str:
    """The person's name on a line, without rank and degree; empty where the line is not a name."""
    if not line.is_bold or line.is_capitals:
        return ""
    text = _RANKS.sub("", tidy(line.text))
    return text if _NAME.match(text) and all(word[0].isupper() for word in text.split()) else ""


def _signer(foot: Foot | None) -> Read[str] | None:
    if foot is None or foot.name is None:
        return None
    return Read(_name_in(foot.name), 0.9, foot.name.box)


def _position(foot: Foot | None) -> tuple[Read[str] | None, tuple[str, ...]]:
    """The last title is the signer's own; a title that begins with TM., KT., … names the authority above it."""
    if foot is None:
        return None, ()
    titles = _whole_titles(foot.titles)
    texts = [_AUTHORITY.sub(r"\1. ", tidy(" ".join(line.text for line in title))) for title in titles]
    texts = [tidy(text) for text in texts]
    own = [index for index, text in enumerate(texts) if not _AUTHORITY.match(text)]
    if not own:
        return None, tuple(texts)
    return Read(texts[own[-1]], 0.85, box_of(titles[own[-1]])), tuple(t for i, t in enumerate(texts) if i != own[-1])


def _whole_titles(lines: Sequence[Line]) -> list[list[Line]]:
    """One title may wrap: a line that does not open a title by itself continues the one above."""
    titles: list[list[Line]] = []
    for line in lines:
        opens = not titles or _AUTHORITY.match(line.text) or _opens_title(line.text)
        if opens:
            titles.append([line])
        else:
            titles[-1].append(line)
    return titles


_TITLE_WORDS: Final = frozenset(
    {"pho", "chanh", "thu", "truong", "bo", "giam", "tong", "cuc", "chu", "vien", "quyen", "hieu", "to", "vu", "ke"}
)
"""First words, without tone marks, of titles that follow a line of authority."""


def _opens_title(text: str) -> bool:
    return fold(text).split()[0] in _TITLE_WORDS
