"""Lists for the tests of imports: heads as people write them, rows as text."""

from __future__ import annotations

import io
from collections.abc import Iterable

from openpyxl import Workbook

from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.organization.models import ImportRun
from eoffice.organization.services import importing

CLI = ActorRef(person_id=None, source="cli")
UNIT_HEAD = "Mã đơn vị;Tên đơn vị;Viết tắt;Mã đơn vị cấp trên;Loại đơn vị;Có văn thư;Địa danh"
PEOPLE_HEAD = "Mã nhân viên;Họ và tên;E-mail;Điện thoại;Mã đơn vị;Chức vụ;Cấp bậc;Từ ngày;Vai trò"
GROUP = (
    "TXG;Tập đoàn Trường Xuân;TXG;;Tập đoàn;Có;Hà Nội",
    "CN;Ban Công nghệ;CN;TXG;Ban;Không;",
    "CN-PM;Phòng Phần mềm;PM;CN;Phòng;Không;",
)
STAFF = (
    "NV1;Nguyễn Hoài Phương;phuong.nh@truongxuan.example;0901 234 567;CN;Trưởng ban;0;01/01/2026;Trưởng đơn vị",
    "NV1;Nguyễn Hoài Phương;;;TXG;Trợ lý;5;01/02/2026;",
    "NV2;Đặng Thu Thủy;thuy.dt@truongxuan.example;+84 912345678;CN-PM;Chuyên viên;9;01/01/2026;Chuyên viên",
)


def csv_of(head: str, rows: Iterable[str], encoding: str = "utf-8") -> bytes:
    return "\r\n".join([head, *rows]).encode(encoding)


def units_csv(*rows: str) -> bytes:
    return csv_of(UNIT_HEAD, rows or GROUP)


def people_csv(*rows: str) -> bytes:
    return csv_of(PEOPLE_HEAD, rows or STAFF)


def workbook_of(sheets: dict[str, list[list[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def bring_in(
    content: bytes, *, is_full: bool = False, applies: bool = True, accepts_endings: bool = False
) -> ImportRun:
    return importing.import_at_once(
        actor=CLI,
        file_name="danh-sach.csv",
        content=content,
        is_full=is_full,
        applies=applies,
        accepts_endings=accepts_endings,
        now=clock.now(),
    )


def faults_of(run: ImportRun) -> list[tuple[int, str, str]]:
    """(line, column, message) of every fault, in the order of the file."""
    rows = run.rows.exclude(faults=[]).order_by("pk")
    return [(row.line, fault["column"], fault["message"]) for row in rows for fault in row.faults]
