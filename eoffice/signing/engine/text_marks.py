"""Marks in words for the upper right corner of a first page: copies of papers and separate annexes carry no picture.

Times New Roman, upright, 10 points, black, the time in the zone of Vietnam (Decree 30/2020/ND-CP, PL I, II.8 of part I
and part II).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from eoffice.core.clock import VIETNAM
from eoffice.core.geometry import Box
from eoffice.core.typesetting import typeset
from eoffice.signing.engine.preparing import SEAL_FIELD, is_signed, remove_active_content, signature_field
from eoffice.signing.errors import AlreadyElectronic, PdfUnreadable, PlacesInvalid

SIZE_PT: Final = 10
WIDTH_PT: Final = 200.0
HEIGHT_PT: Final = 52.0
ANNEX_WIDTH_PT: Final = 290.0
ANNEX_HEIGHT_PT: Final = 28.0
_MARGIN_PT: Final = 14.0
_GAP_PT: Final = 2.0
_NARROWEST_PT: Final = 160.0
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """A place for words on a first page: `box` in the file's own coordinates, `turn` as the page is shown (degrees,
    clockwise). The other lengths, in points, are those of the page as it is seen, counted from its upper left corner.
    """

    box: Box
    turn: int
    page_width: float
    page_height: float
    left: float
    top: float
    width: float
    height: float

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The reverse of `dataclasses.asdict`."""
        return cls(**{**value, "box": Box.from_json(value["box"])})


def copy_lines(form: str, organization: str, at: datetime) -> tuple[str, ...]:
    """`SAO Y; TẬP ĐOÀN …; 05/01/2027; 14:30:15 +07:00`, broken after its parts."""
    return (f"{form.upper()};", f"{organization};", _time(at))


def annex_words(code: str, at: datetime) -> str:
    """`Số: 15/QĐ-BNV; 05/01/2020; 14:30:15 +07:00`, for a separate annex."""
    return f"Số: {code}; {_time(at)}"


def text_mark(lines: Sequence[str], corner: Corner) -> bytes:
    """The words as a one-page PDF of the corner's box, turned so that they read upright on the page as it is shown."""
    data = {
        "width": corner.box.width,
        "height": corner.box.height,
        "shown_width": corner.width,
        "shown_height": corner.height,
        "turn": corner.turn,
        "size": SIZE_PT,
        "lines": list(lines),
    }
    return typeset(_TEMPLATES / "text.typ", data, pdf_a=False)


def corner_of(source: Path, *, width: float = WIDTH_PT, height: float = HEIGHT_PT) -> Corner:
    """The upper right corner of a file's first page as it is shown: inside the crop box, turned with the page.

    Below what signatures already stand there. Raises PdfUnreadable, PlacesInvalid (too small a page).
    """
    try:
        with Pdf.open(source) as pdf:
            page = _ShownPage.of(pdf.pages[0])
            taken = [page.seen(rect) for rect in _signatures_on(pdf.pages[0])]
    except (pikepdf.PdfError, IndexError) as error:
        raise PdfUnreadable from error
    width = min(width, page.wide - 2 * _MARGIN_PT)
    if width < _NARROWEST_PT or page.high < height + 2 * _MARGIN_PT:
        raise PlacesInvalid("Trang đầu quá nhỏ để ghi thông tin ký ở góc trên bên phải.")
    left, top = page.wide - _MARGIN_PT - width, _free_top(taken, page, width, height)
    return Corner(
        box=page.box(left, top, width, height),
        turn=page.turn,
        page_width=page.wide,
        page_height=page.high,
        left=left,
        top=top,
        width=width,
        height=height,
    )


def prepare_for_seal(source: Path, target: Path, box: Box, name: str = SEAL_FIELD) -> str:
    """Write `target`: `source` cleaned, with one empty field for the seal that locks everything. Returns its name.

    A file that carries signatures is an electronic original already: nobody copies it into another electronic file.
    Raises AlreadyElectronic, PdfUnreadable.
    """
    try:
        with Pdf.open(source) as pdf:
            if is_signed(pdf):
                raise AlreadyElectronic
            remove_active_content(pdf)
            lock = Dictionary(Type=Name.SigFieldLock, Action=Name.All)
            field = signature_field(pdf, name, "Chữ ký số của cơ quan, tổ chức", box, lock)
            pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array([field]), SigFlags=1, DR=Dictionary()))
            pdf.save(
                target,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                min_version="1.7",
                linearize=False,
                deterministic_id=True,
                encryption=False,
            )
    except pikepdf.PdfError as error:
        raise PdfUnreadable from error
    return name


@dataclass(frozen=True, slots=True)
class _ShownPage:
    """What of a page is seen: its crop box, inside its media box, and how it is turned."""

    x0: float
    y0: float
    x1: float
    y1: float
    turn: int

    @classmethod
    def of(cls, page: pikepdf.Page) -> _ShownPage:
        media, crop = _corners(page.mediabox), _corners(page.cropbox)
        both = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
        x0, y0, x1, y1 = both if both[0] < both[2] and both[1] < both[3] else media
        return cls(x0, y0, x1, y1, _turn_of(page))

    @property
    def wide(self) -> float:
        return self.y1 - self.y0 if self.turn in {90, 270} else self.x1 - self.x0

    @property
    def high(self) -> float:
        return self.x1 - self.x0 if self.turn in {90, 270} else self.y1 - self.y0

    def box(self, left: float, top: float, width: float, height: float) -> Box:
        """A rectangle of the page as it is seen, in the file's coordinates, on whole points."""
        ends = [self._own(left, top), self._own(left + width, top + height)]
        xs, ys = sorted(x for x, _ in ends), sorted(y for _, y in ends)
        wide, high = (height, width) if self.turn in {90, 270} else (width, height)
        return Box(0, float(round(xs[0])), float(round(ys[0])), round(xs[0]) + wide, round(ys[0]) + high)

    def seen(self, rect: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """The reverse for a rectangle of the file: left, top, right, bottom as seen."""
        ends = [self._shown(rect[0], rect[1]), self._shown(rect[2], rect[3])]
        xs, ys = sorted(x for x, _ in ends), sorted(y for _, y in ends)
        return (xs[0], ys[0], xs[1], ys[1])

    def _own(self, left: float, top: float) -> tuple[float, float]:
        match self.turn:
            case 90:
                return (self.x0 + top, self.y0 + left)
            case 180:
                return (self.x1 - left, self.y0 + top)
            case 270:
                return (self.x1 - top, self.y1 - left)
        return (self.x0 + left, self.y1 - top)

    def _shown(self, x: float, y: float) -> tuple[float, float]:
        match self.turn:
            case 90:
                return (y - self.y0, x - self.x0)
            case 180:
                return (self.x1 - x, y - self.y0)
            case 270:
                return (self.y1 - y, self.x1 - x)
        return (x - self.x0, self.y1 - y)


def _corners(rect: Iterable[object]) -> tuple[float, float, float, float]:
    """A rectangle of a file with its ends in order; files give them in any."""
    a, b, c, d = (float(str(value)) for value in rect)
    return (min(a, c), min(b, d), max(a, c), max(b, d))


def _turn_of(page: pikepdf.Page) -> int:
    """Degrees clockwise, own or inherited."""
    node: pikepdf.Object | None = page.obj
    for _ in range(32):
        if node is None or "/Rotate" in node:
            break
        node = node.get("/Parent")
    return int(node["/Rotate"]) % 360 // 90 * 90 if node is not None and "/Rotate" in node else 0


def _signatures_on(page: pikepdf.Page) -> list[tuple[float, float, float, float]]:
    """Where signatures are drawn on a page already."""
    found = []
    for each in page.get("/Annots", Array()):
        field = each.get("/Parent", each) if "/FT" not in each else each
        if each.get("/Subtype") == Name.Widget and field.get("/FT") == Name.Sig and "/Rect" in each:
            found.append(_corners(each.Rect))
    return [rect for rect in found if rect[2] > rect[0] and rect[3] > rect[1]]


def _free_top(
    taken: Sequence[tuple[float, float, float, float]], page: _ShownPage, width: float, height: float
) -> float:
    """The height of the first free strip at the right edge from the top down; the top itself where none is free."""
    left, right, top = page.wide - _MARGIN_PT - width, page.wide - _MARGIN_PT, _MARGIN_PT
    for _ in range(len(taken) + 1):
        in_the_way = [
            rect[3] for rect in taken
            if rect[0] < right and rect[2] > left and rect[1] < top + height and rect[3] > top
        ]  # fmt: skip
        if not in_the_way:
            return top
        top = max(in_the_way) + _GAP_PT
        if top + height > page.high - _MARGIN_PT:
            break
    return _MARGIN_PT


def _time(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y}; {at.astimezone(VIETNAM):%H:%M:%S} +07:00"
