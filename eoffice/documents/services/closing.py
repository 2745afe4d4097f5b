"""How lines and letters end: reported, confirmed, sent back, closed with the lead or by the issued reply."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.vietnamese import nfc, tidy
from eoffice.documents import fitting_posts
from eoffice.documents.errors import ReplyRequired
from eoffice.documents.events import AssignmentCompleted, IncomingCompleted
from eoffice.documents.models import Assignment, AssignmentRole, Draft, HandlingSetting, IncomingDocument
from eoffice.documents.permissions import assignments as permissions
from eoffice.documents.permissions import incoming as incoming_permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.services import telling, tracking_delivery
from eoffice.documents.services.assigning import NOT_GIVER, NOT_HOLDER
from eoffice.documents.services.changing_state import change_state
from eoffice.documents.services.ending_requests import end_extensions, end_opinions_on_letters
from eoffice.documents.services.locking_incoming import lock_assignment, lock_incoming, lock_lines
from eoffice.documents.states import (
    OPEN_ASSIGNMENT_STATES,
    AssignmentAction,
    AssignmentState,
    DeliveryState,
    DraftState,
    IncomingAction,
    IncomingState,
)
from eoffice.organization.actor import Actor

RESULT_LIMIT = 4000


@transaction.atomic
def report_done(
    *, actor: Actor, assignment_id: int, result: str, now: datetime, no_reply_reason: str = ""
) -> Assignment:
    """Report one's line done with its result.

    A lead's line then waits for its giver to confirm, or is confirmed by itself where the giver's unit has set so;
    a support line, and one that nobody directed, is completed at once. Where a reply is required it must have been
    issued, or the reason for none is given. Raises DocumentNotFound, NotPermitted, ReplyRequired, Invalid,
    IllegalTransition.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.holds(actor, line), NOT_HOLDER)
    clean = nfc(result).strip()
    if not clean or len(clean) > RESULT_LIMIT:
        message = f"Ghi kết quả xử lý, tối đa {RESULT_LIMIT} ký tự."
        raise Invalid(message, fields={"result": message})
    line.no_reply_reason = tidy(no_reply_reason)[:500]
    if line.requires_reply and not line.no_reply_reason and not _reply_issued(line):
        raise ReplyRequired(fields={"no_reply_reason": ReplyRequired.default_message})
    _report(line, clean, actor, now)
    return line


@transaction.atomic
def confirm_done(*, actor: Actor, assignment_id: int, now: datetime) -> Assignment:
    """Confirm what was reported done: the line is completed and open support lines beside it close.

    Confirming is the holder's own report upward: his line, if he has one, is reported done with the same result.
    Raises DocumentNotFound, NotPermitted, IllegalTransition.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.gave(actor, line), NOT_GIVER)
    _confirm(line, actor.ref, now, "")
    _report_upward(line, actor, now)
    telling.tell(
        person_ids=telling.holders_of([line], now=now), kind="confirmed", title="Kết quả xử lý đã được xác nhận",
        incoming=line.incoming, now=now, actor=actor,
    )  # fmt: skip
    return line


@transaction.atomic
def send_back(*, actor: Actor, assignment_id: int, reason: str, now: datetime) -> Assignment:
    """Not done yet: the line, and the leads below that had been confirmed for it, are in work again.

    Raises DocumentNotFound, NotPermitted, Invalid, IllegalTransition.
    """
    line = lock_assignment(actor, assignment_id)
    actor = fitting_posts.at_line(actor, line)
    require(permissions.gave(actor, line), NOT_GIVER)
    clean = tidy(reason)
    if not clean or len(clean) > 500:
        message = "Ghi rõ việc còn phải làm, tối đa 500 ký tự."
        raise Invalid(message, fields={"reason": message})
    line.reported_at = None
    change_state(
        line, AssignmentAction.SEND_BACK, actor=actor.ref, now=now, reason=clean,
        audit_action="documents.assignment.sent_back", also=("reported_at",),
    )  # fmt: skip
    reopened = _reopen_leads_below(line, actor.ref, now, clean)
    telling.tell(
        person_ids=telling.holders_of([line, *reopened], now=now), kind="sent_back",
        title="Kết quả chưa đạt, cần xử lý tiếp", incoming=line.incoming, now=now, actor=actor,
    )  # fmt: skip
    return line


@transaction.atomic
def reopen_incoming(*, actor: Actor, incoming_id: int, reason: str, now: datetime) -> IncomingDocument:
    """Open a completed letter again: its lead's line, and those below it, are in work.

    Who directed it or chánh văn phòng. Raises DocumentNotFound, NotPermitted, Invalid, Conflict.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    directive = incoming.directives.filter(taken_back_at__isnull=True).order_by("-pk").first()
    require(incoming_permissions.can_reopen(actor, incoming, directive.given_for_id if directive else None))
    clean = tidy(reason)
    if not clean or len(clean) > 500:
        message = "Ghi lý do mở lại, tối đa 500 ký tự."
        raise Invalid(message, fields={"reason": message})
    leads = lock_lines(incoming, parent=None, role=AssignmentRole.LEAD, state=AssignmentState.COMPLETED)
    if not leads:
        raise Conflict("Văn bản lưu để biết, chưa giao cho đơn vị nào nên không có việc để mở lại.")
    change_state(
        incoming, IncomingAction.REOPEN, actor=actor.ref, now=now, reason=clean,
        audit_action="documents.incoming.reopened",
    )  # fmt: skip
    lead = leads[-1]
    _reopen(lead, actor.ref, now, clean)
    reopened = [lead, *_reopen_leads_below(lead, actor.ref, now, clean)]
    telling.tell(
        person_ids=telling.holders_of(reopened, now=now), kind="reopened", title="Văn bản được mở lại để xử lý tiếp",
        incoming=incoming, now=now, actor=actor,
    )  # fmt: skip
    return incoming


@transaction.atomic
def complete_by_reply(*, actor: Actor, draft: Draft, now: datetime) -> Assignment | None:
    """Complete the line a reply answers, now that the reply is issued; None when it answers none.

    Leads above it complete with it, for their holders signed or passed the reply; open support lines close. Called
    by issuing, in its transaction and after its own locks. A line that ended otherwise keeps its end.
    """
    if draft.assignment_id is None:
        return None
    incoming = IncomingDocument.objects.select_for_update(no_key=True).get(assignments=draft.assignment_id)
    line = lock_lines(incoming, pk=draft.assignment_id)[0]
    outgoing_code = draft.outgoing.shown_code if hasattr(draft, "outgoing") else ""
    result = f"Đã trả lời bằng văn bản {outgoing_code}".strip() + "."
    chain = [line]
    while chain[-1].role == AssignmentRole.LEAD and (above := chain[-1].parent) is not None:
        above.incoming = incoming
        chain.append(above)
    for each in chain:
        if each.state in OPEN_ASSIGNMENT_STATES:
            each.reply = draft
            _complete_by_reply(each, result, actor.ref, now)
    _finish_incoming(line.incoming, actor.ref, now)
    return line


@transaction.atomic
def set_confirmation(*, actor: Actor, unit_id: int, confirms_itself: bool, now: datetime) -> HandlingSetting:
    """Let what is reported done to a unit be confirmed by itself, or not; for a registry, to its leaders.

    Raises NotPermitted.
    """
    require(
        permissions.can_set_confirmation(actor, unit_id),
        "Chỉ người đứng đầu, quản trị của đơn vị đặt được việc này.",
    )
    setting, _ = HandlingSetting.objects.update_or_create(
        unit_id=unit_id,
        defaults={"confirms_itself": confirms_itself, "changed_by_id": actor.person_id, "changed_at": now},
    )
    audit.record(
        actor=actor.ref, action="documents.handling.changed", object_kind="unit", object_id=unit_id, now=now,
        detail={"confirms_itself": confirms_itself},
    )  # fmt: skip
    return setting


# Steps; every line here is locked by the caller --------------------------------------------------------------


def _report(line: Assignment, result: str, actor: Actor, now: datetime) -> None:
    line.result = result
    line.reported_at = now
    also = ("result", "reported_at", "no_reply_reason")
    if line.role == AssignmentRole.LEAD and _has_giver(line):
        change_state(
            line, AssignmentAction.REPORT_DONE, actor=actor.ref, now=now,
            audit_action="documents.assignment.reported_done", also=also,
        )  # fmt: skip
        if _confirms_itself(line):
            _confirm(line, actor.ref, now, "Tự xác nhận theo cài đặt của đơn vị giao")
            _report_upward(line, actor, now)
        else:
            telling.tell(
                person_ids=telling.givers_of(line, now=now), kind="reported", title="Báo cáo hoàn thành, chờ xác nhận",
                incoming=line.incoming, now=now, actor=actor,
            )  # fmt: skip
        return
    line.closed_at = now
    change_state(
        line, AssignmentAction.COMPLETE, actor=actor.ref, now=now, audit_action="documents.assignment.completed",
        also=(*also, "closed_at"),
    )  # fmt: skip
    _after_completion(line, actor.ref, now)
    telling.tell(
        person_ids=telling.givers_of(line, now=now), kind="completed", title="Việc đã giao đã xong",
        incoming=line.incoming, now=now, actor=actor,
    )  # fmt: skip


def _has_giver(line: Assignment) -> bool:
    """A copy of one's own registry was sent, not ordered: nobody confirms it."""
    return line.parent_id is not None or line.directive_id is not None


def _confirms_itself(line: Assignment) -> bool:
    """The setting of the giver's unit: that of the line above, or the registry's for a directive."""
    unit_id = line.incoming.registry_id
    if line.parent is not None:
        if line.parent.unit_id is None:
            return False
        unit_id = line.parent.unit_id
    return HandlingSetting.objects.filter(unit_id=unit_id, confirms_itself=True).exists()


def _confirm(line: Assignment, ref: ActorRef, now: datetime, reason: str) -> None:
    line.closed_at = now
    change_state(
        line, AssignmentAction.CONFIRM, actor=ref, now=now, reason=reason,
        audit_action="documents.assignment.confirmed", also=("closed_at",),
    )  # fmt: skip
    _after_completion(line, ref, now)


def _report_upward(line: Assignment, actor: Actor, now: datetime) -> None:
    """Who confirms the lead below answers for it above: his own line is reported with its result."""
    parent = line.parent
    if parent is None or line.role != AssignmentRole.LEAD or not permissions.holds(actor, parent):
        return
    if parent.state not in {AssignmentState.PASSED_ON, AssignmentState.IN_PROGRESS}:
        return
    locked = lock_lines(line.incoming, pk=parent.pk)[0]
    locked.no_reply_reason = line.no_reply_reason
    _report(locked, line.result, actor, now)


def _complete_by_reply(line: Assignment, result: str, ref: ActorRef, now: datetime) -> None:
    line.result = line.result or result
    line.closed_at = now
    if line.state == AssignmentState.WAITING:
        accept = AssignmentAction.ACCEPT_AS_UNIT if line.unit_id else AssignmentAction.ACCEPT_AS_PERSON
        change_state(line, accept, actor=ref, now=now, audit_action="documents.assignment.accepted")
    if line.state == AssignmentState.ACCEPTED:
        change_state(line, AssignmentAction.TAKE_ON, actor=ref, now=now, audit_action="documents.assignment.taken_on")
    action = AssignmentAction.CONFIRM if line.state == AssignmentState.REPORTED else AssignmentAction.COMPLETE
    change_state(
        line, action, actor=ref, now=now, reason=result, audit_action="documents.assignment.completed_by_reply",
        also=("result", "closed_at", "reply"),
    )  # fmt: skip
    _after_completion(line, ref, now)


def _after_completion(line: Assignment, ref: ActorRef, now: datetime) -> None:
    """Close what hung on a completed line: what is open below it, beside a lead the open support, requests for time."""
    lines = lock_lines(line.incoming)
    closing = _open_below(line, lines)
    if line.role == AssignmentRole.LEAD:
        beside = [
            each
            for each in lines
            if each.pk != line.pk
            and each.parent_id == line.parent_id
            and each.directive_id == line.directive_id
            and each.role == AssignmentRole.SUPPORT
            and (line.parent_id is not None or line.directive_id is not None)
        ]
        for each in beside:
            closing += [each, *_open_below(each, lines)]
    for each in sorted({each.pk: each for each in closing}.values(), key=lambda row: row.pk):
        if each.state in OPEN_ASSIGNMENT_STATES:
            each.closed_at = now
            change_state(
                each, AssignmentAction.CLOSE_WITH_LEAD, actor=ref, now=now,
                audit_action="documents.assignment.closed_with_lead", also=("closed_at",),
            )  # fmt: skip
    end_extensions([line, *closing], ref=ref, now=now)
    outbox.publish(AssignmentCompleted(line.pk, line.incoming_id, now), name="documents.assignment.completed", now=now)
    _finish_incoming(line.incoming, ref, now)


def _open_below(line: Assignment, lines: list[Assignment]) -> list[Assignment]:
    """Open lines under `line` but informed ones, which end by reading; `lines` are in key order."""
    found = {line.pk}
    below = []
    for each in lines:
        if each.parent_id in found:
            found.add(each.pk)
            if each.state in OPEN_ASSIGNMENT_STATES and each.role != AssignmentRole.INFORMED:
                below.append(each)
    return below


def _finish_incoming(incoming: IncomingDocument, ref: ActorRef, now: datetime) -> None:
    """The letter is completed when its lead is; a copy of one's own registry when every line but informed is."""
    if incoming.state != IncomingState.IN_PROGRESS:
        return
    open_lines = Assignment.objects.filter(
        incoming=incoming, parent__isnull=True, state__in=OPEN_ASSIGNMENT_STATES
    ).exclude(role=AssignmentRole.INFORMED)
    if open_lines.exists():
        return
    change_state(incoming, IncomingAction.COMPLETE, actor=ref, now=now, audit_action="documents.incoming.completed")
    end_opinions_on_letters([incoming], ref=ref, now=now, why="văn bản đã xử lý xong")
    tracking_delivery.note_progress(incoming=incoming, state=DeliveryState.DONE, now=now)
    outbox.publish(IncomingCompleted(incoming.pk), name="documents.incoming.completed", now=now)


def _reopen(line: Assignment, ref: ActorRef, now: datetime, reason: str) -> None:
    line.closed_at = None
    line.reported_at = None
    change_state(
        line, AssignmentAction.REOPEN, actor=ref, now=now, reason=reason,
        audit_action="documents.assignment.reopened", also=("closed_at", "reported_at"),
    )  # fmt: skip


def _reopen_leads_below(line: Assignment, ref: ActorRef, now: datetime, reason: str) -> list[Assignment]:
    """The chain of completed leads under a line, from the top, in work again."""
    reopened: list[Assignment] = []
    above = line
    while found := lock_lines(line.incoming, parent=above, role=AssignmentRole.LEAD, state=AssignmentState.COMPLETED):
        above = found[-1]
        _reopen(above, ref, now, reason)
        reopened.append(above)
    return reopened


def _reply_issued(line: Assignment) -> bool:
    """A reply to this line, or to a lead passed on from it, has been issued."""
    ids = {line.pk, *line.children.filter(role=AssignmentRole.LEAD).values_list("pk", flat=True)}
    return Draft.objects.filter(assignment_id__in=ids, state__in=[DraftState.ISSUED, DraftState.FINISHED]).exists()
