"""The actor behind an account."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Q

from eoffice.core.clock import local_date
from eoffice.organization.actor import Actor, PostSummary, Served
from eoffice.organization.errors import NoPosting
from eoffice.organization.models import (
    Posting,
    Principal,
    PrincipalKind,
    Role,
    RoleGrant,
    SecretaryService,
    SuccessionKind,
)
from eoffice.organization.queries.mandates import mandates_in_force
from eoffice.organization.queries.secretaries import serving
from eoffice.organization.queries.successions import went_on_as
from eoffice.organization.queries.validity import in_force


def actor_of(*, user_id: int, now: datetime, posting_id: int | None = None, source: str = "web") -> Actor:
    """The actor behind an account. `posting_id` is the post chosen to act in; None is all of them (ADR 0036).

    Three statements, however many posts: the posts with their person, the roles, the principals with the registries
    and the leaders served; for an auditor the mandates too.
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
    units_above = {ancestor for p in postings for ancestor in p.unit.ancestor_ids}
    grants = RoleGrant.objects.filter(in_force(today), person_id=person.pk)
    roles = frozenset(grants.values_list("role", "unit_id"))
    principals = _principals(person.pk, units_above, roles, today)
    posts = _posts(postings, roles, {row.unit_id for row in principals if row.has_registry})
    chosen = next((post for post in posts if post.posting_id == posting_id), None)
    narrowed = chosen is not None and len(posts) > 1
    shown = chosen or posts[0]
    return Actor(
        person_id=person.pk,
        user_id=user_id,
        name=person.full_name,
        posting_id=shown.posting_id,
        unit_id=shown.unit_id,
        unit_name=shown.unit_name,
        position_name=shown.position_name,
        posts=posts,
        roles=shown.roles if narrowed else roles,
        unit_ids=frozenset({shown.unit_id} if narrowed else {post.unit_id for post in posts}),
        principals=tuple(row.principal_id for row in principals),
        registry_id=shown.registry_id,
        source=source,
        initials=person.initials,
        mandates=mandates_in_force(person.pk, on=today) if _audits(roles) else (),
        serves=tuple(
            Served(row.leader_id, row.leader_name)
            for row in principals
            if row.kind == PrincipalKind.SECRETARIES and row.leader_id is not None
        ),
        in_all_posts=chosen is None and len(posts) > 1,
        elsewhere=frozenset(
            post.registry_id for post in posts if post.registry_id is not None and post.registry_id != shown.registry_id
        )
        if narrowed
        else frozenset(),
    )


def _posts(
    postings: list[Posting], roles: frozenset[tuple[str, int]], registries: set[int | None]
) -> tuple[PostSummary, ...]:
    """Each posting with its registry and the roles that go with it.

    A role goes with the posts in its unit; where he has none there, with those below it; else with every post.
    """
    brought: dict[int, set[tuple[str, int]]] = {p.pk: set() for p in postings}
    for role, unit_id in roles:
        there = [p for p in postings if p.unit_id == unit_id]
        for p in there or [p for p in postings if unit_id in p.unit.ancestor_ids] or postings:
            brought[p.pk].add((role, unit_id))
    return tuple(
        PostSummary(
            posting_id=p.pk,
            unit_id=p.unit_id,
            unit_name=p.unit.name,
            position_name=p.position.name,
            rank=p.position.rank,
            unit_short_name=p.unit.short_name,
            registry_id=next((above for above in reversed(p.unit.ancestor_ids) if above in registries), None),
            roles=frozenset(brought[p.pk]),
        )
        for p in postings
    )


def _audits(roles: frozenset[tuple[str, int]]) -> bool:
    return any(role == Role.AUDITOR for role, _ in roles)


class _Answered(NamedTuple):
    """A principal the person answers to. `leader_*` are meant where the kind is that of secretaries."""

    principal_id: int
    kind: str
    unit_id: int | None
    has_registry: bool | None
    leader_id: int | None
    leader_name: str


def _principals(person_id: int, unit_ids: set[int], roles: frozenset[tuple[str, int]], today: date) -> list[_Answered]:
    """Everything the person answers to; every unit has had its principal from its making.

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
    served = SecretaryService.objects.filter(serving(today), secretary_id=person_id).values("leader_id")
    condition |= Q(kind=PrincipalKind.SECRETARIES, person_id__in=served)
    rows = Principal.objects.filter(condition).order_by("pk")
    return [
        _Answered(*row)
        for row in rows.values_list("pk", "kind", "unit_id", "unit__has_registry", "person_id", "person__full_name")
    ]
