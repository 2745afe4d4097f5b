"""Trình, chuyển: a registered letter goes to a leader, or is kept for information."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from eoffice.core import outbox
from eoffice.core.clock import local_date
from eoffice.core.errors import ExpectedError
from eoffice.core.vietnamese import nfc
from eoffice.documents import fitting_posts
from eoffice.documents.errors import NotALeader
from eoffice.documents.events import IncomingCompleted, IncomingForwarded
from eoffice.documents.models import IncomingDocument
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.services import registry_access, telling, tracking_delivery
from eoffice.documents.services.changing_state import change_state
from eoffice.documents.services.ending_requests import end_opinions_on_letters
from eoffice.documents.services.locking_incoming import lock_incoming
from eoffice.documents.states import DeliveryState, IncomingAction
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role


@transaction.atomic
def forward_incoming(
    *, actor: Actor, incoming_id: int, leader_id: int, now: datetime, note: str = ""
) -> IncomingDocument:
    """Submit a registered letter to a leader of its registry for direction.

    Source: NĐ 30/2020/NĐ-CP, Điều 23. Raises DocumentNotFound, NotPermitted, NotALeader, IllegalTransition.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(
        permissions.can_forward(actor, incoming), "Chỉ văn thư, chánh văn phòng của đơn vị trình được văn bản này."
    )
    forward_locked(actor=actor, incoming=incoming, leader_id=leader_id, note=note, now=now)
    return incoming


def forward_locked(*, actor: Actor, incoming: IncomingDocument, leader_id: int, note: str, now: datetime) -> None:
    """The same for a letter the caller has locked and may send on. Raises NotALeader, IllegalTransition."""
    leaders = {each.pk for each in organization.holders_of(Role.LEADER, incoming.registry_id, on=local_date(now))}
    if leader_id not in leaders:
        raise NotALeader(fields={"leader": NotALeader.default_message})
    incoming.forwarded_to_id = leader_id
    incoming.returned_reason = ""
    change_state(
        incoming, IncomingAction.FORWARD, actor=actor.ref, now=now, reason=nfc(note).strip(),
        audit_action="documents.incoming.forwarded", detail={"leader": leader_id},
        also=("forwarded_to", "returned_reason"),
    )  # fmt: skip
    registry_access.grant_leader(incoming, leader_id)
    telling.tell(
        person_ids=[leader_id], kind="forwarded", title="Văn bản chờ cho ý kiến chỉ đạo", incoming=incoming, now=now,
        actor=actor,
    )  # fmt: skip
    outbox.publish(IncomingForwarded(incoming.pk, leader_id), name="documents.incoming.forwarded", now=now)


@dataclass(frozen=True, slots=True)
class ForwardResult:
    """What became of one letter of a batch."""

    incoming_id: int
    error: ExpectedError | None


def forward_many(*, actor: Actor, incoming_ids: Sequence[int], leader_id: int, now: datetime) -> list[ForwardResult]:
    """Submit several letters to one leader, each in a transaction of its own; the batch goes on when one fails."""
    results: list[ForwardResult] = []
    for incoming_id in sorted(set(incoming_ids)):
        try:
            forward_incoming(actor=actor, incoming_id=incoming_id, leader_id=leader_id, now=now)
        except ExpectedError as error:
            results.append(ForwardResult(incoming_id, error))
        else:
            results.append(ForwardResult(incoming_id, None))
    return results


@transaction.atomic
def keep_for_information(*, actor: Actor, incoming_id: int, now: datetime, note: str = "") -> IncomingDocument:
    """Lưu để biết: nobody is asked to do anything about a registered letter.

    Raises DocumentNotFound, NotPermitted, IllegalTransition.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(permissions.can_forward(actor, incoming))
    change_state(
        incoming, IncomingAction.KEEP_FOR_INFORMATION, actor=actor.ref, now=now, reason=nfc(note).strip(),
        audit_action="documents.incoming.kept_for_information",
    )  # fmt: skip
    end_opinions_on_letters([incoming], ref=actor.ref, now=now, why="văn bản lưu để biết")
    tracking_delivery.note_progress(incoming=incoming, state=DeliveryState.DONE, now=now)
    outbox.publish(IncomingCompleted(incoming.pk), name="documents.incoming.completed", now=now)
    return incoming
