"""Letters of the fictional group to draw and read in tests."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from eoffice.layout.letters import LetterContent, SignatureBlock

POINTS_PER_MM = 72 / 25.4
PARAGRAPH = (
    "Thực hiện Kế hoạch số 15/KH-TXG ngày 05 tháng 01 năm 2026 của Tập đoàn Hạ tầng số Trường Xuân về phát triển "
    "hạ tầng số năm 2026, Văn phòng Tập đoàn đề nghị các đơn vị rà soát, tổng hợp và báo cáo tình hình triển khai."
)


def text(words: str, align: str = "justify") -> dict[str, object]:
    return {"type": "paragraph", "attrs": {"align": align}, "content": [{"type": "text", "text": words}]}


def article(words: str) -> dict[str, object]:
    return {"type": "article", "content": [{"type": "text", "text": words}]}


def body(*blocks: object) -> dict[str, object]:
    return {"type": "doc", "content": list(blocks) or [text(PARAGRAPH)]}


def letter(**changes: Any) -> LetterContent:
    fields: dict[str, Any] = {
        "type": "letter",
        "superior_body": "Tập đoàn Hạ tầng số Trường Xuân",
        "issuing_body": "Tổng công ty Hạ tầng mạng Trường Xuân",
        "symbol": "TXM-KTM",
        "place": "Hà Nội",
        "subject": "Báo cáo tình hình triển khai kế hoạch phát triển hạ tầng số năm 2026",
        "addressees": ("Văn phòng Tập đoàn", "Các ban chức năng của Tập đoàn"),
        "body": body(),
        "recipients": ("Như trên", "Tổng Giám đốc (để báo cáo)", "Lưu: VT, KTM"),
        "signatures": (SignatureBlock(lines=("KT. Tổng Giám đốc", "Phó Tổng Giám đốc"), name="Nguyễn Minh Khôi"),),
    }
    return LetterContent(**{**fields, **changes})


def decision(**changes: Any) -> LetterContent:
    fields: dict[str, Any] = {
        "type": "decision",
        "superior_body": None,
        "issuing_body": "Tập đoàn Hạ tầng số Trường Xuân",
        "symbol": "QĐ-TXG",
        "number": "05",
        "issued_on": date(2026, 2, 7),
        "subject": "Về việc thành lập Tổ công tác triển khai chương trình chuyển đổi số",
        "addressees": (),
        "authority": "Tổng Giám đốc Tập đoàn Hạ tầng số Trường Xuân",
        "legal_bases": ("Căn cứ Luật Doanh nghiệp ngày 17 tháng 6 năm 2020", "Theo đề nghị của Chánh Văn phòng;"),
        "body": body(article("Thành lập Tổ công tác."), article("Quyết định này có hiệu lực kể từ ngày ký")),
        "recipients": ("Như Điều 2", "Lưu: VT, CNTT"),
        "signatures": (SignatureBlock(lines=("Tổng Giám đốc",), name="Trần Quốc Bảo"),),
    }
    return letter(**{**fields, **changes})


@dataclass(frozen=True)
class Written:
    """A piece of text of a page as a reader of the file sees it; lengths in points, y from the lower edge."""

    text: str
    size: float
    font: str
    x0: float
    y0: float
    x1: float
    y1: float


def written(pdf: bytes, page: int = 0) -> list[Written]:
    """Every text object of a page in drawing order."""
    document = pdfium.PdfDocument(pdf)
    sheet = document[page]
    words = sheet.get_textpage()
    found = []
    for each in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=8):
        x0, y0, x1, y1 = each.get_bounds()
        found.append(Written(_text_of(each, words), _size_of(each), _font_of(each), x0, y0, x1, y1))
    return found


def _text_of(each: Any, words: Any) -> str:
    length = raw.FPDFTextObj_GetText(each.raw, words.raw, None, 0)
    buffer = (raw.FPDF_WCHAR * length)()
    raw.FPDFTextObj_GetText(each.raw, words.raw, buffer, length)
    return bytes(buffer).decode("utf-16-le").rstrip("\0")


def _size_of(each: Any) -> float:
    size = ctypes.c_float()
    raw.FPDFTextObj_GetFontSize(each.raw, ctypes.byref(size))
    matrix = each.get_matrix()
    return float(round(size.value * abs(matrix.d), 1))


def _font_of(each: Any) -> str:
    font = raw.FPDFTextObj_GetFont(each.raw)
    buffer = ctypes.create_string_buffer(200)
    raw.FPDFFont_GetBaseFontName(font, buffer, 200)
    return buffer.value.decode().split("+")[-1]


def line_with(found: Sequence[Written], words: str) -> Written:
    """The text object that holds `words`; fails with what was found."""
    for each in found:
        if words in each.text:
            return each
    raise AssertionError(f"{words!r} is not on the page: {[each.text for each in found]}")


def page_text(pdf: bytes, page: int = 0) -> str:
    return str(pdfium.PdfDocument(pdf)[page].get_textpage().get_text_range()).replace("\r\n", "\n")
