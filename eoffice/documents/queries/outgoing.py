"""One outgoing document and its recipients, as far as the actor may see them."""

from __future__ import annotations

from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import (
    Delivery,
    DraftRecipient,
    OutgoingDocument,
)
from eoffice.documents.permissions import outgoing as permissions
from eoffice.organization.actor import Actor


def get_outgoing(actor: Actor, outgoing_id: int) -> OutgoingDocument:
    """One document the actor may see. Raises DocumentNotFound."""
    row = (
        OutgoingDocument.objects.filter(permissions.visible_to(actor), pk=outgoing_id)
        .select_related(
            "registry",
            "drafting_unit",
            "signer",
            "file",
            "recall__recalled_by",
            "sealing__started_by",
            "draft__unit",
            "draft__author",
            "draft__capacity",
            "draft__check_code",
        )
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def get_delivery(actor: Actor, delivery_id: int) -> Delivery:
    """One recipient of a document the actor may see. Raises DocumentNotFound."""
    row = (
        Delivery.objects.filter(permissions.visible_to(actor, outer="outgoing_id"), pk=delivery_id)
        .select_related("outgoing")
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def recipient_names(draft_id: int) -> tuple[str, ...]:
    """Nơi nhận of a draft in order, as printed."""
    rows = DraftRecipient.objects.filter(draft_id=draft_id).select_related("unit", "person", "outside")
    return tuple(_recipient_name(row) for row in rows.order_by("position"))


def _recipient_name(row: DraftRecipient) -> str:
    if row.unit is not None:
        return row.unit.name
    if row.person is not None:
        return row.person.full_name
    return row.outside.name if row.outside else ""
