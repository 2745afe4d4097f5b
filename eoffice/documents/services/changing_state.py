"""The one place where a state column of this room is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import IllegalTransition
from eoffice.documents import states
from eoffice.documents.models import Assignment, Draft, IncomingDocument, OutgoingDocument, StateChange

Stateful = IncomingDocument | Assignment | Draft | OutgoingDocument
_KINDS: Final[dict[type[Any], tuple[str, Mapping[Any, str]]]] = {
    IncomingDocument: ("incoming", states.INCOMING_TRANSITIONS),
    Assignment: ("assignment", states.ASSIGNMENT_TRANSITIONS),
    Draft: ("draft", states.DRAFT_TRANSITIONS),
    OutgoingDocument: ("outgoing", states.OUTGOING_TRANSITIONS),
}


def kind_of(row: Stateful) -> str:
    """The object kind under which audit, access and state changes know this row."""
    return _KINDS[type(row)][0]


def allows(row: Stateful, action: StrEnum) -> bool:
    """Whether the life cycle allows `action` now; pages ask this for their buttons."""
    return (row.state, action) in _KINDS[type(row)][1]


def change_state(
    row: Stateful,
    action: StrEnum,
    *,
    actor: ActorRef,
    now: datetime,
    reason: str = "",
    audit_action: str | None = None,
    detail: dict[str, Any] | None = None,
    also: tuple[str, ...] = (),
) -> None:
    """Move a row, locked by the caller, along its life cycle.

    Writes state, the transition row and the audit line (`documents.<kind>.<action>` unless named) in
    the caller's transaction; `also` names further fields of the row changed with it. Raises
    IllegalTransition.
    """
    kind, table = _KINDS[type(row)]
    target = table.get((row.state, action))
    if target is None:
        raise IllegalTransition(row.state, action)
    before, row.state = row.state, target
    row.save(update_fields=["state", *also])
    StateChange.objects.create(
        object_kind=kind,
        object_id=row.pk,
        from_state=before,
        to_state=target,
        action=action,
        person_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        reason=reason[:1000],
        at=now,
    )
    audit.record(
        actor=actor,
        action=audit_action or f"documents.{kind}.{action}",
        object_kind=kind,
        object_id=row.pk,
        now=now,
        detail=detail,
    )


def change_states(
    rows: Sequence[Stateful], action: StrEnum, *, actor: ActorRef, now: datetime, reason: str = ""
) -> None:
    """Move many rows of one kind, locked by the caller, along their life cycle in a few statements.

    The caller writes one audit line for the command. Raises IllegalTransition before anything is changed.
    """
    if not rows:
        return
    kind, table = _KINDS[type(rows[0])]
    targets: dict[int, str] = {}
    for row in rows:
        target = table.get((row.state, action))
        if target is None:
            raise IllegalTransition(row.state, action)
        targets[row.pk] = target
    StateChange.objects.bulk_create(
        [
            StateChange(
                object_kind=kind,
                object_id=row.pk,
                from_state=row.state,
                to_state=targets[row.pk],
                action=action,
                person_id=actor.person_id,
                on_behalf_of_id=actor.on_behalf_of_id,
                reason=reason[:1000],
                at=now,
            )
            for row in rows
        ]
    )
    for target in sorted(set(targets.values())):
        moved = [pk for pk, wanted in targets.items() if wanted == target]
        type(rows[0]).objects.filter(pk__in=moved).update(state=target)
    for row in rows:
        row.state = targets[row.pk]


def record_births(rows: Sequence[Stateful], *, actor: ActorRef, now: datetime, action: str = "created") -> None:
    """Write the first transition row of many new objects of one kind, in one statement."""
    StateChange.objects.bulk_create(
        [
            StateChange(
                object_kind=kind_of(row),
                object_id=row.pk,
                from_state="",
                to_state=row.state,
                action=action,
                person_id=actor.person_id,
                on_behalf_of_id=actor.on_behalf_of_id,
                at=now,
            )
            for row in rows
        ]
    )


def record_birth(row: Stateful, *, actor: ActorRef, now: datetime, action: str = "created") -> None:
    """Write the first transition row of a new object."""
    StateChange.objects.create(
        object_kind=kind_of(row),
        object_id=row.pk,
        from_state="",
        to_state=row.state,
        action=action,
        person_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        at=now,
    )


def record_ends(
    object_kind: str, ids: Sequence[int], *, actor: ActorRef, now: datetime, reason: str, action: str = "end"
) -> None:
    """Write that open requests (questions, extensions) ended with what they were about, in one statement.

    They have no state column: an answer, a decision or an end is a fact of its own with its time.
    """
    StateChange.objects.bulk_create(
        [
            StateChange(
                object_kind=object_kind,
                object_id=each,
                from_state="open",
                to_state="ended",
                action=action,
                person_id=actor.person_id,
                on_behalf_of_id=actor.on_behalf_of_id,
                reason=reason[:1000],
                at=now,
            )
            for each in ids
        ]
    )


def note_hand_over(
    row: Stateful, action: str, *, actor: ActorRef, now: datetime, reason: str, detail: dict[str, Any]
) -> None:
    """Write that a row, whose state stays, changed hands: into its history and the audit trail."""
    kind = kind_of(row)
    StateChange.objects.create(
        object_kind=kind,
        object_id=row.pk,
        from_state=row.state,
        to_state=row.state,
        action=action,
        person_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        reason=reason[:1000],
        at=now,
    )
    audit.record(
        actor=actor, action="documents.work.handed_over", object_kind=kind, object_id=row.pk, now=now, detail=detail
    )
