"""What happened to documents, for rooms above; published in the transaction of the change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class IncomingReceived:
    """`documents.incoming.received`."""

    incoming_id: int
    registry_id: int


@dataclass(frozen=True, slots=True)
class IncomingRegistered:
    """`documents.incoming.registered`."""

    incoming_id: int
    registry_id: int
    arrival_number: int


@dataclass(frozen=True, slots=True)
class IncomingRefused:
    """`documents.incoming.refused`."""

    incoming_id: int
    registry_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class IncomingForwarded:
    """`documents.incoming.forwarded`."""

    incoming_id: int
    leader_id: int


@dataclass(frozen=True, slots=True)
class IncomingDirected:
    """`documents.incoming.directed`; `by_rule` when no person gave the directive."""

    incoming_id: int
    directive_id: int
    by_rule: bool


@dataclass(frozen=True, slots=True)
class IncomingCompleted:
    """`documents.incoming.completed`."""

    incoming_id: int


@dataclass(frozen=True, slots=True)
class AssignmentCompleted:
    """`documents.assignment.completed`."""

    assignment_id: int
    incoming_id: int
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class UnitsReorganised:
    """`documents.units.reorganised`: tree, people and roles have changed; running work of `closed` is on its way."""

    reorganisation_id: int
    closed: tuple[int, ...]
    made: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DraftSubmitted:
    """`documents.draft.submitted`."""

    draft_id: int
    version: int


@dataclass(frozen=True, slots=True)
class DraftReturned:
    """`documents.draft.returned`."""

    draft_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class DraftSigned:
    """`documents.draft.signed`; `sha256` is the signed file."""

    draft_id: int
    registry_id: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OutgoingNumbered:
    """`documents.outgoing.numbered`."""

    outgoing_id: int
    draft_id: int
    registry_id: int
    shown_code: str


@dataclass(frozen=True, slots=True)
class OutgoingVoided:
    """`documents.outgoing.voided`."""

    outgoing_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class OutgoingSealed:
    """`documents.outgoing.sealed`."""

    outgoing_id: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OutgoingIssued:
    """`documents.outgoing.issued`."""

    outgoing_id: int
    draft_id: int
    registry_id: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class OutgoingRecalled:
    """`documents.outgoing.recalled`."""

    outgoing_id: int
    reason: str
