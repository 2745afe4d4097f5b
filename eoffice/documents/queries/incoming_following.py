"""The choices of the forms that direct a letter and follow it: deadlines, lines to remind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from eoffice.core.clock import local_date
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
)
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.queries.incoming import get_incoming, holder_name
from eoffice.documents.queries.incoming_tree import newest_reminders
from eoffice.organization import calendar
from eoffice.organization.actor import Actor


@dataclass(frozen=True, slots=True)
class DeadlineChoice:
    """One of the quick deadlines of a directive."""

    words: str
    day: date


def deadline_choices(now: datetime, *, letter_due: datetime | None = None) -> list[DeadlineChoice]:
    """Hôm nay, 1, 3, 5 ngày làm việc, theo văn bản; always working days from today on."""
    today = local_date(now)
    days = calendar.load(today, span_days=60)
    choices = [DeadlineChoice("Hôm nay", today)] if days.is_working(today) else []
    choices += [DeadlineChoice(f"{count} ngày", days.add(today, count)) for count in (1, 3, 5, 10)]
    if letter_due is not None and local_date(letter_due) >= today:
        choices.append(DeadlineChoice("Theo văn bản", local_date(letter_due)))
    return choices


@dataclass(frozen=True, slots=True)
class RemindableLine:
    """An open line the reader gave; `is_done` when it was reminded of today."""

    id: int
    name: str
    role: str
    is_done: bool


def remindable_lines(actor: Actor, incoming_id: int, *, now: datetime) -> list[RemindableLine]:
    """Lines of a letter whose holders the actor may remind, today or again tomorrow. Raises DocumentNotFound."""
    lines = list(
        Assignment.objects.filter(incoming=get_incoming(actor, incoming_id))
        .select_related("incoming", "unit", "person", "parent")
        .order_by("pk")
    )
    reminders = newest_reminders(lines)
    return [
        RemindableLine(
            id=line.pk,
            name=holder_name(line),
            role=str(AssignmentRole(line.role).label),
            is_done=line.pk in reminders and reminders[line.pk].reminded_on == local_date(now),
        )
        for line in lines
        if line_rules.can_be_reminded(line) and line_rules.gave(actor, line)
    ]
