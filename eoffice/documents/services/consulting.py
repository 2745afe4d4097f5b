"""Xin ý kiến about an incoming document, and the answers; progress notes; comments."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.vietnamese import nfc
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Comment, Consultation, IncomingDocument, ProgressReport
from eoffice.documents.permissions import assignments as permissions
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.services import telling
from eoffice.documents.services.assigning import NOT_HOLDER
from eoffice.documents.services.deadlines import checked_deadline
from eoffice.documents.services.locking_incoming import lock_assignment, lock_incoming
from eoffice.documents.states import CLOSED_TO_OPINIONS, OPEN_ASSIGNMENT_STATES, IncomingState
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role

_LIMIT = 4000
_NOT_ASKED = {
    True: "Văn bản đã xử lý xong nên không xin ý kiến nữa. Cần xử lý tiếp thì mở lại văn bản trước.",
    False: "Văn bản đã hủy đăng ký, đã trả lại hoặc đã bị thu hồi nên không xin ý kiến nữa.",
}
"""Why nothing is asked about a letter, by whether it was completed."""


@transaction.atomic
def ask_opinion(
    *,
    actor: Actor,
    incoming_id: int,
    kind: str,
    asked_id: int,
    question: str,
    now: datetime,
    due_on: date | None = None,
) -> Consultation:
    """Ask a unit or person's opinion about a letter; whoever is asked may see it from then on.

    `kind` is unit or person. Any holder of an open line, the leader it waits for and the office of the registry
    may ask; a letter cancelled, sent back, recalled or completed is asked about no more.
    Raises DocumentNotFound, NotPermitted, NotFound, Invalid, DayOff, Conflict.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.without_asking(actor, incoming)
    line = incoming.assignments.filter(permissions.held_by(actor), state__in=OPEN_ASSIGNMENT_STATES).first()
    require(
        line is not None
        or incoming_permissions.can_forward(actor, incoming)
        or incoming_permissions.can_direct(actor, incoming)
    )
    if incoming.state in CLOSED_TO_OPINIONS or incoming.recalled_at is not None:
        raise Conflict(_NOT_ASKED[incoming.state in {IncomingState.COMPLETED, IncomingState.FILED}])
    unit = organization.get_unit(asked_id) if kind == "unit" else None
    person = organization.get_person(asked_id) if kind == "person" else None
    if unit is None and person is None:
        raise Invalid(fields={"asked": "Chọn đơn vị hoặc người cần xin ý kiến."})
    row = Consultation.objects.create(
        incoming=incoming,
        assignment=line,
        unit=unit,
        person=person,
        question=_required(question, "question", "Ghi nội dung xin ý kiến"),
        due_at=checked_deadline(due_on, now=now),
        asked_by_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        asked_at=now,
    )
    access.grant(
        object_kind=incoming_permissions.KIND,
        object_id=incoming.pk,
        principals=[access.principal_of_person(person.pk)] if person
        else [access.principal_of_role(Role.UNIT_HEAD, asked_id), access.principal_of_role(Role.CLERK, asked_id)],
        reason=AccessReason.CONSULTED,
        source=f"consultation:{row.pk}",
    )  # fmt: skip
    _record(actor, incoming, "asked_opinion", now, {"consultation": row.pk})
    asked = organization.holder_ids_of([Role.UNIT_HEAD], [asked_id], on=local_date(now)).get(asked_id, [])
    telling.tell(
        person_ids=[person.pk] if person else asked, kind="opinion_asked", title=f"{actor.shown_name} xin ý kiến",
        incoming=incoming, now=now, actor=actor,
    )  # fmt: skip
    return row


@transaction.atomic
def answer_opinion(*, actor: Actor, consultation_id: int, answer: str, now: datetime) -> Consultation:
    """Answer once what one was asked about a letter. Raises DocumentNotFound, NotPermitted, Invalid, Conflict."""
    incoming_id = (
        Consultation.objects.filter(pk=consultation_id, incoming__isnull=False)
        .values_list("incoming_id", flat=True)
        .first()
    )
    if incoming_id is None:
        raise DocumentNotFound
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.without_asking(actor, incoming)
    row = Consultation.objects.select_for_update(no_key=True).get(pk=consultation_id)
    require(permissions.can_answer(actor, person_id=row.person_id, unit_id=row.unit_id))
    if row.answered_at is not None:
        raise Conflict("Đã có ý kiến trả lời trước đó. Tải lại trang để xem.")
    if row.ended_at is not None:
        raise Conflict("Văn bản đã kết thúc nên ý kiến này không cần trả lời nữa. Có điều cần nói thì ghi trao đổi.")
    row.answer = _required(answer, "answer", "Ghi ý kiến trả lời")
    row.answered_by_id = actor.person_id
    row.answered_at = now
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    _record(actor, incoming, "answered_opinion", now, {"consultation": row.pk})
    telling.tell(
        person_ids=[row.asked_by_id], kind="opinion_answered", title=f"{actor.name} đã cho ý kiến",
        incoming=incoming, now=now, actor=actor,
    )  # fmt: skip
    return row


@transaction.atomic
def report_progress(
    *, actor: Actor, assignment_id: int, text: str, now: datetime, percent: int | None = None
) -> ProgressReport:
    """Write how far one's own open line has come. Raises DocumentNotFound, NotPermitted, Invalid, Conflict."""
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.holds(actor, line), NOT_HOLDER)
    if line.state not in OPEN_ASSIGNMENT_STATES:
        raise Conflict("Việc này đã kết thúc nên không ghi tiến độ được.")
    if percent is not None and not 0 <= percent <= 100:
        raise Invalid(fields={"percent": "Tỷ lệ hoàn thành từ 0 đến 100."})
    row = ProgressReport.objects.create(
        assignment=line,
        text=_required(text, "text", "Ghi tiến độ"),
        percent=percent,
        reported_by_id=actor.person_id,
        reported_at=now,
    )
    _record(actor, line.incoming, "progress_reported", now, {"assignment": line.pk})
    telling.tell(
        person_ids=telling.givers_of(line, now=now), kind="progress", title=f"{actor.name} báo cáo tiến độ",
        incoming=line.incoming, now=now, actor=actor,
    )  # fmt: skip
    return row


@transaction.atomic
def comment_incoming(*, actor: Actor, incoming_id: int, text: str, now: datetime) -> Comment:
    """Write a note beside a letter one may see. Raises DocumentNotFound, NotPermitted for an auditor, Invalid."""
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.without_asking(actor, incoming)
    require(not actor.only_reads, "Người kiểm tra chỉ xem, không ghi trao đổi vào văn bản.")
    row = Comment.objects.create(
        object_kind=incoming_permissions.KIND,
        object_id=incoming.pk,
        author_id=actor.person_id,
        on_behalf_of_id=actor.on_behalf_of_id,
        text=_required(text, "text", "Ghi nội dung trao đổi"),
        at=now,
    )
    _record(actor, incoming, "commented", now, {"comment": row.pk})
    return row


def _required(text: str, field: str, asked: str) -> str:
    clean = nfc(text).strip()
    if not clean or len(clean) > _LIMIT:
        message = f"{asked}, tối đa {_LIMIT} ký tự."
        raise Invalid(message, fields={field: message})
    return clean


def _record(actor: Actor, incoming: IncomingDocument, action: str, now: datetime, detail: dict[str, int]) -> None:
    audit.record(
        actor=actor.ref, action=f"documents.incoming.{action}", object_kind=incoming_permissions.KIND,
        object_id=incoming.pk, now=now, detail=detail,
    )  # fmt: skip
