"""Who may keep units and people: by hand below his own unit, by lists and directories for the whole house."""

from __future__ import annotations

from collections.abc import Iterable

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, Unit


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def can_import(actor: Actor) -> bool:
    """The administrator of a root unit: a list reaches every unit, and gives roles in them."""
    kept = actor.units_with(Role.ADMINISTRATOR)
    return bool(kept) and Unit.objects.filter(parent__isnull=True, pk__in=kept).exists()


def can_keep_unit(actor: Actor, unit: Unit) -> bool:
    """The administrator of the unit or of one above it."""
    return bool(actor.units_with(Role.ADMINISTRATOR) & frozenset(unit.ancestor_ids))


def keeps_units(actor: Actor) -> bool:
    """Whether the actor keeps any unit at all, and so sees the pages of keeping."""
    return actor.plays(Role.ADMINISTRATOR)


def can_keep_person(actor: Actor, units: Iterable[Unit]) -> bool:
    """`units` are those the person has posts in: one of them must be kept; a person without any is every keeper's."""
    held = list(units)
    return actor.plays(Role.ADMINISTRATOR) and (not held or any(can_keep_unit(actor, unit) for unit in held))
