"""Giving and ending roles. By hand they come through `proposing_rights` and `deciding_rights`."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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
    """Let a person hold a role in a unit from a date on.

    For founding, import and a confirmed change; pages propose (`propose_role`).
    """
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


@transaction.atomic
def end_role(*, actor: ActorRef, grant_id: int, first_day_without: date, now: datetime) -> RoleGrant:
    """Let a role end: `first_day_without` is the first day on which it no longer holds. Locks the grant.

    A role that ends earlier already keeps its date. For a confirmed change and for people who leave.
    """
    grant = RoleGrant.objects.select_for_update(no_key=True).get(pk=grant_id)
    last_day = first_day_without - timedelta(days=1)
    if grant.ends_on is None or grant.ends_on > last_day:
        grant.ends_on = last_day
        grant.save(update_fields=["ends_on"])
        audit.record(
            actor=actor,
            action="organization.role.ended",
            object_kind="person",
            object_id=grant.person_id,
            now=now,
            detail={"unit": grant.unit_id, "role": grant.role, "last_day": last_day.isoformat()},
        )
    return grant
