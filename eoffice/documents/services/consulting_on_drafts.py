"""Opinions on a draft: asked of units and people while it is written or reviewed, given once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Consultation, Draft
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.drafting import lock_draft
from eoffice.documents.states import DraftState
from eoffice.notifications import services as notifications
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role
from eoffice.workflow import queries as flows


@transaction.atomic
def consult_on_draft(
    *,
    actor: Actor,
    draft_id: int,
    unit_ids: list[int],
    person_ids: list[int],
    question: str,
    due_at: datetime | None,
    now: datetime,
) -> list[Consultation]:
    """Ask units or people what they think of a draft; they see it from now on.

    The drafters ask while it is written or reviewed, a reviewer at his step. Raises DocumentNotFound,
    NotPermitted, Invalid.
    """
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    asks = permissions.is_drafter(actor, draft) or flows.open_step_for(
        actor, subject_kind=permissions.KIND, subject_id=draft.pk
    )
    permissions.require(bool(asks), "Chỉ người soạn thảo hoặc người đang duyệt xin ý kiến được.")
    if draft.state not in {DraftState.DRAFT, DraftState.IN_REVIEW}:
        raise Conflict("Văn bản đã trình ký nên không xin ý kiến dự thảo nữa.")
    if not question.strip() or not (unit_ids or person_ids):
        raise Invalid(fields={"question": "Chọn nơi xin ý kiến và ghi nội dung cần hỏi."})
    units, persons = organization.units_by_id(unit_ids), organization.persons_by_id(person_ids)
    asked = [
        *(_consult(draft, actor, question, due_at, now, unit_id=unit_id) for unit_id in units),
        *(_consult(draft, actor, question, due_at, now, person_id=person_id) for person_id in persons),
    ]
    heads = organization.holder_ids_of([Role.UNIT_HEAD], units, on=local_date(now))
    notifications.notify(
        person_ids=[*persons, *(person_id for found in heads.values() for person_id in found)],
        kind="draft_consulted",
        title=f"Xin ý kiến: {draft.subject}",
        text=f"{actor.name}: {question}",
        url=reverse("documents:draft_detail", args=[draft.pk]),
        now=now,
    )
    return asked


def _consult(
    draft: Draft,
    actor: Actor,
    question: str,
    due_at: datetime | None,
    now: datetime,
    *,
    unit_id: int | None = None,
    person_id: int | None = None,
) -> Consultation:
    row = Consultation.objects.create(
        draft=draft,
        unit_id=unit_id,
        person_id=person_id,
        question=question.strip(),
        due_at=due_at,
        asked_by_id=actor.person_id,
        asked_at=now,
    )
    principals = (
        [access.principal_of_person(person_id)]
        if person_id is not None
        else [access.principal_of_role(role, unit_id) for role in (Role.UNIT_HEAD, Role.CLERK) if unit_id is not None]
    )
    access.grant(
        object_kind=permissions.KIND,
        object_id=draft.pk,
        principals=principals,
        reason=AccessReason.CONSULTED,
        source=f"consultation:{row.pk}",
    )
    audit.record(
        actor=actor.ref,
        action="documents.draft.consulted",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"consultation": row.pk},
    )
    return row


@transaction.atomic
def answer_draft_consultation(*, actor: Actor, consultation_id: int, answer: str, now: datetime) -> Consultation:
    """Give one's opinion on a draft, once. Raises DocumentNotFound, NotPermitted, Conflict, Invalid."""
    row = (
        Consultation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("draft")
        .filter(pk=consultation_id, draft__isnull=False)
        .first()
    )
    if row is None or row.draft is None or not permissions.can_see(actor, row.draft):
        raise DocumentNotFound
    mine = row.person_id == actor.person_id or (
        row.unit_id is not None and actor.has_any_role(row.unit_id, Role.UNIT_HEAD, Role.CLERK)
    )
    permissions.require(mine, "Chỉ người được xin ý kiến trả lời được.")
    if row.answered_at is not None:
        raise Conflict("Ý kiến này đã được trả lời. Tải lại trang để xem.")
    if row.ended_at is not None:
        raise Conflict("Dự thảo không còn trong giai đoạn lấy ý kiến nên không cần trả lời nữa.")
    if not answer.strip():
        raise Invalid(fields={"answer": "Ghi ý kiến."})
    row.answer, row.answered_by_id, row.answered_at = answer.strip(), actor.person_id, now
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    audit.record(
        actor=actor.ref,
        action="documents.draft.opinion_given",
        object_kind=permissions.KIND,
        object_id=row.draft.pk,
        now=now,
        detail={"consultation": row.pk},
    )
    notifications.notify(
        person_ids=[row.asked_by_id],
        kind="draft_opinion",
        title=f"Đã có ý kiến: {row.draft.subject}",
        text=f"{actor.name}: {row.answer}",
        url=reverse("documents:draft_detail", args=[row.draft.pk]),
        now=now,
    )
    return row
