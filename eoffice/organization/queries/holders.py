"""The person behind an account, for the door below this room."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from eoffice.accounts.holders import NOBODY, Holder
from eoffice.core.clock import local_date
from eoffice.organization.models import Person, RoleGrant
from eoffice.organization.queries.validity import in_force


def holder_of(user_id: int, now: datetime) -> Holder:
    """Name, phone and today's roles of the person behind an account; in one query, as every sign-in asks it."""
    held = RoleGrant.objects.filter(in_force(local_date(now)), person_id=OuterRef("pk")).values("role")
    found = (
        Person.objects.filter(user_id=user_id)
        .annotate(roles_today=ArraySubquery(held))
        .values_list("pk", "full_name", "phone", "roles_today")
        .first()
    )
    if found is None:
        return NOBODY
    person_id, full_name, phone, roles = found
    return Holder(person_id, full_name, phone, frozenset(roles))
