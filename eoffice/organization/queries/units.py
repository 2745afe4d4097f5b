"""Units: one, many, the tree, and the registry above."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from eoffice.core.errors import NotFound
from eoffice.organization.errors import NoRegistryAbove
from eoffice.organization.models import Posting, RoleGrant, SigningCapacity, Unit
from eoffice.organization.queries.people import people_in
from eoffice.organization.queries.successions import UnitHistory, unit_history
from eoffice.organization.queries.validity import in_force


def nearest_registry_id(ancestor_ids: tuple[int, ...]) -> int | None:
    registries = set(Unit.objects.filter(pk__in=ancestor_ids, has_registry=True).values_list("pk", flat=True))
    return next((unit_id for unit_id in reversed(ancestor_ids) if unit_id in registries), None)


def registry_of(unit: Unit) -> Unit:
    """The unit that numbers and seals for `unit`: itself, or the nearest above. Raises NoRegistryAbove."""
    registry_id = nearest_registry_id(unit.ancestor_ids)
    if registry_id is None:
        raise NoRegistryAbove
    return unit if registry_id == unit.pk else get_unit(registry_id)


def get_unit(unit_id: int) -> Unit:
    """One unit. Raises NotFound."""
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise NotFound("Không tìm thấy đơn vị.")
    return unit


def units_by_id(unit_ids: Iterable[int]) -> dict[int, Unit]:
    return Unit.objects.in_bulk(list(unit_ids))


def active_units() -> QuerySet[Unit]:
    """Units not closed, in the order of the tree."""
    return Unit.objects.filter(closed_on__isnull=True).order_by("path", "pk")


def count_units() -> int:
    """How many units are open."""
    return Unit.objects.filter(closed_on__isnull=True).count()


def children_of(unit_id: int | None) -> QuerySet[Unit]:
    return Unit.objects.filter(parent_id=unit_id, closed_on__isnull=True).order_by("position", "sort_key", "pk")


@dataclass(frozen=True, slots=True)
class UnitPage:
    """What the page of a unit shows."""

    unit: Unit
    ancestors: list[Unit]
    children: list[Unit]
    people: list[Posting]
    capacities: list[SigningCapacity]
    grants: list[RoleGrant]
    history: UnitHistory


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
        history=unit_history(unit_id),
    )
