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
from eoffice.layout.letterhead import Head, head_of
from eoffice.layout.pages import Line, Page, box_of, lines_of, read_pages
from eoffice.layout.signature_block import AUTHORITY, Foot, foot_of, name_in
from eoffice.layout.types import TYPES
from eoffice.layout.wording import URGENCY_WORDS

T = TypeVar("T")

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


def _signer(foot: Foot | None) -> Read[str] | None:
    if foot is None or foot.name is None:
        return None
    return Read(name_in(foot.name), 0.9, foot.name.box)


def _position(foot: Foot | None) -> tuple[Read[str] | None, tuple[str, ...]]:
    """The last title is the signer's own; a title that begins with TM., KT., … names the authority above it."""
    if foot is None:
        return None, ()
    titles = _whole_titles(foot.titles)
    texts = [AUTHORITY.sub(r"\1. ", tidy(" ".join(line.text for line in title))) for title in titles]
    texts = [tidy(text) for text in texts]
    own = [index for index, text in enumerate(texts) if not AUTHORITY.match(text)]
    if not own:
        return None, tuple(texts)
    return Read(texts[own[-1]], 0.85, box_of(titles[own[-1]])), tuple(t for i, t in enumerate(texts) if i != own[-1])


def _whole_titles(lines: Sequence[Line]) -> list[list[Line]]:
    """One title may wrap: a line that does not open a title by itself continues the one above."""
    titles: list[list[Line]] = []
    for line in lines:
        opens = not titles or AUTHORITY.match(line.text) or _opens_title(line.text)
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
