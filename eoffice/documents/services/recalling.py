"""Thu hồi: at once inside the installation; the issuer's copy is frozen, the recipients' copies are out of use."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.clock import local_date
from eoffice.core.errors import IllegalTransition, Invalid
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.events import OutgoingRecalled
from eoffice.documents.models import Assignment, Delivery, IncomingDocument, OutgoingDocument, Recall
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.services.changing_state import change_states
from eoffice.documents.services.ending_requests import end_extensions, end_opinions_on_letters
from eoffice.documents.services.locking_outgoing import lock_outgoing
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, AssignmentAction, DeliveryState, OutgoingState
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role


@transaction.atomic
def recall_outgoing(*, actor: Actor, outgoing_id: int, reason: str, now: datetime) -> Recall:
    """Recall an issued document: its copies are marked, their open lines closed, their clerks asked to confirm.

    The document stays as a frozen record; replies already issued stay. Bodies outside are told by the clerk, their
    line is not changed. Source: NĐ 30/2020/NĐ-CP, Điều 18 khoản 4. Raises DocumentNotFound, NotPermitted,
    IllegalTransition, Invalid.
    """
    outgoing = lock_outgoing(actor, outgoing_id)
    actor = fitting_posts.at_outgoing(actor, outgoing)
    permissions.require(permissions.can_recall(actor, outgoing), "Chỉ văn thư, chánh văn phòng nơi phát hành thu hồi.")
    if not reason.strip():
        raise Invalid(fields={"reason": "Ghi lý do thu hồi."})
    if outgoing.state != OutgoingState.ISSUED or Recall.objects.filter(outgoing=outgoing).exists():
        raise IllegalTransition(outgoing.state, "recall")
    recall = Recall.objects.create(
        outgoing=outgoing, reason=reason.strip()[:1000], recalled_by_id=actor.person_id, recalled_at=now
    )
    copies = list(
        IncomingDocument.objects.select_for_update(no_key=True).filter(source_outgoing=outgoing).order_by("pk")
    )
    IncomingDocument.objects.filter(source_outgoing=outgoing, recalled_at__isnull=True).update(recalled_at=now)
    holders = _close_lines(copies, actor, recall.reason, now)
    end_opinions_on_letters(copies, ref=actor.ref, now=now, why="văn bản đã bị nơi gửi thu hồi")
    Delivery.objects.filter(outgoing=outgoing, incoming__isnull=False).update(
        state=DeliveryState.RECALLED, reason=recall.reason, state_at=now
    )
    audit.record(
        actor=actor.ref, action="documents.outgoing.recalled", object_kind=permissions.KIND, object_id=outgoing.pk,
        now=now, detail={"copies": len(copies)},
    )  # fmt: skip
    outbox.publish(OutgoingRecalled(outgoing.pk, recall.reason), name="documents.outgoing.recalled", now=now)
    _tell(outgoing, copies, holders, recall.reason, actor, now)
    return recall


def _close_lines(copies: list[IncomingDocument], actor: Actor, reason: str, now: datetime) -> set[int]:
    lines = list(
        Assignment.objects.select_for_update(no_key=True)
        .filter(incoming__in=copies, state__in=OPEN_ASSIGNMENT_STATES)
        .order_by("pk")
    )
    change_states(lines, AssignmentAction.RECALL, actor=actor.ref, now=now, reason=reason)
    Assignment.objects.filter(pk__in=[line.pk for line in lines]).update(closed_at=now)
    end_extensions(lines, ref=actor.ref, now=now)
    units = {line.unit_id for line in lines if line.unit_id is not None}
    heads = organization.holder_ids_of([Role.UNIT_HEAD], units, on=local_date(now))
    people = {line.person_id for line in lines if line.person_id is not None}
    return people.union(*heads.values())


def _tell(
    outgoing: OutgoingDocument,
    copies: list[IncomingDocument],
    holders: set[int],
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    registries = {copy.registry_id for copy in copies if not copy.is_internal}
    clerks = organization.holder_ids_of([Role.CLERK], registries, on=local_date(now))
    leaders = {copy.forwarded_to_id for copy in copies if copy.forwarded_to_id is not None}
    told = holders.union(*clerks.values(), leaders, {outgoing.draft.author_id, outgoing.signer_id})
    notifications.notify(
        person_ids=told - {actor.person_id},
        kind="documents.outgoing.recalled",
        title=f"Nơi gửi đã thu hồi {outgoing.shown_code}",
        text=reason,
        url=f"{reverse('documents:search')}?q={outgoing.shown_code}",
        now=now,
    )


@transaction.atomic
def confirm_recall(*, actor: Actor, incoming_id: int, now: datetime) -> IncomingDocument:
    """The recipient's clerk confirms that the recalled copy is out of use. Confirming twice is confirming once.

    Raises DocumentNotFound, NotPermitted, IllegalTransition.
    """
    incoming = (
        IncomingDocument.objects.select_for_update(no_key=True)
        .filter(incoming_permissions.visible_to(actor), pk=incoming_id)
        .first()
    )
    if incoming is None:
        raise DocumentNotFound
    permissions.require(permissions.can_confirm_recall(actor, incoming), "Chỉ văn thư nơi nhận xác nhận thu hồi.")
    if incoming.recalled_at is None:
        raise IllegalTransition(incoming.state, "confirm_recall")
    if incoming.recall_confirmed_at is None:
        incoming.recall_confirmed_at = now
        incoming.save(update_fields=["recall_confirmed_at"])
        audit.record(
            actor=actor.ref, action="documents.incoming.recall_confirmed", object_kind=incoming_permissions.KIND,
            object_id=incoming.pk, now=now,
        )  # fmt: skip
    return incoming


def frozen() -> Q:
    """The condition "recalled" on a queryset of outgoing documents."""
    return Q(recall__isnull=False)
