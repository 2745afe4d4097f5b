"""The person behind an account, for the door below this room."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch

from eoffice.accounts.holders import NOBODY, Holder
from eoffice.core.clock import local_date
from eoffice.organization.models import Person, RoleGrant
from eoffice.organization.queries.validity import in_force


def holder_of(user_id: int, now: datetime) -> Holder:
    """Name, phone and today's roles of the person behind an account; in two queries."""
    grants = RoleGrant.objects.filter(in_force(local_date(now)))
    person = (
        Person.objects.filter(user_id=user_id)
        .prefetch_related(Prefetch("role_grants", grants, to_attr="current_grants"))
        .first()
    )
    if person is None:
        return NOBODY
    held: list[RoleGrant] = person.current_grants
    return Holder(person.pk, person.full_name, person.phone, frozenset(grant.role for grant in held))
