"""Tables for paper and spreadsheet: one description, a PDF on A4 and an XLSX with the same columns and rows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from eoffice.core.clock import VIETNAM
from eoffice.core.typesetting import typeset
from eoffice.core.vietnamese import nfc

Align = Literal["left", "center", "right"]
Value = str | int | Decimal | date | datetime | None
"""What a cell may hold. Dates are shown dd/mm/yyyy in Vietnamese time, None as an empty cell."""

XLSX_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_TEMPLATE: Final = Path(__file__).resolve().parent / "drawings" / "table.typ"
_THIN: Final = Side(style="thin")
_BORDER: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_FONT: Final = "Times New Roman"
_LONGEST_CELL: Final = 32_767


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is the share of the page this column takes, counted against the other columns."""

    name: str
    width: float = 1
    align: Align = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs below: `lines` in bold, room for the hand, the name. `place` is the place and date above them."""

    lines: tuple[str, ...]
    name: str = ""
    hint: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """First sheet of a bound book, not counted in the page numbers."""

    head: tuple[str, ...]
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A list to print or to calculate with.

    `head` names the body at the upper left (the last line in bold), `lines` stand in italics under the title
    (period, filter), `closing` follows the rows. `numbered` writes (1) (2) … under the names of the columns.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    head: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    cover: Cover | None = None
    numbered: bool = False
    landscape: bool = True
    size_pt: float = 11


def to_pdf(table: Table) -> bytes:
    """Set the table as PDF/A-2b: A4, header on every page, pages numbered at the top from the first after the cover."""
    return typeset(
        _TEMPLATE,
        {
            "title": nfc(table.title),
            "columns": [asdict(column) for column in table.columns],
            "rows": [[_shown(value) for value in row] for row in _full_rows(table)],
            "head": [nfc(line) for line in table.head],
            "lines": [nfc(line) for line in table.lines],
            "closing": [nfc(line) for line in table.closing],
            "signatures": [asdict(signature) for signature in table.signatures],
            "cover": asdict(table.cover) if table.cover else None,
            "landscape": table.landscape,
            "header_rows": 2 if table.numbered else 1,
            "size": table.size_pt,
        },
    )


def to_xlsx(table: Table) -> bytes:
    """Write the table as XLSX: header frozen and repeated in print, numbers and dates as such, text never a formula."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    sheet.title = _sheet_name(table.title)
    row = _write_head(sheet, table)
    first = row
    for index, column in enumerate(table.columns, start=1):
        _write(sheet, row, index, column.name, bold=True, align="center", bordered=True)
    if table.numbered:
        row += 1
        for index in range(1, len(table.columns) + 1):
            _write(sheet, row, index, f"({index})", italic=True, align="center", bordered=True)
    for values in _full_rows(table):
        row += 1
        for index, (value, column) in enumerate(zip(values, table.columns, strict=True), start=1):
            _write(sheet, row, index, value, align=column.align, bordered=True)
    _write_foot(sheet, table, row + 1)
    _lay_out(sheet, table, header=(first, first + table.numbered))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _full_rows(table: Table) -> Sequence[Sequence[Value]]:
    """An empty book still has one empty line; every row must fill the columns."""
    wrong = next((row for row in table.rows if len(row) != len(table.columns)), None)
    if wrong is not None:
        raise ValueError(f"row of {len(wrong)} cells in a table of {len(table.columns)} columns")
    return table.rows or [[None] * len(table.columns)]


def _shown(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return f"{value:,}".translate(str.maketrans(",.", ".,"))
    return _printable(str(value))


def _printable(text: str) -> str:
    return "".join(c for c in nfc(text) if c == "\n" or c.isprintable())[:_LONGEST_CELL]


def _sheet_name(title: str) -> str:
    return ("".join(c for c in nfc(title) if c not in "[]:*?/\\'")[:31]) or "Bảng"


def _write_head(sheet: Worksheet, table: Table) -> int:
    """Head, title and lines above the table; returns the row of the column names."""
    row = 1
    for index, line in enumerate(table.head):
        _write(sheet, row, 1, line, bold=index == len(table.head) - 1)
        row += 1
    width = len(table.columns)
    for index, line in enumerate((table.title, *table.lines)):
        _write(sheet, row, 1, line, bold=index == 0, italic=index > 0, align="center", size=14 if index == 0 else 12)
        if width > 1:
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
        row += 1
    return row + 1


def _write_foot(sheet: Worksheet, table: Table, row: int) -> None:
    for line in table.closing:
        row += 1
        _write(sheet, row, 1, line)
    share = max(len(table.columns) // max(len(table.signatures), 1), 1)
    for index, signature in enumerate(table.signatures):
        column = min(1 + index * share + share // 2, len(table.columns))
        lines = [line for line in (signature.place, *signature.lines, signature.hint) if line]
        for offset, line in enumerate(lines, start=1):
            _write(sheet, row + offset, column, line, bold=line in signature.lines, align="center", wrap=False)
        if signature.name:
            _write(sheet, row + len(lines) + 5, column, signature.name, bold=True, align="center", wrap=False)


def _write(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Value,
    *,
    bold: bool = False,
    italic: bool = False,
    align: Align = "left",
    size: float = 12,
    bordered: bool = False,
    wrap: bool | None = None,
) -> None:
    cell = sheet.cell(row, column)
    if not isinstance(cell, SheetCell):
        raise TypeError("a value is written into the first cell of a merged range only")
    if isinstance(value, datetime):
        cell.value, cell.number_format = value.astimezone(VIETNAM).replace(tzinfo=None), "dd/mm/yyyy hh:mm"
    elif isinstance(value, date):
        cell.value, cell.number_format = value, "dd/mm/yyyy"
    elif isinstance(value, str):
        # Set as text, so that a subject that begins with "=" never becomes a formula.
        cell.value = _printable(value)
        cell.data_type = "s"
    elif value is not None:
        cell.value = value
    cell.font = Font(name=_FONT, size=size, bold=bold, italic=italic)
    cell.alignment = Alignment(horizontal=align, vertical="top", wrap_text=bordered if wrap is None else wrap)
    if bordered:
        cell.border = _BORDER


def _lay_out(sheet: Worksheet, table: Table, *, header: tuple[int, int]) -> None:
    total = sum(column.width for column in table.columns)
    characters = 130 if table.landscape else 88
    for index, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = max(characters * column.width / total, 5)
    sheet.freeze_panes = f"A{header[1] + 1}"
    sheet.print_title_rows = f"{header[0]}:{header[1]}"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape" if table.landscape else "portrait"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddHeader = HeaderFooterItem(center=_HeaderFooterPart("&P"))
