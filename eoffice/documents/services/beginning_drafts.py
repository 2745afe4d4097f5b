"""A draft begins: in the name of a unit, on its own or as the answer to something, its readers let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Conflict, Invalid
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import (
    Assignment,
    Draft,
    DraftMode,
    DraftRecipient,
    IncomingDocument,
    OutgoingDocument,
    Submission,
)
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.changing_state import record_birth
from eoffice.documents.services.drafting import DraftEntry, RecipientEntry, fill, set_recipients
from eoffice.documents.services.once import claim
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrigin:
    """Why a draft is written: to answer a line or a letter, or to correct or replace an issued document."""

    assignment_id: int | None = None
    in_reply_to_id: int | None = None
    corrects_id: int | None = None
    replaces_id: int | None = None


@transaction.atomic
def create_draft(
    *,
    actor: Actor,
    entry: DraftEntry,
    now: datetime,
    unit_id: int | None = None,
    origin: DraftOrigin | None = None,
    mode: DraftMode = DraftMode.COMPOSED,
    request_key: str = "",
    leader_id: int | None = None,
) -> Draft:
    """Begin a draft in the name of a unit (None: that of the actor's one post), optionally as the answer to something.

    With `leader_id` a secretary prepares it for the leader he serves: it stands in the leader's name, who alone sends
    it on. The same `request_key` again gives the draft it made. Raises NotPermitted, Invalid, NoRegistryAbove,
    PostNeeded, DocumentNotFound for an origin the actor cannot see.
    """
    once = claim(actor=actor, key=request_key, object_kind=permissions.KIND, now=now)
    if once.done:
        return Draft.objects.select_related("unit", "registry", "author").get(pk=once.done[0])
    if unit_id is None and actor.in_all_posts:
        raise Invalid(fields={"unit": "Đang làm việc với tất cả chức danh. Chọn đơn vị soạn thảo."})
    unit = organization.get_unit(unit_id or actor.unit_id or 0)
    permissions.require(
        permissions.can_draft_for(actor, unit.pk),
        "Chưa có chức danh ở đơn vị này nên chưa soạn được văn bản cho đơn vị.",
    )
    permissions.require(
        leader_id is None or (actor.is_himself and leader_id in actor.leader_ids),
        "Chỉ thư ký đang phục vụ lãnh đạo này chuẩn bị dự thảo cho lãnh đạo được.",
    )
    actor = fitting_posts.at_unit(actor, unit.pk)
    draft = Draft(
        author_id=leader_id or actor.rights_of_id,
        prepared_by_id=actor.person_id if leader_id or not actor.is_himself else None,
        unit=unit,
        registry=organization.registry_of(unit),
        mode=mode,
        updated_at=now,
    )
    fill(draft, entry, now)
    assignment = _link_origin(actor, draft, origin or DraftOrigin())
    draft.field_of_work_id = draft.field_of_work_id or _field_of_origin(draft)
    delegated.require_within(actor, draft)
    draft.save(force_insert=True)
    if assignment is not None:
        assignment.reply = draft
        assignment.save(update_fields=["reply"])
    set_recipients(draft, entry.recipients or _recipients_of(draft.corrects or draft.replaces))
    Submission.objects.create(draft=draft, proposal=entry.proposal.strip())
    _open_access(draft, secretaries=access.secretaries_of(leader_id) if leader_id else [])
    record_birth(draft, actor=actor.ref, now=now)
    audit.record(
        actor=actor.ref,
        action="documents.draft.created",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"type": draft.document_type, "mode": str(draft.mode)},
    )
    once.settle([draft.pk])
    return draft


def _link_origin(actor: Actor, draft: Draft, origin: DraftOrigin) -> Assignment | None:
    """Tie a new draft to what it answers; the line is locked, so that it gets one reply at a time."""
    draft.corrects = _seen_outgoing(actor, origin.corrects_id)
    draft.replaces = _seen_outgoing(actor, origin.replaces_id)
    if origin.assignment_id is None:
        if origin.in_reply_to_id is not None:
            _require_seen(actor, "incoming", origin.in_reply_to_id)
            draft.in_reply_to_id = origin.in_reply_to_id
        return None
    line = Assignment.objects.select_for_update(no_key=True).filter(pk=origin.assignment_id).first()
    if line is None:
        raise DocumentNotFound
    _require_seen(actor, "incoming", line.incoming_id)
    holds = line.person_id == actor.rights_of_id or (line.unit_id is not None and line.unit_id in actor.unit_ids)
    permissions.require(holds, "Chỉ người được giao dòng này mới soạn văn bản trả lời cho nó.")
    if line.state not in OPEN_ASSIGNMENT_STATES:
        raise Conflict("Việc này đã kết thúc nên không soạn trả lời cho nó nữa. Tải lại trang để xem trạng thái mới.")
    draft.assignment, draft.in_reply_to_id = line, line.incoming_id
    return line


def _field_of_origin(draft: Draft) -> int | None:
    """An answer, a correction and a replacement are in the field of what they are about, until somebody says other."""
    older = draft.corrects or draft.replaces
    if older is not None:
        return older.field_of_work_id
    if draft.in_reply_to_id is None:
        return None
    return IncomingDocument.objects.filter(pk=draft.in_reply_to_id).values_list("field_of_work_id", flat=True).get()


def _seen_outgoing(actor: Actor, outgoing_id: int | None) -> OutgoingDocument | None:
    if outgoing_id is None:
        return None
    _require_seen(actor, "outgoing", outgoing_id)
    return OutgoingDocument.objects.get(pk=outgoing_id)


def _recipients_of(outgoing: OutgoingDocument | None) -> tuple[RecipientEntry, ...]:
    """Whoever got a document gets what corrects or replaces it too, until the drafter says otherwise."""
    if outgoing is None:
        return ()
    rows = DraftRecipient.objects.filter(draft_id=outgoing.draft_id).select_related("outside").order_by("position")
    return tuple(
        RecipientEntry(
            kind="unit" if row.unit_id else "person" if row.person_id else "outside",
            id=row.unit_id or row.person_id or row.outside_id,
            name=row.outside.name if row.outside else "",
            note=row.note,
        )
        for row in rows
    )


def _require_seen(actor: Actor, object_kind: str, object_id: int) -> None:
    if not delegated.can_see(actor, object_kind=object_kind, object_id=object_id):
        raise DocumentNotFound


def _open_access(draft: Draft, *, secretaries: list[int]) -> None:
    kind, source = permissions.KIND, f"draft:{draft.pk}"
    author = access.principal_of_person(draft.author_id)
    heads = access.principal_of_role(Role.UNIT_HEAD, draft.unit_id)
    access.grant(object_kind=kind, object_id=draft.pk, principals=[author], reason=AccessReason.DRAFTER, source=source)
    access.grant(object_kind=kind, object_id=draft.pk, principals=[heads], reason=AccessReason.UNIT_WORK, source=source)
    if secretaries:
        access.grant(
            object_kind=kind, object_id=draft.pk, principals=secretaries, reason=AccessReason.PREPARES,
            source=f"secretaries:{draft.author_id}",
        )  # fmt: skip
