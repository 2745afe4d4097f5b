"""The boxes of incoming documents: which box holds what."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from eoffice.documents.fitting_posts import of_this_post
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Consultation,
    ExtensionRequest,
    IncomingDocument,
)
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.states import ENDED_ASSIGNMENT_STATES, AssignmentState, IncomingState
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role


class Box(StrEnum):
    """Ngăn: the boxes of incoming documents (reference/ui.md 2)."""

    TO_HANDLE = "to_handle"
    SUPPORT = "support"
    INFORMED = "informed"
    FOLLOWING = "following"
    HANDLED = "handled"
    TO_REGISTER = "to_register"
    TO_FORWARD = "to_forward"
    IN_PROGRESS = "in_progress"
    RETURNED = "returned"
    RECALLS = "recalls"
    TO_DIRECT = "to_direct"
    PREPARE = "prepare"
    GIVEN_LATE = "given_late"
    GIVEN_OPEN = "given_open"
    GIVEN_TO_CONFIRM = "given_to_confirm"
    EXTENSIONS = "extensions"
    OPINIONS = "opinions"
    ALL = "all"


BOX_WORDS: Final = {
    Box.TO_HANDLE: "Chờ xử lý",
    Box.SUPPORT: "Phối hợp",
    Box.INFORMED: "Nhận để biết",
    Box.FOLLOWING: "Đang theo dõi",
    Box.HANDLED: "Đã xử lý",
    Box.TO_REGISTER: "Chờ đăng ký",
    Box.TO_FORWARD: "Chờ trình, chuyển",
    Box.IN_PROGRESS: "Đang xử lý",
    Box.RETURNED: "Bị trả lại",
    Box.RECALLS: "Thu hồi chờ xác nhận",
    Box.TO_DIRECT: "Chờ chỉ đạo",
    Box.PREPARE: "Chuẩn bị: chờ cho ý kiến",
    Box.GIVEN_LATE: "Quá hạn",
    Box.GIVEN_OPEN: "Đang thực hiện",
    Box.GIVEN_TO_CONFIRM: "Chờ tôi xác nhận",
    Box.EXTENSIONS: "Xin gia hạn",
    Box.OPINIONS: "Xin ý kiến",
    Box.ALL: "Mọi văn bản đến",
}


_WAITING: Final = (AssignmentState.WAITING, AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS)


def lines_in(actor: Actor, box: Box, now: datetime) -> QuerySet[Assignment] | None:
    """What lies in a box of assignments, within what the actor may see; None for boxes of letters."""
    parts = parts_in(actor, box, now)
    if len(parts) < 2:
        return parts[0] if parts else None
    keys = [part.order_by().values("pk") for part in parts]
    return Assignment.objects.filter(pk__in=keys[0].union(*keys[1:], all=True))


def parts_in(actor: Actor, box: Box, now: datetime) -> list[QuerySet[Assignment]]:
    """The same in parts that have no line in common, each answered by an index of its own; none for letters."""
    return [
        Assignment.objects.filter(
            condition,
            permissions.visible_to(actor, outer="incoming_id", narrowed=True),
            of_this_post(actor, "incoming__"),
            incoming__recalled_at__isnull=True,
        )
        for condition in _line_conditions(actor, box, now)
    ]


def handled_by_holder(actor: Actor) -> list[QuerySet[Assignment]]:
    """What lies in "Đã xử lý", one part for each holder: each gives its newest by an index of its own.

    This box alone grows for ever; sorting all of it would cost more every year.
    """
    return [
        Assignment.objects.filter(
            holder,
            permissions.visible_to(actor, outer="incoming_id", narrowed=True),
            of_this_post(actor, "incoming__"),
            state__in=ENDED_ASSIGNMENT_STATES,
            closed_at__isnull=False,
            incoming__recalled_at__isnull=True,
        )
        for holder in line_rules.held_apart(actor)
    ]


def _line_conditions(actor: Actor, box: Box, now: datetime) -> list[Q]:
    mine = line_rules.held_by(actor)
    informed_by = Q(unit_id__in=actor.units_with(Role.CLERK))
    conditions = {
        Box.TO_HANDLE: mine & Q(role=AssignmentRole.LEAD, state__in=_WAITING),
        Box.SUPPORT: mine & Q(role=AssignmentRole.SUPPORT, state__in=_WAITING),
        Box.INFORMED: (mine | informed_by) & Q(role=AssignmentRole.INFORMED, state=AssignmentState.WAITING),
        Box.FOLLOWING: mine & Q(state__in=[AssignmentState.PASSED_ON, AssignmentState.REPORTED]),
        Box.HANDLED: mine & Q(state__in=ENDED_ASSIGNMENT_STATES),
    }
    if box in conditions:
        return [conditions[box]]
    open_extension = Exists(ExtensionRequest.objects.filter(assignment=OuterRef("pk"), granted__isnull=True))
    given = {
        Box.GIVEN_LATE: Q(due_at__lt=now),
        # Support lines close with their lead, so what is not done is counted by its lead.
        Box.GIVEN_OPEN: Q(role=AssignmentRole.LEAD),
        Box.GIVEN_TO_CONFIRM: Q(state=AssignmentState.REPORTED),
        Box.EXTENSIONS: Q(open_extension),
    }
    return [part & given[box] for part in line_rules.open_given_by(actor)] if box in given else []


def letters_in(actor: Actor, box: Box) -> QuerySet[IncomingDocument]:
    offices = actor.units_with(Role.CLERK, Role.CHIEF_OF_OFFICE)
    chiefs = actor.units_with(Role.CHIEF_OF_OFFICE)
    at_office = Q(registry_id__in=offices, is_internal=False)
    asked = Exists(
        Consultation.objects.filter(
            Q(person_id=actor.own_id) | Q(unit_id__in=actor.units_with(Role.UNIT_HEAD)),
            incoming=OuterRef("pk"),
            answered_at__isnull=True,
            ended_at__isnull=True,
        )
    )
    conditions = {
        Box.TO_REGISTER: Q(registry_id__in=actor.units_with(Role.CLERK), state=IncomingState.RECEIVED),
        Box.TO_FORWARD: at_office & Q(state=IncomingState.REGISTERED, returned_reason=""),
        Box.RETURNED: at_office & Q(state=IncomingState.REGISTERED) & ~Q(returned_reason=""),
        Box.IN_PROGRESS: at_office & Q(state__in=[IncomingState.AWAITING_DIRECTION, IncomingState.IN_PROGRESS]),
        Box.TO_DIRECT: Q(state=IncomingState.AWAITING_DIRECTION)
        & (Q(forwarded_to_id=actor.rights_of_id) | Q(forwarded_to__isnull=True, registry_id__in=chiefs)),
        Box.PREPARE: Q(state=IncomingState.AWAITING_DIRECTION, forwarded_to_id__in=sorted(actor.leader_ids)),
        Box.OPINIONS: Q(asked),
    }
    if box == Box.ALL:
        return IncomingDocument.objects.filter(permissions.visible_to(actor))
    if box == Box.RECALLS:
        return IncomingDocument.objects.filter(
            permissions.visible_to(actor, narrowed=True),
            of_this_post(actor),
            registry_id__in=actor.units_with(Role.CLERK),
            is_internal=False,
            recalled_at__isnull=False,
            recall_confirmed_at__isnull=True,
        )
    return IncomingDocument.objects.filter(
        conditions[box],
        permissions.visible_to(actor, narrowed=True),
        of_this_post(actor),
        recalled_at__isnull=True,
    )
