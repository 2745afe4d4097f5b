"""What the sender issued later to put a letter right or in its place, and what a letter itself does so to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q

from eoffice.documents.models import DocumentLink, IncomingDocument, LinkRelation, OutgoingDocument
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.permissions import outgoing as outgoing_permissions
from eoffice.organization.actor import Actor

_RELATIONS: Final = (LinkRelation.CORRECTS, LinkRelation.REPLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderPaper:
    """Another paper of the same sender; `incoming_id` is the reader's own copy of it, None where he has none."""

    replaces: bool
    is_newer: bool
    code: str
    issued_on: date
    incoming_id: int | None


def sender_papers(actor: Actor, incoming: IncomingDocument) -> list[SenderPaper]:
    """Issued papers that correct or replace this letter, and those that it corrects or replaces, oldest first.

    That there is such a paper is no secret: the public check says it of the older one. A recalled one counts for
    nothing. Only letters from inside the installation know their sender's paper; for others no query is asked.
    """
    own = incoming.source_outgoing_id
    if own is None:
        return []
    kind = outgoing_permissions.KIND
    links = list(
        DocumentLink.objects.filter(
            Q(from_id=own) | Q(to_id=own), from_kind=kind, to_kind=kind, relation__in=_RELATIONS
        ).order_by("pk")[:20]
    )
    others = [link.from_id if link.to_id == own else link.to_id for link in links]
    if not others:
        return []
    papers = OutgoingDocument.objects.filter(issued_at__isnull=False, recall__isnull=True).in_bulk(others)
    copies = dict(
        IncomingDocument.objects.filter(
            permissions.visible_to(actor), registry_id=incoming.registry_id, source_outgoing_id__in=others
        ).values_list("source_outgoing_id", "pk")
    )
    return [
        SenderPaper(
            replaces=link.relation == LinkRelation.REPLACES,
            is_newer=link.to_id == own,
            code=papers[other].shown_code,
            issued_on=papers[other].issued_on,
            incoming_id=copies.get(other),
        )
        for link, other in zip(links, others, strict=True)
        if other in papers
    ]
