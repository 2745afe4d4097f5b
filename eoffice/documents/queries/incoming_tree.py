"""The assignment tree of one letter with what was last said on each line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    ExtensionRequest,
    ProgressReport,
    Reminder,
)
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.queries.incoming import holder_name
from eoffice.documents.queries.incoming_words import words_of_line
from eoffice.documents.states import (
    OPEN_ASSIGNMENT_STATES,
)
from eoffice.organization import calendar
from eoffice.organization.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNode:
    """One line of the assignment tree with what hangs on it."""

    id: int
    name: str
    symbol: str
    is_unit: bool
    role: str
    role_code: str
    state: str
    tone: str
    due_at: datetime | None
    days_left: int | None
    instruction: str
    given_by: str
    result: str
    return_reason: str
    seen_at: datetime | None
    progress: str
    reminded_at: datetime | None
    extension: ExtensionRequest | None
    may_withdraw: bool
    children: list[LineNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Remarks:
    """What was said on lines last, by the key of the line."""

    progress: dict[int, ProgressReport]
    reminders: dict[int, Reminder]
    extensions: dict[int, ExtensionRequest]


def newest_progress(lines: list[Assignment]) -> dict[int, ProgressReport]:
    rows = ProgressReport.objects.filter(assignment__in=[line.pk for line in lines]).order_by("pk")
    return {row.assignment_id: row for row in rows}


def reminders_of(lines: list[Assignment]) -> list[Reminder]:
    """Every reminder of these lines with who reminded, oldest first; one query."""
    rows = Reminder.objects.filter(assignment__in=[line.pk for line in lines])
    return list(rows.select_related("reminded_by", "on_behalf_of").order_by("pk"))


def extensions_of(lines: list[Assignment]) -> list[ExtensionRequest]:
    """Every later deadline asked for on these lines, with who asked and who decided, oldest first; one query."""
    rows = ExtensionRequest.objects.filter(assignment__in=[line.pk for line in lines])
    return list(rows.select_related("asked_by", "decided_by").order_by("pk"))


def newest_reminders(lines: list[Assignment]) -> dict[int, Reminder]:
    """The last reminder of each line that has one, by the key of the line; one query."""
    return {row.assignment_id: row for row in reminders_of(lines)}


def tree_of(
    lines: list[Assignment],
    actor: Actor,
    remarks: Remarks,
    days: calendar.WorkingCalendar,
    now: datetime,
) -> list[LineNode]:
    """The lines as they stand: what a directive taken back had given is history, not work."""
    nodes: dict[int, LineNode] = {}
    roots: list[LineNode] = []
    for line in lines:  # children are younger than their parents
        if line.directive is not None and line.directive.taken_back_at is not None:
            continue
        node = _node(line, actor, remarks, days, now)
        nodes[line.pk] = node
        if line.parent_id in nodes:
            nodes[line.parent_id].children.append(node)
        else:
            roots.append(node)
    return roots


def _node(
    line: Assignment,
    actor: Actor,
    remarks: Remarks,
    days: calendar.WorkingCalendar,
    now: datetime,
) -> LineNode:
    words, tone = words_of_line(line, mine=line_rules.holds(actor, line))
    due_at = line.due_at if line.state in OPEN_ASSIGNMENT_STATES else None
    progress, reminder = remarks.progress.get(line.pk), remarks.reminders.get(line.pk)
    percent = f" ({progress.percent}%)" if progress and progress.percent is not None else ""
    return LineNode(
        id=line.pk,
        name=holder_name(line),
        symbol=line.unit.names_on(line.called_on).symbol if line.unit else line.person.initials if line.person else "",
        is_unit=line.unit_id is not None,
        role=str(AssignmentRole(line.role).label),
        role_code=line.role,
        state=words,
        tone=tone,
        due_at=due_at,
        days_left=calendar.days_left(due_at, now, days) if due_at else None,
        instruction=line.instruction if line.parent_id else "",
        given_by=line.given_by_words or "Quy tắc phân phối",
        result=line.result,
        return_reason=line.return_reason,
        seen_at=line.seen_at,
        progress=f"{progress.text}{percent}" if progress else "",
        reminded_at=reminder.reminded_at if reminder else None,
        extension=remarks.extensions.get(line.pk),
        may_withdraw=line.state in OPEN_ASSIGNMENT_STATES
        and (line.parent_id is not None or line.role != AssignmentRole.LEAD)
        and line.incoming.recalled_at is None
        and line_rules.gave(actor, line),
    )
