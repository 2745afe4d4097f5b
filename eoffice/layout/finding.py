"""Places of number, date, signature and seal on a paper somebody else set: found by its words, corrected by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from eoffice.core.geometry import Box, LetterPlaces
from eoffice.layout.errors import PageUnreadable
from eoffice.layout.letterhead import Head, head_of
from eoffice.layout.letters import POINTS_PER_MM, seal_box
from eoffice.layout.pages import Line, read_pages
from eoffice.layout.signature_block import Foot, foot_of

SIGNATURE_MM: Final = (50.0, 24.0)
_LEAST_GAP: Final = 16.0 * POINTS_PER_MM
"""A space between title and name lower than this is hardly meant for a signature."""
_NUMBER_WIDTH: Final = 42.0


@dataclass(frozen=True, slots=True)
class Place:
    """A box and how sure we are of it, from 0 to 1. Below 0.7 a person should look before signing."""

    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class FoundPlaces:
    """Places found on an uploaded PDF; None where the page gives no hold, then they are set by hand."""

    number: Place | None
    date: Place | None
    signature: Place | None
    seal: Place | None

    def to_places(self) -> LetterPlaces:
        """The same boxes as a drawn letter has them."""
        return LetterPlaces(
            number=self.number.box if self.number else None,
            date=self.date.box if self.date else None,
            signatures=(self.signature.box,) if self.signature else (),
            seal=self.seal.box if self.seal else None,
        )


def find_places(source: Path | bytes) -> FoundPlaces:
    """Find where number, whole date line, signature and seal belong on a PDF with a text layer.

    Anchors are "Số: …/", "…, ngày … tháng … năm", the signer's title and name. Raises PageUnreadable.
    """
    pages = read_pages(source)
    head = head_of(pages[0]) if pages else None
    signature = _signature(foot_of(pages))
    return FoundPlaces(
        number=_number(head),
        date=_date(head),
        signature=signature,
        seal=Place(seal_box(signature.box), signature.confidence) if signature else None,
    )


def _line_box(page: int, x0: float, x1: float, line: Line) -> Box:
    """As on a drawn letter: the line of the letters with a quarter of the size above and below for stacked marks."""
    middle = line.words[0].middle
    return Box(page, x0, middle - 0.7 * line.size, x1, middle + 0.7 * line.size)


def _number(head: Head | None) -> Place | None:
    if head is None or head.number is None:
        return None
    label, *rest = head.number.words
    x0 = label.x1 + 1
    slash = next((word for word in rest if word.text.startswith(("/", "-", "–"))), None)
    if slash is not None:
        x1 = slash.x0 - 0.5
        return Place(_line_box(0, x0, x1, head.number), 0.95 if x1 - x0 >= 20 else 0.5)
    if rest:
        return Place(_line_box(0, rest[0].x0, rest[0].x0 + _NUMBER_WIDTH, head.number), 0.4)
    return Place(_line_box(0, x0, x0 + _NUMBER_WIDTH, head.number), 0.5)


def _date(head: Head | None) -> Place | None:
    """The whole line is written anew with the date; `clear` takes away the words that stand there before."""
    if head is None or head.date is None:
        return None
    box = head.date.box
    middle = (head.nation.box.x0 + head.nation.box.x1) / 2
    half = max((head.nation.box.x1 - head.nation.box.x0) / 2, middle - box.x0, box.x1 - middle)
    return Place(_line_box(0, middle - half, middle + half, head.date), 0.9)


def _signature(foot: Foot | None) -> Place | None:
    if foot is None:
        return None
    title = foot.titles[-1].box
    width, height = (side * POINTS_PER_MM for side in SIGNATURE_MM)
    if foot.name is None:
        middle = (title.x0 + title.x1) / 2
        top = title.y0 - 4
        return Place(Box(title.page, middle - width / 2, top - height, middle + width / 2, top), 0.5)
    name = foot.name.box
    middle = (name.x0 + name.x1) / 2
    top, bottom = title.y0, name.y1
    gap = top - bottom
    if gap <= 0:
        return None
    high = min(height, max(gap - 4, 20))
    centre = (top + bottom) / 2
    box = Box(title.page, middle - width / 2, centre - high / 2, middle + width / 2, centre + high / 2)
    return Place(box, 0.95 if gap >= _LEAST_GAP else 0.6)


def clear_lines(pdf: bytes, boxes: Sequence[Box]) -> bytes:
    """Take the words inside `boxes` off the pages, so that what is filled in later does not lie over them.

    For papers not signed yet only: the page is rewritten. Words of which less than half lies inside stay.
    Raises PageUnreadable.
    """
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise PageUnreadable from error
    for index in sorted({box.page for box in boxes}):
        page = document[index]
        within = [box for box in boxes if box.page == index]
        doomed = [
            each
            for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=1)
            if any(_mostly_inside(each.get_bounds(), box) for box in within)
        ]
        for each in doomed:
            page.remove_obj(each)
        page.gen_content()
        page.close()
    written = _saved(document)
    document.close()
    return written


def _mostly_inside(bounds: tuple[float, float, float, float], box: Box) -> bool:
    x0, y0, x1, y1 = bounds
    wide = min(x1, box.x1) - max(x0, box.x0)
    return wide > 0.5 * (x1 - x0) and box.y0 < (y0 + y1) / 2 < box.y1


def _saved(document: pdfium.PdfDocument) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
