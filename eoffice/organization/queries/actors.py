"""The actor behind an account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch, Q

from eoffice.core.clock import local_date
from eoffice.organization.actor import Actor, PostSummary
from eoffice.organization.errors import NoPosting
from eoffice.organization.models import Person, Posting, Principal, PrincipalKind, RoleGrant
from eoffice.organization.queries.units import nearest_registry_id
from eoffice.organization.queries.validity import in_force


def actor_of(*, user_id: int, now: datetime, posting_id: int | None = None, source: str = "web") -> Actor:
    """The actor behind an account. `posting_id` is the post chosen to act in; None takes the main one.

    Raises NoPosting when the account has no person or no post in force today.
    """
    today = local_date(now)
    person = (
        Person.objects.filter(user_id=user_id)
        .prefetch_related(
            Prefetch(
                "postings",
                Posting.objects.filter(in_force(today)).select_related("unit", "position").order_by("-is_main", "pk"),
                to_attr="current_postings",
            ),
            Prefetch("role_grants", RoleGrant.objects.filter(in_force(today)), to_attr="current_grants"),
        )
        .first()
    )
    if person is None:
        raise NoPosting
    postings: list[Posting] = person.current_postings
    grants: list[RoleGrant] = person.current_grants
    if not postings:
        raise NoPosting
    chosen = next((p for p in postings if p.pk == posting_id), postings[0])
    units_above = {ancestor for p in postings for ancestor in p.unit.ancestor_ids}
    roles = frozenset((grant.role, grant.unit_id) for grant in grants)
    return Actor(
        person_id=person.pk,
        user_id=user_id,
        name=person.full_name,
        posting_id=chosen.pk,
        unit_id=chosen.unit_id,
        unit_name=chosen.unit.name,
        position_name=chosen.position.name,
        posts=tuple(PostSummary(p.pk, p.unit_id, p.unit.name, p.position.name, p.position.rank) for p in postings),
        roles=roles,
        unit_ids=frozenset(p.unit_id for p in postings),
        principals=_principals(person.pk, units_above, roles),
        registry_id=nearest_registry_id(chosen.unit.ancestor_ids),
        source=source,
        initials=person.initials,
    )


def _principals(person_id: int, unit_ids: Iterable[int], roles: frozenset[tuple[str, int]]) -> tuple[int, ...]:
    condition = Q(kind=PrincipalKind.PERSON, person_id=person_id) | Q(kind=PrincipalKind.UNIT, unit_id__in=unit_ids)
    for role, unit_id in roles:
        condition |= Q(kind=PrincipalKind.ROLE, role=role, unit_id=unit_id)
    return tuple(Principal.objects.filter(condition).order_by("pk").values_list("pk", flat=True))
