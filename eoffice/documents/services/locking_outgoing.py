"""Locks of this room's outgoing side. A draft is locked before its outgoing document, that before a register."""

from __future__ import annotations

from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Draft, OutgoingDocument
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions import outgoing as permissions
from eoffice.organization.actor import Actor


def lock_visible_draft(actor: Actor, draft_id: int) -> Draft:
    """Lock a draft the actor may see until commit, with unit, registry and signer. Raises DocumentNotFound."""
    row = (
        Draft.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "registry", "capacity__person")
        .filter(delegated.visible(actor, object_kind="draft"), pk=draft_id)
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def lock_outgoing(actor: Actor, outgoing_id: int) -> OutgoingDocument:
    """Lock an outgoing document the actor may see and, before it, its draft. Raises DocumentNotFound."""
    draft_id = (
        OutgoingDocument.objects.filter(permissions.visible_to(actor), pk=outgoing_id)
        .values_list("draft_id", flat=True)
        .first()
    )
    if draft_id is None:
        raise DocumentNotFound
    draft = Draft.objects.select_for_update(no_key=True).get(pk=draft_id)
    row = (
        OutgoingDocument.objects.select_for_update(no_key=True, of=("self",))
        .select_related("registry", "drafting_unit", "file")
        .get(pk=outgoing_id)
    )
    row.draft = draft
    return row
