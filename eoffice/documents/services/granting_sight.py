"""Cấp quyền xem: asking that one person may see one document until a day; a second person confirms."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.documents.permissions.registers import require
from eoffice.documents.queries.sight import sighted
from eoffice.organization.actor import Actor
from eoffice.organization.models import RightChange
from eoffice.organization.services import proposing_rights
from eoffice.organization.services.proposing_rights import Terms


@transaction.atomic
def propose_sight(
    *, actor: Actor, kind: str, object_id: int, person_id: int, terms: Terms, now: datetime
) -> RightChange:
    """Ask that a person may see a document the actor sees and answers for.

    Sight by directive, forwarding or delivery needs no asking. Raises DocumentNotFound, NotPermitted, Invalid,
    RightChangeWaiting.
    """
    document = sighted(actor, kind, object_id)
    require(document.may_ask, "Chỉ văn thư, chánh văn phòng, lãnh đạo của đơn vị giữ văn bản đề nghị cấp quyền xem.")
    return proposing_rights.propose_sight(actor=actor, seen=document.seen, person_id=person_id, terms=terms, now=now)
