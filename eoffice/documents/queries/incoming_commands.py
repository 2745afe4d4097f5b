"""What the reader of one letter may press now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from eoffice.core.deeds import Deed
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Directive,
    IncomingDocument,
)
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.permissions import outgoing as outgoing_rules
from eoffice.documents.states import ASSIGNMENT_TRANSITIONS as LINE_TABLE
from eoffice.documents.states import (
    CLOSED_TO_OPINIONS,
    OPEN_ASSIGNMENT_STATES,
    AssignmentAction,
    AssignmentState,
    IncomingAction,
    IncomingState,
)
from eoffice.documents.states import INCOMING_TRANSITIONS as LETTER_TABLE
from eoffice.organization.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What the reader may press now: the same tables and rules as the commands ask."""

    register: bool = False
    refuse: bool = False
    forward: bool = False
    distribute: bool = False
    keep: bool = False
    cancel: bool = False
    correct: bool = False
    set_field: bool = False
    direct: bool = False
    return_to_clerk: bool = False
    add_recipients: bool = False
    remind: bool = False
    link: bool = False
    take_back: bool = False
    reopen: bool = False
    consult: bool = False
    attach: bool = False
    accept: bool = False
    note_read: bool = False
    take_on: bool = False
    pass_on: bool = False
    return_line: bool = False
    progress: bool = False
    report: bool = False
    extend: bool = False
    reply: bool = False
    confirm_recall: bool = False


def commands_of(
    actor: Actor,
    incoming: IncomingDocument,
    line: Assignment | None,
    lines: list[Assignment],
    directives: list[Directive],
    now: datetime,
    *,
    asked_later: bool,
) -> Commands:
    if incoming.recalled_at is not None:
        unconfirmed = incoming.recall_confirmed_at is None
        return Commands(confirm_recall=unconfirmed and outgoing_rules.can_confirm_recall(actor, incoming))

    def letter(action: IncomingAction, *, may: bool) -> bool:
        return may and (IncomingState(incoming.state), action) in LETTER_TABLE

    newest = next((each for each in directives if each.taken_back_at is None), None)
    holds = line is not None and line_rules.holds(actor, line)
    works = holds and line is not None and line.role != AssignmentRole.INFORMED
    is_open = works and line is not None and line.state in OPEN_ASSIGNMENT_STATES

    def own(action: AssignmentAction) -> bool:
        return works and line is not None and (AssignmentState(line.state), action) in LINE_TABLE

    may_accept = line is not None and line_rules.can_accept(actor, line) and line.state == AssignmentState.WAITING
    is_informed = line is not None and line.role == AssignmentRole.INFORMED
    return Commands(
        register=letter(IncomingAction.REGISTER, may=permissions.can_register(actor, incoming)),
        refuse=letter(IncomingAction.REFUSE, may=permissions.can_refuse(actor, incoming)),
        forward=letter(IncomingAction.FORWARD, may=permissions.can_forward(actor, incoming)),
        distribute=letter(IncomingAction.DISTRIBUTE, may=permissions.can_distribute(actor, incoming)),
        keep=letter(IncomingAction.KEEP_FOR_INFORMATION, may=permissions.can_forward(actor, incoming)),
        cancel=letter(IncomingAction.CANCEL, may=permissions.can_cancel(actor, incoming)),
        correct=incoming.arrival_number is not None
        and incoming.state != IncomingState.CANCELLED
        and permissions.can_correct(actor, incoming),
        set_field=incoming.is_internal
        and incoming.arrival_number is None
        and permissions.can_set_field(actor, incoming),
        direct=letter(IncomingAction.DIRECT, may=permissions.can_direct(actor, incoming)),
        return_to_clerk=letter(IncomingAction.RETURN, may=permissions.can_return(actor, incoming)),
        take_back=newest is not None
        and letter(IncomingAction.TAKE_BACK, may=permissions.can_take_back(actor, newest.given_for_id))
        and undo_seconds(directives, now) > 0
        and all(each.state == AssignmentState.WAITING for each in lines if each.directive_id == newest.pk),
        add_recipients=newest is not None
        and incoming.state == IncomingState.IN_PROGRESS
        and permissions.can_add_recipients(actor, incoming, newest.given_for_id),
        remind=any(line_rules.can_be_reminded(each) and line_rules.gave(actor, each) for each in lines),
        link=permissions.can_link(actor, incoming),
        reopen=letter(
            IncomingAction.REOPEN,
            may=permissions.can_reopen(actor, incoming, newest.given_for_id if newest else None)
            and any(each.role == AssignmentRole.LEAD for each in lines),
        ),
        consult=incoming.state not in CLOSED_TO_OPINIONS
        and (
            is_open
            or (incoming.arrival_number is not None and permissions.can_forward(actor, incoming))
            or permissions.can_direct(actor, incoming)
        ),
        attach=permissions.can_correct(actor, incoming) and incoming.state != IncomingState.REFUSED,
        accept=may_accept and not is_informed,
        note_read=may_accept and is_informed,
        take_on=actor.is_himself and own(AssignmentAction.TAKE_ON),
        pass_on=own(AssignmentAction.PASS_ON) and line is not None and not _has_lead_below(line, lines),
        return_line=actor.is_himself and own(AssignmentAction.RETURN),
        progress=is_open and actor.is_himself,
        report=own(AssignmentAction.REPORT_DONE),
        extend=is_open and actor.is_himself and line is not None and line.due_at is not None and not asked_later,
        reply=is_open and actor.may_act(Deed.PREPARE) and line is not None and line.state != AssignmentState.WAITING,
    )


def _has_lead_below(line: Assignment, lines: list[Assignment]) -> bool:
    gone = {AssignmentState.WITHDRAWN, AssignmentState.RETURNED, AssignmentState.RECALLED}
    return any(
        each.parent_id == line.pk and each.role == AssignmentRole.LEAD and each.state not in gone for each in lines
    )


def undo_seconds(directives: list[Directive], now: datetime) -> int:
    newest = next((each for each in directives if each.taken_back_at is None), None)
    if newest is None:
        return 0
    left = newest.given_at + timedelta(seconds=settings.UNDO_WINDOW_S) - now
    return max(0, int(left.total_seconds()))
