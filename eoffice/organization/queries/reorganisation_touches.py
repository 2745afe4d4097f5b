"""What a reorganisation touches in this room: roles, capacities, delegations, mandates, proposals, directories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from eoffice.organization.models import (
    Delegation,
    DirectorySource,
    Mandate,
    RightChange,
    RightChangeState,
    RoleGrant,
    SigningCapacity,
    Unit,
)


def _running(on: date) -> Q:
    return Q(ends_on__isnull=True) | Q(ends_on__gte=on)


def roles_in(unit_ids: Iterable[int], *, on: date) -> QuerySet[RoleGrant]:
    """Roles held in these units on a day or later."""
    rows = RoleGrant.objects.filter(_running(on), unit_id__in=list(unit_ids))
    return rows.select_related("person", "unit").order_by("unit", "role", "pk")


def open_units_below(unit_ids: Iterable[int]) -> QuerySet[Unit]:
    """Open units right below these."""
    return Unit.objects.filter(parent_id__in=list(unit_ids), closed_on__isnull=True).order_by("path")


def capacities_of_registries(registry_ids: Iterable[int], *, on: date) -> QuerySet[SigningCapacity]:
    """Signing capacities for these registries on a day or later."""
    rows = SigningCapacity.objects.filter(_running(on), registry_id__in=list(registry_ids))
    return rows.select_related("person").order_by("pk")


def delegations_touching(unit_ids: Iterable[int], *, on: date) -> QuerySet[Delegation]:
    """Delegations for documents of these registries, or given in a post in these units."""
    ids = list(unit_ids)
    rows = Delegation.objects.filter(
        Q(registry_id__in=ids) | Q(posting__unit_id__in=ids), ended_at__isnull=True, ends_on__gte=on
    )
    return rows.select_related("giver", "receiver").order_by("pk")


def mandates_of(unit_ids: Iterable[int], *, on: date) -> QuerySet[Mandate]:
    """Mandates given for exactly these units, on a day or later."""
    rows = Mandate.objects.filter(_running(on), unit_id__in=list(unit_ids))
    return rows.select_related("person", "unit").order_by("pk")


def waiting_changes_of(unit_ids: Iterable[int]) -> QuerySet[RightChange]:
    """Proposals about rights in these units that nobody has decided."""
    rows = RightChange.objects.filter(unit_id__in=list(unit_ids), state=RightChangeState.WAITING)
    return rows.select_related("person").order_by("pk")


def active_sources() -> QuerySet[DirectorySource]:
    """Directories that are read."""
    return DirectorySource.objects.filter(is_active=True).order_by("pk")
