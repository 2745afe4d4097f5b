"""Who may propose and confirm changes of rights, keep signing capacities, and use special powers."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.errors import PowersNeeded
from eoffice.organization.models import RightChange, RightChangeKind, RightChangeState, Role, Unit

KEEPERS: Final = (Role.ADMINISTRATOR, Role.CHIEF_OF_OFFICE)
"""Who keeps the rights of a unit and of every unit below it."""


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def require_powers(actor: Actor, unit: Unit) -> None:
    """Raise PowersNeeded when only the role of administrator lets the actor change rights here, and it is not timed.

    Chánh văn phòng decides about rights in the ordinary course of his post; the administrator does not.
    """
    if not _holds_above(actor, unit, Role.CHIEF_OF_OFFICE) and not actor.has_powers:
        raise PowersNeeded


def require_powers_somewhere(actor: Actor) -> None:
    """The same before a unit is chosen, so that nobody fills in a form in vain. Raises PowersNeeded."""
    if not actor.plays(Role.CHIEF_OF_OFFICE) and not actor.has_powers:
        raise PowersNeeded


def can_switch_powers_on(actor: Actor) -> bool:
    return actor.plays(Role.ADMINISTRATOR)


def can_keep_rights(actor: Actor, unit: Unit) -> bool:
    """Propose roles and mandates: the administrator and chánh văn phòng of the unit or of one above it."""
    return _holds_above(actor, unit, *KEEPERS)


def keeps_any_rights(actor: Actor) -> bool:
    return actor.plays(*KEEPERS)


def in_kept_units(actor: Actor, *, unit: str = "unit") -> Q:
    """The same rule for a queryset with a relation `unit`: a unit is kept from itself or any unit above."""
    condition = Q(pk__in=[])
    for kept_id in sorted(actor.units_with(*KEEPERS)):
        condition |= Q(**{f"{unit}__path__contains": f"/{kept_id}/"})
    return condition


def can_see_change(actor: Actor, change: RightChange) -> bool:
    """Its proposer, the person concerned, and who keeps the rights of the unit."""
    return actor.person_id in {change.proposed_by_id, change.person_id} or can_keep_rights(actor, change.unit)


def changes_visible_to(actor: Actor) -> Q:
    """The same rule for a queryset of changes."""
    return Q(proposed_by_id=actor.person_id) | Q(person_id=actor.person_id) | in_kept_units(actor)


def can_confirm(actor: Actor, change: RightChange) -> bool:
    """A second person who keeps the rights of the unit: never the proposer, never the person concerned.

    NĐ 30/2020/NĐ-CP, Phụ lục VI, III.3.c.
    """
    return (
        change.state == RightChangeState.WAITING
        and actor.person_id not in {change.proposed_by_id, change.person_id}
        and can_keep_rights(actor, change.unit)
    )


def can_withdraw(actor: Actor, change: RightChange) -> bool:
    return change.state == RightChangeState.WAITING and actor.person_id == change.proposed_by_id


def can_end_sight(actor: Actor, change: RightChange) -> bool:
    """Ask that a given sight end early: who asked for it, and who keeps the rights of the registry."""
    return (
        change.kind == RightChangeKind.SIGHT_GIVEN
        and change.state == RightChangeState.CONFIRMED
        and change.closed_at is None
        and (actor.person_id == change.proposed_by_id or can_keep_rights(actor, change.unit))
    )


def can_keep_capacities(actor: Actor, registry: Unit) -> bool:
    """Write down who signs what for a registry: its administrator and chánh văn phòng, or those above."""
    return registry.has_registry and can_keep_rights(actor, registry)


def can_read_capacities(actor: Actor, registry: Unit) -> bool:
    """Who signs in which form is printed on every letter; everyone inside may look it up."""
    return registry.has_registry


def _holds_above(actor: Actor, unit: Unit, *roles: Role) -> bool:
    return any(actor.has_any_role(above, *roles) for above in unit.ancestor_ids)
