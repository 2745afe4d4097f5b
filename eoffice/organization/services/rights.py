"""Giving roles."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.organization import access
from eoffice.organization.models import Person, Role, RoleGrant, Unit


@transaction.atomic
def grant_role(
    *,
    actor: ActorRef,
    person: Person,
    unit: Unit,
    role: Role,
    starts_on: date,
    now: datetime,
    ends_on: date | None = None,
) -> RoleGrant:
    """Let a person hold a role in a unit from a date on."""
    grant, _ = RoleGrant.objects.get_or_create(
        person=person, unit=unit, role=role, starts_on=starts_on, defaults={"ends_on": ends_on}
    )
    access.principal_of_role(role, unit.pk)
    audit.record(
        actor=actor,
        action="organization.role.granted",
        object_kind="person",
        object_id=person.pk,
        now=now,
        detail={"unit": unit.pk, "role": str(role)},
    )
    return grant
