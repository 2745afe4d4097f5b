"""What the issuer sees of each recipient: written by the receiving side's commands."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Q

from eoffice.documents.models import Assignment, Delivery, IncomingDocument
from eoffice.documents.states import AssignmentState, DeliveryState
from eoffice.organization.actor import Actor

# A recipient's line only moves on; a late or repeated note never takes it back.
_ORDER: Final = {
    DeliveryState.SENT: 0,
    DeliveryState.ARRIVED: 1,
    DeliveryState.ACCEPTED: 2,
    DeliveryState.ASSIGNED: 3,
    DeliveryState.IN_PROGRESS: 4,
    DeliveryState.DONE: 5,
    DeliveryState.REFUSED: 6,
    DeliveryState.RECALLED: 7,
}


def note_progress(*, incoming: IncomingDocument, state: DeliveryState, now: datetime, reason: str = "") -> None:
    """Tell the issuer how far the document has come here; nothing to do for letters from outside."""
    if incoming.source_outgoing_id is None:
        return
    earlier = [code for code, order in _ORDER.items() if order < _ORDER[state]]
    rows = Delivery.objects.filter(incoming_id=incoming.pk, state__in=earlier)
    if incoming.is_internal:
        # The units of one registry share a copy; each is only as far as its own line.
        begun = Assignment.objects.filter(incoming=incoming, parent__isnull=True).exclude(state=AssignmentState.WAITING)
        rows = rows.filter(Q(unit__in=begun.values("unit")) | Q(person__in=begun.values("person")))
    rows.update(state=state, reason=reason[:1000], state_at=now)


def note_read(*, actor: Actor, incoming: IncomingDocument, now: datetime) -> None:
    """Tell the issuer who opened the document first, at each recipient.

    Of a copy that units and people of one registry share, only the reader's own lines are marked.
    """
    if incoming.source_outgoing_id is None:
        return
    rows = Delivery.objects.filter(incoming_id=incoming.pk, read_at__isnull=True)
    if incoming.is_internal:
        rows = rows.filter(Q(unit_id__in=actor.unit_ids) | Q(person_id=actor.rights_of_id))
    rows.update(read_at=now, read_by_name=actor.name)
