"""Carrying the steps of a reorganisation out on the tree, its people and their roles; running work is for rooms above.

Everything happens in the caller's transaction, on the first day of the new structure. Posts and roles end on the day
before and begin anew in the unit each person goes to; nothing is rewritten that was so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict
from eoffice.organization import access, queries, tree
from eoffice.organization.errors import NoRegistryAbove
from eoffice.organization.models import (
    Delegation,
    Family,
    Position,
    Posting,
    Reorganisation,
    ReorganisationStep,
    RightChange,
    RightChangeState,
    Role,
    RoleGrant,
    SigningCapacity,
    StepKind,
    SuccessionKind,
    Unit,
    UnitKind,
    UnitNames,
    UnitSuccession,
)
from eoffice.organization.queries.reorganisations import leaving_units, placed_posts
from eoffice.organization.services.naming import NAME_FIELDS, give_names, know_as
from eoffice.organization.services.rights import end_role, grant_role
from eoffice.organization.services.units import create_unit

_HEADS: Final = (Role.UNIT_HEAD, Role.LEADER, Role.CHIEF_OF_OFFICE)
"""Roles of whom a unit has one: who joins a unit that has its own does not bring them along."""


@dataclass(frozen=True, slots=True)
class Went:
    """A unit that is no more, and the one that goes on."""

    old: Unit
    heir: Unit


@dataclass(slots=True)
class Restructured:
    """What became of the tree: who went where, new registries, and what is left for somebody to do."""

    went: list[Went] = field(default_factory=list)
    made: list[Unit] = field(default_factory=list)
    renamed: list[Unit] = field(default_factory=list)
    moved_people: dict[int, Unit] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Run:
    row: Reorganisation
    actor: ActorRef
    now: datetime
    result: Restructured = field(default_factory=Restructured)

    @property
    def day(self) -> date:
        return self.row.effective_on

    @property
    def eve(self) -> date:
        """The last day of the old structure."""
        return self.day - timedelta(days=1)


def restructure(*, row: Reorganisation, actor: ActorRef, now: datetime) -> Restructured:
    """Carry every step out, in order. The caller has locked the row and checked its state.

    Locks the tree and every unit touched. Raises Conflict when a unit is not any more as it was when it was prepared,
    UnitTreeCycle.
    """
    run = _Run(row, actor, now)
    tree.lock_tree()
    for step in row.steps.select_related("target").order_by("position"):
        _STEPS[StepKind(step.kind)](run, step)
    return run.result


def _rename(run: _Run, step: ReorganisationStep) -> None:
    unit, part = _open_unit(step.units[0]), step.parts[0]
    names = UnitNames(part["name"], part["short_name"], part["symbol"])
    give_names(unit, names, first_day=run.day, basis=run.row.basis)
    unit.save(update_fields=NAME_FIELDS)
    run.result.renamed.append(unit)
    _record(run, "organization.unit.changed", unit, fields=["name"])


def _move(run: _Run, step: ReorganisationStep) -> None:
    above = _open_unit(step.target_id or 0)
    for unit_id in step.units:
        unit = _open_unit(unit_id)
        if tree.hang_below(unit_id=unit.pk, parent_id=above.pk):
            _record(run, "organization.unit.moved", unit, before=unit.parent_id, after=above.pk)


def _end_units(run: _Run, step: ReorganisationStep) -> None:
    """Merge and close: everything of the units goes to the one that goes on."""
    parts = _make_parts(run, step)
    heir = _open_unit(step.target_id) if step.target_id else parts[0]
    for unit_id in leaving_units(step):
        unit = _open_unit(unit_id)
        _free_heir(run, unit, heir)
        _place_people(run, step, unit, [heir])
        _end_unit(run, unit, heir)


def _split(run: _Run, step: ReorganisationStep) -> None:
    unit = _open_unit(step.units[0])
    parts = _make_parts(run, step)
    _place_people(run, step, unit, parts)
    if step.keeps_source:
        for part in parts:
            _note_succession(run, unit, part, SuccessionKind.PART)
        return
    for part in parts[1:]:
        _note_succession(run, unit, part, SuccessionKind.PART)
    _end_unit(run, unit, parts[0])


_STEPS: Final[dict[StepKind, Callable[[_Run, ReorganisationStep], None]]] = {
    StepKind.MERGE: _end_units,
    StepKind.CLOSE: _end_units,
    StepKind.SPLIT: _split,
    StepKind.RENAME: _rename,
    StepKind.MOVE: _move,
}


def _make_parts(run: _Run, step: ReorganisationStep) -> list[Unit]:
    first = _open_unit(step.units[0])
    made = []
    for part in step.parts:
        above = _open_unit(part["parent_id"] or first.parent_id or first.pk)
        unit = create_unit(
            actor=run.actor, parent=above, kind=UnitKind(part["kind"]), name=part["name"],
            short_name=part["short_name"], symbol=part["symbol"], now=run.now, has_registry=part["has_registry"],
            family=Family(first.family), place=first.place, address_line=first.address_line, code=part["code"],
        )  # fmt: skip
        unit.opened_on = run.day
        unit.save(update_fields=["opened_on"])
        made.append(unit)
    step.made = [unit.pk for unit in made]
    step.save(update_fields=["made"])
    run.result.made += made
    return made


def _free_heir(run: _Run, unit: Unit, heir: Unit) -> None:
    """A unit below the one that ends is first hung beside it."""
    heir.refresh_from_db(fields=["path", "parent"])
    if heir.is_within(unit):
        tree.hang_below(unit_id=heir.pk, parent_id=unit.parent_id or 0)
        heir.refresh_from_db(fields=["path", "parent"])
        _record(run, "organization.unit.moved", heir, before=unit.pk, after=unit.parent_id)


def _end_unit(run: _Run, unit: Unit, heir: Unit) -> None:
    for child_id in list(
        Unit.objects.filter(parent=unit, closed_on__isnull=True).exclude(pk=heir.pk).values_list("pk", flat=True)
    ):
        tree.hang_below(unit_id=child_id, parent_id=heir.pk)
    _end_capacities(run, unit)
    _end_delegations(run, unit)
    _withdraw_changes(run, unit)
    unit.closed_on = run.day
    unit.save(update_fields=["closed_on"])
    _note_succession(run, unit, heir, SuccessionKind.WORK)
    heir.refresh_from_db()
    if unit.has_registry and not heir.has_registry:
        keeper = _registry_above(heir)
        if keeper.pk != heir.pk:
            _note_succession(run, unit, keeper, SuccessionKind.REGISTRY)
            run.result.notes.append(
                f"{heir.name} không có văn thư riêng: {keeper.name} giữ sổ và tiếp nhận văn bản của {unit.name}."
            )
    know_as(heir, [unit.name, *unit.known_as])
    heir.save(update_fields=NAME_FIELDS)
    run.result.went.append(Went(unit, heir))
    _record(run, "organization.unit.closed", unit, on=run.day.isoformat(), heir=heir.pk)


def _registry_above(heir: Unit) -> Unit:
    try:
        return queries.registry_of(heir)
    except NoRegistryAbove as error:
        raise Conflict(f"{heir.name} chưa có văn thư nào phía trên.") from error


def _note_succession(run: _Run, old: Unit, heir: Unit, kind: SuccessionKind) -> None:
    """Write who goes on, for the unit and for those it went on for itself."""
    passed_on = []
    if kind != SuccessionKind.PART:
        passed_on = list(UnitSuccession.objects.filter(heir=old).exclude(kind=SuccessionKind.PART).exclude(old=heir))
    rows = [(old.pk, kind, True), *((row.old_id, row.kind, False) for row in passed_on)]
    for old_id, row_kind, is_direct in rows:
        UnitSuccession.objects.get_or_create(
            old_id=old_id, heir=heir, kind=row_kind,
            defaults={
                "is_direct": is_direct,
                "since": run.day,
                "basis": run.row.basis,
                "reorganisation": run.row,
            },
        )  # fmt: skip


def _place_people(run: _Run, step: ReorganisationStep, unit: Unit, units: list[Unit]) -> None:
    """End each post in the unit on the eve and begin it where the person goes; roles go along."""
    holders = {role: _holders(role, units[0].pk, run.day) for role in _HEADS}
    placed = [post for post in placed_posts(step, on=run.day) if post.posting.unit_id == unit.pk]
    stays = unit.pk if step.keeps_source else None
    goes: dict[int, Unit] = {}
    without_roles: set[int] = set()
    for post in placed:
        made = _part(step, post.to, units)
        if made is None and stays is not None:
            continue
        target = made or units[0]
        goes[post.posting.person_id] = target
        if not post.keeps_roles:
            without_roles.add(post.posting.person_id)
        _move_post(run, post.posting, target, post.position, post.rank)
    _move_roles(run, unit, goes, without_roles, None if stays else units[0], holders)


def _part(step: ReorganisationStep, to: int | None, units: list[Unit]) -> Unit | None:
    if to is None:
        return None
    made = dict(enumerate(step.made))
    return next((unit for unit in units if unit.pk == made.get(to)), None)


def _move_post(run: _Run, posting: Posting, target: Unit, position_name: str, rank: int) -> None:
    position, _ = Position.objects.get_or_create(name=position_name, rank=rank)
    run.result.moved_people[posting.person_id] = target
    has_it = Posting.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=run.day),
        person_id=posting.person_id, unit=target, position=position,
    ).exclude(pk=posting.pk)  # fmt: skip
    if posting.starts_on >= run.day:
        posting.unit, posting.position = target, position
        posting.save(update_fields=["unit", "position"])
        return
    was_main, last_day = posting.is_main, posting.ends_on
    posting.ends_on, posting.is_main = run.eve, False
    posting.save(update_fields=["ends_on", "is_main"])
    held = has_it.first()
    if held is not None:
        if was_main and not held.is_main:
            held.is_main = True
            held.save(update_fields=["is_main"])
        new = held
    else:
        new = Posting.objects.create(
            person_id=posting.person_id, unit=target, position=position, starts_on=run.day, ends_on=last_day,
            is_main=was_main,
        )  # fmt: skip
    Delegation.objects.filter(posting=posting, ended_at__isnull=True, ends_on__gte=run.day).update(posting=new)
    audit.record(
        actor=run.actor, action="organization.person.reorganised", object_kind="person", object_id=posting.person_id,
        now=run.now, detail={"from": posting.unit_id, "to": target.pk, "reorganisation": run.row.pk},
    )  # fmt: skip


def _move_roles(
    run: _Run, unit: Unit, goes: dict[int, Unit], without_roles: set[int], rest: Unit | None,
    holders: dict[Role, set[int]],
) -> None:  # fmt: skip
    """Roles in the unit end; each is held anew where its holder went, unless the unit there has a head of its own."""
    running = RoleGrant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=run.day), unit=unit)
    for grant in running.select_related("person").order_by("pk"):
        target = goes.get(grant.person_id, rest)
        if target is None:
            continue
        end_role(actor=run.actor, grant_id=grant.pk, first_day_without=run.day, now=run.now)
        role = Role(grant.role)
        name = f"{grant.person.full_name}: {role.label}"
        if grant.person_id in without_roles:
            run.result.notes.append(f"{name} ở {unit.name} đã thôi, không chuyển sang {target.name}.")
        elif target == rest and holders.get(role, set()) - {grant.person_id}:
            run.result.notes.append(f"{name} ở {unit.name} không chuyển: {target.name} đã có {role.label.lower()}.")
        elif not _holds(grant.person_id, role, target.pk, run.day):
            grant_role(
                actor=run.actor, person=grant.person, unit=target, role=role, starts_on=run.day,
                ends_on=grant.ends_on if grant.ends_on and grant.ends_on >= run.day else None, now=run.now,
            )  # fmt: skip
        access.principal_of_role(role, target.pk)


def _holders(role: Role, unit_id: int, day: date) -> set[int]:
    return {person.pk for person in queries.holders_of(role, unit_id, on=day)}


def _holds(person_id: int, role: Role, unit_id: int, day: date) -> bool:
    held = RoleGrant.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), person_id=person_id, unit_id=unit_id)
    return held.filter(role=role, starts_on__lte=day).exists()


def _end_capacities(run: _Run, unit: Unit) -> None:
    running = SigningCapacity.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=run.day), registry=unit)
    for capacity in running.select_related("person").order_by("pk"):
        run.result.notes.append(
            f"{capacity.person.full_name} không còn thẩm quyền ký {' / '.join(capacity.block_lines)} của {unit.name}."
        )
    running.update(ends_on=run.eve)


def _end_delegations(run: _Run, unit: Unit) -> None:
    """Delegations that were given for documents of this registry only."""
    given = Delegation.objects.filter(registry=unit, ended_at__isnull=True, ends_on__gte=run.day)
    for row in given.select_related("giver", "receiver").order_by("pk"):
        run.result.notes.append(
            f"Ủy quyền của {row.giver.full_name} cho {row.receiver.full_name} về văn bản của {unit.name} đã kết thúc."
        )
    given.update(ended_at=run.now, ended_by_id=run.row.confirmed_by_id, end_reason=run.row.basis[:300])


def _withdraw_changes(run: _Run, unit: Unit) -> None:
    waiting = RightChange.objects.filter(unit=unit, state=RightChangeState.WAITING)
    waiting.update(
        state=RightChangeState.WITHDRAWN, decided_by=F("proposed_by"), decided_at=run.now,
        decision_note=f"{unit.name} không còn theo {run.row.basis}"[:500],
    )  # fmt: skip


def _open_unit(unit_id: int) -> Unit:
    unit = Unit.objects.select_for_update(no_key=True).filter(pk=unit_id).first()
    if unit is None or unit.closed_on is not None:
        name = unit.name if unit else "Một đơn vị"
        raise Conflict(f"{name} không còn hoạt động. Chưa có gì thay đổi; sửa các bước rồi gửi lại.")
    return unit


def _record(run: _Run, action: str, unit: Unit, **detail: Any) -> None:  # noqa: ANN401 - plain values of the trail
    audit.record(
        actor=run.actor, action=action, object_kind="unit", object_id=unit.pk, now=run.now,
        detail={"reorganisation": run.row.pk, **detail},
    )  # fmt: skip


def today_or_later(row: Reorganisation, now: datetime) -> date:
    """Its first day, but never before today: what was done until now was right."""
    return max(row.effective_on, local_date(now))
