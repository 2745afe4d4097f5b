"""The list of fields of work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from eoffice.core.errors import NotFound
from eoffice.organization.models import Delegation, FieldOfWork, SigningCapacity


def fields_of_work() -> QuerySet[FieldOfWork]:
    """Every field, open ones first, each in the order of the alphabet."""
    return FieldOfWork.objects.order_by(F("closed_at").asc(nulls_first=True), "sort_key", "pk")


def offered_fields(*, besides: int | None = None) -> list[FieldOfWork]:
    """The fields a paper may get, and the one it has already (`besides`), whether closed or not. One statement."""
    return [each for each in fields_of_work() if each.closed_at is None or each.pk == besides]


def named_fields(keys: Collection[int]) -> list[FieldOfWork]:
    """Fields by key in the order of the alphabet; no statement for none."""
    return list(FieldOfWork.objects.filter(pk__in=keys).order_by("sort_key", "pk")) if keys else []


def get_field_of_work(field_id: int) -> FieldOfWork:
    """One field. Raises NotFound."""
    row = FieldOfWork.objects.filter(pk=field_id).first()
    if row is None:
        raise NotFound("Không tìm thấy lĩnh vực này.")
    return row


def field_name(field_id: int | None) -> str:
    """The name of a field; empty for none, or for one there is not. No statement for none."""
    found = named_fields([field_id] if field_id is not None else [])
    return found[0].name if found else ""


def may_take_field(field_id: int, *, kept: int | None) -> bool:
    """Whether a paper may be in a field: an open one, or the one it is in already. At most one statement."""
    return field_id == kept or FieldOfWork.objects.filter(pk=field_id, closed_at__isnull=True).exists()


@dataclass(slots=True)
class Bound:
    """How much names one field: capacities that have not ended, delegations not ended early."""

    capacities: int = 0
    delegations: int = 0


def bounds(*, on: date) -> dict[int, Bound]:
    """What is bound by each field today or later: what its keeper should know before he changes it. Two statements."""
    found: dict[int, Bound] = defaultdict(Bound)
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    for keys in (
        SigningCapacity.objects.filter(running).exclude(fields_of_work=[]).values_list("fields_of_work", flat=True)
    ):
        for key in keys:
            found[key].capacities += 1
    delegations = Delegation.objects.filter(ends_on__gte=on, ended_at__isnull=True).exclude(fields_of_work=[])
    for keys in delegations.values_list("fields_of_work", flat=True):
        for key in keys:
            found[key].delegations += 1
    return dict(found)
