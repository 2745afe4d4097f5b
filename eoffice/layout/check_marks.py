"""The mark of public check: a QR picture with address and code in words, in the margin of a paper not signed yet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import pikepdf
import pypdfium2 as pdfium
import segno

from eoffice.core.geometry import Box
from eoffice.core.typesetting import typeset
from eoffice.layout.errors import PageUnreadable
from eoffice.layout.letters import POINTS_PER_MM

_DRAWING: Final = Path(__file__).resolve().parent / "drawings" / "check_mark.typ"
_WIDTH: Final = 62 * POINTS_PER_MM
_HEIGHT: Final = 15 * POINTS_PER_MM
"""15 mm for the picture: 33 modules of 0.45 mm, which telephones read from paper."""
_FROM_SIDE: Final = 12 * POINTS_PER_MM
_FROM_FOOT: Final = 4 * POINTS_PER_MM
"""Inside the lower margin, of which the decree leaves 20 to 25 mm free."""
_SCALE: Final = 2
_INK: Final = 215
_DIRT: Final = 0.002


class MarkPlace(StrEnum):
    """Where an office wants the mark; NOWHERE: the paper has its code, only not on the page."""

    FIRST_LEFT = "first_left"
    FIRST_RIGHT = "first_right"
    LAST_LEFT = "last_left"
    LAST_RIGHT = "last_right"
    NOWHERE = "nowhere"


def stamp_check_mark(
    pdf: bytes, *, link: str, shown_link: str, code: str, place: MarkPlace, taken: Sequence[Box]
) -> bytes:
    """Return the paper with its mark at `place`, or in the next lower corner where nothing stands.

    `link` goes into the picture, `shown_link` and `code` beside it. `taken` are boxes that stay free: signatures, seal,
    number, date. A page that is turned by a flag, or has no free corner, gets no mark: a mark never covers a word.
    For papers not signed yet only: the page is rewritten. Raises PageUnreadable.
    """
    box = _free_corner(pdf, place, taken)
    if box is None:
        return pdf
    mark = typeset(
        _DRAWING,
        {"width": _WIDTH, "height": _HEIGHT, "picture": _qr(link), "address": shown_link, "code": code},
    )
    with pikepdf.open(io.BytesIO(pdf)) as paper, pikepdf.open(io.BytesIO(mark)) as drawn:
        area = pikepdf.Rectangle(box.x0, box.y0, box.x1, box.y1)
        paper.pages[box.page].add_overlay(drawn.pages[0], area)
        buffer = io.BytesIO()
        paper.save(buffer)
        return buffer.getvalue()


def _qr(link: str) -> str:
    """The picture as SVG, with the quiet zone of four modules (ISO/IEC 18004)."""
    buffer = io.BytesIO()
    segno.make_qr(link, error="m").save(buffer, kind="svg", border=4, xmldecl=False, light="#ffffff")
    return buffer.getvalue().decode()


def _free_corner(pdf: bytes, place: MarkPlace, taken: Sequence[Box]) -> Box | None:
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise PageUnreadable from error
    try:
        boxes = (_corner(document, each) for each in _in_order(place))
        return next((box for box in boxes if box is not None and _is_free(document, box, taken)), None)
    finally:
        document.close()


def _in_order(place: MarkPlace) -> list[MarkPlace]:
    """The wished corner, the other one of that page, then those of the other page."""
    if place is MarkPlace.NOWHERE:
        return []
    page, side = place.value.split("_")
    pages = [page, "last" if page == "first" else "first"]
    sides = [side, "right" if side == "left" else "left"]
    return [MarkPlace(f"{each_page}_{each_side}") for each_page in pages for each_side in sides]


def _corner(document: pdfium.PdfDocument, place: MarkPlace) -> Box | None:
    name, side = place.value.split("_")
    index = 0 if name == "first" else len(document) - 1
    page = document[index]
    if page.get_rotation() != 0:
        return None
    left, foot, right, top = page.get_cropbox()
    if right - left < _WIDTH + 2 * _FROM_SIDE or top - foot < _HEIGHT + 2 * _FROM_FOOT:
        return None
    x0 = left + _FROM_SIDE if side == "left" else right - _FROM_SIDE - _WIDTH
    return Box(index, x0, foot + _FROM_FOOT, x0 + _WIDTH, foot + _FROM_FOOT + _HEIGHT)


def _is_free(document: pdfium.PdfDocument, box: Box, taken: Sequence[Box]) -> bool:
    if any(_touch(box, other) for other in taken):
        return False
    page = document[box.page]
    left, foot, right, top = page.get_cropbox()
    crop = (box.x0 - left, box.y0 - foot, right - box.x1, top - box.y1)
    picture = page.render(scale=_SCALE, grayscale=True, crop=crop, may_draw_forms=False).to_pil().convert("L")
    dark = sum(picture.histogram()[:_INK])
    return bool(dark <= _DIRT * picture.width * picture.height)


def _touch(one: Box, other: Box) -> bool:
    return (
        one.page == other.page and one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1
    )
