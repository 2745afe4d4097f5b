"""The words and tones of incoming documents and their lines, as their readers see them."""

from __future__ import annotations

from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    IncomingDocument,
    Urgency,
)
from eoffice.documents.states import AssignmentState, IncomingState


def urgency_words(urgency: int) -> str:
    """KHẨN, THƯỢNG KHẨN, HỎA TỐC as the decree prints them; empty for ordinary letters."""
    return "" if urgency == Urgency.NORMAL else str(Urgency(urgency).label).upper()


def words_of_line(line: Assignment, *, mine: bool) -> tuple[str, str]:
    """The words and tone of a line's state for its reader (reference/ui.md 6)."""
    state = AssignmentState(line.state)
    if line.role == AssignmentRole.INFORMED:
        is_unseen = state == AssignmentState.WAITING
        return ("Chưa xem" if is_unseen else str(state.label)), ("acc" if mine and is_unseen else "grey")
    words = str(state.label)
    if state == AssignmentState.ACCEPTED and line.person_id is not None:
        words = "Chờ giao lại"
    tones = {
        AssignmentState.WAITING: "acc",
        AssignmentState.ACCEPTED: "acc",
        AssignmentState.IN_PROGRESS: "acc" if mine else "grey",
        AssignmentState.REPORTED: "grey" if mine else "acc",
        AssignmentState.COMPLETED: "green",
        AssignmentState.CLOSED_WITH_LEAD: "green",
        AssignmentState.RETURNED: "amber",
        AssignmentState.RECALLED: "amber",
    }
    return words, tones.get(state, "grey")


def words_of_letter(letter: IncomingDocument) -> tuple[str, str]:
    """The words and tone of a letter's state; a recalled one is frozen whatever its state (reference/ui.md 6)."""
    if letter.recalled_at is not None:
        return "Nơi gửi đã thu hồi", "amber"
    state = IncomingState(letter.state)
    if state == IncomingState.REGISTERED and letter.returned_reason:
        return f"Bị trả lại: {letter.returned_reason}", "amber"
    tones = {
        IncomingState.RECEIVED: "acc",
        IncomingState.REGISTERED: "acc",
        IncomingState.AWAITING_DIRECTION: "acc",
        IncomingState.COMPLETED: "green",
        IncomingState.FILED: "green",
        IncomingState.REFUSED: "red",
    }
    return str(state.label), tones.get(state, "grey")
