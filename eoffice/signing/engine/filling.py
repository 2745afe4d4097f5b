"""Number and date on a page that is signed already: an incremental update with its own drawing (A.4)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import ImageFont
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from eoffice.core.typesetting import FONTS_DIR, typeset
from eoffice.core.vietnamese import nfc
from eoffice.signing.engine.preparing import DATE_FIELD, NUMBER_FIELD
from eoffice.signing.errors import FieldTaken, FieldUnknown, PdfUnreadable, TextDoesNotFit

_TEMPLATE: Final = Path(__file__).resolve().parent / "templates" / "line.typ"
_SMALLEST_PT: Final = 9.0


@dataclass(frozen=True, slots=True)
class _Style:
    font_file: str
    style: str
    size_pt: float


_STYLES: Final = {
    NUMBER_FIELD: _Style("Tinos-Regular.ttf", "normal", 13),
    DATE_FIELD: _Style("Tinos-Italic.ttf", "italic", 13),
}


def fill_number_and_date(source: Path, target: Path, number: str, date_line: str) -> None:
    """Write `target`: `source` plus one update that fills number and date, once, each with its drawn text.

    Fields that the file lacks are passed over only where the text for them is empty.
    Source of the rule: Decree 30/2020, PL I II.3 and II.4; digital-signature A.4, G.1.
    Raises FieldUnknown, FieldTaken, TextDoesNotFit, PdfUnreadable.
    """
    try:
        with source.open("rb") as original:
            writer = IncrementalPdfFileWriter(original)
            for name, text in ((NUMBER_FIELD, nfc(number)), (DATE_FIELD, nfc(date_line))):
                if text:
                    _fill(writer, name, text)
            with target.open("wb") as output:
                writer.write(output)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    except PdfError as error:
        raise PdfUnreadable from error


def text_fields_of(reader: PdfFileReader) -> dict[str, generic.DictionaryObject]:
    """The top-level text fields of a form by name."""
    if "/AcroForm" not in reader.root or "/Fields" not in reader.root["/AcroForm"]:
        return {}
    found = {}
    for reference in reader.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if "/FT" in field and field["/FT"] == "/Tx" and "/T" in field:
            found[str(field["/T"])] = field
    return found


def _fill(writer: IncrementalPdfFileWriter, name: str, text: str) -> None:
    field = text_fields_of(writer.prev).get(name)
    if field is None:
        raise FieldUnknown("Tệp không có ô số hoặc ô ngày. Tệp chưa thay đổi; trình ký lại để chuẩn bị tệp đúng mẫu.")
    if "/V" in field and str(field["/V"]):
        raise FieldTaken("Số hoặc ngày đã được điền vào tệp này. Tệp chưa thay đổi.")
    x0, y0, x1, y1 = (float(value) for value in field["/Rect"])
    drawn = _draw(_STYLES[name], text, width=x1 - x0, height=y1 - y0)
    appearance = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(drawn)))
    field[pdf_name("/V")] = generic.TextStringObject(text)
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): appearance})  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    writer.update_container(field)


def _draw(style: _Style, text: str, *, width: float, height: float) -> bytes:
    font = ImageFont.truetype(str(FONTS_DIR / style.font_file), 1000)
    natural = font.getlength(text) / 1000
    size = min(style.size_pt, width / natural if natural else style.size_pt)
    if size < _SMALLEST_PT:
        raise TextDoesNotFit
    data: dict[str, object] = {"width": width, "height": height, "text": text, "size": size, "style": style.style}
    return typeset(_TEMPLATE, data, pdf_a=False)
