"""Who may let somebody leave the house or change units."""

from __future__ import annotations

from collections.abc import Iterable

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, Unit


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def lets_leave(actor: Actor, units: Iterable[Unit]) -> bool:
    """`units` are those the person has posts in: all of them are ended, so all must be the administrator's to keep."""
    kept = actor.units_with(Role.ADMINISTRATOR)
    return bool(kept) and all(kept & frozenset(unit.ancestor_ids) for unit in units)
