"""Who may sign what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from eoffice.core.errors import NotFound
from eoffice.organization.models import SigningCapacity
from eoffice.organization.queries.validity import in_force


def capacities_of(*, person_id: int, registry_id: int, on: date) -> list[SigningCapacity]:
    """What a person may sign for a registry on a day."""
    return list(
        SigningCapacity.objects.filter(in_force(on), person_id=person_id, registry_id=registry_id).order_by("pk")
    )


def capacities_for(*, registry_id: int, document_type: str, on: date) -> list[SigningCapacity]:
    """Who may sign `document_type` for a registry on a day, in which form, in whatever fields (`covers_field`)."""
    rows = SigningCapacity.objects.filter(in_force(on), registry_id=registry_id).select_related("person")
    return [row for row in rows.order_by("pk") if row.covers(document_type=document_type, day=on)]


def capacities_within(*, registry_ids: Collection[int], on: date) -> list[SigningCapacity]:
    """Every capacity in force on a day for these registries, with person and registry."""
    rows = SigningCapacity.objects.filter(in_force(on), registry_id__in=registry_ids)
    return list(rows.select_related("person", "registry").order_by("pk"))


def get_capacity(capacity_id: int) -> SigningCapacity:
    """One signing capacity with its person. Raises NotFound."""
    capacity = SigningCapacity.objects.select_related("person", "registry").filter(pk=capacity_id).first()
    if capacity is None:
        raise NotFound("Không tìm thấy thẩm quyền ký.")
    return capacity
