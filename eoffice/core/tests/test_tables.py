"""Tables as PDF and XLSX: same rows, A4, repeated header, and text that stays text."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pypdfium2 as pdfium
import pytest
from openpyxl import load_workbook

from eoffice.core.tables import Column, Cover, Signature, Table, Value, to_pdf, to_xlsx

COLUMNS = (Column("Ngày đến", 1, "center"), Column("Số đến", 1, "center"), Column("Trích yếu", 4))


def _table(rows: list[list[Value]], **changes: object) -> Table:
    fields: dict[str, object] = {"title": "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN", "columns": COLUMNS, "rows": rows, "numbered": True}
    return Table(**{**fields, **changes})  # type: ignore[arg-type]  # fields of the table under test


def _rows(count: int) -> list[list[Value]]:
    return [[date(2026, 1, 5), index, f"Báo cáo số {index} về tiến độ"] for index in range(1, count + 1)]


def _pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pdfium.PdfDocument(pdf)]


def test_every_page_is_a4_landscape_and_repeats_the_header() -> None:
    pdf = to_pdf(_table(_rows(120)))

    pages = _pages(pdf)
    assert len(pages) > 2
    assert pdfium.PdfDocument(pdf)[0].get_size() == pytest.approx((841.9, 595.3), abs=0.1)
    assert all("Trích yếu" in page and "(3)" in page for page in pages)
    assert [page.split("\n")[0].strip() for page in pages] == [str(n) for n in range(1, len(pages) + 1)]
    assert sum(page.count("Báo cáo số") for page in pages) == 120


def test_cover_comes_first_and_is_not_counted() -> None:
    cover = Cover(
        head=("TẬP ĐOÀN HẠ TẦNG SỐ TRƯỜNG XUÂN", "VĂN PHÒNG"),
        title="SỔ ĐĂNG KÝ VĂN BẢN ĐẾN",
        lines=("Năm: 2026", "Từ ngày 01/01/2026 đến ngày 31/12/2026", "Từ số 1 đến số 120", "Quyển số: 1"),
    )

    pages = _pages(to_pdf(_table(_rows(3), cover=cover)))

    assert "Quyển số: 1" in pages[0]
    assert "Trích yếu" not in pages[0]
    assert pages[1].split("\n")[0].strip() == "1"


def test_signatures_close_the_list() -> None:
    signed = Signature(lines=("NGƯỜI LẬP",), name="Lê Thu Hà", place="Hà Nội, ngày 05 tháng 01 năm 2026")

    page = _pages(to_pdf(_table(_rows(2), signatures=(signed,), closing=("Tổng số: 2 văn bản.",))))[-1]

    assert page.index("Báo cáo số 2") < page.index("Tổng số: 2 văn bản.") < page.index("NGƯỜI LẬP")
    assert "Lê Thu Hà" in page


def test_empty_book_still_shows_its_columns() -> None:
    assert "Trích yếu" in _pages(to_pdf(_table([])))[0]


def test_row_that_does_not_fill_the_columns_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="row of 2 cells"):
        to_pdf(_table([[1, 2]]))


def test_dates_and_numbers_are_written_the_vietnamese_way() -> None:
    moment = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)

    page = _pages(to_pdf(_table([[moment, Decimal("1234567.5"), None]])))[0]

    assert "06/01/2026 01:30" in page.replace("\n", " ")
    assert "1.234.567,5" in page


def test_words_that_look_like_markup_stay_words() -> None:
    assert "#strong[x] $y$ *z*" in _pages(to_pdf(_table([["", "", "#strong[x] $y$ *z*"]])))[0]


def test_sheet_holds_the_same_rows_with_real_dates_and_numbers() -> None:
    sheet = load_workbook(io.BytesIO(to_xlsx(_table(_rows(3))))).active

    assert sheet is not None
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [datetime.fromisoformat("2026-01-05"), 2, "Báo cáo số 2 về tiến độ"] in rows
    assert ["Ngày đến", "Số đến", "Trích yếu"] in rows


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)"])
def test_text_never_becomes_a_formula(text: str) -> None:
    sheet = load_workbook(io.BytesIO(to_xlsx(_table([["", "", text]])))).active

    assert sheet is not None
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == text)
    assert cell.data_type == "s"


def test_control_characters_do_not_break_the_sheet() -> None:
    sheet = load_workbook(io.BytesIO(to_xlsx(_table([["", "", "a\x00b\x0bc"]])))).active

    assert sheet is not None
    assert any(cell.value == "abc" for row in sheet.iter_rows() for cell in row)
