"""Marks in words for the upper right corner of a first page: a copy of a paper carries no picture.

Times New Roman, upright, 10 points, black, the time in the zone of Vietnam (Decree 30/2020/ND-CP, PL I, part II).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

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
_MARGIN_PT: Final = 14.0
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


def copy_lines(form: str, organization: str, at: datetime) -> tuple[str, ...]:
    """`SAO Y; TẬP ĐOÀN …; 05/01/2027; 14:30:15 +07:00`, broken after its parts."""
    return (f"{form.upper()};", f"{organization};", _time(at))


def text_mark(lines: tuple[str, ...], box: Box) -> bytes:
    """The words as a one-page PDF of the box's size."""
    data = {"width": box.width, "height": box.height, "size": SIZE_PT, "lines": list(lines)}
    return typeset(_TEMPLATES / "text.typ", data, pdf_a=False)


def corner_of(source: Path) -> Box:
    """The upper right corner of a file's first page. Raises PdfUnreadable, PlacesInvalid (too small a page)."""
    try:
        with Pdf.open(source) as pdf:
            x0, y0, x1, y1 = (float(value) for value in pdf.pages[0].cropbox)
    except (pikepdf.PdfError, IndexError) as error:
        raise PdfUnreadable from error
    if x1 - x0 < WIDTH_PT + 2 * _MARGIN_PT or y1 - y0 < HEIGHT_PT + 2 * _MARGIN_PT:
        raise PlacesInvalid("Trang đầu quá nhỏ để ghi thông tin ký ở góc trên bên phải.")
    return Box(0, x1 - _MARGIN_PT - WIDTH_PT, y1 - _MARGIN_PT - HEIGHT_PT, x1 - _MARGIN_PT, y1 - _MARGIN_PT)


def prepare_for_seal(source: Path, target: Path, box: Box) -> str:
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
            field = signature_field(pdf, SEAL_FIELD, "Chữ ký số của cơ quan, tổ chức", box, lock)
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
    return SEAL_FIELD


def _time(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%d/%m/%Y}; {at.astimezone(VIETNAM):%H:%M:%S} +07:00"
