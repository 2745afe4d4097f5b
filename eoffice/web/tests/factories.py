"""A small group with one person for each role the shell tells apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.organization import services
from eoffice.organization.models import Person, Role, Unit, UnitKind

SYSTEM = ActorRef(person_id=None, source="cli")
SINCE = date(2026, 1, 1)
PASSWORD = "Cham-chi-2026-viec"


@dataclass
class Cast:
    group: Unit
    people: dict[str, Person] = field(default_factory=dict)

    def email(self, key: str) -> str:
        user = self.people[key].user
        assert user is not None
        return user.email


def make_cast() -> Cast:
    """A group with a leader, a clerk, an officer and an administrator, and its installation row."""
    now = clock.now()
    services.install(
        actor=SYSTEM,
        name="Tập đoàn Hạ tầng số Trường Xuân",
        is_demo=True,
        hotline="1800 0000",
        support_email="hotro@truongxuan.example",
        now=now,
    )
    group = services.create_unit(
        actor=SYSTEM,
        parent=None,
        kind=UnitKind.GROUP,
        name="Tập đoàn Hạ tầng số Trường Xuân",
        short_name="Tập đoàn",
        symbol="TXG",
        has_registry=True,
        now=now,
    )
    board = services.create_unit(
        actor=SYSTEM,
        parent=group,
        kind=UnitKind.BOARD,
        name="Ban Công nghệ và An toàn thông tin",
        short_name="Ban CN",
        symbol="CN",
        now=now,
    )
    cast = Cast(group)
    _hire(cast, "leader", "Trần Quốc Khánh", group, "Tổng Giám đốc", Role.LEADER)
    _hire(cast, "clerk", "Nguyễn Thị Thu Hương", group, "Văn thư", Role.CLERK)
    _hire(cast, "officer", "Hoàng Ngọc Bảo Trâm", board, "Chuyên viên", Role.OFFICER)
    _hire(cast, "administrator", "Hoàng Đức Quân", group, "Quản trị hệ thống", Role.ADMINISTRATOR)
    return cast


def _hire(cast: Cast, key: str, name: str, unit: Unit, position: str, role: Role) -> None:
    now = clock.now()
    person = services.create_person(
        actor=SYSTEM, full_name=name, email=f"{key}@truongxuan.example", password=PASSWORD, now=now
    )
    services.appoint(actor=SYSTEM, person=person, unit=unit, position_name=position, rank=9, starts_on=SINCE, now=now)
    services.grant_role(actor=SYSTEM, person=person, unit=unit, role=role, starts_on=SINCE, now=now)
    cast.people[key] = person
