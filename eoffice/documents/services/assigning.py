"""Work along the lines: taking in, passing on, returning, withdrawing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from eoffice.core.clock import local_date
from eoffice.core.errors import IllegalTransition, Invalid
from eoffice.core.vietnamese import nfc, tidy
from eoffice.documents import fitting_posts
from eoffice.documents.errors import AlreadyDirected
from eoffice.documents.models import Assignment, AssignmentRole, IncomingDocument
from eoffice.documents.permissions import assignments as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.services import registry_access, telling, tracking_delivery
from eoffice.documents.services.changing_state import change_state
from eoffice.documents.services.deadlines import checked_deadline
from eoffice.documents.services.distributing import Order, Recipient, make_lines, require_sound
from eoffice.documents.services.ending_requests import end_extensions
from eoffice.documents.services.locking_incoming import lock_assignment, lock_lines
from eoffice.documents.states import (
    OPEN_ASSIGNMENT_STATES,
    AssignmentAction,
    AssignmentState,
    DeliveryState,
    IncomingAction,
)
from eoffice.organization.actor import Actor

NOT_HOLDER = "Xem được nhưng chưa được giao việc này. Chỉ nơi được giao mới làm được."
NOT_GIVER = "Chỉ người giao việc mới quyết định được."
_GONE = (AssignmentState.WITHDRAWN, AssignmentState.RETURNED, AssignmentState.RECALLED)


@transaction.atomic
def accept_assignment(*, actor: Actor, assignment_id: int, now: datetime) -> Assignment:
    """Tiếp nhận: a unit's line then waits to be passed on, a person's is in work; an informed one ends.

    Raises DocumentNotFound, NotPermitted, IllegalTransition.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.can_accept(actor, line), NOT_HOLDER)
    line.accepted_at = now
    line.seen_at = line.seen_at or now
    if line.role == AssignmentRole.INFORMED:
        end_by_reading(line, actor, now)
        return line
    action = AssignmentAction.ACCEPT_AS_UNIT if line.unit_id is not None else AssignmentAction.ACCEPT_AS_PERSON
    change_state(
        line, action, actor=actor.ref, now=now, audit_action="documents.assignment.accepted",
        also=("accepted_at", "seen_at"),
    )  # fmt: skip
    tracking_delivery.note_progress(incoming=line.incoming, state=DeliveryState.IN_PROGRESS, now=now)
    return line


def end_by_reading(line: Assignment, actor: Actor, now: datetime) -> None:
    """Close an informed line the caller has locked: it ends by reading (design part 3)."""
    line.accepted_at = line.accepted_at or now
    line.seen_at = line.seen_at or now
    line.closed_at = now
    change_state(
        line, AssignmentAction.READ, actor=actor.ref, now=now, audit_action="documents.assignment.noted",
        also=("accepted_at", "seen_at", "closed_at"),
    )  # fmt: skip


@transaction.atomic
def take_on(*, actor: Actor, assignment_id: int, now: datetime) -> Assignment:
    """A head works on the unit's line himself instead of passing it on.

    Raises DocumentNotFound, NotPermitted, IllegalTransition.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.holds(actor, line), NOT_HOLDER)
    change_state(line, AssignmentAction.TAKE_ON, actor=actor.ref, now=now, audit_action="documents.assignment.taken_on")
    return line


@transaction.atomic
def pass_on(
    *,
    actor: Actor,
    assignment_id: int,
    recipients: Sequence[Recipient],
    instruction: str,
    now: datetime,
    due_on: date | None = None,
) -> list[Assignment]:
    """Pass one's line on with an instruction of one's own; the line stays, its holder answers for it.

    Exactly one lead below. Deadlines below do not pass the line's own, which is used where none is given. A
    required reply is required of the lead below. Raises DocumentNotFound, NotPermitted, IllegalTransition,
    SeveralLeads, AlreadyDirected, DayOff, DeadlineAfterParent, Invalid.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.holds(actor, line), NOT_HOLDER)
    require_sound(recipients, on=local_date(now))
    if any(_is_holder(each, line) for each in recipients):
        message = "Không chuyển tiếp cho chính nơi đang giữ việc. Chọn nơi nhận khác."
        raise Invalid(message, fields={"recipients": message})
    if _has_active_lead_below(line):
        raise AlreadyDirected
    clean = nfc(instruction).strip()
    if len(clean) > 4000:
        message = "Nội dung giao việc tối đa 4000 ký tự."
        raise Invalid(message, fields={"instruction": message})
    order = Order(
        instruction=clean,
        due_at=checked_deadline(due_on, now=now, not_after=line.due_at) or line.due_at,
        requires_reply=line.requires_reply,
    )
    line.accepted_at = line.accepted_at or now
    line.seen_at = line.seen_at or now
    change_state(
        line, AssignmentAction.PASS_ON, actor=actor.ref, now=now, audit_action="documents.assignment.passed_on",
        detail={"recipients": len(recipients)}, also=("accepted_at", "seen_at"),
    )  # fmt: skip
    tracking_delivery.note_progress(incoming=line.incoming, state=DeliveryState.IN_PROGRESS, now=now)
    return make_lines(incoming=line.incoming, recipients=recipients, order=order, actor=actor, now=now, parent=line)


@transaction.atomic
def return_assignment(*, actor: Actor, assignment_id: int, reason: str, now: datetime) -> Assignment:
    """Refuse one's line with a reason; its giver is told.

    When the lead of a directive refuses, the letter waits for direction again; when a lead below does, its
    giver's line is his to pass on again. Raises DocumentNotFound, NotPermitted, Invalid, IllegalTransition.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.holds(actor, line), NOT_HOLDER)
    line.return_reason = _required_reason(reason)
    line.closed_at = now
    change_state(
        line, AssignmentAction.RETURN, actor=actor.ref, now=now, reason=line.return_reason,
        audit_action="documents.assignment.returned", also=("return_reason", "closed_at"),
    )  # fmt: skip
    end_extensions([line], ref=actor.ref, now=now)
    _give_back(line, actor, now)
    telling.tell(
        person_ids=telling.givers_of(line, now=now), kind="assignment_returned",
        title=f"{_holder_name(line)} trả lại việc được giao", incoming=line.incoming, now=now, actor=actor,
    )  # fmt: skip
    return line


@transaction.atomic
def withdraw_assignment(*, actor: Actor, assignment_id: int, reason: str, now: datetime) -> Assignment:
    """Take an open line back from its holder, with everything passed on below it.

    The lead of a directive is not withdrawn alone: a new directive replaces it. Raises DocumentNotFound,
    NotPermitted, Invalid, IllegalTransition.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.gave(actor, line), NOT_GIVER)
    if line.parent_id is None and line.role == AssignmentRole.LEAD:
        raise IllegalTransition(
            line.state, AssignmentAction.WITHDRAW, "Không rút riêng nơi chủ trì. Nơi chủ trì trả lại thì giao lại được."
        )
    clean = _required_reason(reason)
    taken = [line, *_below(line)]
    for each in taken:
        if each.state in OPEN_ASSIGNMENT_STATES or each is line:
            each.closed_at = now
            change_state(
                each, AssignmentAction.WITHDRAW, actor=actor.ref, now=now, reason=clean,
                audit_action="documents.assignment.withdrawn", also=("closed_at",),
            )  # fmt: skip
            registry_access.withdraw_assignment(each)
    end_extensions(taken, ref=actor.ref, now=now)
    _give_back_to_parent(line, actor, now)
    telling.tell(
        person_ids=telling.holders_of(taken, now=now), kind="withdrawn", title="Phân công đã được rút lại",
        incoming=line.incoming, now=now, actor=actor,
    )  # fmt: skip
    return line


def _give_back(line: Assignment, actor: Actor, now: datetime) -> None:
    """A refused lead leaves the one above it without a holder of the work."""
    if line.role != AssignmentRole.LEAD:
        return
    if line.parent_id is not None:
        _give_back_to_parent(line, actor, now)
        return
    if line.directive is None:
        return  # a copy from one's own registry: nobody directed it
    _await_direction(line.incoming, line, actor, now)


def _give_back_to_parent(line: Assignment, actor: Actor, now: datetime) -> None:
    parent = line.parent
    if parent is None or line.role != AssignmentRole.LEAD or parent.state != AssignmentState.PASSED_ON:
        return
    change_state(
        parent, AssignmentAction.CHILD_RETURNED, actor=actor.ref, now=now, reason=line.return_reason,
        audit_action="documents.assignment.given_back",
    )  # fmt: skip


def _await_direction(incoming: IncomingDocument, line: Assignment, actor: Actor, now: datetime) -> None:
    incoming.forwarded_to_id = line.directive.given_for_id if line.directive else None
    change_state(
        incoming, IncomingAction.LEAD_REFUSES, actor=actor.ref, now=now, reason=line.return_reason,
        audit_action="documents.incoming.lead_refused", also=("forwarded_to",),
    )  # fmt: skip


def _below(line: Assignment) -> list[Assignment]:
    """Every line that was passed on from this one, at any depth, locked in key order."""
    lines = lock_lines(line.incoming)
    found = {line.pk}
    below = []
    for each in lines:  # children are younger than their parents, so one pass in key order finds all
        if each.parent_id in found:
            found.add(each.pk)
            below.append(each)
    return below


def _has_active_lead_below(line: Assignment) -> bool:
    return line.children.filter(role=AssignmentRole.LEAD).exclude(state__in=_GONE).exists()


def _is_holder(recipient: Recipient, line: Assignment) -> bool:
    if recipient.kind == "person":
        return recipient.id == line.person_id
    return recipient.id == line.unit_id


def _holder_name(line: Assignment) -> str:
    return line.unit.name if line.unit else line.person.full_name if line.person else ""


def _required_reason(reason: str) -> str:
    clean = tidy(reason)
    if not clean or len(clean) > 500:
        message = "Ghi lý do, tối đa 500 ký tự."
        raise Invalid(message, fields={"reason": message})
    return clean
