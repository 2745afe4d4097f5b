"""Links between documents (văn bản liên quan)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Invalid
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import DocumentLink, IncomingDocument, LinkRelation
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.organization.actor import Actor

_KINDS = {"incoming", "outgoing", "draft"}


@transaction.atomic
def link_documents(
    *, actor: Actor, from_kind: str, from_id: int, to_kind: str, to_id: int, relation: LinkRelation, now: datetime
) -> DocumentLink:
    """Relate two documents, both of which the actor must see; linking twice is linking once.

    A link gives nobody sight of the other document. Raises DocumentNotFound, NotPermitted, Invalid.
    """
    if {from_kind, to_kind} - _KINDS or (from_kind, from_id) == (to_kind, to_id):
        raise Invalid("Chọn một văn bản khác để liên kết.")
    for kind, pk in ((from_kind, from_id), (to_kind, to_id)):
        if not delegated.can_see(actor, object_kind=kind, object_id=pk):
            raise DocumentNotFound
    if from_kind == incoming_permissions.KIND:
        incoming = IncomingDocument.objects.get(pk=from_id)
        incoming_permissions.require(incoming_permissions.can_link(actor, incoming))
    link, is_new = DocumentLink.objects.get_or_create(
        from_kind=from_kind,
        from_id=from_id,
        to_kind=to_kind,
        to_id=to_id,
        relation=relation,
        defaults={"created_by_id": actor.person_id},
    )
    if is_new:
        audit.record(
            actor=actor.ref, action="documents.link.created", object_kind=from_kind, object_id=from_id, now=now,
            detail={"to_kind": to_kind, "to_id": to_id, "relation": str(relation)},
        )  # fmt: skip
    return link
