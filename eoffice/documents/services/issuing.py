"""Phát hành: an outgoing document reaches every recipient of this installation at once, in set-based statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, IllegalTransition
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound, FileNotReady, NotSealed, Recalled
from eoffice.documents.events import OutgoingIssued
from eoffice.documents.models import (
    Delivery,
    DocumentLink,
    FileVersion,
    IncomingDocument,
    LinkRelation,
    OutgoingDocument,
    Recall,
    Sealing,
)
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.queries.annexes import SentAttachment, sent_attachments
from eoffice.documents.services.changing_state import allows, change_state
from eoffice.documents.services.check_codes import ensure_code
from eoffice.documents.services.closing import complete_by_reply
from eoffice.documents.services.delivering import addressed_of, bundle_of, deliver
from eoffice.documents.services.locking_outgoing import lock_outgoing
from eoffice.documents.states import DeliveryState, DraftAction, IncomingAction, IncomingState, OutgoingAction
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.signing import services as signing


def issue_outgoing(*, actor: Actor, outgoing_id: int, now: datetime) -> OutgoingDocument:
    """Issue a sealed document to all its recipients.

    One transaction: deliveries, one incoming document for each receiving registry, an internal copy with lines for
    units and people of this registry, files, rights, notifications, links, and the completion of the line it answers.
    The number of statements does not grow with the recipients. Source: NĐ 30/2020/NĐ-CP, Điều 18.
    Raises DocumentNotFound, NotPermitted, IllegalTransition, FileNotReady, NotSealed, NoRecipients.
    """
    with transaction.atomic():
        outgoing = lock_outgoing(actor, outgoing_id)
        actor = fitting_posts.at_outgoing(actor, outgoing)
        permissions.require(permissions.can_issue(actor, outgoing), "Chỉ văn thư của đơn vị phát hành phát hành được.")
        if not allows(outgoing, OutgoingAction.ISSUE):
            raise IllegalTransition(outgoing.state, OutgoingAction.ISSUE)
        attached = sent_attachments(outgoing.draft_id)
        file = _sealed_file(outgoing, attached)
        deliveries = deliver(outgoing, bundle_of(file, attached), addressed_of(outgoing), actor, now)
        ensure_code(draft_id=outgoing.draft_id, now=now)
        outgoing.issued_at = now
        change_state(
            outgoing, OutgoingAction.ISSUE, actor=actor.ref, now=now, also=("issued_at",),
            audit_action="documents.outgoing.issued", detail={"deliveries": deliveries, "sha256": file.file_id},
        )  # fmt: skip
        change_state(outgoing.draft, DraftAction.ISSUE, actor=actor.ref, now=now)
        _link(outgoing, actor)
        _keep_lasting(outgoing, file, now)
        for annex in attached:
            if annex.sealed is not None:
                _keep_lasting(outgoing, annex.sealed, now, f", phụ lục {annex.position}")
        complete_by_reply(actor=actor, draft=outgoing.draft, now=now)
        outbox.publish(
            OutgoingIssued(outgoing.pk, outgoing.draft_id, outgoing.registry_id, deliveries),
            name="documents.outgoing.issued",
            now=now,
        )
        _tell_authors(outgoing, actor, now)
    return outgoing


def _sealed_file(outgoing: OutgoingDocument, attached: Sequence[SentAttachment]) -> FileVersion:
    """The file that goes out. A paper without seal goes out as it was numbered; none before its annexes are signed."""
    if outgoing.file is None:
        raise FileNotReady
    if outgoing.draft.needs_seal and not Sealing.objects.filter(outgoing=outgoing, sealed_at__isnull=False).exists():
        raise NotSealed
    if any(each.annex is not None and each.annex.is_to_be_sealed and each.sealed is None for each in attached):
        raise NotSealed
    return outgoing.file


def _keep_lasting(outgoing: OutgoingDocument, file: FileVersion, now: datetime, part: str = "") -> None:
    """Have the signatures of the issued file kept provable; what is added later breaks none of them."""
    signing.keep_lasting(
        sha256=file.file_id,
        title=f"{outgoing.shown_code}{part}",
        url=reverse("documents:outgoing_detail", args=[outgoing.pk]),
        unit_id=outgoing.registry_id,
        now=now,
    )


def _link(outgoing: OutgoingDocument, actor: Actor) -> None:
    """What the new document answers, corrects or replaces; the older one stays as it is and shows the newer."""
    draft = outgoing.draft
    links = [
        ("incoming", draft.in_reply_to_id, LinkRelation.REPLIES_TO),
        ("outgoing", draft.corrects_id, LinkRelation.CORRECTS),
        ("outgoing", draft.replaces_id, LinkRelation.REPLACES),
    ]
    DocumentLink.objects.bulk_create(
        [
            DocumentLink(
                from_kind=permissions.KIND,
                from_id=outgoing.pk,
                to_kind=kind,
                to_id=object_id,
                relation=relation,
                created_by_id=actor.person_id,
            )
            for kind, object_id, relation in links
            if object_id is not None
        ],
        ignore_conflicts=True,
    )


def _tell_authors(outgoing: OutgoingDocument, actor: Actor, now: datetime) -> None:
    notifications.notify(
        person_ids={outgoing.draft.author_id, outgoing.signer_id} - {actor.person_id},
        kind="documents.outgoing.issued",
        title=f"Đã phát hành {outgoing.shown_code}",
        text=outgoing.subject,
        url=reverse("documents:outgoing_detail", args=[outgoing.pk]),
        now=now,
    )


@transaction.atomic
def send_again(*, actor: Actor, delivery_id: int, now: datetime) -> Delivery:
    """Gửi lại: put a refused letter back in the recipient's tray, and tell one that has not taken it yet.

    Raises DocumentNotFound, NotPermitted, Recalled, Conflict.
    """
    found = Delivery.objects.filter(pk=delivery_id).values_list("outgoing_id", flat=True).first()
    if found is None:
        raise DocumentNotFound
    outgoing = lock_outgoing(actor, found)
    actor = fitting_posts.at_outgoing(actor, outgoing)
    permissions.require(permissions.can_issue(actor, outgoing))
    if Recall.objects.filter(outgoing=outgoing).exists():
        raise Recalled
    # The letter before its delivery, as its registration locks them.
    incoming = IncomingDocument.objects.select_for_update(no_key=True).filter(deliveries=delivery_id).first()
    delivery = Delivery.objects.select_for_update(no_key=True).get(pk=delivery_id)
    if incoming is None or delivery.state not in {
        DeliveryState.REFUSED, DeliveryState.SENT, DeliveryState.ARRIVED,
    }:  # fmt: skip
        raise Conflict("Nơi này đã nhận văn bản nên không cần gửi lại.")
    if incoming.state == IncomingState.REFUSED:
        change_state(incoming, IncomingAction.ARRIVE_AGAIN, actor=actor.ref, now=now)
    Delivery.objects.filter(incoming=incoming).update(state=DeliveryState.ARRIVED, reason="", sent_at=now, state_at=now)
    offices = organization.holder_ids_of([Role.CLERK], [incoming.registry_id], on=local_date(now))
    notifications.notify(
        person_ids={person_id for ids in offices.values() for person_id in ids},
        kind="documents.incoming.arrived",
        title=f"Văn bản gửi lại, chờ đăng ký: {outgoing.shown_code}",
        text=f"{outgoing.issuing_body}: {outgoing.subject}",
        url=reverse("documents:incoming_detail", args=[incoming.pk]),
        now=now,
    )
    audit.record(
        actor=actor.ref, action="documents.outgoing.sent_again", object_kind=permissions.KIND, object_id=outgoing.pk,
        now=now, detail={"delivery": delivery.pk},
    )  # fmt: skip
    delivery.refresh_from_db()
    return delivery
