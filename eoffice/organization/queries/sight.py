"""Ai xem được, vì sao: access rows of one object, and the people behind units and roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from eoffice.core.errors import NotFound
from eoffice.organization.access import answered_by, name_of
from eoffice.organization.actor import Actor
from eoffice.organization.models import (
    Access,
    AccessReason,
    Mandate,
    Person,
    Posting,
    Principal,
    PrincipalKind,
    Role,
    RoleGrant,
    SecretaryService,
    Unit,
)
from eoffice.organization.queries.secretaries import serving
from eoffice.organization.queries.validity import in_force

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class SightLine:
    """One access row: who, why, how many people stand behind it today. `access_id` opens them."""

    access_id: int
    who: str
    reason: str
    source: str
    people: int
    is_person: bool


@dataclass(frozen=True, slots=True)
class SightPage:
    """Lines of one page; `next_after` is the key of the next page, None at the end."""

    lines: list[SightLine]
    next_after: int | None


def sight_of(
    *, object_kind: str, object_id: int, on: date, after: int | None = None, of: Actor | None = None
) -> SightPage:
    """Who sees an object and why, in the order in which rights were given; at most five statements a page.

    `of` narrows it to one actor's own reasons. The owning room checks who may ask.
    """
    rows = Access.objects.filter(object_kind=object_kind, object_id=object_id, pk__gt=after or 0)
    if of is not None:
        rows = rows.filter(answered_by(of))
    found = list(rows.select_related("principal__person", "principal__unit").order_by("pk")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    counts = _counts(shown, on=on)
    lines = [
        SightLine(
            access_id=row.pk,
            who=name_of(row.principal),
            reason=AccessReason(row.reason).label,
            source=row.source,
            people=counts.get(row.pk, 0),
            is_person=row.principal.kind == PrincipalKind.PERSON,
        )
        for row in shown
    ]
    return SightPage(lines, shown[-1].pk if len(found) > PAGE_SIZE else None)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The people behind one access row, by their keys."""

    who: str
    reason: str
    people: list[Person]
    next_after: int | None


def people_behind(
    *, object_kind: str, object_id: int, access_id: int, on: date, after: int | None = None
) -> PeoplePage:
    """Who stands behind one access row of an object today, in keyset pages. Raises NotFound."""
    row = (
        Access.objects.filter(object_kind=object_kind, object_id=object_id, pk=access_id)
        .select_related("principal__person", "principal__unit")
        .first()
    )
    if row is None:
        raise NotFound("Không tìm thấy quyền xem này. Quyền có thể vừa được thu hồi.")
    people = _people_of(row, on=on).filter(pk__gt=after or 0).order_by("pk")
    found = list(people[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    return PeoplePage(
        who=name_of(row.principal),
        reason=AccessReason(row.reason).label,
        people=shown,
        next_after=shown[-1].pk if len(found) > PAGE_SIZE else None,
    )


def _people_of(row: Access, *, on: date) -> QuerySet[Person]:
    principal = row.principal
    if principal.kind == PrincipalKind.PERSON:
        return Person.objects.filter(pk=principal.person_id or 0)
    if principal.kind == PrincipalKind.SECRETARIES:
        served = SecretaryService.objects.filter(serving(on), leader_id=principal.person_id or 0)
        return Person.objects.filter(pk__in=served.values("secretary_id"))
    if principal.kind == PrincipalKind.UNIT and principal.unit is not None:
        posts = Posting.objects.filter(in_force(on), unit__path__startswith=principal.unit.path)
        return Person.objects.filter(pk__in=posts.values("person_id"))
    grants = RoleGrant.objects.filter(in_force(on), role=principal.role)
    if principal.role == Role.AUDITOR and principal.unit is not None:
        mandated = _mandates_over(principal.unit, row.dated_on, on=on).values("person_id")
        return Person.objects.filter(pk__in=grants.filter(person_id__in=mandated).values("person_id"))
    return Person.objects.filter(pk__in=grants.filter(unit_id=principal.unit_id or 0).values("person_id"))


def _mandates_over(registry: Unit, day: date, *, on: date) -> QuerySet[Mandate]:
    return Mandate.objects.filter(
        in_force(on),
        Q(documents_from__isnull=True) | Q(documents_from__lte=day),
        Q(documents_to__isnull=True) | Q(documents_to__gte=day),
        unit_id__in=registry.ancestor_ids,
    )


def _counts(rows: Iterable[Access], *, on: date) -> dict[int, int]:
    """People behind each row. Roles and units take one statement each; auditors, secretaries one each: few."""
    listed = list(rows)
    units = _unit_counts({row.principal.unit_id for row in listed if row.principal.kind == PrincipalKind.UNIT}, on=on)
    roles = _role_counts([row.principal for row in listed if row.principal.kind == PrincipalKind.ROLE], on=on)
    counts = {}
    for row in listed:
        principal = row.principal
        if principal.kind == PrincipalKind.PERSON:
            counts[row.pk] = 1
        elif principal.kind == PrincipalKind.UNIT:
            counts[row.pk] = units.get(principal.unit_id, 0)
        elif principal.role == Role.AUDITOR or principal.kind == PrincipalKind.SECRETARIES:
            counts[row.pk] = _people_of(row, on=on).count()
        else:
            counts[row.pk] = roles.get((principal.role, principal.unit_id), 0)
    return counts


def _unit_counts(unit_ids: set[int | None], *, on: date) -> dict[int | None, int]:
    below = (
        Posting.objects.filter(in_force(on), unit__path__startswith=OuterRef("path"))
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(people=Count("person_id", distinct=True))
        .values("people")
    )
    units = Unit.objects.filter(pk__in=[each for each in unit_ids if each]).annotate(
        people=Coalesce(Subquery(below, output_field=IntegerField()), 0)
    )
    return dict(units.values_list("pk", "people"))


def _role_counts(principals: Iterable[Principal], *, on: date) -> dict[tuple[str, int | None], int]:
    wanted = list(principals)
    rows = (
        RoleGrant.objects.filter(
            in_force(on), role__in=[each.role for each in wanted], unit_id__in=[each.unit_id for each in wanted]
        )
        .order_by()
        .values("role", "unit_id")
        .annotate(people=Count("person_id", distinct=True))
    )
    return {(row["role"], row["unit_id"]): row["people"] for row in rows}
