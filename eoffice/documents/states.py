"""The life cycles of incoming documents, assignments, drafts and outgoing documents, as tables."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.db import models


class IncomingState(models.TextChoices):
    RECEIVED = "received", "Chờ đăng ký"
    REFUSED = "refused", "Đã trả lại nơi gửi"
    REGISTERED = "registered", "Chờ trình"
    AWAITING_DIRECTION = "awaiting_direction", "Chờ chỉ đạo"
    IN_PROGRESS = "in_progress", "Đang xử lý"
    COMPLETED = "completed", "Đã xử lý"
    FILED = "filed", "Đã lưu hồ sơ"
    CANCELLED = "cancelled", "Đã hủy đăng ký"


CLOSED_TO_OPINIONS: Final = frozenset(
    {IncomingState.REFUSED, IncomingState.CANCELLED, IncomingState.COMPLETED, IncomingState.FILED}
)
"""Sent back, struck from the register or done with: there is nothing left to ask an opinion about."""


class IncomingAction(StrEnum):
    REGISTER = "register"
    REFUSE = "refuse"
    FORWARD = "forward"
    DISTRIBUTE = "distribute"
    KEEP_FOR_INFORMATION = "keep_for_information"
    CANCEL = "cancel"
    RETURN = "return"
    DIRECT = "direct"
    TAKE_BACK = "take_back"
    LEAD_REFUSES = "lead_refuses"
    COMPLETE = "complete"
    REOPEN = "reopen"
    FILE = "file"
    ARRIVE_AGAIN = "arrive_again"


INCOMING_TRANSITIONS: Final = {
    (IncomingState.RECEIVED, IncomingAction.REGISTER): IncomingState.REGISTERED,
    (IncomingState.RECEIVED, IncomingAction.REFUSE): IncomingState.REFUSED,
    (IncomingState.REFUSED, IncomingAction.ARRIVE_AGAIN): IncomingState.RECEIVED,  # the sender sent it again
    (IncomingState.REGISTERED, IncomingAction.FORWARD): IncomingState.AWAITING_DIRECTION,
    (IncomingState.REGISTERED, IncomingAction.DISTRIBUTE): IncomingState.IN_PROGRESS,
    (IncomingState.REGISTERED, IncomingAction.KEEP_FOR_INFORMATION): IncomingState.COMPLETED,
    (IncomingState.REGISTERED, IncomingAction.CANCEL): IncomingState.CANCELLED,
    (IncomingState.AWAITING_DIRECTION, IncomingAction.DIRECT): IncomingState.IN_PROGRESS,
    (IncomingState.AWAITING_DIRECTION, IncomingAction.RETURN): IncomingState.REGISTERED,
    (IncomingState.IN_PROGRESS, IncomingAction.TAKE_BACK): IncomingState.AWAITING_DIRECTION,
    (IncomingState.IN_PROGRESS, IncomingAction.LEAD_REFUSES): IncomingState.AWAITING_DIRECTION,
    (IncomingState.IN_PROGRESS, IncomingAction.COMPLETE): IncomingState.COMPLETED,
    (IncomingState.COMPLETED, IncomingAction.REOPEN): IncomingState.IN_PROGRESS,
    (IncomingState.COMPLETED, IncomingAction.FILE): IncomingState.FILED,
}


class AssignmentState(models.TextChoices):
    WAITING = "waiting", "Chưa tiếp nhận"
    ACCEPTED = "accepted", "Chờ giao chuyên viên"
    IN_PROGRESS = "in_progress", "Đang xử lý"
    PASSED_ON = "passed_on", "Đã chuyển tiếp"
    REPORTED = "reported", "Chờ xác nhận"
    COMPLETED = "completed", "Đã xong"
    CLOSED_WITH_LEAD = "closed_with_lead", "Đã kết thúc theo chủ trì"
    READ = "read", "Đã xem"
    RETURNED = "returned", "Bị trả lại"
    WITHDRAWN = "withdrawn", "Đã rút lại"
    RECALLED = "recalled", "Đã thu hồi"


class AssignmentAction(StrEnum):
    ACCEPT_AS_UNIT = "accept_as_unit"
    ACCEPT_AS_PERSON = "accept_as_person"
    PASS_ON = "pass_on"  # noqa: S105 - chuyển tiếp, not a password
    TAKE_ON = "take_on"
    REPORT_DONE = "report_done"
    COMPLETE = "complete"
    CONFIRM = "confirm"
    SEND_BACK = "send_back"
    CLOSE_WITH_LEAD = "close_with_lead"
    READ = "read"
    RETURN = "return"
    WITHDRAW = "withdraw"
    RECALL = "recall"
    CHILD_RETURNED = "child_returned"
    REOPEN = "reopen"


_A = AssignmentState
_OPEN: Final = (_A.WAITING, _A.ACCEPTED, _A.IN_PROGRESS, _A.PASSED_ON, _A.REPORTED)
ASSIGNMENT_TRANSITIONS: Final = {
    (_A.WAITING, AssignmentAction.ACCEPT_AS_UNIT): _A.ACCEPTED,
    (_A.WAITING, AssignmentAction.ACCEPT_AS_PERSON): _A.IN_PROGRESS,
    (_A.WAITING, AssignmentAction.READ): _A.READ,
    (_A.WAITING, AssignmentAction.PASS_ON): _A.PASSED_ON,
    (_A.ACCEPTED, AssignmentAction.PASS_ON): _A.PASSED_ON,
    (_A.ACCEPTED, AssignmentAction.TAKE_ON): _A.IN_PROGRESS,
    (_A.IN_PROGRESS, AssignmentAction.PASS_ON): _A.PASSED_ON,
    (_A.IN_PROGRESS, AssignmentAction.REPORT_DONE): _A.REPORTED,
    (_A.PASSED_ON, AssignmentAction.REPORT_DONE): _A.REPORTED,
    (_A.IN_PROGRESS, AssignmentAction.COMPLETE): _A.COMPLETED,
    (_A.PASSED_ON, AssignmentAction.COMPLETE): _A.COMPLETED,
    (_A.PASSED_ON, AssignmentAction.CHILD_RETURNED): _A.ACCEPTED,
    (_A.REPORTED, AssignmentAction.CONFIRM): _A.COMPLETED,
    (_A.REPORTED, AssignmentAction.SEND_BACK): _A.IN_PROGRESS,
    (_A.WAITING, AssignmentAction.RETURN): _A.RETURNED,
    (_A.ACCEPTED, AssignmentAction.RETURN): _A.RETURNED,
    (_A.IN_PROGRESS, AssignmentAction.RETURN): _A.RETURNED,
    (_A.COMPLETED, AssignmentAction.REOPEN): _A.IN_PROGRESS,
    **{(state, AssignmentAction.CLOSE_WITH_LEAD): _A.CLOSED_WITH_LEAD for state in _OPEN},
    **{(state, AssignmentAction.WITHDRAW): _A.WITHDRAWN for state in _OPEN},
    **{(state, AssignmentAction.RECALL): _A.RECALLED for state in _OPEN},
}
OPEN_ASSIGNMENT_STATES: Final = _OPEN
ENDED_ASSIGNMENT_STATES: Final = (_A.COMPLETED, _A.CLOSED_WITH_LEAD, _A.READ, _A.RETURNED)
"""Ended by work, reading or refusal: what "Đã xử lý" holds; taken back and recalled lines stand in no box."""


class DraftState(models.TextChoices):
    DRAFT = "draft", "Dự thảo"
    IN_REVIEW = "in_review", "Chờ duyệt"
    AWAITING_SIGNATURE = "awaiting_signature", "Chờ ký"
    SIGNED = "signed", "Đã ký, chờ cấp số"
    NUMBERED = "numbered", "Đã cấp số"
    ISSUED = "issued", "Đã phát hành"
    VOID = "void", "Đã hủy số"
    FINISHED = "finished", "Đã hoàn tất (nội bộ)"
    ABANDONED = "abandoned", "Đã bỏ"


class DraftAction(StrEnum):
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    SIGN = "sign"
    NUMBER = "number"
    ISSUE = "issue"
    VOID = "void"
    FINISH = "finish"
    ABANDON = "abandon"


DRAFT_TRANSITIONS: Final = {
    (DraftState.DRAFT, DraftAction.SUBMIT): DraftState.IN_REVIEW,
    (DraftState.IN_REVIEW, DraftAction.APPROVE): DraftState.AWAITING_SIGNATURE,
    (DraftState.AWAITING_SIGNATURE, DraftAction.SIGN): DraftState.SIGNED,
    (DraftState.SIGNED, DraftAction.NUMBER): DraftState.NUMBERED,
    (DraftState.SIGNED, DraftAction.FINISH): DraftState.FINISHED,  # internal papers without number and seal
    (DraftState.NUMBERED, DraftAction.ISSUE): DraftState.ISSUED,
    (DraftState.NUMBERED, DraftAction.VOID): DraftState.VOID,
    (DraftState.IN_REVIEW, DraftAction.RETURN): DraftState.DRAFT,
    (DraftState.AWAITING_SIGNATURE, DraftAction.RETURN): DraftState.DRAFT,
    (DraftState.SIGNED, DraftAction.RETURN): DraftState.DRAFT,
    (DraftState.DRAFT, DraftAction.ABANDON): DraftState.ABANDONED,
    (DraftState.IN_REVIEW, DraftAction.ABANDON): DraftState.ABANDONED,
}


class OutgoingState(models.TextChoices):
    NUMBERED = "numbered", "Đã cấp số, chờ đóng dấu"
    ISSUED = "issued", "Đã phát hành"
    FILED = "filed", "Đã lưu hồ sơ"
    VOID = "void", "Đã hủy số"


class OutgoingAction(StrEnum):
    ISSUE = "issue"
    FILE = "file"
    VOID = "void"


OUTGOING_TRANSITIONS: Final = {
    (OutgoingState.NUMBERED, OutgoingAction.ISSUE): OutgoingState.ISSUED,
    (OutgoingState.NUMBERED, OutgoingAction.VOID): OutgoingState.VOID,
    (OutgoingState.ISSUED, OutgoingAction.FILE): OutgoingState.FILED,
}


class DeliveryState(models.TextChoices):
    """Trạng thái gửi nhận, with the status codes of QĐ 28/2018 where there is one."""

    SENT = "sent", "Đã gửi"
    ARRIVED = "arrived", "Đã đến"
    REFUSED = "refused", "Bị từ chối"
    ACCEPTED = "accepted", "Đã nhận"
    ASSIGNED = "assigned", "Đã phân công"
    IN_PROGRESS = "in_progress", "Đang xử lý"
    DONE = "done", "Đã xử lý"
    OUTSIDE = "outside", "Gửi ngoài hệ thống"
    RECALLED = "recalled", "Đã thu hồi"
