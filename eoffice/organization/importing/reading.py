"""Files into rows: CSV in the encodings Vietnamese offices still have, and XLSX. Contents are text; nothing is run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from eoffice.core.vietnamese import nfc
from eoffice.organization.errors import ListUnreadable
from eoffice.organization.importing import tcvn3
from eoffice.organization.importing.columns import (
    COLUMNS,
    SHEET_NAMES,
    SourceRow,
    Table,
    keys_of_headers,
    table_of_headers,
)

LIMIT_BYTES: Final = 20 * 1024 * 1024
LIMIT_ROWS: Final = 200_000
_UNPACKED_LIMIT_BYTES: Final = 400 * 1024 * 1024
_WIDEST: Final = 60
_LONGEST_CELL: Final = 1000
_DELIMITERS: Final = ",;\t"


def read_list(content: bytes, *, file_name: str) -> list[SourceRow]:
    """Every row of a file that has something in it; which table is told by the column heads.

    Encodings of CSV: UTF-8 (with or without mark), UTF-16 with mark, Windows-1258, TCVN3. Raises ListUnreadable.
    """
    if len(content) > LIMIT_BYTES:
        raise ListUnreadable(
            f"Tệp lớn hơn {LIMIT_BYTES // 1024 // 1024} MB. Chưa có gì được đọc; chia nhỏ tệp rồi nhập lại."
        )
    if content.startswith(b"PK"):
        return _read_workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0") or file_name.lower().endswith(".xls"):
        raise ListUnreadable("Tệp Excel kiểu cũ (.xls). Lưu lại dạng .xlsx hoặc CSV UTF-8 rồi nhập.")
    return _read_csv(content)


def _read_csv(content: bytes) -> list[SourceRow]:
    text = _decoded(content)
    rows = list(_bounded(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)))
    table = table_of_headers(rows[0]) if rows else None
    if table is None:
        raise ListUnreadable(_no_head())
    return _rows_of(table, rows)


def _decoded(content: bytes) -> str:
    if content.startswith(b"\xef\xbb\xbf"):
        return _strictly(content, "utf-8-sig", "UTF-8")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(content, "utf-16", "UTF-16")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _old_encoding(content)


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ListUnreadable(f"Tệp ghi là {name} nhưng dòng {line} có byte sai. Lưu lại dạng CSV UTF-8.") from error


def _old_encoding(content: bytes) -> str:
    """Windows-1258 or TCVN3, whichever makes the column heads read right with their tone marks."""
    for decode in (_windows_1258, tcvn3.decode):
        text = _attempt(decode, content)
        if text is None:
            continue
        head = next(iter(csv.reader(io.StringIO(text), delimiter=_delimiter(text))), [])
        if table_of_headers(head, exact=True) is not None:
            return text
    raise ListUnreadable(
        "Không nhận ra bảng mã của tệp (đã thử UTF-8, Windows-1258, TCVN3), hoặc tiêu đề cột không đúng mẫu."
        " Trong Excel chọn Lưu thành, kiểu «CSV UTF-8», hoặc nhập tệp .xlsx."
    )


def _windows_1258(content: bytes) -> str:
    return nfc(content.decode("cp1258"))


def _attempt(decode: Callable[[bytes], str], content: bytes) -> str | None:
    try:
        return decode(content)
    except UnicodeDecodeError:
        return None


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(_DELIMITERS, key=head.count)


def _read_workbook(content: bytes) -> list[SourceRow]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > _UNPACKED_LIMIT_BYTES:
            raise ListUnreadable("Tệp giải nén quá lớn. Xóa các trang, định dạng thừa rồi nhập lại.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [_read_sheet(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError) as error:
        raise ListUnreadable(
            "Tệp không phải bảng tính .xlsx hoặc đã hỏng. Mở lại trong Excel và lưu dạng .xlsx."
        ) from error
    if all(rows is None for rows in sheets):
        raise ListUnreadable(_no_head())
    found = [row for rows in sheets for row in rows or ()]
    if not found:
        raise ListUnreadable("Tệp chưa có dòng nào dưới dòng tiêu đề. Điền danh sách vào tệp mẫu rồi nhập lại.")
    return found


def _read_sheet(sheet: Iterable[tuple[object, ...]]) -> list[SourceRow] | None:
    """The rows of a sheet; None for one without a head we know (guides, notes), which is passed over."""
    rows = _bounded([_cell_text(value) for value in row] for row in sheet)
    head = next(rows, [])
    table = table_of_headers(head)
    return None if table is None else _rows_of(table, [head, *rows])


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, datetime | date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    try:
        for number, row in enumerate(rows, start=1):
            if number > LIMIT_ROWS + 1:
                raise ListUnreadable(f"Tệp có hơn {LIMIT_ROWS} dòng. Chia nhỏ tệp rồi nhập lần lượt.")
            yield row[:_WIDEST]
    except csv.Error as error:
        raise ListUnreadable("Tệp không phải CSV đúng dạng. Mở lại trong Excel và lưu dạng CSV UTF-8.") from error


def _rows_of(table: Table, rows: list[list[str]]) -> list[SourceRow]:
    keys = keys_of_headers(table, rows[0])
    doubled = {key for key in keys if key is not None and keys.count(key) > 1}
    if doubled:
        names = ", ".join(each.header for each in COLUMNS[table] if each.key in doubled)
        raise ListUnreadable(f"Cột {names} có hai lần. Bỏ bớt một cột rồi nhập lại.")
    found = []
    for line, row in enumerate(rows[1:], start=2):
        cells = {key: text[:_LONGEST_CELL] for key, text in zip(keys, row, strict=False) if key and text.strip()}
        if cells:
            found.append(SourceRow(table, line, cells))
    return found


def _no_head() -> str:
    heads = "; ".join(
        f"{SHEET_NAMES[table]}: {', '.join(each.header for each in COLUMNS[table] if each.is_required)}"
        for table in Table
    )
    return f"Không thấy dòng tiêu đề cột đúng mẫu ở dòng đầu. Cần có ít nhất — {heads}. Tải tệp mẫu để đối chiếu."
