"""Xin gia hạn: asked by who works, decided by who set the deadline."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Assignment, AssignmentRole, ExtensionRequest
from eoffice.documents.permissions import assignments as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.services import telling
from eoffice.documents.services.assigning import NOT_GIVER, NOT_HOLDER
from eoffice.documents.services.deadlines import checked_deadline
from eoffice.documents.services.locking_incoming import lock_assignment
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES
from eoffice.organization.actor import Actor


@transaction.atomic
def ask_extension(*, actor: Actor, assignment_id: int, due_on: date, reason: str, now: datetime) -> ExtensionRequest:
    """Ask for a later deadline of one's own open line; one request at a time.

    Raises DocumentNotFound, NotPermitted, Invalid, DayOff, Conflict.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.holds(actor, line), NOT_HOLDER)
    if line.state not in OPEN_ASSIGNMENT_STATES:
        raise Conflict("Việc này đã kết thúc nên không xin gia hạn được.")
    if line.due_at is None:
        raise Conflict("Việc này không có hạn nên không cần gia hạn.")
    asked = checked_deadline(due_on, now=now)
    if asked is None or asked <= line.due_at:
        message = "Chọn ngày sau hạn hiện tại."
        raise Invalid(message, fields={"due_on": message})
    clean = tidy(reason)
    if not clean or len(clean) > 500:
        message = "Ghi lý do xin gia hạn, tối đa 500 ký tự."
        raise Invalid(message, fields={"reason": message})
    if line.extensions.filter(granted__isnull=True).exists():
        raise Conflict("Đang có một đề nghị gia hạn chờ quyết định. Có quyết định rồi mới xin lần nữa.")
    row = ExtensionRequest.objects.create(
        assignment=line, asked_due_at=asked, reason=clean, asked_by_id=actor.person_id, asked_at=now
    )
    _record(actor, line, "extension_asked", now)
    telling.tell(
        person_ids=telling.givers_of(line, now=now), kind="extension_asked",
        title=f"{actor.name} xin gia hạn đến {_day(asked)}", incoming=line.incoming, now=now, actor=actor,
    )  # fmt: skip
    return row


@transaction.atomic
def decide_extension(
    *, actor: Actor, extension_id: int, granted: bool, now: datetime, note: str = ""
) -> ExtensionRequest:
    """Grant or refuse a later deadline; a refusal needs its reason.

    Nobody grants beyond the deadline of the line above. A granted lead of a directive moves the letter's own
    deadline. Raises DocumentNotFound, NotPermitted, Invalid, Conflict.
    """
    assignment_id = ExtensionRequest.objects.filter(pk=extension_id).values_list("assignment_id", flat=True).first()
    if assignment_id is None:
        raise DocumentNotFound
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.gave(actor, line), NOT_GIVER)
    row = ExtensionRequest.objects.select_for_update(no_key=True).get(pk=extension_id)
    if row.granted is not None:
        raise Conflict("Đề nghị gia hạn này đã được quyết định.")
    clean = tidy(note)[:500]
    if not granted and not clean:
        message = "Ghi lý do không cho gia hạn."
        raise Invalid(message, fields={"note": message})
    if granted:
        _extend(line, row.asked_due_at)
    row.granted, row.decision_note = granted, clean
    row.decided_by_id, row.decided_at = actor.person_id, now
    row.save(update_fields=["granted", "decision_note", "decided_by", "decided_at"])
    _record(actor, line, "extension_granted" if granted else "extension_refused", now)
    telling.tell(
        person_ids=[row.asked_by_id], kind="extension_decided",
        title=f"Đã cho gia hạn đến {_day(row.asked_due_at)}" if granted else "Không cho gia hạn",
        incoming=line.incoming, now=now, actor=actor,
    )  # fmt: skip
    return row


def _extend(line: Assignment, due_at: datetime) -> None:
    if line.state not in OPEN_ASSIGNMENT_STATES:
        raise Conflict("Việc này đã kết thúc nên không gia hạn được.")
    above = line.parent.due_at if line.parent else None
    if above is not None and due_at > above:
        raise Invalid(
            f"Hạn xin ({_day(due_at)}) sau hạn được giao từ trên ({_day(above)}). Xin gia hạn với cấp trên trước, rồi"
            " cho gia hạn."
        )
    line.due_at = due_at
    line.save(update_fields=["due_at"])
    if line.parent_id is None and line.role == AssignmentRole.LEAD and line.directive_id is not None:
        line.incoming.due_at = due_at
        line.incoming.save(update_fields=["due_at"])


def _day(moment: datetime) -> str:
    return f"{local_date(moment):%d/%m/%Y}"


def _record(actor: Actor, line: Assignment, action: str, now: datetime) -> None:
    audit.record(
        actor=actor.ref, action=f"documents.assignment.{action}", object_kind="assignment", object_id=line.pk, now=now
    )
