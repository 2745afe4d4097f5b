"""The recipients outside the installation of one document, as the clerk takes them to the post."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.documents.models import Delivery, OutgoingDocument, PostalDispatch
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.queries.outgoing import get_outgoing
from eoffice.organization.actor import Actor


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One recipient, with what was entered for him before."""

    id: int
    name: str
    note: str
    earlier: tuple[PostalDispatch, ...]


def dispatch_round(actor: Actor, outgoing_id: int) -> tuple[OutgoingDocument, tuple[RoundLine, ...]]:
    """A document and its recipients outside, in their order. Raises DocumentNotFound, NotPermitted."""
    outgoing = get_outgoing(actor, outgoing_id)
    require(permissions.can_issue(actor, outgoing), "Chỉ văn thư của đơn vị phát hành ghi sổ gửi.")
    rows = (
        Delivery.objects.filter(outgoing=outgoing, outside__isnull=False).prefetch_related("dispatches").order_by("pk")
    )
    return outgoing, tuple(RoundLine(row.pk, row.name, row.note, tuple(row.dispatches.all())) for row in rows)
