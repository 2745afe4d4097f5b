"""Reads over the organisation: actors, registries, recipients, capacities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q, QuerySet

from eoffice.core.clock import local_date
from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import fold
from eoffice.organization.actor import Actor, PostSummary
from eoffice.organization.errors import NoPosting, NoRegistryAbove
from eoffice.organization.models import (
    Installation,
    Person,
    Posting,
    Principal,
    PrincipalKind,
    Role,
    RoleGrant,
    SigningCapacity,
    Unit,
)


def in_force(day: date) -> Q:
    """Rows with `starts_on`/`ends_on` that hold on `day`."""
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))


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
        registry_id=_nearest_registry_id(chosen.unit.ancestor_ids),
        source=source,
        initials=person.initials,
    )


def _principals(person_id: int, unit_ids: Iterable[int], roles: frozenset[tuple[str, int]]) -> tuple[int, ...]:
    condition = Q(kind=PrincipalKind.PERSON, person_id=person_id) | Q(kind=PrincipalKind.UNIT, unit_id__in=unit_ids)
    for role, unit_id in roles:
        condition |= Q(kind=PrincipalKind.ROLE, role=role, unit_id=unit_id)
    return tuple(Principal.objects.filter(condition).order_by("pk").values_list("pk", flat=True))


def _nearest_registry_id(ancestor_ids: tuple[int, ...]) -> int | None:
    registries = set(Unit.objects.filter(pk__in=ancestor_ids, has_registry=True).values_list("pk", flat=True))
    return next((unit_id for unit_id in reversed(ancestor_ids) if unit_id in registries), None)


def registry_of(unit: Unit) -> Unit:
    """The unit that numbers and seals for `unit`: itself, or the nearest above. Raises NoRegistryAbove."""
    registry_id = _nearest_registry_id(unit.ancestor_ids)
    if registry_id is None:
        raise NoRegistryAbove
    return unit if registry_id == unit.pk else get_unit(registry_id)


def get_unit(unit_id: int) -> Unit:
    """One unit. Raises NotFound."""
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise NotFound("Không tìm thấy đơn vị.")
    return unit


def get_person(person_id: int) -> Person:
    """One person. Raises NotFound."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound("Không tìm thấy người này.")
    return person


def units_by_id(unit_ids: Iterable[int]) -> dict[int, Unit]:
    return Unit.objects.in_bulk(list(unit_ids))


def persons_by_id(person_ids: Iterable[int]) -> dict[int, Person]:
    return Person.objects.in_bulk(list(person_ids))


def active_units() -> QuerySet[Unit]:
    """Units not closed, in the order of the tree."""
    return Unit.objects.filter(closed_on__isnull=True).order_by("path", "pk")


def children_of(unit_id: int | None) -> QuerySet[Unit]:
    return Unit.objects.filter(parent_id=unit_id, closed_on__isnull=True).order_by("position", "sort_key", "pk")


def people_in(unit_id: int, *, on: date) -> QuerySet[Posting]:
    """Postings of one unit in force on a day, heads first."""
    return (
        Posting.objects.filter(in_force(on), unit_id=unit_id)
        .select_related("person", "position", "unit")
        .order_by("position__rank", "person__sort_key", "pk")
    )


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


@dataclass(frozen=True, slots=True)
class RecipientChoice:
    """One line of the picker: a unit or a person, named and placed."""

    kind: str
    id: int
    name: str
    detail: str
    path: str


def search_recipients(
    text: str, *, on: date, limit: int = 20, kinds: tuple[str, ...] = ("unit", "person")
) -> list[RecipientChoice]:
    """Units and people whose folded name holds every word of `text`, typed with or without tone marks."""
    words = fold(text).split()
    if not words:
        return []
    matching = Q()
    for word in words:
        matching &= Q(name_fold__contains=word)
    choices: list[RecipientChoice] = []
    if "unit" in kinds:
        units = Unit.objects.filter(matching, closed_on__isnull=True).select_related("parent")
        choices += [_unit_choice(unit) for unit in units.order_by("path", "pk")[:limit]]
    if "person" in kinds and len(choices) < limit:
        postings = (
            Posting.objects.filter(in_force(on), is_main=True, person__in=Person.objects.filter(matching))
            .select_related("person", "unit", "position")
            .order_by("position__rank", "person__sort_key", "pk")
        )
        choices += [_person_choice(posting) for posting in postings[: limit - len(choices)]]
    return choices


def unit_children(unit_id: int | None, *, on: date) -> list[RecipientChoice]:
    """What opens under a unit in the picker: its people, then its units."""
    people = [] if unit_id is None else [_person_choice(posting) for posting in people_in(unit_id, on=on)]
    return people + [_unit_choice(unit) for unit in children_of(unit_id).select_related("parent")]


def _unit_choice(unit: Unit) -> RecipientChoice:
    return RecipientChoice("unit", unit.pk, unit.name, unit.parent.short_name if unit.parent else "", unit.path)


def _person_choice(posting: Posting) -> RecipientChoice:
    return RecipientChoice(
        "person",
        posting.person_id,
        posting.person.full_name,
        f"{posting.position.name}, {posting.unit.short_name}",
        posting.unit.path,
    )


def capacities_of(*, person_id: int, registry_id: int, on: date) -> list[SigningCapacity]:
    """What a person may sign for a registry on a day."""
    return list(
        SigningCapacity.objects.filter(in_force(on), person_id=person_id, registry_id=registry_id).order_by("pk")
    )


def capacities_for(*, registry_id: int, document_type: str, on: date) -> list[SigningCapacity]:
    """Who may sign `document_type` for a registry on a day, in which form."""
    rows = SigningCapacity.objects.filter(in_force(on), registry_id=registry_id).select_related("person")
    return [row for row in rows.order_by("pk") if row.covers(document_type=document_type, day=on)]


def get_capacity(capacity_id: int) -> SigningCapacity:
    """One signing capacity with its person. Raises NotFound."""
    capacity = SigningCapacity.objects.select_related("person", "registry").filter(pk=capacity_id).first()
    if capacity is None:
        raise NotFound("Không tìm thấy thẩm quyền ký.")
    return capacity


def installation() -> Installation | None:
    """The row about this installation; None before `eoffice init` or the demo."""
    return Installation.objects.first()


@dataclass(frozen=True, slots=True)
class UnitPage:
    """What the page of a unit shows."""

    unit: Unit
    ancestors: list[Unit]
    children: list[Unit]
    people: list[Posting]
    capacities: list[SigningCapacity]
    grants: list[RoleGrant]


def unit_page(unit_id: int, *, on: date) -> UnitPage:
    """A unit with its people, units below, roles and signing capacities in force. Raises NotFound."""
    unit = get_unit(unit_id)
    above = units_by_id(unit.ancestor_ids)
    return UnitPage(
        unit=unit,
        ancestors=[above[ancestor] for ancestor in unit.ancestor_ids[:-1]],
        children=list(children_of(unit_id)),
        people=list(people_in(unit_id, on=on)[:500]),
        capacities=list(
            SigningCapacity.objects.filter(in_force(on), registry_id=unit_id)
            .select_related("person")
            .order_by("pk")[:200]
        ),
        grants=list(
            RoleGrant.objects.filter(in_force(on), unit_id=unit_id)
            .select_related("person")
            .order_by("role", "pk")[:500]
        ),
    )
