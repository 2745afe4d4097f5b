"""Running work that a unit holds, by kind: what a reorganisation shows before, and moves on its day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.db.models import Q, QuerySet

from eoffice.documents.models import (
    Assignment,
    Consultation,
    DistributionRule,
    Draft,
    IncomingDocument,
    OutgoingDocument,
    UnitWork,
)
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, DraftState, IncomingState, OutgoingState
from eoffice.workflow import reorganising as flows

RUNNING_LETTERS: Final = (
    IncomingState.RECEIVED,
    IncomingState.REGISTERED,
    IncomingState.AWAITING_DIRECTION,
    IncomingState.IN_PROGRESS,
)
UNNUMBERED: Final = (
    DraftState.DRAFT,
    DraftState.IN_REVIEW,
    DraftState.AWAITING_SIGNATURE,
    DraftState.SIGNED,
)


def letters_of(unit_id: int) -> QuerySet[IncomingDocument]:
    """Letters of this registry that are not done with."""
    return IncomingDocument.objects.filter(registry_id=unit_id, state__in=RUNNING_LETTERS)


def lines_of(unit_id: int) -> QuerySet[Assignment]:
    """Open lines that the unit itself holds."""
    return Assignment.objects.filter(unit_id=unit_id, state__in=OPEN_ASSIGNMENT_STATES)


def opinions_of(unit_id: int) -> QuerySet[Consultation]:
    """Questions to the unit that have no answer."""
    return Consultation.objects.filter(unit_id=unit_id, answered_at__isnull=True, ended_at__isnull=True)


def drafts_of(unit_id: int) -> QuerySet[Draft]:
    """Drafts of the unit, or that its registry was to number, and that have no number yet."""
    return Draft.objects.filter(Q(unit_id=unit_id) | Q(registry_id=unit_id), state__in=UNNUMBERED)


def numbered_of(unit_id: int) -> QuerySet[OutgoingDocument]:
    """Documents that the registry numbered and did not issue."""
    return OutgoingDocument.objects.filter(registry_id=unit_id, state=OutgoingState.NUMBERED)


def rules_of(unit_id: int) -> QuerySet[DistributionRule]:
    """Rules in use that give letters to the unit, or of its registry."""
    return DistributionRule.objects.filter(Q(lead_unit_id=unit_id) | Q(registry_id=unit_id), is_active=True)


_ROWS: Final[Mapping[UnitWork, Callable[[int], QuerySet[Any]]]] = {
    UnitWork.LETTERS: letters_of,
    UnitWork.LINES: lines_of,
    UnitWork.OPINIONS: opinions_of,
    UnitWork.DRAFTS: drafts_of,
    UnitWork.NUMBERED: numbered_of,
    UnitWork.STEPS: flows.steps_asking,
    UnitWork.FLOWS: flows.flows_touching,
    UnitWork.RULES: rules_of,
}


def keys_held(work: UnitWork, unit_id: int, *, after: int = 0, most: int = 200) -> list[int]:
    """Keys of what a unit holds of one kind, in order, after a key."""
    return list(_ROWS[work](unit_id).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])


def counts_held(unit_ids: Iterable[int]) -> dict[UnitWork, int]:
    """How much these units hold of each kind; one statement each and unit."""
    found = dict.fromkeys(UnitWork, 0)
    for unit_id in unit_ids:
        for work, rows in _ROWS.items():
            found[work] += rows(unit_id).count()
    return found


def holds_anything(unit_id: int) -> bool:
    """Whether a unit holds any running work."""
    return any(rows(unit_id).exists() for rows in _ROWS.values())
