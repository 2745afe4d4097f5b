"""The rest of the group for large demos: provinces, departments, thousands of people, as rows of the import.

Everyone is invented. The named cast of `organization` stays as it is; the crowd is laid around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count, cycle
from typing import Final

from django.contrib.auth.hashers import make_password

from eoffice.core.clock import local_date
from eoffice.core.vietnamese import fold
from eoffice.organization.importing import stored
from eoffice.organization.importing.columns import SourceRow, Table
from eoffice.organization.models import RunState
from eoffice.organization.queries import people
from eoffice.organization.queries.units import count_units
from eoffice.organization.services import importing
from eoffice.web.demo.cast import UNITS, name_parts
from eoffice.web.demo.organization import MAIL_DOMAIN, PASSWORD, SYSTEM

_PROVINCES: Final = (
    "Huế", "Lai Châu", "Điện Biên", "Sơn La", "Lạng Sơn", "Quảng Ninh", "Thanh Hóa", "Nghệ An", "Hà Tĩnh", "Cao Bằng",
    "Tuyên Quang", "Lào Cai", "Thái Nguyên", "Phú Thọ", "Bắc Ninh", "Hưng Yên", "Hải Phòng", "Ninh Bình", "Quảng Trị",
    "Quảng Ngãi", "Gia Lai", "Khánh Hòa", "Lâm Đồng", "Đắk Lắk", "Đồng Nai", "Tây Ninh", "Cần Thơ", "Vĩnh Long",
    "Đồng Tháp", "Cà Mau", "An Giang",
)  # fmt: skip
_DEPARTMENTS: Final = (
    "Phòng Tổng hợp", "Phòng Kỹ thuật", "Phòng Kinh doanh", "Phòng Kế toán", "Phòng Nhân sự", "Trung tâm Hạ tầng",
    "Trung tâm Vận hành", "Phòng Khách hàng", "Phòng Chuyển đổi số",
)  # fmt: skip
_BRANCH: Final = "Cụm khu vực"
_FIRST_OF_CROWD: Final = 10_001


@dataclass(frozen=True, slots=True)
class Added:
    """How many units and people came in."""

    units: int
    people: int


def add_crowd(*, wanted_units: int, wanted_people: int, now: datetime) -> Added:
    """Fill the demo group up to so many units and people, through the import; those there are not touched.

    One password hash is shared by all (it is printed for everybody anyway); signing keys are made at first use.
    """
    since = min(date(local_date(now).year, 1, 1), local_date(now) - timedelta(days=200))
    named = people.count_people_kept_by("")
    missing = Crowd(max(wanted_units - len(UNITS), 0), max(wanted_people - named, 0), since)
    there = people.count_people_kept_by("file")
    if there >= missing.people and count_units() >= wanted_units:
        return Added(0, 0)
    run = importing.import_at_once(
        actor=SYSTEM,
        file_name="Tập đoàn mẫu",
        content=stored.pack(missing.rows()),
        is_read=True,
        is_full=False,
        applies=True,
        accepts_endings=False,
        now=now,
        password_hash=make_password(PASSWORD),
    )
    if run.state != RunState.APPLIED:
        raise ValueError(f"the crowd did not come in: {run.state} {run.counts}")
    return Added(missing.units, missing.people - there)


@dataclass(slots=True)
class Crowd:
    """Rows of the import: `units` more units, `people` more people, in force from `since`."""

    units: int
    people: int
    since: date
    _places: list[str] = field(default_factory=list)
    _heads: list[tuple[str, str, str]] = field(default_factory=list)
    """(unit, head's position, roles)"""

    def rows(self) -> Iterator[SourceRow]:
        """Units first, parents before children; then people, each unit's head first."""
        line = count(2)
        for cells in self._unit_cells():
            yield SourceRow(Table.UNITS, next(line), cells)
        line = count(2)
        for cells in self._person_cells():
            yield SourceRow(Table.PEOPLE, next(line), cells)

    def _unit_cells(self) -> Iterator[dict[str, str]]:
        provinces = [f"TX-{number:02}" for number in range(1, min(len(_PROVINCES), self.units) + 1)]
        for code, province in zip(provinces, _PROVINCES, strict=False):
            self._place(code, "Giám đốc", "Trưởng đơn vị; Lãnh đạo")
            yield {
                "code": code, "name": f"Trường Xuân {province}", "symbol": code.replace("TX-", "T"), "parent": "TXG",
                "kind": "Tỉnh, thành phố", "has_registry": "Có", "place": province,
                "position": str(100 + len(self._places)),
            }  # fmt: skip
        for number in range(self.units - len(provinces)):
            above, turn = provinces[number % len(provinces)], number // len(provinces)
            name = _DEPARTMENTS[turn] if turn < len(_DEPARTMENTS) else f"{_BRANCH} {turn - len(_DEPARTMENTS) + 1}"
            code = f"{above}-{turn + 1:02}"
            self._place(code, "Trưởng phòng", "Trưởng đơn vị")
            yield {
                "code": code, "name": name, "symbol": f"P{turn + 1:02}", "parent": above, "kind": "Phòng",
                "has_registry": "Không", "position": str(turn),
            }  # fmt: skip

    def _place(self, code: str, position: str, roles: str) -> None:
        self._places.append(code)
        self._heads.append((code, position, roles))

    def _person_cells(self) -> Iterator[dict[str, str]]:
        places = self._places or [plan.key for plan in UNITS if plan.staff]
        posts = self._posts(places)
        for number, name in zip(range(_FIRST_OF_CROWD, _FIRST_OF_CROWD + self.people), crowd_names(), strict=False):
            unit, position, rank, roles = next(posts)
            words = fold(name).split()
            yield {
                "code": f"NV{number:06}", "full_name": name, "unit": unit, "position": position, "rank": rank,
                "email": f"{words[-1]}.{''.join(word[0] for word in words[:-1])}.{number}@{MAIL_DOMAIN}",
                "phone": f"09{number:08}", "starts_on": f"{self.since:%d/%m/%Y}", "roles": roles,
            }  # fmt: skip

    def _posts(self, places: list[str]) -> Iterator[tuple[str, str, str, str]]:
        for unit, position, roles in self._heads:
            yield unit, position, "0", roles
            if "Lãnh đạo" in roles:
                yield unit, "Văn thư", "9", "Văn thư"
        for unit in cycle(places):
            yield unit, "Chuyên viên", "9", "Chuyên viên"


def crowd_names() -> Iterator[str]:
    """Names of three and four words in a fixed order, about two hundred thousand before one comes again."""
    surnames, middles, given = name_parts()
    for number in count():
        words = [surnames[(number * 7) % len(surnames)], middles[(number // len(surnames)) % len(middles)]]
        if number % 3:
            words.append(given[(number * 13 + number // 500) % len(given)])
        words.append(given[(number * 11 + number // 40) % len(given)])
        yield " ".join(dict.fromkeys(words))
