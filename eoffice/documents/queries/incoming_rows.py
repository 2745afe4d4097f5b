"""One line of a list of incoming documents, and the groups lines stand in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from eoffice.core.clock import local_date
from eoffice.documents.fitting_posts import post_words, posts_for_letter, posts_for_line
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    IncomingDocument,
    QueueRank,
)
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_words import urgency_words, words_of_letter, words_of_line
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, IncomingState
from eoffice.organization import calendar
from eoffice.organization.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingRow:
    """One line of a list pane. `state` and `tone` are words and colour; `role` the line's role, empty for letters."""

    incoming_id: int
    assignment_id: int | None
    arrival: str
    code: str
    issuing_body: str
    subject: str
    urgency: int
    urgency_words: str
    role: str
    state: str
    tone: str
    holder: str
    is_unread: bool
    due_at: datetime | None
    days_left: int | None
    is_late: bool
    attachments: int
    received_at: datetime
    file_name: str
    post: str
    """Under which post it waits, for who works in several at once; else empty."""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows under one head; `words` empty where the list is not grouped."""

    words: str
    rows: list[IncomingRow]
    is_late: bool = False


def row_of_line(line: Assignment, actor: Actor, box: Box, days: calendar.WorkingCalendar, now: datetime) -> IncomingRow:
    letter = line.incoming
    mine = line_rules.holds(actor, line)
    words, tone = words_of_line(line, mine=mine)
    is_open = line.state in OPEN_ASSIGNMENT_STATES
    holder = (
        line.unit.names_on(line.called_on).short_name
        if line.unit
        else line.person.full_name if line.person else ""
    )  # fmt: skip
    return _row(
        letter,
        assignment_id=line.pk,
        role=AssignmentRole(line.role).label,
        state=f"{words} · {holder}" if not mine else words,
        tone=tone,
        holder=holder,
        is_unread=line.is_unread,  # type: ignore[attr-defined]  # annotated
        attachments=line.attachments,  # type: ignore[attr-defined]  # annotated
        due_at=line.due_at if is_open else None,
        days=days,
        now=now,
        post=post_words(posts_for_line(actor, line)) if actor.in_all_posts else "",
    )


def row_of_letter(letter: IncomingDocument, actor: Actor, days: calendar.WorkingCalendar, now: datetime) -> IncomingRow:
    words, tone = words_of_letter(letter)
    leader = letter.forwarded_to.full_name if letter.forwarded_to else ""
    is_running = letter.state in {IncomingState.AWAITING_DIRECTION, IncomingState.IN_PROGRESS}
    return _row(
        letter,
        assignment_id=None,
        role="",
        state=f"{words} · {leader}" if leader and letter.state == IncomingState.AWAITING_DIRECTION else words,
        tone=tone,
        holder=leader,
        is_unread=letter.is_unread,  # type: ignore[attr-defined]  # annotated
        attachments=letter.attachments,  # type: ignore[attr-defined]  # annotated
        due_at=letter.due_at if is_running else None,
        days=days,
        now=now,
        file_name=letter.file_name or "",  # type: ignore[attr-defined]  # annotated
        post=post_words(posts_for_letter(actor, letter)) if actor.in_all_posts else "",
    )


def row_of_waiting(
    letter: IncomingDocument, actor: Actor, days: calendar.WorkingCalendar, now: datetime, *, for_secretary: bool
) -> IncomingRow:
    """A letter in a leader's queue: its place in it, and whether a directive is prepared."""
    row = row_of_letter(letter, actor, days, now)
    rank = QueueRank(letter.rank)  # type: ignore[attr-defined]  # annotated
    prepared = "Có dự kiến bút phê" if letter.is_prepared else ""  # type: ignore[attr-defined]  # annotated
    state = f"{prepared or 'Chưa có dự kiến'} · {row.holder}" if for_secretary else prepared or row.state
    return replace(row, role=str(rank.label) if rank else "", state=state, tone="green" if prepared else row.tone)


def _row(
    letter: IncomingDocument,
    *,
    assignment_id: int | None,
    role: str,
    state: str,
    tone: str,
    holder: str,
    is_unread: bool,
    attachments: int,
    due_at: datetime | None,
    days: calendar.WorkingCalendar,
    now: datetime,
    file_name: str = "",
    post: str = "",
) -> IncomingRow:
    read_code = "/".join(part for part in (letter.as_read("number"), letter.as_read("symbol")) if part)
    return IncomingRow(
        incoming_id=letter.pk,
        assignment_id=assignment_id,
        arrival=letter.shown_arrival,
        code=letter.shown_code or read_code,
        issuing_body=letter.issuing_body or letter.as_read("issuing_body"),
        subject=letter.subject or letter.as_read("subject"),
        urgency=letter.urgency,
        urgency_words=urgency_words(letter.urgency),
        role=role,
        state=state,
        tone=tone,
        holder=holder,
        is_unread=is_unread,
        due_at=due_at,
        days_left=calendar.days_left(due_at, now, days) if due_at else None,
        is_late=calendar.is_late(due_at, now),
        attachments=attachments,
        received_at=letter.received_at,
        file_name=file_name,
        post=post,
    )


def grouped(rows: list[IncomingRow], now: datetime) -> list[RowGroup]:
    """Rows under Quá hạn, Hôm nay, Tuần này, Sau đó, Không hạn; the order within stays."""
    today = local_date(now)
    groups: dict[str, list[IncomingRow]] = {}
    for row in rows:
        groups.setdefault(_group_of(row, today), []).append(row)
    return [RowGroup(words, found, words == "Quá hạn") for words, found in groups.items()]


def _group_of(row: IncomingRow, today: date) -> str:
    if row.due_at is None:
        return "Không hạn"
    if row.is_late:
        return "Quá hạn"
    day = local_date(row.due_at)
    if day == today:
        return "Hôm nay"
    return "Tuần này" if day.isocalendar()[:2] == today.isocalendar()[:2] else "Sau đó"
