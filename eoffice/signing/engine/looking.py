"""A second line of defence: the signed revision and the newest one are drawn and compared, page by page.

The object-level comparison (`differences`) judges what may change. Should a trick slip past it, the pages still look
different: then no signature over the older look is called valid. The drawing library is another one than that which
reads the signatures.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Final

import pypdfium2
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
_Rect = tuple[float, float, float, float]


def page_that_differs(file: ExaminedFile, signature: EmbeddedPdfSignature, explained: Collection[str]) -> int | None:
    """The first page (from 1) that looks different now, outside the boxes of the `explained` fields; None when none.

    Fewer or more pages count as a difference of the first page that is not in both.
    """
    end = sum(int(value) for value in list(signature.byte_range)[2:4])
    file.stream.seek(0)
    content = file.stream.read()
    if not content[end:].strip():
        return None
    boxes = _boxes(file.reader, explained)
    until = time.monotonic() + _BUDGET_S
    with pypdfium2.PdfDocument(content[:end]) as signed, pypdfium2.PdfDocument(content) as newest:
        for document in (signed, newest):
            document.init_forms()  # else fields are not drawn
        if len(signed) != len(newest):
            return min(len(signed), len(newest)) + 1
        for number in range(min(len(signed), _PAGES)):
            if time.monotonic() > until:
                break
            if _differ(signed[number], newest[number], boxes.get(number, [])):
                return number + 1
    return None


def _differ(before: pypdfium2.PdfPage, after: pypdfium2.PdfPage, boxes: list[_Rect]) -> bool:
    size = before.get_size()
    if size != after.get_size():
        return True
    if max(size) > _MOST_POINTS:
        return False
    pictures = [_drawn(page, boxes) for page in (before, after)]
    return ImageChops.difference(*pictures).getbbox() is not None


def _drawn(page: pypdfium2.PdfPage, boxes: list[_Rect]) -> Image.Image:
    picture: Image.Image = page.render(scale=_SCALE, grayscale=True).to_pil()
    left, bottom, _, _ = page.get_mediabox()
    height = page.get_height()
    draw = ImageDraw.Draw(picture)
    for x0, y0, x1, y1 in boxes:
        top, foot = height - (y1 - bottom), height - (y0 - bottom)
        corners = [value * _SCALE for value in (x0 - left, top, x1 - left, foot)]
        draw.rectangle([corners[0] - _MARGIN, corners[1] - _MARGIN, corners[2] + _MARGIN, corners[3] + _MARGIN], fill=0)
    return picture


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
