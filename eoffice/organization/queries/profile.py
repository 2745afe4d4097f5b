"""What a person sees about himself, and whom to ask where it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.core.clock import local_date
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Posting, Role, RoleGrant, Unit
from eoffice.organization.queries.validity import in_force

_KEEPERS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Profile:
    """A person with posts and roles held today; `keepers` are administrators of his units, the nearest first."""

    person: Person
    posts: list[Posting]
    roles: list[RoleGrant]
    keepers: list[RoleGrant]


def profile_of(actor: Actor, *, now: datetime) -> Profile:
    """The actor's own. Four statements."""
    on = local_date(now)
    mine = in_force(on)
    posts = list(
        Posting.objects.filter(mine, person_id=actor.person_id)
        .select_related("unit", "position")
        .order_by("-is_main", "pk")
    )
    roles = RoleGrant.objects.filter(mine, person_id=actor.person_id).select_related("unit").order_by("pk")
    return Profile(
        person=Person.objects.select_related("user").get(pk=actor.person_id),
        posts=posts,
        roles=list(roles),
        keepers=_keepers_of([posting.unit for posting in posts], actor, now),
    )


def _keepers_of(units: list[Unit], actor: Actor, now: datetime) -> list[RoleGrant]:
    above = {unit_id for unit in units for unit_id in unit.ancestor_ids}
    held = RoleGrant.objects.filter(in_force(local_date(now)), role=Role.ADMINISTRATOR, unit_id__in=above).exclude(
        person_id=actor.person_id
    )
    found = held.filter(person__left_on__isnull=True).select_related("person__user", "unit")
    # The longest path is the nearest unit.
    return sorted(found, key=lambda grant: (-len(grant.unit.ancestor_ids), grant.pk))[:_KEEPERS_SHOWN]
