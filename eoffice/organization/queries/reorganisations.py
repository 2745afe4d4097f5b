"""Reorganisations: lists, one of them, those whose day has come, and where its people go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from eoffice.core.errors import NotFound
from eoffice.organization.actor import Actor
from eoffice.organization.models import (
    Posting,
    Reorganisation,
    ReorganisationState,
    ReorganisationStep,
    RoleGrant,
    StepKind,
    Unit,
)
from eoffice.organization.permissions import changes
from eoffice.organization.permissions import reorganising as permissions
from eoffice.organization.queries.changes import lone_administrator_allowed
from eoffice.organization.queries.units import units_by_id
from eoffice.organization.queries.validity import in_force


def reorganisations_of(actor: Actor) -> QuerySet[Reorganisation]:
    """Those the actor may see; take them in keyset pages."""
    return Reorganisation.objects.filter(permissions.visible_to(actor)).select_related("unit", "prepared_by")


def get_reorganisation(actor: Actor, reorganisation_id: int) -> Reorganisation:
    """One of them. Raises NotFound."""
    row = reorganisations_of(actor).select_related("confirmed_by").filter(pk=reorganisation_id).first()
    if row is None:
        raise NotFound("Không tìm thấy sắp xếp này.")
    return row


def lock_reorganisation(actor: Actor, reorganisation_id: int) -> Reorganisation:
    """The same, locked until commit. Raises NotFound."""
    rows = Reorganisation.objects.select_for_update(no_key=True, of=("self",)).select_related("unit", "prepared_by")
    row = rows.filter(permissions.visible_to(actor), pk=reorganisation_id).first()
    if row is None:
        raise NotFound("Không tìm thấy sắp xếp này.")
    return row


def get_step(actor: Actor, step_id: int) -> ReorganisationStep:
    """One step of one that the actor may see. Raises NotFound."""
    step = ReorganisationStep.objects.select_related("reorganisation__unit", "target").filter(pk=step_id).first()
    if step is None:
        raise NotFound("Không tìm thấy bước này.")
    get_reorganisation(actor, step.reorganisation_id)
    return step


def due_ids(today: date) -> list[int]:
    """Confirmed ones whose day has come, and those a killed job left in the middle."""
    due = Q(state=ReorganisationState.CONFIRMED, effective_on__lte=today) | Q(state=ReorganisationState.RUNNING)
    return list(Reorganisation.objects.filter(due).order_by("effective_on", "pk").values_list("pk", flat=True))


def confirmer_ids(row: Reorganisation, *, on: date) -> list[int]:
    """Who may confirm: keepers of the unit's rights but the preparer."""
    rows = RoleGrant.objects.filter(
        in_force(on),
        role__in=[str(role) for role in changes.KEEPERS],
        unit_id__in=row.unit.ancestor_ids,
        person__left_on__isnull=True,
        person__user__is_active=True,
    ).exclude(person_id=row.prepared_by_id)
    return sorted(set(rows.values_list("person_id", flat=True)))


def may_confirm_alone(actor: Actor, row: Reorganisation, *, on: date) -> bool:
    """The preparer keeps the unit's rights, the setting allows it, and there is really nobody else today."""
    return (
        row.state == ReorganisationState.WAITING
        and actor.person_id == row.prepared_by_id
        and changes.can_keep_rights(actor, row.unit)
        and lone_administrator_allowed()
        and not confirmer_ids(row, on=on)
    )


def has_finer_view(step: ReorganisationStep) -> bool:
    """Whether people of a step can be placed one by one."""
    return step.kind in {StepKind.MERGE, StepKind.SPLIT, StepKind.CLOSE}


def leaving_units(step: ReorganisationStep) -> list[int]:
    """Units that are no more after a step."""
    if step.kind in {StepKind.MERGE, StepKind.CLOSE}:
        return [unit_id for unit_id in step.units if unit_id != step.target_id]
    return list(step.units) if step.kind == StepKind.SPLIT and not step.keeps_source else []


def moving_posts(step: ReorganisationStep, *, on: date) -> QuerySet[Posting]:
    """Posts that a step touches: those held on its day or later, in units that go or are cut."""
    units = step.units if step.kind == StepKind.SPLIT else leaving_units(step)
    rows = Posting.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), unit_id__in=units)
    return rows.select_related("person", "position", "unit").order_by(
        "unit_id", "position__rank", "person__sort_key", "pk"
    )


@dataclass(frozen=True, slots=True)
class PlacedPost:
    """One post of a step with where it goes; `choices` (value, words) are the units it may go to."""

    posting: Posting
    to: int | None
    to_words: str
    position: str
    rank: int
    keeps_roles: bool


def choices_of(step: ReorganisationStep) -> list[tuple[str, str]]:
    """Where people of a step may go: the unit that goes on, and the units to be made."""
    rest: list[tuple[str, str]] = []
    if step.target is not None:
        rest = [("", step.target.name)]
    elif step.keeps_source:
        rest = [("", f"{units_by_id(step.units)[step.units[0]].name} (ở lại)")]
    return rest + [(str(number), part["name"]) for number, part in enumerate(step.parts)]


def placed_posts(step: ReorganisationStep, *, on: date) -> list[PlacedPost]:
    """Everybody a step touches, with where each goes; the first unit where nothing was said."""
    words = dict(choices_of(step))
    first = "" if "" in words else "0"
    found = []
    for posting in moving_posts(step, on=on):
        said = step.places.get(str(posting.pk), {})
        to = said.get("to") if said else (None if first == "" else 0)
        rank = said.get("rank")
        found.append(
            PlacedPost(
                posting=posting,
                to=to,
                to_words=words.get("" if to is None else str(to), ""),
                position=said.get("position") or posting.position.name,
                rank=posting.position.rank if rank is None else rank,
                keeps_roles=said.get("keeps_roles", True),
            )
        )
    return found


def names_of_units(steps: list[ReorganisationStep]) -> dict[int, Unit]:
    """The units of many steps by id; one statement."""
    return units_by_id({unit_id for step in steps for unit_id in [*step.units, *step.made]})


def reorganisation_for_job(reorganisation_id: int, *, locks: bool = False) -> Reorganisation:
    """One with its people, whoever asks: for the job that carries it out. `locks` it until commit."""
    rows = Reorganisation.objects.select_related("unit", "prepared_by", "confirmed_by")
    if locks:
        rows = rows.select_for_update(no_key=True, of=("self",))
    return rows.get(pk=reorganisation_id)
