"""Rows of text into typed entries; every cell that cannot be understood is a fault with its column and a word why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from eoffice.core.channels import numbers
from eoffice.core.channels.errors import NotAPhoneNumber
from eoffice.core.vietnamese import fold, nfc, tidy
from eoffice.organization.importing.columns import IMPORTABLE_ROLES, SourceRow, Table, column
from eoffice.organization.models import Family, Role, UnitKind

V = TypeVar("V")
_YES: Final = frozenset({"co", "x", "1", "yes", "true", "dung"})
_NO: Final = frozenset({"khong", "0", "no", "false", "sai", "-"})
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?: 0?0:00(?::00)?)?")
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00:00.*)?")
_CODE: Final = re.compile(r"[\w.\-/&]{1,40}")
_HIGHEST_RANK: Final = 99
_HIGHEST_POSITION: Final = 32_000
_KINDS: Final = {fold(kind.label): kind for kind in UnitKind} | {str(kind): kind for kind in UnitKind}
_FAMILIES: Final = {fold(family.label): family for family in Family} | {str(family): family for family in Family} | {
    "hanh chinh": Family.STATE,
    "doan": Family.YOUTH,
}  # fmt: skip
_ROLES: Final = {fold(role.label): role for role in Role} | {str(role): role for role in Role}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell (`column` is its head; empty for the row as a whole)."""

    column: str
    value: str
    message: str


@dataclass(slots=True)
class UnitEntry:
    """A unit as a list gives it; None: the cell is empty, so what is in force stays."""

    line: int
    code: str
    name: str
    short_name: str | None
    symbol: str | None
    parent: str | None
    kind: UnitKind | None
    family: Family | None
    has_registry: bool | None
    place: str | None
    organ_id: str | None
    position: int | None
    opened_on: date | None
    closed_on: date | None
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class PostEntry:
    """A person in one post, as a list gives it; None: the cell is empty. `roles` () empties the roles in the unit."""

    line: int
    code: str | None
    full_name: str
    email: str | None
    phone: str | None
    unit: str
    position: str
    rank: int | None
    is_main: bool | None
    starts_on: date | None
    ends_on: date | None
    roles: tuple[Role, ...] | None
    left_on: date | None
    faults: list[Fault] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The person this row speaks of: the code, else the e-mail."""
        return self.code or (self.email or "").lower()


def unit_entry(row: SourceRow) -> UnitEntry:
    cells = _Cells(row)
    entry = UnitEntry(
        line=row.line,
        code=cells.required("code", _code) or "",
        name=cells.required("name", _words(200)) or "",
        short_name=cells.given("short_name", _words(80)),
        symbol=cells.given("symbol", _words(30)),
        parent=cells.given("parent", _code),
        kind=cells.given("kind", _one_of(_KINDS)),
        family=cells.given("family", _one_of(_FAMILIES)),
        has_registry=cells.given("has_registry", _yes_or_no),
        place=cells.given("place", _words(60)),
        organ_id=cells.given("organ_id", _words(35)),
        position=cells.given("position", _number(_HIGHEST_POSITION)),
        opened_on=cells.given("opened_on", _day),
        closed_on=cells.given("closed_on", _day),
    )
    entry.faults = cells.faults
    return entry


def post_entry(row: SourceRow) -> PostEntry:
    cells = _Cells(row)
    entry = PostEntry(
        line=row.line,
        code=cells.given("code", _code),
        full_name=cells.required("full_name", _words(100)) or "",
        email=cells.given("email", _email),
        phone=cells.given("phone", _phone),
        unit=cells.required("unit", _code) or "",
        position=cells.required("position", _words(100)) or "",
        rank=cells.given("rank", _number(_HIGHEST_RANK)),
        is_main=cells.given("is_main", _yes_or_no),
        starts_on=cells.given("starts_on", _day),
        ends_on=cells.given("ends_on", _day),
        roles=cells.given("roles", _roles),
        left_on=cells.given("left_on", _day),
    )
    if not entry.key and not cells.faults:
        cells.fault("code", "", "Cần mã nhân viên hoặc e-mail để biết là ai.")
    if entry.starts_on and entry.ends_on and entry.ends_on < entry.starts_on:
        cells.fault("ends_on", row.cells.get("ends_on", ""), "Ngày kết thúc trước ngày bắt đầu.")
    entry.faults = cells.faults
    return entry


class _Misread(Exception):
    """A cell that cannot be understood; the message says why."""


class _Cells:
    def __init__(self, row: SourceRow) -> None:
        self.row = row
        self.faults: list[Fault] = []

    def required(self, key: str, parse: Callable[[str], V]) -> V | None:
        if not tidy(self.row.cells.get(key, "")):
            self.fault(key, "", "Chưa ghi.")
            return None
        return self.given(key, parse)

    def given(self, key: str, parse: Callable[[str], V]) -> V | None:
        text = tidy(self.row.cells.get(key, ""))
        if not text:
            return None
        try:
            return parse(text)
        except _Misread as misread:
            self.fault(key, text, str(misread))
            return None

    def fault(self, key: str, value: str, message: str) -> None:
        self.faults.append(Fault(column(Table(self.row.table), key).header, value[:200], message))


def _words(longest: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if len(text) > longest:
            raise _Misread(f"Dài quá {longest} ký tự.")
        return text

    return parse


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise _Misread("Mã gồm chữ, số và các dấu . - _ / &, tối đa 40 ký tự, không có khoảng trắng.")
    return text


def _yes_or_no(text: str) -> bool:
    word = fold(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise _Misread("Ghi Có hoặc Không.")


def _number(highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or int(text) > highest:
            raise _Misread(f"Ghi số nguyên từ 0 đến {highest}.")
        return int(text)

    return parse


def _day(text: str) -> date:
    found = _DAY_FIRST.fullmatch(text)
    parts = tuple(int(part) for part in found.groups())[::-1] if found else None
    if parts is None and (found := _YEAR_FIRST.fullmatch(text)):
        parts = tuple(int(part) for part in found.groups())
    if parts is None:
        raise _Misread("Ghi ngày dạng dd/mm/yyyy.")
    try:
        day = date(*parts)
    except ValueError as error:
        raise _Misread("Không có ngày này trong lịch. Ghi dạng dd/mm/yyyy.") from error
    if not 1900 <= day.year <= 2200:
        raise _Misread("Năm phải từ 1900 đến 2200.")
    return day


def _email(text: str) -> str:
    mail = nfc(text).lower()
    try:
        validate_email(mail)
    except ValidationError as error:
        raise _Misread("E-mail chưa đúng dạng ten@donvi.vn.") from error
    if not mail.isascii() or len(mail) > 254:
        raise _Misread("E-mail không dùng chữ có dấu.")
    return mail


@lru_cache(maxsize=4096)
def _phone(text: str) -> str:
    try:
        return numbers.normalised(text)
    except NotAPhoneNumber as error:
        raise _Misread(error.message) from error


def _one_of(known: dict[str, V]) -> Callable[[str], V]:
    def parse(text: str) -> V:
        found = known.get(fold(text))
        if found is None:
            raise _Misread("Không có trong danh mục; xem trang Hướng dẫn của tệp mẫu.")
        return found

    return parse


def _roles(text: str) -> tuple[Role, ...]:
    if text == "-":
        return ()
    found = []
    for word in filter(None, (part.strip() for part in re.split(r"[;,]", text))):
        role = _ROLES.get(fold(word))
        if role is None:
            raise _Misread(f"Không có vai trò «{word}».")
        if role not in IMPORTABLE_ROLES:
            raise _Misread(f"Vai trò «{role.label}» không giao bằng danh sách; giao ở trang quyền của người đó.")
        found.append(role)
    return tuple(dict.fromkeys(found))
