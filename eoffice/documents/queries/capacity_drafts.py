"""Drafts that wait for a signature in one capacity: what ending or changing it leaves unsigned."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.core.errors import NotPermitted
from eoffice.documents.models import Draft
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.states import DraftState
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.permissions.changes import can_keep_capacities

SHOWN = 50
_WAITING = (DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.AWAITING_SIGNATURE)


@dataclass(frozen=True, slots=True)
class CapacityDrafts:
    """Those the actor sees (the newest fifty), and how many there are in all, written, in review or to be signed."""

    shown: list[Draft]
    in_all: int
    to_sign: int


def drafts_waiting_on(actor: Actor, capacity_id: int) -> CapacityDrafts:
    """For who keeps the capacities of the registry; subjects out of sight stay hidden.

    Raises NotFound, NotPermitted.
    """
    capacity = organization.get_capacity(capacity_id)
    if not can_keep_capacities(actor, capacity.registry):
        raise NotPermitted("Chỉ người ghi thẩm quyền ký của đơn vị này xem được danh sách.")
    rows = Draft.objects.filter(capacity_id=capacity_id, state__in=_WAITING)
    seen = rows.filter(permissions.visible_to(actor)).select_related("unit").order_by("-pk")
    return CapacityDrafts(
        shown=list(seen[:SHOWN]),
        in_all=rows.count(),
        to_sign=rows.filter(state=DraftState.AWAITING_SIGNATURE).count(),
    )
