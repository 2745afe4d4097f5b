"""What a person holds in the house, for those who let him leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from eoffice.core.errors import NotFound
from eoffice.organization.models import Person, Posting, RoleGrant, SigningCapacity, Unit
from eoffice.organization.queries.validity import in_force


@dataclass(frozen=True, slots=True)
class Holdings:
    """Posts, roles and capacities held on a day; `sole_roles` are those nobody else holds in their unit.

    `let_sign` are capacities of others that this person gave: they go on until somebody ends them.
    """

    person: Person
    posts: list[Posting]
    roles: Sequence[RoleGrant]
    sole_roles: Sequence[RoleGrant]
    capacities: list[SigningCapacity]
    let_sign: list[SigningCapacity]

    @property
    def units(self) -> list[Unit]:
        return [posting.unit for posting in self.posts]


def holdings_of(person_id: int, *, on: date) -> Holdings:
    """What a person holds on a day. Five statements. Raises NotFound."""
    person = Person.objects.select_related("user").filter(pk=person_id).first()
    if person is None:
        raise NotFound("Không tìm thấy người này.")
    others = RoleGrant.objects.filter(in_force(on), role=OuterRef("role"), unit_id=OuterRef("unit_id")).exclude(
        person_id=person_id
    )
    grants = RoleGrant.objects.filter(in_force(on), person_id=person_id).select_related("unit").order_by("pk")
    roles = list(grants.annotate(is_shared=Exists(others)))
    capacities = SigningCapacity.objects.filter(in_force(on)).select_related("person", "registry").order_by("pk")
    return Holdings(
        person=person,
        posts=list(
            Posting.objects.filter(in_force(on), person_id=person_id)
            .select_related("unit", "position")
            .order_by("-is_main", "pk")
        ),
        roles=roles,
        sole_roles=[grant for grant in roles if not grant.is_shared],
        capacities=list(capacities.filter(person_id=person_id)),
        let_sign=list(capacities.filter(given_by_id=person_id).exclude(person_id=person_id)),
    )


def is_at_work(person_id: int, *, on: date) -> bool:
    """Whether a person has a post on a day and has not left."""
    return Posting.objects.filter(in_force(on), person_id=person_id, person__left_on__isnull=True).exists()
