"""Putting a paper in its field of work afterwards: what has no line to correct, and what is issued."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Conflict, Invalid
from eoffice.documents import fitting_posts
from eoffice.documents.models import IncomingDocument, OutgoingDocument
from eoffice.documents.permissions import incoming as incoming_rules
from eoffice.documents.permissions import outgoing as outgoing_rules
from eoffice.documents.services.locking_incoming import lock_incoming
from eoffice.documents.services.locking_outgoing import lock_outgoing
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor

_ONLY_OFFICE = "Chỉ văn thư, chánh văn phòng của đơn vị ghi lĩnh vực. Chưa có gì thay đổi."


@transaction.atomic
def set_field_of_letter(
    *, actor: Actor, incoming_id: int, field_of_work_id: int | None, now: datetime
) -> IncomingDocument:
    """Put a letter without a line in the register (an internal copy) in a field; a registered one is corrected.

    Locks the letter. Raises DocumentNotFound, NotPermitted, Invalid, Conflict.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    incoming_rules.require(incoming_rules.can_set_field(actor, incoming), _ONLY_OFFICE)
    if incoming.arrival_number is not None:
        raise Conflict("Văn bản đã vào sổ: ghi lĩnh vực bằng cách sửa dòng sổ.")
    _put(incoming, "incoming", field_of_work_id, actor, now)
    return incoming


@transaction.atomic
def set_field_of_outgoing(
    *, actor: Actor, outgoing_id: int, field_of_work_id: int | None, now: datetime
) -> OutgoingDocument:
    """Put an outgoing document in a field, for lists and delegations from now on.

    The draft keeps the field in which it was signed. Copies that arrived elsewhere are sorted by their own offices.
    Locks draft and document. Raises DocumentNotFound, NotPermitted, Invalid.
    """
    outgoing = lock_outgoing(actor, outgoing_id)
    actor = fitting_posts.at_outgoing(actor, outgoing)
    outgoing_rules.require(outgoing_rules.can_set_field(actor, outgoing), _ONLY_OFFICE)
    _put(outgoing, "outgoing", field_of_work_id, actor, now)
    return outgoing


def _put(
    paper: IncomingDocument | OutgoingDocument, kind: str, field_of_work_id: int | None, actor: Actor, now: datetime
) -> None:
    before = paper.field_of_work_id
    if field_of_work_id == before:
        return
    if field_of_work_id is not None and not organization.may_take_field(field_of_work_id, kept=before):
        raise Invalid(fields={"field_of_work_id": "Lĩnh vực đã đóng hoặc không có trong danh mục. Chọn lại."})
    paper.field_of_work_id = field_of_work_id
    paper.save(update_fields=["field_of_work"])
    audit.record(
        actor=actor.ref, action=f"documents.{kind}.field_set", object_kind=kind, object_id=paper.pk, now=now,
        detail={"field_of_work": field_of_work_id, "before": before},
    )  # fmt: skip
