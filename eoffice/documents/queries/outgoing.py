"""One outgoing document and its recipients, as far as the actor may see them."""

from __future__ import annotations

from datetime import date

from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import (
    Delivery,
    DraftRecipient,
    OutgoingDocument,
)
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.queries.outgoing_lists import with_later_facts
from eoffice.organization.actor import Actor


def get_outgoing(actor: Actor, outgoing_id: int) -> OutgoingDocument:
    """One document the actor may see. Raises DocumentNotFound."""
    row = (
        with_later_facts(OutgoingDocument.objects.filter(permissions.visible_to(actor), pk=outgoing_id))
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
            "field_of_work",
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


def recipient_names(draft_id: int, *, on: date | None = None) -> tuple[str, ...]:
    """Nơi nhận of a draft in order, as printed; units by their names of the day `on` (None: today)."""
    rows = DraftRecipient.objects.filter(draft_id=draft_id).select_related("unit", "person", "outside")
    return tuple(_recipient_name(row, on) for row in rows.order_by("position"))


def _recipient_name(row: DraftRecipient, on: date | None) -> str:
    if row.unit is not None:
        return row.unit.name_on(on)
    if row.person is not None:
        return row.person.full_name
    return row.outside.name if row.outside else ""
