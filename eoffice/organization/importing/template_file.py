"""The file to fill in: one sheet for each table, and one that explains every column."""

from __future__ import annotations

import io
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from eoffice.organization.importing.columns import COLUMNS, SHEET_NAMES, Table
from eoffice.organization.models import Family

_HEAD: Final = PatternFill("solid", fgColor="E8EFF9")
_FILLED_ROWS: Final = 5000
_GUIDE: Final = (
    "Mỗi trang là một bảng; có thể nhập một trang hoặc cả hai. Không đổi dòng tiêu đề; cột có dấu * phải ghi.",
    "Dòng nào có mã đã có trong hệ thống thì cập nhật; mã mới thì thêm. Nhập lại cùng một tệp không thay đổi gì.",
    "Ô để trống giữ nguyên giá trị đang có.",
    "Một người có nhiều chức danh: mỗi chức danh một dòng, cùng mã nhân viên. Các dòng của một người là toàn bộ"
    " chức danh của người đó; chức danh không còn trong tệp sẽ kết thúc.",
    "Người không có trong tệp giữ nguyên, trừ khi chọn «Danh sách đầy đủ» lúc nhập.",
    "Còn một dòng lỗi thì chưa có gì được ghi; trang xem trước chỉ rõ dòng, cột và cách sửa.",
)


def template_workbook() -> bytes:
    """The template as XLSX."""
    book = Workbook()
    guide = book.worksheets[0]
    guide.title = "Hướng dẫn"
    _write_guide(guide)
    for table in Table:
        _write_table(book.create_sheet(SHEET_NAMES[table]), table)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_guide(sheet: Worksheet) -> None:
    sheet.append(["Nhập đơn vị, người, chức danh"])
    sheet["A1"].font = Font(bold=True, size=14)
    for line in _GUIDE:
        sheet.append([line])
        sheet.merge_cells(start_row=sheet.max_row, start_column=1, end_row=sheet.max_row, end_column=4)
        sheet.cell(sheet.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[sheet.max_row].height = 32
    sheet.append([])
    for table in Table:
        sheet.append([f"Trang «{SHEET_NAMES[table]}»", "Bắt buộc", "Cách ghi", "Ví dụ"])
        for cell in sheet[sheet.max_row]:
            cell.font, cell.fill = Font(bold=True), _HEAD
        for column in COLUMNS[table]:
            required = "Có" if column.is_required else ""
            sheet.append([column.header, required, column.explanation, column.example])
            for cell in sheet[sheet.max_row]:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append([])
    for letter, width in zip("ABCD", (28, 10, 70, 32), strict=True):
        sheet.column_dimensions[letter].width = width


def _write_table(sheet: Worksheet, table: Table) -> None:
    """The head alone: an example row would be imported with the rest."""
    columns = COLUMNS[table]
    sheet.append([f"{column.header} *" if column.is_required else column.header for column in columns])
    for index, (cell, column) in enumerate(zip(sheet[1], columns, strict=True), start=1):
        cell.font, cell.fill = Font(bold=True), _HEAD
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = max(len(column.header) + 4, 14)
        # As text: Excel would turn codes and phone numbers into numbers and drop their first zero.
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"
    choices = {"has_registry": "Có,Không", "is_main": "Có,Không"}
    if table == Table.UNITS:
        choices["family"] = ",".join(str(label) for label in Family.labels)
        choices["kind"] = "Tập đoàn,Tổng công ty,Công ty,Ban,Văn phòng,Phòng"
    for index, column in enumerate(columns, start=1):
        if column.key in choices:
            letter = get_column_letter(index)
            offered = DataValidation(type="list", formula1=f'"{choices[column.key]}"', allow_blank=True)
            offered.showErrorMessage = False
            sheet.add_data_validation(offered)
            offered.add(f"{letter}2:{letter}{_FILLED_ROWS}")
