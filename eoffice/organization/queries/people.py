"""Persons and who holds which role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from eoffice.core.errors import NotFound
from eoffice.organization.models import Person, Posting, Role, RoleGrant
from eoffice.organization.queries.validity import in_force


def get_person(person_id: int) -> Person:
    """One person. Raises NotFound."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound("Không tìm thấy người này.")
    return person


def person_of_email(email: str) -> Person | None:
    """Who signs in with an e-mail, while the account is open."""
    return Person.objects.filter(user__email__iexact=email, user__is_active=True).first()


def persons_by_id(person_ids: Iterable[int]) -> dict[int, Person]:
    return Person.objects.in_bulk(list(person_ids))


def persons_by_account(user_ids: Iterable[int]) -> dict[int, Person]:
    """The people behind accounts, by the key of the account; one query."""
    return {person.user_id: person for person in Person.objects.filter(user_id__in=list(user_ids)) if person.user_id}


def people_in(unit_id: int, *, on: date) -> QuerySet[Posting]:
    """Postings of one unit in force on a day, heads first."""
    return (
        Posting.objects.filter(in_force(on), unit_id=unit_id)
        .select_related("person", "position", "unit")
        .order_by("position__rank", "person__sort_key", "pk")
    )


def posts_by_person(person_ids: Iterable[int], *, on: date) -> dict[int, list[Posting]]:
    """The posts in force of some people, the main one first; one query. Whoever has none is left out."""
    found: dict[int, list[Posting]] = {}
    rows = Posting.objects.filter(in_force(on), person_id__in=list(person_ids)).select_related("unit", "position")
    for post in rows.order_by("-is_main", "pk"):
        found.setdefault(post.person_id, []).append(post)
    return found


def people_playing(role: Role, *, on: date) -> list[int]:
    """Ids of everybody who holds a role anywhere on a day."""
    rows = RoleGrant.objects.filter(in_force(on), role=role).order_by("person_id")
    return list(rows.values_list("person_id", flat=True).distinct())


def holders_of(role: Role, unit_id: int, *, on: date) -> list[Person]:
    """Who holds `role` in exactly this unit on a day."""
    return list(
        Person.objects.filter(
            pk__in=RoleGrant.objects.filter(in_force(on), role=role, unit_id=unit_id).values("person_id")
        ).order_by("sort_key", "pk")
    )


def holder_ids_of(roles: Iterable[Role], unit_ids: Iterable[int], *, on: date) -> dict[int, list[int]]:
    """Person ids holding one of `roles`, by unit id."""
    found: dict[int, list[int]] = {}
    rows = RoleGrant.objects.filter(in_force(on), role__in=list(roles), unit_id__in=list(unit_ids))
    for unit_id, person_id in rows.order_by("pk").values_list("unit_id", "person_id"):
        found.setdefault(unit_id, []).append(person_id)
    return found


def count_people_kept_by(keeper: str) -> int:
    """How many people who have not left are kept by hand (empty), by lists (`file`) or by a source (`source:3`)."""
    return Person.objects.filter(managed_by=keeper, left_on__isnull=True).count()
