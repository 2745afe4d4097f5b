"""A small office for tests of rights: a group and a company, their keepers, an auditor, an outsider."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

from eoffice.core.actor_ref import ActorRef
from eoffice.organization import queries, services
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, PowersSession, Role, SigningForm, Unit, UnitKind
from eoffice.organization.services.powers import POWERS_SPAN
from tests.worlds import made_once

NOW: Final = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY: Final = date(2026, 11, 23)
SYSTEM: Final = ActorRef(None, source="cli")
SINCE: Final = date(2020, 1, 1)
PASSWORD: Final = "TruongXuan@2026"


@dataclass(frozen=True, kw_only=True)
class Office:
    group: Unit
    board: Unit
    company: Unit
    leader: Person
    deputy: Person
    chief: Person
    administrator: Person
    second_administrator: Person
    head: Person
    officer: Person
    auditor: Person
    company_chief: Person


@made_once
def make_office() -> Office:
    """Group with a board (no registry) and a company (own registry); every person with one post."""
    group = _unit(None, "Tập đoàn Hạ tầng số Trường Xuân", "Tập đoàn", "TXG", registry=True)
    board = _unit(group, "Ban Công nghệ và An toàn thông tin", "Ban Công nghệ", "CN", registry=False)
    company = _unit(group, "Công ty Trường Xuân Hà Nội", "Trường Xuân Hà Nội", "HNI", registry=True)
    made = Office(
        group=group,
        board=board,
        company=company,
        leader=hire(group, "Trần Quốc Khánh", "Tổng Giám đốc", 0, Role.LEADER),
        deputy=hire(group, "Lê Minh Đức", "Phó Tổng Giám đốc", 1, Role.LEADER),
        chief=hire(group, "Lưu Thị Minh Nguyệt", "Chánh Văn phòng", 2, Role.CHIEF_OF_OFFICE),
        administrator=hire(group, "Hoàng Đức Quân", "Chuyên viên", 9, Role.ADMINISTRATOR),
        second_administrator=hire(group, "Tạ Văn Bình", "Chuyên viên", 9, Role.ADMINISTRATOR),
        head=hire(board, "Đỗ Hữu Nghĩa", "Trưởng ban", 0, Role.UNIT_HEAD),
        officer=hire(board, "Mai Lan Anh", "Chuyên viên", 9, Role.OFFICER),
        auditor=hire(group, "Võ Thúy Ngân", "Chuyên viên", 9, Role.AUDITOR),
        company_chief=hire(company, "Ngô Thế Vinh", "Chánh Văn phòng", 2, Role.CHIEF_OF_OFFICE),
    )
    services.grant_signing_capacity(
        actor=SYSTEM, person=made.leader, registry=group, form=SigningForm.OWN, block_lines=["TỔNG GIÁM ĐỐC"],
        position_title="Tổng Giám đốc", basis="Điều lệ", starts_on=SINCE, now=NOW,
    )  # fmt: skip
    return made


def _unit(parent: Unit | None, name: str, short: str, symbol: str, *, registry: bool) -> Unit:
    return services.create_unit(
        actor=SYSTEM, parent=parent, kind=UnitKind.GROUP if parent is None else UnitKind.COMPANY, name=name,
        short_name=short, symbol=symbol, has_registry=registry, place="Hà Nội", now=NOW,
    )  # fmt: skip


def hire(unit: Unit, name: str, post: str, rank: int, *roles: Role) -> Person:
    """A person with one post and roles in the same unit."""
    email = f"p{Person.objects.count()}@txg.test"
    person = services.create_person(actor=SYSTEM, full_name=name, email=email, password=PASSWORD, now=NOW)
    services.appoint(actor=SYSTEM, person=person, unit=unit, position_name=post, rank=rank, starts_on=SINCE, now=NOW)
    for role in roles:
        services.grant_role(actor=SYSTEM, person=person, unit=unit, role=role, starts_on=SINCE, now=NOW)
    return person


def actor(person: Person, *, now: datetime = NOW) -> Actor:
    assert person.user_id is not None
    return queries.actor_of(user_id=person.user_id, now=now)


def powered(person: Person, *, now: datetime = NOW) -> Actor:
    """An administrator whose special powers are on."""
    session = PowersSession.objects.create(
        person=person, reason="Theo đề nghị của Văn phòng", started_at=now, ends_at=now + POWERS_SPAN
    )
    return replace(actor(person, now=now), powers_id=session.pk, powers_until=session.ends_at)
