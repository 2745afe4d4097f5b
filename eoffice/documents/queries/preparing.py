"""What was prepared for the leader a letter waits for, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.documents.models import AssignmentRole, IncomingDocument, ProposedDirective, QueuePlace, QueueRank
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.states import IncomingState
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor


@dataclass(frozen=True, slots=True)
class Preparation:
    """The open proposal with its recipients in words, and the letter's place in the queue."""

    proposal: ProposedDirective | None
    recipients: tuple[tuple[str, str], ...]
    """(role, name), lead first."""
    rank: QueueRank
    may_prepare: bool
    may_send: bool


def preparation_of(actor: Actor, incoming: IncomingDocument) -> Preparation | None:
    """What the leader and his secretaries see; None for everybody else and where nothing waits.

    Two statements; with a proposal two more for the names of its recipients.
    """
    may_prepare, may_send = permissions.can_prepare(actor, incoming), permissions.can_direct(actor, incoming)
    if incoming.state != IncomingState.AWAITING_DIRECTION or not (may_prepare or may_send):
        return None
    proposal = open_proposal(incoming)
    place = QueuePlace.objects.filter(incoming=incoming, leader_id=incoming.forwarded_to_id).first()
    return Preparation(
        proposal=proposal,
        recipients=_named(proposal) if proposal else (),
        rank=QueueRank(place.rank) if place else QueueRank.NORMAL,
        may_prepare=may_prepare,
        may_send=may_send,
    )


def open_proposal(incoming: IncomingDocument) -> ProposedDirective | None:
    """The proposal that waits for the leader the letter waits for."""
    rows = ProposedDirective.objects.select_related("prepared_by", "leader")
    return rows.filter(incoming=incoming, leader_id=incoming.forwarded_to_id, closed_at__isnull=True).first()


def _named(proposal: ProposedDirective) -> tuple[tuple[str, str], ...]:
    rows = proposal.recipients
    units = organization.units_by_id([row["id"] for row in rows if row["kind"] == "unit"])
    people = organization.persons_by_id([row["id"] for row in rows if row["kind"] == "person"])
    order = list(AssignmentRole)
    named = []
    for row in sorted(rows, key=lambda row: order.index(AssignmentRole(row["role"]))):
        unit, person = (units.get(row["id"]), None) if row["kind"] == "unit" else (None, people.get(row["id"]))
        name = unit.name if unit else person.full_name if person else "Nơi nhận không còn"
        named.append((str(AssignmentRole(row["role"]).label), name))
    return tuple(named)
