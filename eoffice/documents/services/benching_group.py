"""A plain group for the benchmarks, made in an empty database: one registry with its people, companies around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict
from eoffice.documents.models import Register, RegisterKind
from eoffice.documents.services.numbering import open_register
from eoffice.organization import queries, services
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role, SigningCapacity, SigningForm, Unit, UnitKind

_SYSTEM: Final = ActorRef(None, source="cli")
_SINCE: Final = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class BenchGroup:
    """Who takes part; `registries` are the companies that receive."""

    registry: Unit
    board: Unit
    clerk: Actor
    leader: Actor
    head: Actor
    capacity: SigningCapacity
    incoming: Register
    outgoing: Register
    registries: list[Unit]


def require_empty_database() -> None:
    """A benchmark never writes beside real documents. Raises Conflict."""
    if queries.installation() is not None or queries.active_units().exists():
        raise Conflict("Đo hiệu năng chỉ chạy trên cơ sở dữ liệu trống, ví dụ qua `make bench`. Chưa ghi gì.")


def make_group(*, companies: int, now: datetime) -> BenchGroup:
    """Units, people, roles, capacity and open registers, through the services."""
    root = _unit(None, UnitKind.GROUP, "Tập đoàn Hạ tầng số Trường Xuân", "TXG", now, has_registry=True)
    board = _unit(root, UnitKind.BOARD, "Ban Công nghệ và An toàn thông tin", "CN", now)
    clerk = _person("Nguyễn Thị Thu Hương", "clerk", root, Role.CLERK, now)
    leader = _person("Trần Quốc Khánh", "leader", root, Role.LEADER, now)
    head = _person("Đỗ Hữu Nghĩa", "head", board, Role.UNIT_HEAD, now)
    registries = []
    for number in range(companies):
        name = f"Công ty khu vực {number + 1}"
        company = _unit(root, UnitKind.COMPANY, name, f"KV{number + 1}", now, has_registry=True)
        _person(f"Văn thư {number + 1}", f"clerk-{number + 1}", company, Role.CLERK, now)
        registries.append(company)
    capacity = services.grant_signing_capacity(
        actor=_SYSTEM, person=leader, registry=root, form=SigningForm.OWN, block_lines=["TỔNG GIÁM ĐỐC"],
        position_title="Tổng Giám đốc", basis="Quyết định bổ nhiệm", starts_on=_SINCE, now=now,
    )  # fmt: skip
    actor, year = _actor(clerk, now), local_date(now).year
    return BenchGroup(
        registry=root,
        board=board,
        clerk=actor,
        leader=_actor(leader, now),
        head=_actor(head, now),
        capacity=capacity,
        incoming=open_register(actor=actor, registry=root, kind=RegisterKind.INCOMING, year=year, now=now),
        outgoing=open_register(actor=actor, registry=root, kind=RegisterKind.OUTGOING, year=year, now=now),
        registries=registries,
    )


def _unit(
    parent: Unit | None, kind: UnitKind, name: str, symbol: str, now: datetime, *, has_registry: bool = False
) -> Unit:
    return services.create_unit(
        actor=_SYSTEM, parent=parent, kind=kind, name=name, short_name=name, symbol=symbol, now=now,
        has_registry=has_registry, place="Hà Nội",
    )  # fmt: skip


def _person(name: str, email: str, unit: Unit, role: Role, now: datetime) -> Person:
    made = services.create_person(actor=_SYSTEM, full_name=name, email=f"{email}@bench.test", password=None, now=now)
    services.appoint(actor=_SYSTEM, person=made, unit=unit, position_name=role.label, rank=9, starts_on=_SINCE, now=now)
    services.grant_role(actor=_SYSTEM, person=made, unit=unit, role=role, starts_on=_SINCE, now=now)
    return made


def _actor(person: Person, now: datetime) -> Actor:
    return queries.actor_of(user_id=person.user_id or 0, now=now, source="cli")
