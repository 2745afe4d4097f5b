"""The actor behind an account."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db.models import Q

from eoffice.core.clock import local_date
from eoffice.organization.actor import Actor, PostSummary
from eoffice.organization.errors import NoPosting
from eoffice.organization.models import Posting, Principal, PrincipalKind, Role, RoleGrant, SuccessionKind
from eoffice.organization.queries.mandates import mandates_in_force
from eoffice.organization.queries.successions import went_on_as
from eoffice.organization.queries.validity import in_force


def actor_of(*, user_id: int, now: datetime, posting_id: int | None = None, source: str = "web") -> Actor:
    """The actor behind an account. `posting_id` is the post chosen to act in; None takes the main one.

    Three statements, however many posts: the posts with their person, the roles, the principals with the registries;
    for an auditor the mandates too.
    Raises NoPosting when the account has no person or no post in force today.
    """
    return _actor(Q(person__user_id=user_id), user_id, now, posting_id, source)


def actor_of_person(*, person_id: int, now: datetime) -> Actor:
    """The same for a person, whether or not there is an account: whose rights a delegation lends. Raises NoPosting."""
    return _actor(Q(person_id=person_id), 0, now, None, "web")


def _actor(whose: Q, user_id: int, now: datetime, posting_id: int | None, source: str) -> Actor:
    today = local_date(now)
    postings = list(
        Posting.objects.filter(whose, in_force(today))
        .select_related("person", "unit", "position")
        .order_by("-is_main", "pk")
    )
    if not postings:
        raise NoPosting
    person = postings[0].person
    chosen = next((p for p in postings if p.pk == posting_id), postings[0])
    units_above = {ancestor for p in postings for ancestor in p.unit.ancestor_ids}
    grants = RoleGrant.objects.filter(in_force(today), person_id=person.pk)
    roles = frozenset(grants.values_list("role", "unit_id"))
    principals = _principals(person.pk, units_above, roles)
    registries = {unit_id for _, unit_id, has_registry in principals if has_registry}
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
        principals=tuple(principal_id for principal_id, _, _ in principals),
        registry_id=next((above for above in reversed(chosen.unit.ancestor_ids) if above in registries), None),
        source=source,
        initials=person.initials,
        mandates=mandates_in_force(person.pk, on=today) if _audits(roles) else (),
    )


def _audits(roles: frozenset[tuple[str, int]]) -> bool:
    return any(role == Role.AUDITOR for role, _ in roles)


def _principals(
    person_id: int, unit_ids: set[int], roles: frozenset[tuple[str, int]]
) -> list[tuple[int, int | None, bool | None]]:
    """(principal id, unit id, whether that unit has a registry); every unit has had its principal from its making.

    Those of units that these went on for are among them: a successor sees what its predecessors saw.
    """
    taken_over = went_on_as(unit_ids, SuccessionKind.WORK)
    condition = Q(kind=PrincipalKind.PERSON, person_id=person_id)
    condition |= Q(kind=PrincipalKind.UNIT, unit_id__in=unit_ids) | Q(kind=PrincipalKind.UNIT, unit_id__in=taken_over)
    held = defaultdict(set)
    for role, unit_id in roles:
        if role != Role.AUDITOR:  # shows documents only through a mandate
            held[role].add(unit_id)
    for role, role_units in held.items():
        older = went_on_as(role_units, SuccessionKind.WORK, SuccessionKind.REGISTRY)
        of_role = Q(kind=PrincipalKind.ROLE, role=role)
        condition |= of_role & (Q(unit_id__in=role_units) | Q(unit_id__in=older))
    rows = Principal.objects.filter(condition).order_by("pk")
    return list(rows.values_list("pk", "unit_id", "unit__has_registry"))
