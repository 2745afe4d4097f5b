"""A second line of defence: the signed revision and the newest one are drawn and compared, page by page.

The object-level comparison (`differences`) judges what may change. Should a trick slip past it, the pages still look
different: then no signature over the older look is called valid. The drawing library is another one than that which
reads the signatures. A mark that came later may stand on the page, but may not take away what stood there: one whom we
trust, too, could cover words with a white mark ("sneaky signature attack", Rohlmann and others, 2021).
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.engine.examining import ExaminedFile
from eoffice.signing.engine.makeup import pages_made_anew

_BUDGET_S: Final = 24.0
"""From the start of the check of a file, so that all its signatures get their verdict within the child's limits."""
_REST_S: Final = 1.0
"""For pages that are made of the same as when signed."""
_MOST_KEPT: Final = 32
"""Pictures of the newest state, which all signatures are compared with; about 0.3 MB each."""
_SCALE: Final = 0.75
_MOST_POINTS: Final = 3000
_MARGIN: Final = 3
_TILE: Final = 16
"""Pixels: about two letters of 12 points."""
_INK: Final = 140
_PALE: Final = 150
"""From here on a pixel is no ink any more, on whatever ground a mark may lay."""
_EVEN: Final = 8
_EVEN_TILES: Final = 4
"""So many tiles of one colour where words stood are a box laid over them; the star of a seal is smaller."""
_LEAST_INK: Final = 16
"""Dark pixels that a tile must have had to count: more than a rule or a dot."""
_Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """Pages (from 1) that look different outside the explained boxes, and where a later mark hides what was signed."""

    differs: int | None = None
    hidden: int | None = None
    unseen: int | None = None
    """The first page that changed and could not be drawn in time."""


def look_after(
    file: ExaminedFile, signature: EmbeddedPdfSignature, explained: Collection[str], *, changed_only: bool = False
) -> Look:
    """How the pages look now beside how they looked when signed; the boxes of the `explained` fields may have changed.

    Fewer or more pages count as a difference of the first page that is not in both. Those pages come first that are
    made of something else than when signed: all of them must be seen, the others as time allows, or not
    at all where the signature is in doubt already (`changed_only`).
    """
    end = sum(int(value) for value in list(signature.byte_range)[2:4])
    file.stream.seek(0)
    content = file.stream.read()
    if not content[end:].strip():
        return Look()
    with pypdfium2.PdfDocument(content[:end]) as signed, pypdfium2.PdfDocument(content) as newest:
        for document in (signed, newest):
            document.init_forms()  # else fields are not drawn
        count = len(signed)
        if count != len(newest):
            return Look(differs=min(count, len(newest)) + 1)
        anew = _made_anew(content[:end], content, count)
        order = sorted(range(count), key=lambda number: (number not in anew, number))
        if changed_only:
            order = order[: len(anew)]
        pace = _Pace(file.started)
        hidden = None
        for number in order:
            if pace.is_over(is_needed=number in anew):
                return Look(hidden=hidden, unseen=number + 1 if number in anew else None)
            found = _look_at(file, explained, signed[number], newest[number], number)
            if found is _Seen.OTHER:
                return Look(differs=number + 1)
            if hidden is None and found is _Seen.HIDDEN:
                hidden = number + 1
    return Look(hidden=hidden)


def _made_anew(before: bytes, after: bytes, count: int) -> frozenset[int]:
    """Pages made of something else; all where it cannot be told."""
    found = pages_made_anew(before, after)
    return frozenset(range(count)) if found is None else found


class _Pace:
    """Time for drawing: what is needed may take what the file has left, the rest only little."""

    def __init__(self, started: float) -> None:
        self._end = started + _BUDGET_S
        self._end_of_rest = min(time.monotonic() + _REST_S, self._end)

    def is_over(self, *, is_needed: bool) -> bool:
        return time.monotonic() > (self._end if is_needed else self._end_of_rest)


class _Seen(Enum):
    SAME = auto()
    HIDDEN = auto()
    OTHER = auto()


def _look_at(
    file: ExaminedFile,
    explained: Collection[str],
    before: pypdfium2.PdfPage,
    after: pypdfium2.PdfPage,
    number: int,
) -> _Seen:
    if before.get_size() != after.get_size():
        return _Seen.OTHER
    if number not in file.drawn:
        if len(file.drawn) == _MOST_KEPT:
            file.drawn.clear()
        file.drawn[number] = _picture(after)
    pictures = _picture(before), file.drawn[number]
    if ImageChops.difference(*pictures).getbbox() is None:
        return _Seen.SAME
    boxes = _boxes(file.reader, number, explained)
    if _differ(before, boxes, *pictures):
        return _Seen.OTHER
    return _Seen.HIDDEN if _hides(before, boxes, *pictures) else _Seen.SAME


def _picture(page: pypdfium2.PdfPage) -> Image.Image:
    scale = _SCALE * min(1.0, _MOST_POINTS / max(*page.get_size(), 1.0))
    picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
    return picture


def _differ(page: pypdfium2.PdfPage, boxes: list[_Rect], before: Image.Image, after: Image.Image) -> bool:
    difference = ImageChops.difference(before, after)
    draw = ImageDraw.Draw(difference)
    for left, top, right, foot in _in_pixels(page, boxes, difference):
        draw.rectangle([left - _MARGIN, top - _MARGIN, right + _MARGIN, foot + _MARGIN], fill=0)
    return difference.getbbox() is not None


def _hides(page: pypdfium2.PdfPage, boxes: list[_Rect], before: Image.Image, after: Image.Image) -> bool:
    """Whether words that stood in a box are gone: nearly all ink of a tile, or several tiles are of one colour."""
    if not boxes:
        return False
    gone = ImageChops.multiply(
        before.point([255 if value < _INK else 0 for value in range(256)]),
        after.point([255 if value > _PALE else 0 for value in range(256)]),
    )
    even = 0
    for left, top, right, foot in _in_pixels(page, boxes, before):
        for x in range(int(left), int(right), _TILE):
            for y in range(int(top), int(foot), _TILE):
                tile = (x, y, min(x + _TILE, before.width), min(y + _TILE, before.height))
                ink = sum(before.crop(tile).histogram()[:_INK])
                if ink < _LEAST_INK:
                    continue
                lost = gone.crop(tile).histogram()[255]
                shades = [shade for shade, count in enumerate(after.crop(tile).histogram()) if count]
                even += shades[-1] - shades[0] <= _EVEN
                if (lost >= _LEAST_INK and lost * 10 >= ink * 8) or even >= _EVEN_TILES:
                    return True
    return False


def _in_pixels(page: pypdfium2.PdfPage, boxes: list[_Rect], picture: Image.Image) -> list[_Rect]:
    """The boxes (page coordinates) as left, top, right, foot within the picture, turned and cropped as the page is."""
    found = []
    for x0, y0, x1, y1 in boxes:
        corners = [_pixel(page, x, y, picture) for x, y in ((x0, y0), (x1, y1))]
        (left, right), (top, foot) = (sorted(values) for values in zip(*corners, strict=True))
        found.append((max(left, 0), max(top, 0), min(right, picture.width), min(foot, picture.height)))
    return found


def _pixel(page: pypdfium2.PdfPage, x: float, y: float, picture: Image.Image) -> tuple[int, int]:
    column, row = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, picture.width, picture.height, 0, x, y, column, row)
    return column.value, row.value


def _boxes(reader: PdfFileReader, number: int, names: Collection[str]) -> list[_Rect]:
    """Where the widgets of the named fields stand on a page."""
    widgets = _widgets_of(reader, names)
    found = []
    page = reader.find_page_for_modification(number)[0].get_object()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    for index in range(len(page["/Annots"]) if "/Annots" in page else 0):
        entry = page["/Annots"].raw_get(index)
        annotation = entry.get_object()
        if not isinstance(annotation, generic.DictionaryObject):
            continue
        is_widget = isinstance(entry, generic.IndirectObject) and entry.reference in widgets
        if is_widget or _name_of(annotation) in names:
            x0, y0, x1, y1 = (float(value) for value in annotation["/Rect"])
            found.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    return found


def _widgets_of(reader: PdfFileReader, names: Collection[str]) -> set[generic.Reference]:
    """Widgets that the named fields name as theirs: they need not name the field themselves."""
    found = set()
    for name, _, reference in enumerate_sig_fields(reader):
        field = reference.get_object()
        if name in names and "/Kids" in field:
            kids = field["/Kids"]
            entries = [kids.raw_get(index) for index in range(len(kids))]
            found |= {entry.reference for entry in entries if isinstance(entry, generic.IndirectObject)}
    return found


def _name_of(annotation: generic.DictionaryObject) -> str:
    names = []
    current: generic.DictionaryObject | None = annotation
    for _ in range(16):
        if current is None:
            break
        if "/T" in current:
            names.append(str(current["/T"]))
        current = current["/Parent"] if "/Parent" in current else None  # noqa: SIM401 - `get` leaves references
    return ".".join(reversed(names))
