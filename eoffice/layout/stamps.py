"""Marks on copies: the stamp of arrival, the footer of a converted copy, the watermark. Originals are never touched.

Every function takes bytes and returns new bytes. A copy carries no signature of its own: signature fields are drawn
into its pages and taken off, so that no reader calls the copy a broken original.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont

from eoffice.core.clock import VIETNAM
from eoffice.core.geometry import Box
from eoffice.core.typesetting import FONTS_DIR, typeset
from eoffice.core.vietnamese import tidy
from eoffice.layout.errors import NoFreeSpace, PageUnreadable
from eoffice.layout.letters import POINTS_PER_MM

ARRIVAL_MM: Final = (50, 35)
"""Width and height of the stamp. Source: NĐ 30/2020, PL IV."""

_STAMP: Final = Path(__file__).resolve().parent / "drawings" / "stamp.typ"
_INK: Final = 215
_DIRT: Final = 0.0005
"""Share of dark pixels that a scan may have where nothing is written."""
_PICTURE_DPI: Final = 110


def stamp_arrival(
    pdf: bytes,
    *,
    organization: str,
    number: str,
    arrived_at: datetime,
    forwarded_to: str = "",
    file_notation: str = "",
    with_hour: bool = False,
    box: Box | None = None,
) -> bytes:
    """Return a copy with the red "ĐẾN" stamp on its first page, at `box` or in the first free space.

    The hour is written for thượng khẩn and hỏa tốc (`with_hour`). Source: NĐ 30/2020, PL IV.
    Raises NoFreeSpace, PageUnreadable.
    """
    moment = arrived_at.astimezone(VIETNAM)
    place = box or find_free_space(pdf)
    mark = typeset(
        _STAMP,
        {
            "kind": "arrival",
            "organization": tidy(organization).upper(),
            "number": number,
            "arrived": f"{moment:%H:%M, %d/%m/%Y}" if with_hour else f"{moment:%d/%m/%Y}",
            "forwarded": tidy(forwarded_to),
            "notation": tidy(file_notation),
        },
        pdf_a=False,
    )
    with _copy(pdf) as copy, pikepdf.open(io.BytesIO(mark)) as stamp:
        area = pikepdf.Rectangle(place.x0, place.y0, place.x1, place.y1)
        copy.pages[place.page].add_overlay(stamp.pages[0], area)
        return _written(copy)


def stamp_conversion_footer(pdf: bytes, lines: Sequence[str]) -> bytes:
    """Return a copy with `lines` small at the foot of every page: where it comes from, when, by whom, how to check.

    Source: Luật 20/2023/QH15, Điều 12; NĐ 137/2024 (marks of a paper made from a data message). Raises PageUnreadable.
    """
    shown = [tidy(line) for line in lines]
    with _copy(pdf) as copy:
        for page in copy.pages:
            x0, y0, x1, y1 = (float(value) for value in page.cropbox)
            mark = _footer_mark(round(x1 - x0, 2), round(y1 - y0, 2), tuple(shown))
            with pikepdf.open(io.BytesIO(mark)) as stamp:
                page.add_overlay(stamp.pages[0], pikepdf.Rectangle(x0, y0, x1, y1))
        return _written(copy)


@lru_cache(maxsize=16)
def _footer_mark(width: float, height: float, lines: tuple[str, ...]) -> bytes:
    data: dict[str, object] = {"kind": "footer", "width": width, "height": height, "lines": list(lines)}
    return typeset(_STAMP, data, pdf_a=False)


def watermark(pdf: bytes, text: str) -> bytes:
    """Return the pages as pictures with `text` across them: for papers that must not leave the house as files yet.

    No text or signature of the source is in the result. Raises PageUnreadable.
    """
    pictures = [_watermarked(picture, text) for picture in _pictures(pdf)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "PDF", save_all=True, append_images=pictures[1:], resolution=_PICTURE_DPI)
    return buffer.getvalue()


def watermark_image(picture: bytes, text: str) -> bytes:
    """Return a page picture (PNG, JPEG or WebP) as WebP with `text` across it: a quarter of the bytes of a PNG."""
    with Image.open(io.BytesIO(picture)) as opened:
        marked = _watermarked(opened.convert("RGB"), text)
    buffer = io.BytesIO()
    marked.save(buffer, "WEBP", quality=72, method=2)
    return buffer.getvalue()


def _pictures(pdf: bytes) -> Iterator[Image.Image]:
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as error:
        raise PageUnreadable from error
    if document.get_formtype():
        document.init_forms()
    for page in document:
        yield page.render(scale=_PICTURE_DPI / 72, may_draw_forms=True).to_pil().convert("RGB")
    document.close()


def _watermarked(picture: Image.Image, text: str) -> Image.Image:
    """Rows of the text at a slant, red enough to be seen and light enough to read through."""
    marked = picture.copy()
    marked.paste((200, 16, 46), mask=_veil(picture.size, text))
    return marked


@lru_cache(maxsize=8)
def _veil(size: tuple[int, int], text: str) -> Image.Image:
    """Where the text covers a page, from 0 to 255; the pages of one reader are usually of one size."""
    wide, high = size
    font = ImageFont.truetype(str(FONTS_DIR / "Tinos-Bold.ttf"), max(wide // 30, 12))
    reach = int((wide**2 + high**2) ** 0.5)
    layer = Image.new("L", (reach, reach), 0)
    pen = ImageDraw.Draw(layer)
    step = int(font.getlength(text)) + wide // 8
    for row, y in enumerate(range(0, reach, wide // 5)):
        for x in range(-(row % 2) * step // 2, reach, step):
            pen.text((x, y), text, font=font, fill=56)
    turned = layer.rotate(35, resample=Image.Resampling.BICUBIC)
    left, top = (turned.size[0] - wide) // 2, (turned.size[1] - high) // 2
    return turned.crop((left, top, left + wide, top + high))


def find_free_space(pdf: bytes, *, width_mm: float = ARRIVAL_MM[0], height_mm: float = ARRIVAL_MM[1]) -> Box:
    """The blank rectangle on page one nearest to where clerks stamp: left, under the number and symbol.

    Works on the picture of the page, so scans count too. Raises NoFreeSpace, PageUnreadable.
    """
    try:
        document = pdfium.PdfDocument(pdf)
        if document.get_formtype():
            document.init_forms()
        page = document[0]
        width, height = page.get_size()
        scale = 1 / POINTS_PER_MM
        picture = page.render(scale=scale * 2, grayscale=True, may_draw_forms=True).to_pil().convert("L")
    except pdfium.PdfiumError as error:
        raise PageUnreadable from error
    ink = _summed(picture.reduce(2))
    wide, high = round(width_mm) + 6, round(height_mm) + 6
    best: tuple[float, int, int] | None = None
    rows, columns = len(ink) - 1, len(ink[0]) - 1
    for top in range(4, rows - high - 3, 2):
        for left in range(6, columns - wide - 5, 2):
            dark = ink[top + high][left + wide] - ink[top][left + wide] - ink[top + high][left] + ink[top][left]
            if dark <= _DIRT * wide * high:
                far = abs(left - 28) + abs(top - 75) * 0.9
                best = min(best, (far, top, left)) if best else (far, top, left)
    if best is None:
        raise NoFreeSpace
    _, top, left = best
    x0, y1 = (left + 3) * POINTS_PER_MM, height - (top + 3) * POINTS_PER_MM
    return Box(0, x0, y1 - height_mm * POINTS_PER_MM, min(x0 + width_mm * POINTS_PER_MM, width), y1)


def _summed(picture: Image.Image) -> list[list[int]]:
    """Summed-area table of dark pixels: the ink of any rectangle in four look-ups."""
    columns, rows = picture.size
    pixels = picture.tobytes()
    table = [[0] * (columns + 1)]
    for row in range(rows):
        running, above, line = 0, table[-1], [0]
        for column in range(columns):
            running += pixels[row * columns + column] < _INK
            line.append(above[column + 1] + running)
        table.append(line)
    return table


def _copy(pdf: bytes) -> pikepdf.Pdf:
    """The file opened with signature fields drawn into the pages and no form, script or permission of the original."""
    try:
        copy = pikepdf.open(io.BytesIO(pdf))
    except pikepdf.PdfError as error:
        raise PageUnreadable from error
    copy.flatten_annotations("screen")
    for name in ("/AcroForm", "/Perms", "/OpenAction", "/AA", "/DSS"):
        if name in copy.Root:
            del copy.Root[name]
    for page in copy.pages:
        _set_upright(page)
    return copy


def _set_upright(page: pikepdf.Page) -> None:
    """Turn and move the content so that what is seen fills a box from (0, 0); scanners turn pages by a mere flag."""
    x0, y0, x1, y1 = (float(value) for value in page.cropbox)
    wide, high = x1 - x0, y1 - y0
    turn = _rotation(page)
    if turn == 0 and (x0, y0) == (0, 0):
        return
    a, b, c, d, e, f = {
        0: (1, 0, 0, 1, -x0, -y0),
        90: (0, -1, 1, 0, -y0, x1),
        180: (-1, 0, 0, -1, x1, y1),
        270: (0, 1, -1, 0, y1, -x0),
    }[turn]
    page.contents_add(f"q {a} {b} {c} {d} {e:.4f} {f:.4f} cm\n".encode(), prepend=True)
    page.contents_add(b"\nQ", prepend=False)
    page.obj.Rotate = 0
    page.mediabox = pikepdf.Array([0, 0, *((high, wide) if turn in {90, 270} else (wide, high))])
    for name in ("/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"):
        if name in page.obj:
            del page.obj[name]
    page.cropbox = page.mediabox


def _rotation(page: pikepdf.Page) -> int:
    """Degrees clockwise, own or inherited."""
    node: pikepdf.Object | None = page.obj
    for _ in range(32):
        if node is None or "/Rotate" in node:
            break
        node = node.get("/Parent")
    return int(node["/Rotate"]) % 360 // 90 * 90 if node is not None and "/Rotate" in node else 0


def _written(copy: pikepdf.Pdf) -> bytes:
    for page in copy.pages:
        page.contents_coalesce()
    buffer = io.BytesIO()
    copy.save(buffer)
    return buffer.getvalue()
