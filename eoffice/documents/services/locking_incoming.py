"""Locks of this room's incoming side. A letter is locked before its lines, lines in key order."""

from __future__ import annotations

from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Assignment, IncomingDocument
from eoffice.documents.permissions import incoming as permissions
from eoffice.organization.actor import Actor


def lock_incoming(actor: Actor, incoming_id: int) -> IncomingDocument:
    """Lock a letter the actor may see until commit. Raises DocumentNotFound."""
    row = (
        IncomingDocument.objects.select_for_update(no_key=True)
        .filter(permissions.visible_to(actor), pk=incoming_id)
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def lock_assignment(actor: Actor, assignment_id: int) -> Assignment:
    """Lock a line and, before it, its letter. `assignment.incoming` is the locked row. Raises DocumentNotFound."""
    incoming_id = Assignment.objects.filter(pk=assignment_id).values_list("incoming_id", flat=True).first()
    if incoming_id is None:
        raise DocumentNotFound
    incoming = lock_incoming(actor, incoming_id)
    assignment = lock_lines(incoming, pk=assignment_id)[0]
    return assignment


def lock_lines(incoming: IncomingDocument, **narrowed: object) -> list[Assignment]:
    """Lock the lines of a locked letter in key order, each with its parent, unit and person at hand."""
    rows = list(
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("parent", "unit", "person", "directive")
        .filter(incoming=incoming, **narrowed)
        .order_by("pk")
    )
    for row in rows:
        row.incoming = incoming
    return rows
