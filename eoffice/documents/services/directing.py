"""Bút phê: a leader directs a letter, returns it, or takes his directive back at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import nfc, tidy
from eoffice.documents import fitting_posts
from eoffice.documents.errors import AlreadyDirected, UndoTooLate
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Directive,
    IncomingDocument,
    ProposedDirective,
    QueuePlace,
)
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.services import registry_access, telling
from eoffice.documents.services.changing_state import change_state
from eoffice.documents.services.deadlines import checked_deadline
from eoffice.documents.services.distributing import Order, Recipient, give_directive, make_lines, require_sound
from eoffice.documents.services.ending_requests import end_extensions
from eoffice.documents.services.locking_incoming import lock_incoming, lock_lines
from eoffice.documents.states import (
    OPEN_ASSIGNMENT_STATES,
    AssignmentAction,
    AssignmentState,
    IncomingAction,
    IncomingState,
)
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

TEXT_LIMIT = 4000


@transaction.atomic
def direct_incoming(
    *,
    actor: Actor,
    incoming_id: int,
    text: str,
    recipients: Sequence[Recipient],
    now: datetime,
    due_on: date | None = None,
    requires_reply: bool = False,
    proposal_id: int | None = None,
) -> Directive:
    """Write a directive on a letter that waits for one and open the lines of its recipients.

    `proposal_id` is the secretary's proposal it was made from, as it was or edited: the directive says who prepared
    it. Whatever is sent closes the open proposal. Exactly one lead. A new directive replaces an earlier one: open
    lines of that one are withdrawn. Source: NĐ 30/2020/NĐ-CP, Điều 23, 24. Raises DocumentNotFound, NotPermitted,
    IllegalTransition, SeveralLeads, DayOff, Invalid.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(
        permissions.can_direct(actor, incoming), "Chỉ người được trình mới cho ý kiến chỉ đạo văn bản này."
    )
    order = checked_order(text, recipients, due_on, now, requires_reply=requires_reply)
    _withdraw_open_lines(incoming, actor, now)
    proposal = lock_proposal(incoming, incoming.forwarded_to_id or 0)
    is_used = proposal is not None and proposal.pk == proposal_id
    directive = give_directive(
        incoming=incoming, action=IncomingAction.DIRECT, recipients=recipients, order=order, actor=actor, now=now,
        prepared_by_id=proposal.prepared_by_id if proposal is not None and is_used else None,
    )  # fmt: skip
    if proposal is not None:
        proposal.closed_at, proposal.directive = now, directive if is_used else None
        proposal.save(update_fields=["closed_at", "directive"])
        telling.tell(
            person_ids=[proposal.prepared_by_id], kind="preparation_sent",
            title=f"{actor.shown_name} đã gửi bút phê" + (" theo dự kiến" if is_used else ""),
            incoming=incoming, now=now, actor=actor,
        )  # fmt: skip
    QueuePlace.objects.filter(incoming=incoming).delete()
    return directive


def lock_proposal(incoming: IncomingDocument, leader_id: int) -> ProposedDirective | None:
    """The open proposal for a leader on a letter the caller has locked, locked too."""
    rows = ProposedDirective.objects.select_for_update(no_key=True)
    return rows.filter(incoming=incoming, leader_id=leader_id, closed_at__isnull=True).first()


def recipients_of(proposal: ProposedDirective) -> list[Recipient]:
    """Whom a proposal names."""
    return [Recipient(row["kind"], row["id"], AssignmentRole(row["role"])) for row in proposal.recipients]


@transaction.atomic
def distribute_incoming(
    *,
    actor: Actor,
    incoming_id: int,
    text: str,
    recipients: Sequence[Recipient],
    now: datetime,
    due_on: date | None = None,
    requires_reply: bool = False,
) -> Directive:
    """Let chánh văn phòng distribute a registered letter without a leader.

    Raises DocumentNotFound, NotPermitted, IllegalTransition, SeveralLeads, DayOff, Invalid.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(
        permissions.can_distribute(actor, incoming), "Chỉ chánh văn phòng phân phối được khi chưa trình lãnh đạo."
    )
    order = checked_order(text, recipients, due_on, now, requires_reply=requires_reply)
    # Should it come back, it waits for the one who distributed it.
    incoming.forwarded_to_id = actor.rights_of_id
    incoming.returned_reason = ""
    incoming.save(update_fields=["forwarded_to", "returned_reason"])
    return give_directive(
        incoming=incoming, action=IncomingAction.DISTRIBUTE, recipients=recipients, order=order, actor=actor, now=now
    )


@transaction.atomic
def add_recipients(
    *,
    actor: Actor,
    incoming_id: int,
    recipients: Sequence[Recipient],
    now: datetime,
    text: str = "",
    due_on: date | None = None,
) -> list[Assignment]:
    """Add places to the newest directive of a letter in progress, to support or to know; its lead stays.

    Who gave the directive does so, or chánh văn phòng for one given by a rule. Raises DocumentNotFound,
    NotPermitted, AlreadyDirected, Invalid.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    directive = _newest_directive(incoming)
    permissions.require(
        permissions.can_add_recipients(actor, incoming, directive.given_for_id),
        "Chỉ người cho ý kiến chỉ đạo mới thêm được nơi nhận.",
    )
    if incoming.state != IncomingState.IN_PROGRESS:
        raise UndoTooLate("Văn bản không còn đang xử lý nên không thêm được nơi nhận.")
    require_sound(recipients, on=local_date(now), needs_lead=False)
    lines = lock_lines(incoming, directive=directive, parent=None)
    active = [line for line in lines if line.state in OPEN_ASSIGNMENT_STATES or line.state == AssignmentState.READ]
    holders = {("unit", line.unit_id) if line.unit_id else ("person", line.person_id) for line in active}
    if any(each.role == AssignmentRole.LEAD for each in recipients):
        raise AlreadyDirected(
            "Văn bản đã có nơi chủ trì. Nơi thêm là phối hợp hoặc nhận để biết; đổi chủ trì thì cho ý kiến chỉ đạo mới."
        )
    if any((each.kind, each.id) in holders for each in recipients):
        raise AlreadyDirected("Nơi nhận đã có trong phân công. Bỏ nơi đó, hoặc rút lại phân công cũ trước.")
    order = Order(
        instruction=nfc(text).strip() or directive.text,
        due_at=checked_deadline(due_on, now=now) or directive.due_at,
    )
    return make_lines(incoming=incoming, recipients=recipients, order=order, actor=actor, now=now, directive=directive)


@transaction.atomic
def return_to_clerk(*, actor: Actor, incoming_id: int, reason: str, now: datetime) -> IncomingDocument:
    """Give a submitted letter back to the office with the reason.

    Raises DocumentNotFound, NotPermitted, Invalid, IllegalTransition.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    permissions.require(permissions.can_return(actor, incoming))
    clean = tidy(reason)
    if not clean or len(clean) > 1000:
        message = "Ghi lý do trả lại, tối đa 1000 ký tự."
        raise Invalid(message, fields={"reason": message})
    incoming.forwarded_to_id = None
    incoming.returned_reason = clean
    change_state(
        incoming, IncomingAction.RETURN, actor=actor.ref, now=now, reason=clean,
        audit_action="documents.incoming.returned", also=("forwarded_to", "returned_reason"),
    )  # fmt: skip
    _withdraw_open_lines(incoming, actor, now)
    telling.tell(
        person_ids=telling.office_of(incoming.registry_id, Role.CLERK, Role.CHIEF_OF_OFFICE, now=now),
        kind="returned", title=f"{actor.shown_name} trả lại văn bản", incoming=incoming, now=now, actor=actor,
    )  # fmt: skip
    return incoming


@transaction.atomic
def take_back(*, actor: Actor, incoming_id: int, now: datetime) -> IncomingDocument:
    """Take the newest directive back within `UNDO_WINDOW_S`, while none of its lines has been accepted.

    Its lines are withdrawn, their holders no longer see the letter, and its earlier deadline holds again.
    Raises DocumentNotFound, NotPermitted, UndoTooLate, IllegalTransition.
    """
    incoming = lock_incoming(actor, incoming_id)
    actor = fitting_posts.at_letter(actor, incoming)
    directive = _newest_directive(incoming)
    may = permissions.can_take_back(actor, directive.given_for_id)
    permissions.require(may, "Chỉ người cho ý kiến mới rút lại được.")
    lines = lock_lines(incoming, directive=directive)
    untouched = all(line.state == AssignmentState.WAITING for line in lines)
    if not untouched or now - directive.given_at > timedelta(seconds=settings.UNDO_WINDOW_S):
        raise UndoTooLate
    incoming.forwarded_to_id = actor.rights_of_id
    incoming.due_at = directive.letter_due_at
    change_state(
        incoming, IncomingAction.TAKE_BACK, actor=actor.ref, now=now,
        audit_action="documents.incoming.directive_taken_back", detail={"directive": directive.pk},
        also=("forwarded_to", "due_at"),
    )  # fmt: skip
    directive.taken_back_at = now
    directive.save(update_fields=["taken_back_at"])
    # What the secretary prepared waits again, so that nothing has to be written twice.
    directive.proposals.update(closed_at=None, directive=None)
    for line in lines:
        _withdraw(line, actor, now, "Rút lại ý kiến chỉ đạo")
        registry_access.withdraw_assignment(line)
    return incoming


def checked_order(
    text: str, recipients: Sequence[Recipient], due_on: date | None, now: datetime, *, requires_reply: bool
) -> Order:
    """What is ordered, sound as a directive has to be. Raises SeveralLeads, DayOff, Invalid."""
    clean = nfc(text).strip()
    if not clean or len(clean) > TEXT_LIMIT:
        message = f"Ghi nội dung chỉ đạo, tối đa {TEXT_LIMIT} ký tự."
        raise Invalid(message, fields={"text": message})
    require_sound(recipients, on=local_date(now))
    return Order(instruction=clean, due_at=checked_deadline(due_on, now=now), requires_reply=requires_reply)


def _newest_directive(incoming: IncomingDocument) -> Directive:
    directive = incoming.directives.filter(taken_back_at__isnull=True).order_by("-pk").first()
    if directive is None:
        raise UndoTooLate("Văn bản chưa có ý kiến chỉ đạo.")
    return directive


def _withdraw_open_lines(incoming: IncomingDocument, actor: Actor, now: datetime) -> None:
    lines = lock_lines(incoming, state__in=OPEN_ASSIGNMENT_STATES)
    for line in lines:
        _withdraw(line, actor, now, "Thay bằng ý kiến chỉ đạo mới")
    telling.tell(
        person_ids=telling.holders_of(lines, now=now), kind="withdrawn", title="Phân công đã được rút lại",
        incoming=incoming, now=now, actor=actor,
    )  # fmt: skip


def _withdraw(line: Assignment, actor: Actor, now: datetime, reason: str) -> None:
    line.closed_at = now
    change_state(
        line, AssignmentAction.WITHDRAW, actor=actor.ref, now=now, reason=reason,
        audit_action="documents.assignment.withdrawn", also=("closed_at",),
    )  # fmt: skip
    end_extensions([line], ref=actor.ref, now=now)
