"""Reading marks of incoming documents: who opened a letter, and the informed lines that end by it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.documents import fitting_posts
from eoffice.documents.models import AssignmentRole, DocumentRead
from eoffice.documents.permissions import assignments as permissions
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.queries.incoming_detail import IncomingDetail, incoming_detail
from eoffice.documents.services import tracking_delivery
from eoffice.documents.services.assigning import end_by_reading
from eoffice.documents.services.locking_incoming import lock_incoming, lock_lines
from eoffice.documents.states import AssignmentState
from eoffice.notifications import services as notifications
from eoffice.organization import access
from eoffice.organization.actor import Actor


def open_incoming(*, actor: Actor, incoming_id: int, now: datetime) -> IncomingDetail:
    """Read one letter for the reading pane and leave the audit line of a read. Raises DocumentNotFound."""
    detail = incoming_detail(actor, incoming_id, now=now)
    mandate = _mandate_of(actor, incoming_id)
    audit.record_read(
        actor=actor.ref,
        object_kind=incoming_permissions.KIND,
        object_id=detail.incoming.pk,
        now=now,
        detail={"mandate": mandate} if mandate else None,
    )
    return detail


def _mandate_of(actor: Actor, incoming_id: int) -> int | None:
    return access.mandate_behind(actor, object_kind=incoming_permissions.KIND, object_id=incoming_id)


@transaction.atomic
def mark_read(*, actor: Actor, incoming_id: int, now: datetime) -> None:
    """Note that the actor has opened a letter; informed lines he may take in end by it.

    Repeating moves only the last time. An auditor who sees it by his mandate alone leaves no mark. Raises
    DocumentNotFound.
    """
    incoming = lock_incoming(actor, incoming_id)
    if _mandate_of(actor, incoming_id) is not None:
        return
    actor = fitting_posts.without_asking(actor, incoming)
    DocumentRead.objects.update_or_create(
        person_id=actor.person_id,
        object_kind=incoming_permissions.KIND,
        object_id=incoming.pk,
        defaults={"last_read_at": now},
        create_defaults={"first_read_at": now, "last_read_at": now},
    )
    for line in lock_lines(incoming, state=AssignmentState.WAITING):
        if permissions.can_note_read(actor, line):
            end_by_reading(line, actor, now)
        elif line.role != AssignmentRole.INFORMED and permissions.holds(actor, line) and line.seen_at is None:
            line.seen_at = now
            line.save(update_fields=["seen_at"])
    if not actor.only_reads:  # the sender asks whether the recipient has read it
        tracking_delivery.note_read(actor=actor, incoming=incoming, now=now)
    notifications.touch_counters([actor.person_id])
