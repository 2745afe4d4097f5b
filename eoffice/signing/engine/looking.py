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
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.engine.examining import ExaminedFile

_PAGES: Final = 12
"""Pages compared; what follows is left to the comparison of objects."""
_BUDGET_S: Final = 12.0
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


def look_after(file: ExaminedFile, signature: EmbeddedPdfSignature, explained: Collection[str]) -> Look:
    """How the pages look now beside how they looked when signed; the boxes of the `explained` fields may have changed.

    Fewer or more pages count as a difference of the first page that is not in both.
    """
    end = sum(int(value) for value in list(signature.byte_range)[2:4])
    file.stream.seek(0)
    content = file.stream.read()
    if not content[end:].strip():
        return Look()
    boxes = _boxes(file.reader, explained)
    until = time.monotonic() + _BUDGET_S
    hidden = None
    with pypdfium2.PdfDocument(content[:end]) as signed, pypdfium2.PdfDocument(content) as newest:
        for document in (signed, newest):
            document.init_forms()  # else fields are not drawn
        if len(signed) != len(newest):
            return Look(differs=min(len(signed), len(newest)) + 1)
        for number in range(min(len(signed), _PAGES)):
            if time.monotonic() > until:
                break
            own = boxes.get(number, [])
            pictures = _pictures(signed[number], newest[number])
            if pictures is None or _differ(signed[number], own, *pictures):
                return Look(differs=number + 1)
            if hidden is None and _hides(signed[number], own, *pictures):
                hidden = number + 1
    return Look(hidden=hidden)


def _pictures(before: pypdfium2.PdfPage, after: pypdfium2.PdfPage) -> tuple[Image.Image, Image.Image] | None:
    """Both pages drawn; None when their sizes differ."""
    size = before.get_size()
    if size != after.get_size():
        return None
    scale = _SCALE * min(1.0, _MOST_POINTS / max(*size, 1.0))
    first, second = (page.render(scale=scale, grayscale=True).to_pil() for page in (before, after))
    return first, second


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


def _boxes(reader: PdfFileReader, names: Collection[str]) -> dict[int, list[_Rect]]:
    """Where the widgets of the named fields stand, by page index."""
    found: dict[int, list[_Rect]] = {}
    for number in range(min(int(reader.root["/Pages"]["/Count"]), _PAGES)):
        page = reader.find_page_for_modification(number)[0].get_object()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        for entry in page["/Annots"] if "/Annots" in page else ():  # noqa: SIM401 - `get` leaves references
            annotation = entry.get_object()
            if isinstance(annotation, generic.DictionaryObject) and _name_of(annotation) in names:
                x0, y0, x1, y1 = (float(value) for value in annotation["/Rect"])
                found.setdefault(number, []).append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
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
