"""Running work that a person holds, by kind; and hand-overs with their progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet

from eoffice.core.errors import NotFound
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Consultation,
    Draft,
    HandOver,
    IncomingDocument,
    Work,
)
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, DraftState, IncomingState
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person
from eoffice.organization.permissions import importing, leaving
from eoffice.organization.queries.leaving import Holdings, holdings_of
from eoffice.workflow import handing_over as flows

_UNFINISHED: Final = (
    DraftState.DRAFT,
    DraftState.IN_REVIEW,
    DraftState.AWAITING_SIGNATURE,
    DraftState.SIGNED,
    DraftState.NUMBERED,
)
_UNSIGNED: Final = (DraftState.IN_REVIEW, DraftState.AWAITING_SIGNATURE)


def lines_held(person_id: int) -> QuerySet[Assignment]:
    """Open lines whose holder is this person."""
    return Assignment.objects.filter(person_id=person_id, state__in=OPEN_ASSIGNMENT_STATES)


def lines_given(person_id: int) -> QuerySet[Assignment]:
    """Open lines that this person gave and decides about; informed lines ask for nothing."""
    rows = Assignment.objects.filter(assigned_by_id=person_id, state__in=OPEN_ASSIGNMENT_STATES)
    return rows.exclude(role=AssignmentRole.INFORMED)


def letters_awaiting(person_id: int) -> QuerySet[IncomingDocument]:
    """Letters that wait for this leader's direction."""
    return IncomingDocument.objects.filter(forwarded_to_id=person_id, state=IncomingState.AWAITING_DIRECTION)


def drafts_of(person_id: int) -> QuerySet[Draft]:
    """Drafts of this author that are not issued."""
    return Draft.objects.filter(author_id=person_id, state__in=_UNFINISHED)


def drafts_to_be_signed_by(person_id: int) -> QuerySet[Draft]:
    """Drafts under way whose printed signer (or second signer) is this person."""
    signs = Q(capacity__person_id=person_id) | Q(content__cosigner_id=person_id)
    return Draft.objects.filter(signs, state__in=_UNSIGNED)


def opinions_asked_of(person_id: int) -> QuerySet[Consultation]:
    """Questions to this person that have no answer."""
    return Consultation.objects.filter(person_id=person_id, answered_at__isnull=True, ended_at__isnull=True)


_ROWS: Final[Mapping[Work, Callable[[int], QuerySet[Any]]]] = {
    Work.LINES: lines_held,
    Work.DIRECTIONS: letters_awaiting,
    Work.GIVEN: lines_given,
    Work.DRAFTS: drafts_of,
    Work.REVIEWS: flows.steps_ahead_of,
    Work.OPINIONS: opinions_asked_of,
    Work.FLOWS: flows.flows_naming,
    Work.SIGNATURES: drafts_to_be_signed_by,
}


def keys_held(work: Work, person_id: int, *, after: int = 0, most: int = 200) -> list[int]:
    """Keys of what a person holds of one kind, in order, after a key."""
    return list(_ROWS[work](person_id).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])


def counts_held(person_id: int) -> dict[Work, int]:
    """How much a person holds of each kind; one statement each."""
    return {work: rows(person_id).count() for work, rows in _ROWS.items()}


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """What is shown before somebody leaves: what ends, what is given, what went before."""

    holdings: Holdings
    counts: dict[Work, int]
    earlier: list[HandOver]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def leaving_page(actor: Actor, person_id: int, *, on: date) -> LeavingPage:
    """What letting a person go would end and hand over. Raises NotFound, NotPermitted."""
    holdings = holdings_of(person_id, on=on)
    leaving.require(leaving.lets_leave(actor, holdings.units))
    earlier = HandOver.objects.filter(person_id=person_id).select_related("decided_by").order_by("-pk")
    return LeavingPage(holdings, counts_held(person_id), list(earlier[:20]))


@dataclass(frozen=True, slots=True)
class GivenPart:
    """How much of one kind one person got."""

    words: str
    person: Person
    count: int


def get_hand_over(actor: Actor, hand_over_id: int) -> HandOver:
    """One hand-over, for who decided it and administrators of the whole house. Raises NotFound."""
    row = HandOver.objects.select_related("person", "decided_by").filter(pk=hand_over_id).first()
    if row is None or not (row.decided_by_id == actor.person_id or importing.can_import(actor)):
        raise NotFound("Không tìm thấy lần bàn giao này.")
    return row


def parts_given(hand_over: HandOver) -> list[GivenPart]:
    """What was given to whom, in the order of the kinds; one statement."""
    keys = {key: key.split(":") for key in hand_over.given}
    people = organization.persons_by_id({int(person_id) for _, person_id in keys.values()})
    order = list(Work)
    parts = [
        (order.index(Work(work)), GivenPart(str(Work(work).label), people[int(person_id)], hand_over.given[key]))
        for key, (work, person_id) in keys.items()
    ]
    return [part for _, part in sorted(parts, key=lambda each: (each[0], each[1].person.pk))]
