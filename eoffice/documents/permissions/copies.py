"""Who makes electronic copies of papers, and who sees them."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

_READERS: Final = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.LEADER, Role.ARCHIVIST)


def can_copy(actor: Actor, registry_id: int) -> bool:
    """Copy a paper and seal the copy: the clerk who keeps the seal, in person (NĐ 30/2020/NĐ-CP, Điều 33)."""
    return actor.on_behalf_of_id is None and actor.has_role(Role.CLERK, registry_id)


def can_view_copies(actor: Actor) -> bool:
    """Look at the copies of a registry at all."""
    return actor.plays(*_READERS)


def copies_visible_to(actor: Actor) -> Q:
    """The copies an actor sees: those of his registries, in SQL."""
    return Q(registry_id__in=actor.units_with(*_READERS))
