"""The known cast of this room's tests: two registries, who does what in them, and an outsider who must be refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.documents.models import Register, RegisterKind
from eoffice.documents.services.numbering import open_register
from eoffice.organization import queries, services
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role, SigningCapacity, SigningForm, Unit, UnitKind
from tests.worlds import made_once

NOW: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Thứ Hai, 23/11/2026, 08:00 in Vietnam: a working day."""
SYSTEM: Final = ActorRef(None, source="cli")
_SINCE: Final = date(2020, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Units and people by their part. The group and company A have registries of their own."""

    group: Unit
    office: Unit
    technology: Unit
    """Ban Công nghệ: no registry, so the group's numbers for it."""
    legal: Unit
    company: Unit
    company_department: Unit

    clerk: Person
    leader: Person
    """Tổng Giám đốc of the group; may sign everything in his own right."""
    deputy_leader: Person
    chief: Person
    """Chánh Văn phòng."""
    head: Person
    """Trưởng Ban Công nghệ."""
    officer: Person
    """Chuyên viên Ban Công nghệ."""
    second_officer: Person
    legal_head: Person
    legal_officer: Person
    company_clerk: Person
    company_leader: Person
    company_head: Person
    outsider: Person
    """Chuyên viên of a department of company A with no part in anything."""
    administrator: Person
    auditor: Person

    incoming_register: Register
    outgoing_register: Register
    company_incoming_register: Register
    company_outgoing_register: Register
    leader_capacity: SigningCapacity
    company_leader_capacity: SigningCapacity


def actor_of(person: Person, *, now: datetime = NOW) -> Actor:
    """The actor a person is at `now`, in the main post."""
    assert person.user_id is not None
    return queries.actor_of(user_id=person.user_id, now=now)


@made_once
def make_cast(*, now: datetime = NOW) -> Cast:
    """Build the cast through the services of `organization`; registers of the year of `now` are open."""
    units = _units(now)
    group, office, technology, legal, company, department = units

    def person(name: str, email: str, unit: Unit, post: str, rank: int, *roles: tuple[Role, Unit]) -> Person:
        made = services.create_person(actor=SYSTEM, full_name=name, email=f"{email}@txg.test", password=None, now=now)
        services.appoint(actor=SYSTEM, person=made, unit=unit, position_name=post, rank=rank, starts_on=_SINCE, now=now)
        for role, where in roles:
            services.grant_role(actor=SYSTEM, person=made, unit=where, role=role, starts_on=_SINCE, now=now)
        return made

    clerk = person("Nguyễn Thị Thu Hương", "huong", office, "Văn thư", 9, (Role.CLERK, group))
    leader = person("Trần Quốc Khánh", "khanh", group, "Tổng Giám đốc", 0, (Role.LEADER, group))
    deputy = person("Lê Minh Đức", "duc", group, "Phó Tổng Giám đốc", 1, (Role.LEADER, group))
    chief = person(
        "Phạm Đức Thuận", "thuan", office, "Chánh Văn phòng", 0,
        (Role.CHIEF_OF_OFFICE, group), (Role.UNIT_HEAD, office),
    )  # fmt: skip
    head = person("Đỗ Hữu Nghĩa", "nghia", technology, "Trưởng ban", 0, (Role.UNIT_HEAD, technology))
    officer = person("Hoàng Ngọc Bảo Trâm", "tram", technology, "Chuyên viên", 9, (Role.OFFICER, technology))
    second = person("Vũ Xuân Trường", "truong", technology, "Chuyên viên", 9, (Role.OFFICER, technology))
    legal_head = person("Bùi Thị Hạnh", "hanh", legal, "Trưởng ban", 0, (Role.UNIT_HEAD, legal))
    legal_officer = person("Mai Lan Anh", "anh", legal, "Chuyên viên", 9, (Role.OFFICER, legal))
    company_clerk = person("Trịnh Thị Yến", "yen", company, "Văn thư", 9, (Role.CLERK, company))
    company_leader = person(
        "Ngô Thế Vinh", "vinh", company, "Giám đốc", 0, (Role.LEADER, company), (Role.UNIT_HEAD, company)
    )
    company_head = person("Đặng Văn Thụy", "thuy", department, "Trưởng phòng", 0, (Role.UNIT_HEAD, department))
    outsider = person("Lý Thị Út", "ut", department, "Chuyên viên", 9, (Role.OFFICER, department))
    administrator = person("Quản Trị Viên", "quantri", office, "Chuyên viên", 9, (Role.ADMINISTRATOR, group))
    auditor = person("Kiều Văn Soát", "soat", legal, "Chuyên viên", 9, (Role.AUDITOR, group))
    services.give_mandate(
        actor=SYSTEM, person=auditor, unit=group, basis="Kế hoạch kiểm tra số 12/KH-TXG", starts_on=_SINCE, now=now
    )
    services.grant_role(actor=SYSTEM, person=chief, unit=office, role=Role.OFFICER, starts_on=_SINCE, now=now)

    year = local_date(now).year
    clerk_actor, company_actor = actor_of(clerk, now=now), actor_of(company_clerk, now=now)
    return Cast(
        group=group,
        office=office,
        technology=technology,
        legal=legal,
        company=company,
        company_department=department,
        clerk=clerk,
        leader=leader,
        deputy_leader=deputy,
        chief=chief,
        head=head,
        officer=officer,
        second_officer=second,
        legal_head=legal_head,
        legal_officer=legal_officer,
        company_clerk=company_clerk,
        company_leader=company_leader,
        company_head=company_head,
        outsider=outsider,
        administrator=administrator,
        auditor=auditor,
        incoming_register=_register(clerk_actor, group, RegisterKind.INCOMING, year, now),
        outgoing_register=_register(clerk_actor, group, RegisterKind.OUTGOING, year, now),
        company_incoming_register=_register(company_actor, company, RegisterKind.INCOMING, year, now),
        company_outgoing_register=_register(company_actor, company, RegisterKind.OUTGOING, year, now),
        leader_capacity=_own_capacity(leader, group, "TỔNG GIÁM ĐỐC", "Tổng Giám đốc", now),
        company_leader_capacity=_own_capacity(company_leader, company, "GIÁM ĐỐC", "Giám đốc", now),
    )


def _units(now: datetime) -> tuple[Unit, Unit, Unit, Unit, Unit, Unit]:
    def unit(parent: Unit | None, kind: UnitKind, name: str, short: str, symbol: str, place: str = "") -> Unit:
        return services.create_unit(
            actor=SYSTEM, parent=parent, kind=kind, name=name, short_name=short, symbol=symbol, now=now,
            has_registry=bool(place), place=place,
        )  # fmt: skip

    group = unit(
        None, UnitKind.GROUP, "Tập đoàn Hạ tầng số Trường Xuân", "Tập đoàn Trường Xuân", "TXG",
        place="Hà Nội",
    )  # fmt: skip
    office = unit(group, UnitKind.OFFICE, "Văn phòng Tập đoàn", "Văn phòng", "VP")
    technology = unit(group, UnitKind.BOARD, "Ban Công nghệ và An toàn thông tin", "Ban Công nghệ", "CN")
    legal = unit(group, UnitKind.BOARD, "Ban Pháp chế và Kiểm tra nội bộ", "Ban Pháp chế", "PC")
    company = unit(
        group, UnitKind.COMPANY, "Công ty Hạ tầng số khu vực Duyên hải Nam Trung Bộ và Tây Nguyên",
        "Công ty Nam Trung Bộ", "NTB", place="Đà Nẵng",
    )  # fmt: skip
    department = unit(company, UnitKind.DEPARTMENT, "Phòng Kỹ thuật", "Phòng Kỹ thuật", "KT")
    return group, office, technology, legal, company, department


def _register(actor: Actor, registry: Unit, kind: RegisterKind, year: int, now: datetime) -> Register:
    return open_register(actor=actor, registry=registry, kind=kind, year=year, now=now)


def _own_capacity(person: Person, registry: Unit, line: str, title: str, now: datetime) -> SigningCapacity:
    return services.grant_signing_capacity(
        actor=SYSTEM, person=person, registry=registry, form=SigningForm.OWN, block_lines=[line],
        position_title=title, basis="Quyết định bổ nhiệm số 01/QĐ-TXG", starts_on=_SINCE, now=now,
    )  # fmt: skip
