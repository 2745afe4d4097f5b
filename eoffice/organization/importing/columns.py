"""The two tables of an import and their columns: what stands in the heads of files, in Vietnamese."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.core.vietnamese import fold, tidy
from eoffice.organization.models import Family, Role, UnitKind


class Table(StrEnum):
    """Which list a row belongs to."""

    UNITS = "units"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` in code, `header` in files, `other_headers` also understood, `explanation` for the template."""

    key: str
    header: str
    explanation: str
    example: str = ""
    is_required: bool = False
    other_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One line of a list as text, before it is understood. `line` counts from 1, the head included."""

    table: Table
    line: int
    cells: dict[str, str]


SHEET_NAMES: Final = {Table.UNITS: "Đơn vị", Table.PEOPLE: "Người"}
IMPORTABLE_ROLES: Final = (
    Role.CLERK,
    Role.LEADER,
    Role.CHIEF_OF_OFFICE,
    Role.UNIT_HEAD,
    Role.SECRETARY,
    Role.OFFICER,
    Role.ARCHIVIST,
    Role.HELPDESK,
)
"""Administrators and auditors are named one by one, never by a list."""
_KINDS: Final = ", ".join(str(label) for label in UnitKind.labels)
_FAMILIES: Final = ", ".join(str(label) for label in Family.labels)
_ROLES: Final = ", ".join(str(role.label) for role in IMPORTABLE_ROLES)
_MAIL: Final = ("Email", "Thư điện tử")
_PHONE: Final = ("Số điện thoại", "Điện thoại di động")
COLUMNS: Final[dict[Table, tuple[Column, ...]]] = {
    Table.UNITS: (
        Column("code", "Mã đơn vị", "Khóa của đơn vị; không đổi khi đổi tên.", "CN", True),
        Column("name", "Tên đơn vị", "Tên đầy đủ.", "Ban Công nghệ", True),
        Column("short_name", "Tên ngắn", "Để trống: lấy tên đầy đủ.", "Ban Công nghệ"),
        Column("symbol", "Viết tắt", "Chữ viết tắt trong ký hiệu văn bản. Để trống: lấy mã đơn vị.", "CN"),
        Column("parent", "Mã đơn vị cấp trên", "Để trống chỉ ở đơn vị gốc.", "TXG", other_headers=("Mã cấp trên",)),
        Column("kind", "Loại đơn vị", f"Một trong: {_KINDS}.", "Ban", other_headers=("Loại",)),
        Column("family", "Hệ thể thức", f"Một trong: {_FAMILIES}. Để trống: Hành chính.", "Hành chính (NĐ 30)"),
        Column("has_registry", "Có văn thư", "Có hoặc Không: đơn vị có con dấu, sổ riêng.", "Không"),
        Column("place", "Địa danh", "Ghi trên văn bản. Để trống: theo cấp trên.", "Hà Nội"),
        Column("organ_id", "Mã định danh", "Mã định danh điện tử của cơ quan, nếu có.", ""),
        Column("position", "Thứ tự", "Số thứ tự trong cùng cấp.", "1"),
        Column("opened_on", "Ngày thành lập", "dd/mm/yyyy.", "01/01/2026"),
        Column("closed_on", "Ngày đóng", "dd/mm/yyyy. Chỉ đóng khi không còn người và đơn vị trực thuộc.", ""),
    ),
    Table.PEOPLE: (
        Column("code", "Mã nhân viên", "Khóa của người. Thiếu mã thì e-mail là khóa.", "NV00001"),
        Column("full_name", "Họ và tên", "Không ghi học hàm, học vị.", "Nguyễn Hoài Phương", True, ("Họ tên",)),
        Column("email", "E-mail", "Tài khoản đăng nhập; không trùng.", "phuong.nh@donvi.vn", False, _MAIL),
        Column("phone", "Điện thoại", "Số di động; viết kiểu nào cũng được.", "0901234567", False, _PHONE),
        Column("unit", "Mã đơn vị", "Đơn vị của chức danh ở dòng này.", "CN", True),
        Column("position", "Chức vụ", "Tên chức vụ.", "Chuyên viên", True),
        Column("rank", "Cấp bậc", "0 người đứng đầu, 1 cấp phó, 9 chuyên viên. Để trống: 9.", "9"),
        Column("is_main", "Chức danh chính", "Có hoặc Không. Để trống: dòng đầu của mỗi người là chính.", "Có"),
        Column("starts_on", "Từ ngày", "dd/mm/yyyy. Để trống: ngày nhập.", "01/01/2026"),
        Column("ends_on", "Đến ngày", "dd/mm/yyyy. Để trống: không thời hạn.", ""),
        Column("roles", "Vai trò", f"Cách nhau dấu chấm phẩy: {_ROLES}. Trống: giữ; dấu -: bỏ hết.", "Chuyên viên"),
        Column("left_on", "Ngày nghỉ việc", "dd/mm/yyyy. Mọi chức danh kết thúc, tài khoản khóa.", ""),
    ),
}  # fmt: skip
_SIGNS: Final = re.compile(r"[^\w]+")


def column(table: Table, key: str) -> Column:
    return next(each for each in COLUMNS[table] if each.key == key)


def exact_header(text: str) -> str:
    """A header as compared with its marks: signs of obligation and capitals do not count."""
    return tidy(text).strip("* ").lower()


def keys_of_headers(table: Table, headers: list[str], *, exact: bool = False) -> list[str | None]:
    """The key of each header, None for an unknown one; `exact` compares with tone marks (to tell encodings apart)."""
    plain = exact_header if exact else _folded
    known = {plain(name): each.key for each in COLUMNS[table] for name in (each.header, *each.other_headers)}
    return [known.get(plain(header)) for header in headers]


def missing_headers(table: Table, keys: list[str | None]) -> list[str]:
    return [each.header for each in COLUMNS[table] if each.is_required and each.key not in keys]


def table_of_headers(headers: list[str], *, exact: bool = False) -> Table | None:
    """Which table a head belongs to: the one that has all its required columns and knows more of the others."""
    found = {table: keys_of_headers(table, headers, exact=exact) for table in Table}
    whole = [table for table, keys in found.items() if not missing_headers(table, keys)]
    return max(whole, key=lambda table: sum(key is not None for key in found[table]), default=None)


def _folded(text: str) -> str:
    return _SIGNS.sub("", fold(text))
