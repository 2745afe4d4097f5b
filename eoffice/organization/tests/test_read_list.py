from __future__ import annotations

import io
import subprocess
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from eoffice.organization.errors import ListUnreadable
from eoffice.organization.importing import tcvn3
from eoffice.organization.importing.columns import COLUMNS, Table
from eoffice.organization.importing.entries import post_entry
from eoffice.organization.importing.reading import LIMIT_BYTES, read_list
from eoffice.organization.importing.template_file import template_workbook
from eoffice.organization.tests.lists import PEOPLE_HEAD, STAFF, UNIT_HEAD, csv_of, workbook_of

TEXT = "\r\n".join([PEOPLE_HEAD, *STAFF])
NAMES = ["Nguyễn Hoài Phương", "Nguyễn Hoài Phương", "Đặng Thu Thủy"]


def names(content: bytes, file_name: str = "ds.csv") -> list[str]:
    return [post_entry(row).full_name for row in read_list(content, file_name=file_name)]


def in_windows_1258() -> bytes:
    """As Windows writes it: base letters composed as far as the page has them, the tone behind."""
    return subprocess.run(
        ["iconv", "-f", "UTF-8", "-t", "CP1258"], input=TEXT.encode(), capture_output=True, check=True
    ).stdout


def in_tcvn3() -> bytes:
    """TCVN3 has no capitals with a tone; these lists have none either."""
    letters = {letter: byte for byte, letter in tcvn3._LETTERS.items()}
    return bytes(ord(letter) if letter.isascii() else letters[letter] for letter in TEXT)


@pytest.mark.parametrize(
    "content",
    [TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.encode("utf-16"), in_windows_1258(), in_tcvn3()],
    ids=["utf-8", "utf-8 with mark", "utf-16", "windows-1258", "tcvn3"],
)
def test_the_encodings_of_vietnamese_offices_are_told_apart(content):
    assert names(content) == NAMES


def test_our_tcvn3_is_that_of_the_standard():
    letters = "".join(sorted(tcvn3._LETTERS.values()))
    done = subprocess.run(
        ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"],
        input=bytes(sorted(tcvn3._LETTERS)), capture_output=True, check=True,
    )  # fmt: skip

    assert tcvn3.decode(bytes(sorted(tcvn3._LETTERS))) == done.stdout.decode()
    assert len(letters) == 74


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_read_from_the_head(delimiter):
    assert names(TEXT.replace(";", delimiter).encode()) == NAMES


def test_columns_may_stand_in_any_order_and_unknown_ones_are_passed_over():
    content = "Ghi chú,chức vụ *,Mã đơn vị*,HỌ VÀ TÊN,Email\nx,Chuyên viên,CN,Trần A,a@x.example".encode()

    assert read_list(content, file_name="a.csv")[0].cells == {
        "position": "Chuyên viên", "unit": "CN", "full_name": "Trần A", "email": "a@x.example",
    }  # fmt: skip


def test_a_workbook_gives_both_tables_with_real_dates_and_numbers():
    first_of_february = datetime(2026, 2, 1)  # noqa: DTZ001 - a cell of Excel knows no zone
    person = ["NV1", "Trần A", "a@x.example", 901234567, "TXG", "Trưởng ban", 0, first_of_february, None]
    content = workbook_of(
        {
            "Hướng dẫn": [["Đọc trước"]],
            "Đơn vị": [UNIT_HEAD.split(";"), ["TXG", "Tập đoàn", "TXG", None, "Tập đoàn", True, None]],
            "Người": [PEOPLE_HEAD.split(";"), person],
        }
    )

    rows = read_list(content, file_name="ds.xlsx")

    assert [(row.table, row.line) for row in rows] == [(Table.UNITS, 2), (Table.PEOPLE, 2)]
    entry = post_entry(rows[1])
    assert (entry.phone, entry.starts_on, entry.rank, entry.faults) == ("+84901234567", date(2026, 2, 1), 0, [])


def test_the_template_is_read_as_a_list_without_rows_and_explains_every_column():
    book = load_workbook(io.BytesIO(template_workbook()))

    explained = {row[0].value for row in book["Hướng dẫn"].iter_rows()}
    assert explained >= {column.header for table in Table for column in COLUMNS[table]}
    with pytest.raises(ListUnreadable):
        read_list(template_workbook(), file_name="mau.xlsx")


def test_a_filled_template_is_read():
    book = load_workbook(io.BytesIO(template_workbook()))
    book["Người"].append(["NV1", "Trần A", "a@x.example", None, "TXG", "Chuyên viên"])
    buffer = io.BytesIO()
    book.save(buffer)

    assert names(buffer.getvalue(), "mau.xlsx") == ["Trần A"]


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (401 * 1024 * 1024))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "file_name", "words"),
    [
        (b"", "a.csv", "tiêu đề"),
        (b"a,b,c\n1,2,3", "a.csv", "Mã đơn vị"),
        (b"\xff\xff\xff;\x00", "a.csv", "bảng mã"),
        (b"\xef\xbb\xbfM\xff", "a.csv", "dòng 1"),
        (b"PK\x03\x04rubbish", "a.xlsx", "hỏng"),
        (b"\xd0\xcf\x11\xe0old", "a.xls", ".xls"),
        (b"x" * (LIMIT_BYTES + 1), "a.csv", "20 MB"),
        (csv_of("Mã đơn vị;Mã đơn vị;Tên đơn vị", ["a;b;c"]), "a.csv", "hai lần"),
        (bomb(), "a.xlsx", "quá lớn"),
    ],
    ids=["empty", "other head", "noise", "bad mark", "no archive", "old excel", "too large", "doubled column", "bomb"],
)
def test_what_is_no_list_is_refused_in_words(content, file_name, words):
    with pytest.raises(ListUnreadable, match=words):
        read_list(content, file_name=file_name)


def test_a_template_not_yet_filled_in_is_told_as_empty():
    with pytest.raises(ListUnreadable, match="chưa có dòng nào"):
        read_list(template_workbook(), file_name="mau.xlsx")
