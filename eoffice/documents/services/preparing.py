"""What a secretary does for a leader: propose a directive, put letters in order. Only the leader sends (ADR 0036)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.documents import fitting_posts
from eoffice.documents.errors import NothingProposed, ProposalChanged
from eoffice.documents.models import Directive, IncomingDocument, ProposedDirective, QueuePlace, QueueRank
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.services import directing, registry_access, reviewing, telling
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.locking_incoming import lock_incoming
from eoffice.documents.states import IncomingState
from eoffice.organization.actor import Actor
from eoffice.workflow import queries as flows
from eoffice.workflow.definitions import StepKind

_SAVED = ("text", "recipients", "due_on", "requires_reply", "prepared_by", "prepared_at", "version")
_ONLY_SECRETARIES = "Chỉ thư ký của lãnh đạo đang chờ cho ý kiến mới chuẩn bị được. Dữ liệu chưa thay đổi."


@transaction.atomic
def prepare_directive(
    *,
    actor: Actor,
    incoming_id: int,
    text: str,
    recipients: Sequence[Recipient],
    now: datetime,
    due_on: date | None = None,
    requires_reply: bool = False,
    seen_version: int = 0,
) -> ProposedDirective:
    """Propose a directive to the leader a letter waits for, or change the one proposed.

    It is checked as a directive is, and orders nobody anything. `seen_version` is that of the proposal on the screen,
    0 where there was none: another's saving in between is not written over. Locks the letter, then the proposal, as
    sending does. Raises DocumentNotFound, NotPermitted, ProposalChanged, SeveralLeads, DayOff, Invalid.
    """
    incoming = lock_incoming(actor, incoming_id)
    permissions.require(permissions.can_prepare(actor, incoming), _ONLY_SECRETARIES)
    actor = fitting_posts.without_asking(actor, incoming)
    order = directing.checked_order(text, recipients, due_on, now, requires_reply=requires_reply)
    leader_id = incoming.forwarded_to_id or 0
    proposal = directing.lock_proposal(incoming, leader_id)
    if (proposal.version if proposal else 0) != seen_version:
        raise ProposalChanged
    is_new = proposal is None
    if proposal is None:
        proposal = ProposedDirective(incoming=incoming, leader_id=leader_id, version=0)
    proposal.text = order.instruction
    proposal.recipients = [{"kind": each.kind, "id": each.id, "role": str(each.role)} for each in recipients]
    proposal.due_on, proposal.requires_reply = due_on, requires_reply
    proposal.prepared_by_id, proposal.prepared_at = actor.person_id, now
    proposal.version += 1
    proposal.save(force_insert=is_new, update_fields=None if is_new else _SAVED)
    _record(actor, "prepared", incoming, now, leader=leader_id, version=proposal.version)
    if is_new:
        telling.tell(
            person_ids=[leader_id], kind="prepared", title=f"{actor.name} đã dự kiến bút phê", incoming=incoming,
            now=now, actor=actor,
        )  # fmt: skip
    return proposal


@transaction.atomic
def drop_proposal(*, actor: Actor, incoming_id: int, now: datetime) -> None:
    """Take the open proposal away: a secretary of the leader, or the leader. Nothing open is no fault.

    Raises DocumentNotFound, NotPermitted.
    """
    incoming = lock_incoming(actor, incoming_id)
    allowed = permissions.can_prepare(actor, incoming) or permissions.can_direct(actor, incoming)
    permissions.require(allowed, _ONLY_SECRETARIES)
    actor = fitting_posts.without_asking(actor, incoming)
    proposal = directing.lock_proposal(incoming, incoming.forwarded_to_id or 0)
    if proposal is not None:
        proposal.closed_at = now
        proposal.save(update_fields=["closed_at"])
        _record(actor, "preparation_dropped", incoming, now, version=proposal.version)


@transaction.atomic
def send_proposal(*, actor: Actor, incoming_id: int, seen_version: int, now: datetime) -> Directive:
    """The leader sends what was prepared as his own directive, in one press, exactly as he read it.

    The directive says who prepared it. Raises as `direct_incoming`; NothingProposed, ProposalChanged when the
    secretary has changed it since it was shown.
    """
    incoming = lock_incoming(actor, incoming_id)
    permissions.require(
        permissions.can_direct(actor, incoming), "Chỉ người được trình mới gửi được bút phê. Dữ liệu chưa thay đổi."
    )
    proposal = directing.lock_proposal(incoming, incoming.forwarded_to_id or 0)
    if proposal is None:
        raise NothingProposed
    if proposal.version != seen_version:
        raise ProposalChanged
    return directing.direct_incoming(
        actor=actor,
        incoming_id=incoming_id,
        text=proposal.text,
        recipients=directing.recipients_of(proposal),
        due_on=proposal.due_on,
        requires_reply=proposal.requires_reply,
        proposal_id=proposal.pk,
        now=now,
    )


@transaction.atomic
def rank_letter(*, actor: Actor, incoming_id: int, rank: QueueRank, now: datetime) -> None:
    """Say which letters the leader should read first. Raises DocumentNotFound, NotPermitted."""
    incoming = lock_incoming(actor, incoming_id)
    permissions.require(permissions.can_prepare(actor, incoming), _ONLY_SECRETARIES)
    actor = fitting_posts.without_asking(actor, incoming)
    places = QueuePlace.objects.filter(incoming=incoming, leader_id=incoming.forwarded_to_id)
    if rank == QueueRank.NORMAL:
        places.delete()
    else:
        QueuePlace.objects.update_or_create(
            incoming=incoming,
            leader_id=incoming.forwarded_to_id,
            defaults={"rank": rank, "set_by_id": actor.person_id, "set_at": now},
        )
    _record(actor, "ranked", incoming, now, rank=int(rank))


def open_what_waits(*, leader_id: int) -> None:
    """Let a leader's secretaries see what waited for him before the first of them was named. May run twice."""
    waiting = IncomingDocument.objects.filter(
        forwarded_to_id=leader_id, state=IncomingState.AWAITING_DIRECTION, recalled_at__isnull=True
    )
    for incoming in waiting.order_by("pk").iterator():
        registry_access.grant_secretaries(incoming, leader_id)
    to_sign = flows.subjects_waiting_for_people([leader_id], subject_kind="draft", kinds=[StepKind.SIGN])
    for draft_id in to_sign.order_by("run__subject_id").iterator():
        reviewing.grant_secretaries(draft_id, leader_id)


def _record(actor: Actor, what: str, incoming: IncomingDocument, now: datetime, **detail: object) -> None:
    audit.record(
        actor=actor.ref, action=f"documents.incoming.{what}", object_kind=permissions.KIND, object_id=incoming.pk,
        now=now, detail=detail,
    )  # fmt: skip
