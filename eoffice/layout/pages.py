"""Words of a PDF with their places, as the page shows them: content, filled fields and signature marks together."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from eoffice.core.geometry import Box
from eoffice.core.vietnamese import nfc
from eoffice.layout.errors import PageUnreadable

HEIGHT: Final = 0.693
DEPTH: Final = 0.216
"""Of the size of Times New Roman and its twins, above and below the base line."""


@dataclass(frozen=True, slots=True)
class Word:
    """Heights are those of the font, not of the letters: from 0.216 of the size below the base line to 0.693 above."""

    text: str
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    font: str
    bold: bool
    """Told by the name of the font, else by its weight; files with nameless fonts may call all or nothing bold."""

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def centre(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one height, from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        return Box(
            self.words[0].page,
            min(word.x0 for word in self.words),
            min(word.y0 for word in self.words),
            max(word.x1 for word in self.words),
            max(word.y1 for word in self.words),
        )

    @property
    def size(self) -> float:
        return max(word.size for word in self.words)

    @property
    def is_bold(self) -> bool:
        return sum(word.bold for word in self.words) * 2 > len(self.words)

    @property
    def is_capitals(self) -> bool:
        letters = [c for c in self.text if c.isalpha()]
        return len(letters) >= 2 and all(c == c.upper() for c in letters)


@dataclass(frozen=True, slots=True)
class Page:
    index: int
    width: float
    height: float
    words: tuple[Word, ...]


def read_pages(source: Path | bytes, *, most: int = 12) -> list[Page]:
    """Words of the first `most` pages, and of the last where there are more; raises PageUnreadable.

    Signature and form appearances are laid into a copy of each page in memory: the numbers that clerks put on
    with their signatures exist nowhere else. The file is not changed.
    """
    try:
        document = pdfium.PdfDocument(source)
    except pdfium.PdfiumError as error:
        raise PageUnreadable from error
    try:
        if document.get_formtype():
            document.init_forms()
        count = len(document)
        chosen = [*range(min(count, most)), *([count - 1] if count > most else [])]
        return [_read(document, index) for index in chosen]
    except pdfium.PdfiumError as error:
        raise PageUnreadable from error
    finally:
        document.close()


def _read(document: pdfium.PdfDocument, index: int) -> Page:
    page = document[index]
    raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)
    page.close()
    page = document[index]
    shown = page.get_textpage()
    width, height = page.get_size()
    words = tuple(_words(shown, index))
    shown.close()
    page.close()
    return Page(index, width, height, words)


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    x0: float
    x1: float
    base: float
    size: float


def _words(shown: pdfium.PdfTextPage, page: int) -> Iterable[Word]:
    """Cut at blanks and wherever the next letter does not follow on the same line."""
    letters: list[_Letter] = []
    start = 0
    for index in range(shown.count_chars()):
        letter = _letter(shown, index)
        blank = letter.text.isspace()
        if letters and (blank or not _follows(letters[-1], letter)):
            yield _word(shown, letters, start, page)
            letters = []
        if blank or not letter.text.isprintable() or letter.x1 <= letter.x0:
            continue
        if not letters:
            start = index
        letters.append(letter)
    if letters:
        yield _word(shown, letters, start, page)


def _letter(shown: pdfium.PdfTextPage, index: int) -> _Letter:
    x0, y0, x1, y1 = shown.get_charbox(index, loose=True)
    x, base = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(shown.raw, index, x, base)
    matrix = raw.FS_MATRIX()
    size = y1 - y0
    if raw.FPDFText_GetMatrix(shown.raw, index, matrix):
        size = raw.FPDFText_GetFontSize(shown.raw, index) * math.hypot(matrix.c, matrix.d)
    return _Letter(chr(raw.FPDFText_GetUnicode(shown.raw, index)), x0, x1, base.value, size)


def _follows(one: _Letter, other: _Letter) -> bool:
    high = max(one.size, 1)
    return abs(one.base - other.base) < high * 0.4 and -0.5 * high < other.x0 - one.x1 < 0.25 * high


def _word(shown: pdfium.PdfTextPage, letters: Sequence[_Letter], start: int, page: int) -> Word:
    size, base = max(letter.size for letter in letters), letters[0].base
    font = _font(shown, start)
    return Word(
        text=nfc("".join(letter.text for letter in letters)),
        page=page,
        x0=min(letter.x0 for letter in letters),
        y0=base - DEPTH * size,
        x1=max(letter.x1 for letter in letters),
        y1=base + HEIGHT * size,
        size=size,
        font=font,
        bold="bold" in font.lower() or raw.FPDFText_GetFontWeight(shown.raw, start) >= 600,
    )


def _font(shown: pdfium.PdfTextPage, index: int) -> str:
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    raw.FPDFText_GetFontInfo(shown.raw, index, buffer, 128, ctypes.byref(flags))
    return buffer.value.decode("utf-8", "replace").split("+", 1)[-1]


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Words gathered into lines from top to bottom, whatever their order in the file."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (-each.middle, each.x0)):
        for row in reversed(rows[-4:]):
            anchor = row[0]
            if abs(anchor.middle - word.middle) < 0.5 * min(anchor.size, word.size):
                row.append(word)
                break
        else:
            rows.append([word])
    return [Line(tuple(sorted(row, key=lambda each: each.x0))) for row in rows]


def columns_of(line: Line, *, gap: float = 14) -> list[Line]:
    """A line cut wherever a blank wider than `gap` points separates columns."""
    pieces: list[list[Word]] = [[line.words[0]]]
    for word in line.words[1:]:
        if word.x0 - pieces[-1][-1].x1 > gap:
            pieces.append([])
        pieces[-1].append(word)
    return [Line(tuple(piece)) for piece in pieces]


def box_of(lines: Sequence[Line]) -> Box:
    """The rectangle around lines of one page."""
    boxes = [line.box for line in lines]
    return Box(
        boxes[0].page,
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )
