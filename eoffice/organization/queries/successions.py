"""Which unit goes on for one that is no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from eoffice.organization.models import SuccessionKind, Unit, UnitSuccession


def heirs_of(unit_ids: Iterable[int]) -> dict[int, Unit]:
    """The open unit that goes on for each closed one, by the closed one's id; one statement. Others are left out."""
    rows = UnitSuccession.objects.filter(
        old_id__in=list(unit_ids), kind=SuccessionKind.WORK, heir__closed_on__isnull=True
    ).select_related("heir")
    return {row.old_id: row.heir for row in rows.order_by("pk")}


def went_on_as(unit_ids: Iterable[int], *kinds: SuccessionKind) -> QuerySet[UnitSuccession, int]:
    """Ids of the units that these went on for, as a subquery: their older documents are seen here."""
    rows = UnitSuccession.objects.filter(heir_id__in=list(unit_ids), kind__in=kinds)
    return rows.values_list("old_id", flat=True)


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """Where a unit comes from and what became of it."""

    came_from: list[UnitSuccession]
    went_to: list[UnitSuccession]


def unit_history(unit_id: int) -> UnitHistory:
    """Predecessors and successors of a unit; two statements."""
    rows = UnitSuccession.objects.filter(is_direct=True).exclude(kind=SuccessionKind.REGISTRY)
    return UnitHistory(
        came_from=list(rows.filter(heir_id=unit_id).select_related("old").order_by("since", "pk")),
        went_to=list(rows.filter(old_id=unit_id).select_related("heir").order_by("since", "pk")),
    )


def closed_with_heirs() -> list[tuple[int, int, int]]:
    """(closed unit, its open successor, reorganisation) of every unit that another went on for."""
    rows = UnitSuccession.objects.filter(
        kind=SuccessionKind.WORK, heir__closed_on__isnull=True, old__closed_on__isnull=False
    )
    return list(rows.order_by("pk").values_list("old_id", "heir_id", "reorganisation_id"))


def ended_by(reorganisation_id: int) -> list[int]:
    """Units that a reorganisation ended, in the order of its steps."""
    rows = UnitSuccession.objects.filter(reorganisation_id=reorganisation_id, kind=SuccessionKind.WORK, is_direct=True)
    return list(rows.order_by("pk").values_list("old_id", flat=True))
