"""For which registry a clerk takes letters in or copies papers."""

from __future__ import annotations

from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role


def offered_registries(actor: Actor) -> list[tuple[int, str]]:
    """What a clerk of several registries chooses from while she works in all her posts; else nothing to choose."""
    own = actor.units_with(Role.CLERK)
    if not actor.in_all_posts or len(own) < 2:
        return []
    units = organization.units_by_id(own)
    return [(unit.pk, unit.name) for unit in sorted(units.values(), key=lambda unit: (unit.path, unit.pk))]


def copying_registries(actor: Actor) -> list[int]:
    """The registries a form of a copy may be for: those offered, else the own one."""
    return [key for key, _ in offered_registries(actor)] or [own_registry(actor)]


def own_registry(actor: Actor) -> int:
    """The registry of the post chosen, else the clerk's only one; 0 for nobody's, which every service refuses."""
    own = actor.units_with(Role.CLERK)
    if actor.registry_id in own or not own:
        return actor.registry_id or 0
    return min(own)
