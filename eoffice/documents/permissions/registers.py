"""Who may open, keep and read registers."""

from __future__ import annotations

from django.db.models import Q

from eoffice.core.errors import NotPermitted
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, SuccessionKind, Unit

KEEPERS = (Role.CLERK, Role.CHIEF_OF_OFFICE)
READERS = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.LEADER, Role.ARCHIVIST)


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def can_manage_registers(actor: Actor, registry: Unit) -> bool:
    """Open, close and keep numbers: the clerk and the chief of office of that registry."""
    return registry.has_registry and actor.has_any_role(registry.pk, *KEEPERS)


def can_read_register(actor: Actor, registry: Unit) -> bool:
    """The office, leaders and archivist of the registry; an auditor by his mandate."""
    return actor.has_any_role(registry.pk, *READERS) or actor.audits(registry.pk)


def registers_visible_to(actor: Actor) -> Q:
    """The same rule for a queryset of registers; an auditor opens those with lines of his mandate's period."""
    condition = _kept("registry_id", actor)
    for mandate in actor.mandates:
        years = Q(registry_id__in=mandate.registry_ids)
        if mandate.documents_from is not None:
            years &= Q(year__gte=mandate.documents_from.year)
        if mandate.documents_to is not None:
            years &= Q(year__lte=mandate.documents_to.year)
        condition |= years
    return condition


def entries_visible_to(actor: Actor) -> Q:
    """The same rule for lines of registers: an auditor reads those dated within his mandate's period."""
    return _dated_within(actor, registry="register__registry_id", day="dated_on")


def dispatches_visible_to(actor: Actor) -> Q:
    """The same rule for lines of the postal book, by the day they were sent."""
    return _dated_within(actor, registry="delivery__outgoing__registry_id", day="sent_on")


def _kept(registry: str, actor: Actor) -> Q:
    """Books of the registries the actor reads, and of those that these went on for."""
    own = actor.units_with(*READERS)
    older = organization.went_on_as(own, SuccessionKind.WORK, SuccessionKind.REGISTRY)
    return Q(**{f"{registry}__in": own}) | Q(**{f"{registry}__in": older})


def _dated_within(actor: Actor, *, registry: str, day: str) -> Q:
    condition = _kept(registry, actor)
    for mandate in actor.mandates:
        lines = Q(**{f"{registry}__in": mandate.registry_ids})
        if mandate.documents_from is not None:
            lines &= Q(**{f"{day}__gte": mandate.documents_from})
        if mandate.documents_to is not None:
            lines &= Q(**{f"{day}__lte": mandate.documents_to})
        condition |= lines
    return condition
