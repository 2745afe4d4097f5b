"""A small office for the tests of this room: a registry, a drafting unit, and who does what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from eoffice.core.actor_ref import ActorRef
from eoffice.organization import queries, services
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role, Unit, UnitKind
from eoffice.workflow.resolving import Subject
from tests.worlds import made_once

NOW: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SYSTEM: Final = ActorRef(None, source="cli")
_SINCE: Final = date(2020, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Office:
    group: Unit
    board: Unit
    team: Unit
    """Below the board, without a head of its own."""
    administrator: Person
    clerk: Person
    chief: Person
    leader: Person
    head: Person
    officer: Person
    outsider: Person

    @property
    def people(self) -> tuple[Person, ...]:
        return (
            self.administrator, self.clerk, self.chief, self.leader, self.head, self.officer, self.outsider,
        )  # fmt: skip

    def paper(self, *, number: int = 1, version: int = 1, unit: Unit | None = None, kind: str = "letter") -> Subject:
        """A paper of the board, written by the officer, to be signed by the leader."""
        return Subject(
            kind="draft", id=number, unit_id=(unit or self.board).pk, registry_id=self.group.pk, document_type=kind,
            author_id=self.officer.pk, signer_id=self.leader.pk, version=version, sha256="a" * 64,
        )  # fmt: skip


def actor_of(person: Person) -> Actor:
    assert person.user_id is not None
    return queries.actor_of(user_id=person.user_id, now=NOW)


@made_once
def make_office() -> Office:
    def unit(parent: Unit | None, kind: UnitKind, name: str, symbol: str, *, registry: bool = False) -> Unit:
        return services.create_unit(
            actor=SYSTEM, parent=parent, kind=kind, name=name, short_name=name, symbol=symbol, now=NOW,
            has_registry=registry,
        )  # fmt: skip

    def person(name: str, email: str, where: Unit, *roles: tuple[Role, Unit]) -> Person:
        made = services.create_person(actor=SYSTEM, full_name=name, email=f"{email}@txg.test", password=None, now=NOW)
        services.appoint(
            actor=SYSTEM, person=made, unit=where, position_name="Cán bộ", rank=9, starts_on=_SINCE, now=NOW
        )
        for role, at in roles:
            services.grant_role(actor=SYSTEM, person=made, unit=at, role=role, starts_on=_SINCE, now=NOW)
        return made

    group = unit(None, UnitKind.GROUP, "Tập đoàn Hạ tầng số Trường Xuân", "TXG", registry=True)
    board = unit(group, UnitKind.BOARD, "Ban Công nghệ", "CN")
    team = unit(board, UnitKind.DEPARTMENT, "Tổ Hạ tầng", "HT")
    return Office(
        group=group,
        board=board,
        team=team,
        administrator=person("Quản Trị Viên", "quantri", group, (Role.ADMINISTRATOR, group)),
        clerk=person("Nguyễn Thị Thu Hương", "huong", group, (Role.CLERK, group)),
        chief=person("Phạm Đức Thuận", "thuan", group, (Role.CHIEF_OF_OFFICE, group)),
        leader=person("Trần Quốc Khánh", "khanh", group, (Role.LEADER, group)),
        head=person("Đỗ Hữu Nghĩa", "nghia", board, (Role.UNIT_HEAD, board)),
        officer=person("Hoàng Ngọc Bảo Trâm", "tram", board, (Role.OFFICER, board)),
        outsider=person("Lý Thị Út", "ut", team, (Role.OFFICER, team)),
    )
