"""The people of one registry, as the stories of the demo need them; read from the database, so jobs can go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.core.clock import local_date
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role, Unit

_FIELD_OF_DESK: Final = {
    "CN": "Công nghệ thông tin",
    "KHĐT": "Đầu tư - xây dựng",
    "KTM": "Công nghệ thông tin",
    "PC": "Hành chính - pháp chế",
    "PTSP": "Công nghệ thông tin",
    "TCKT": "Tài chính - kế toán",
    "TCNS": "Tổ chức - nhân sự",
    "TH": "Hành chính - pháp chế",
    "VHKT": "An toàn - môi trường",
    "VP": "Hành chính - pháp chế",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A unit that works on letters: its head and its officers."""

    unit: Unit
    head: Person
    officers: list[Person]


@dataclass(frozen=True, slots=True)
class Office:
    """A registry with its clerk, its leaders (the head first) and the desks it numbers for."""

    registry: Unit
    clerk: Person
    leaders: list[Person]
    desks: dict[str, Desk]
    """By the unit's symbol."""
    fields: dict[str, int]
    """Keys of the fields of work, by name."""

    def field_of(self, symbol: str, number: int) -> int | None:
        """The field of work of what a desk writes or is given; every ninth paper names none, as in life."""
        return None if number % 9 == 8 else self.fields.get(_FIELD_OF_DESK.get(symbol, ""))

    def desk(self, symbol: str, number: int) -> Desk:
        """The desk of that symbol, else one chosen by the running number."""
        return self.desks.get(symbol) or list(self.desks.values())[number % len(self.desks)]


def office_of(registry: Unit, *, now: datetime) -> Office:
    """Read the office of a registry as it is staffed at `now`."""
    day = local_date(now)
    desks = {}
    for unit in [registry, *queries.children_of(registry.pk)]:
        if unit.pk != registry.pk and unit.has_registry:
            continue
        heads = queries.holders_of(Role.UNIT_HEAD, unit.pk, on=day)
        officers = queries.holders_of(Role.OFFICER, unit.pk, on=day)
        if heads and officers:
            desks[unit.symbol] = Desk(unit, heads[0], officers)
    fields = {each.name: each.pk for each in queries.fields_of_work()}
    leaders = queries.holders_of(Role.LEADER, registry.pk, on=day)
    head_first = sorted(leaders, key=lambda person: person.pk)
    return Office(registry, queries.holders_of(Role.CLERK, registry.pk, on=day)[0], head_first, desks, fields)


def actor(person: Person, now: datetime) -> Actor:
    """The actor a person is at `now`, acting from the command line."""
    if person.user_id is None:
        raise ValueError(f"{person}: no account")
    return queries.actor_of(user_id=person.user_id, now=now, source="cli")
