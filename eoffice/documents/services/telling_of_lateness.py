"""Each working morning, who chose it hears by SMS of lines that have passed their deadline since the last one."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.core.clock import local_date
from eoffice.documents.models import Assignment
from eoffice.documents.permissions.assignments import RECEIVERS
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, AssignmentState
from eoffice.notifications import queries as notification_queries
from eoffice.notifications import services as notifications
from eoffice.notifications.sms_kinds import SmsKind
from eoffice.organization import calendar
from eoffice.organization import queries as organization

_AT_ONCE: Final = 5000
_WAITING_ON_OTHERS: Final = (AssignmentState.PASSED_ON, AssignmentState.REPORTED)


@transaction.atomic
def tell_of_lateness(*, now: datetime) -> int:
    """Ask for one SMS to each holder of lines that became late; how many persons were named. Nothing on days off.

    Whoever holds several hears of the number and the oldest deadline. The same day twice tells nobody twice.
    """
    today = local_date(now)
    wanting = notification_queries.who_wants_sms(SmsKind.LATE)
    if not wanting:
        return 0
    working = calendar.load(today, span_days=30)
    if not working.is_working(today):
        return 0
    before = today - timedelta(days=1)
    while not working.is_working(before):
        before -= timedelta(days=1)
    # Deadlines end with their day: late today is what was due from the last working day on, days off included.
    rows = (
        Assignment.objects.filter(
            state__in=OPEN_ASSIGNMENT_STATES,
            due_at__gte=calendar.end_of_day(before - timedelta(days=1)) + timedelta(seconds=1),
            due_at__lt=now,
            incoming__recalled_at__isnull=True,
        )
        .exclude(state__in=_WAITING_ON_OTHERS)
        .select_related("incoming")
        .order_by("due_at", "pk")[:_AT_ONCE]
    )
    held = _held_by(list(rows), wanting, now)
    for person_id, lines in held.items():
        notifications.want_sms(
            person_ids=[person_id], kind=SmsKind.LATE, words=_late_words(lines), key=f"{today:%Y%m%d}", now=now
        )
    return len(held)


def _held_by(lines: list[Assignment], wanting: set[int], now: datetime) -> dict[int, list[Assignment]]:
    """Lines of each person who wants to hear of them, the oldest deadline first."""
    units = {line.unit_id for line in lines if line.unit_id is not None}
    heads = organization.holder_ids_of(RECEIVERS, units, on=local_date(now)) if units else {}
    held: dict[int, list[Assignment]] = defaultdict(list)
    for line in lines:
        holders = {line.person_id} if line.person_id is not None else set(heads.get(line.unit_id or 0, ()))
        for person_id in holders & wanting:
            held[person_id].append(line)
    return held


def _late_words(lines: list[Assignment]) -> str:
    """Numbers and days; what the papers are about is never told by SMS."""
    first = lines[0]
    day = f"{local_date(first.due_at):%d/%m/%Y}" if first.due_at else ""
    if len(lines) > 1:
        return f"eOffice: {len(lines)} việc vừa quá hạn, sớm nhất hạn {day}."
    code = f" số {first.incoming.shown_code}" if first.incoming.shown_code else ""
    return f"eOffice: văn bản{code} quá hạn {day}."
