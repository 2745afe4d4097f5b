"""Who may open, keep and read registers."""

from __future__ import annotations

from django.db.models import Q

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, Unit

KEEPERS = (Role.CLERK, Role.CHIEF_OF_OFFICE)
READERS = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.LEADER, Role.ARCHIVIST, Role.AUDITOR)


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def can_manage_registers(actor: Actor, registry: Unit) -> bool:
    """Open, close and keep numbers: the clerk and the chief of office of that registry."""
    return registry.has_registry and actor.has_any_role(registry.pk, *KEEPERS)


def can_read_register(actor: Actor, registry: Unit) -> bool:
    return actor.has_any_role(registry.pk, *READERS)


def registers_visible_to(actor: Actor) -> Q:
    """The same rule for a queryset of registers."""
    return Q(registry_id__in=actor.units_with(*READERS))
