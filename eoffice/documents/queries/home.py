"""The home page: what waits for me, late first, and what I ordered that is not done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from eoffice.core.clock import local_date
from eoffice.documents.fitting_posts import of_this_post
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Consultation,
    Draft,
    ExtensionRequest,
    IncomingDocument,
    ProgressReport,
)
from eoffice.documents.permissions import assignments as permissions
from eoffice.documents.states import AssignmentState, DraftState, IncomingState
from eoffice.organization import calendar
from eoffice.organization.actor import Actor
from eoffice.organization.calendar import WorkingCalendar
from eoffice.organization.models import Role
from eoffice.workflow import queries as workflow
from eoffice.workflow.definitions import StepKind

LINES: Final = 40
"""Most lines of one kind on the page; the lists behind the counters have the rest."""
GIVEN_LINES: Final = 8
_MINE: Final = (AssignmentState.WAITING, AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS)
_UNDONE: Final = (*_MINE, AssignmentState.PASSED_ON, AssignmentState.REPORTED)
_STEP_OF_ASSIGNMENT: Final = {
    AssignmentState.WAITING: "Tiếp nhận",
    AssignmentState.ACCEPTED: "Giao chuyên viên",
    AssignmentState.IN_PROGRESS: "Xử lý",
}


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One thing that waits for the reader. `kind` and `id` name the page it opens (incoming or draft)."""

    kind: str
    id: int
    subject: str
    meta: str
    action: str
    since: datetime
    due_at: datetime | None
    days_left: int | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class GivenLine:
    """One order of the reader's that is not done: who has it, how far it is, where it is stuck."""

    incoming_id: int
    subject: str
    holder: str
    state: str
    percent: int | None
    last_report: str
    due_at: datetime | None
    days_left: int | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the page; `waiting` is late first, then by deadline, those without one last."""

    waiting: list[WaitingLine]
    given: list[GivenLine]

    @property
    def late(self) -> int:
        return sum(line.is_late for line in self.waiting)

    @property
    def due_today(self) -> int:
        return sum(line.days_left == 0 and not line.is_late for line in self.waiting)

    @property
    def due_soon(self) -> int:
        """Within three working days, today apart."""
        return sum(line.days_left is not None and 0 < line.days_left <= 3 for line in self.waiting)

    @property
    def given_late(self) -> int:
        return sum(line.is_late for line in self.given)


def home_of(actor: Actor, now: datetime) -> Home:
    """Read the page in eight queries, whatever waits."""
    days = _Days(now)
    waiting = [
        *_assignments(actor, days),
        *_to_direct(actor, days),
        *_drafts(actor, days),
        *_to_confirm(actor, days),
        *_questions(actor, days),
        *_extensions(actor, days),
    ]
    waiting.sort(key=lambda line: (line.due_at is None, line.due_at or line.since, line.id))
    return Home(waiting, _given(actor, days))


class _Days:
    """Deadlines against one moment, with the working calendar read once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today: date = local_date(now)
        self._calendar: WorkingCalendar = calendar.load(self.today)

    def left(self, due_at: datetime | None) -> int | None:
        return None if due_at is None else calendar.days_left(due_at, self.now, self._calendar)

    def line(
        self, kind: str, pk: int, subject: str, meta: list[str], action: str, since: datetime, due_at: datetime | None
    ) -> WaitingLine:
        return WaitingLine(
            kind,
            pk,
            subject,
            " · ".join(part for part in meta if part),
            action,
            since,
            due_at,
            self.left(due_at),
            calendar.is_late(due_at, self.now),
        )


def _assignments(actor: Actor, days: _Days) -> list[WaitingLine]:
    rows = _ordered(
        Assignment.objects.filter(
            permissions.held_by(actor),
            of_this_post(actor, "incoming__"),
            state__in=_MINE,
            role__in=[AssignmentRole.LEAD, AssignmentRole.SUPPORT],
        )
    )
    return [
        days.line(
            "incoming",
            row.incoming_id,
            row.incoming.subject,
            [*_names(row.incoming), AssignmentRole(row.role).label.lower()],
            _STEP_OF_ASSIGNMENT[AssignmentState(row.state)],
            row.assigned_at,
            row.due_at,
        )
        for row in rows
    ]


def _to_direct(actor: Actor, days: _Days) -> list[WaitingLine]:
    # Refused by the lead a rule named, a letter waits for nobody by name: for chánh văn phòng.
    for_me = Q(forwarded_to_id=actor.rights_of_id) | Q(
        forwarded_to__isnull=True, registry_id__in=actor.units_with(Role.CHIEF_OF_OFFICE)
    )
    rows = IncomingDocument.objects.filter(
        for_me, of_this_post(actor), state=IncomingState.AWAITING_DIRECTION, recalled_at__isnull=True
    ).order_by("-urgency", "pk")[:LINES]
    return [
        days.line("incoming", row.pk, row.subject, _names(row), "Bút phê", row.received_at, row.due_at) for row in rows
    ]


def _drafts(actor: Actor, days: _Days) -> list[WaitingLine]:
    waiting = workflow.subjects_waiting_for(actor, subject_kind="draft", kinds=list(StepKind))
    rows = (
        Draft.objects.filter(
            of_this_post(actor), pk__in=waiting, state__in=[DraftState.IN_REVIEW, DraftState.AWAITING_SIGNATURE]
        )
        .select_related("author")
        .order_by("-urgency", "pk")[:LINES]
    )
    return [
        days.line(
            "draft",
            row.pk,
            row.subject,
            [f"Dự thảo lần {row.version}", f"{row.author.full_name} trình"],
            "Ký" if row.state == DraftState.AWAITING_SIGNATURE else "Duyệt",
            row.updated_at,
            None,
        )
        for row in rows
    ]


def _to_confirm(actor: Actor, days: _Days) -> list[WaitingLine]:
    rows = _ordered(_open_given(actor).filter(state=AssignmentState.REPORTED))
    return [
        days.line(
            "incoming",
            row.incoming_id,
            row.incoming.subject,
            [*_names(row.incoming), f"{_holder(row)} báo hoàn thành"],
            "Xác nhận",
            row.reported_at or row.assigned_at,
            row.due_at,
        )
        for row in rows
    ]


def _questions(actor: Actor, days: _Days) -> list[WaitingLine]:
    rows = (
        Consultation.objects.filter(permissions.held_by(actor), answered_at__isnull=True, ended_at__isnull=True)
        .select_related("incoming", "draft", "asked_by")
        .order_by(F("due_at").asc(nulls_last=True), "pk")[:LINES]
    )
    lines = []
    for row in rows:
        about = row.incoming or row.draft
        if about is not None:
            kind = "incoming" if row.incoming_id else "draft"
            meta = ["Xin ý kiến", row.asked_by.full_name]
            lines.append(days.line(kind, about.pk, about.subject, meta, "Trả lời", row.asked_at, row.due_at))
    return lines


def _extensions(actor: Actor, days: _Days) -> list[WaitingLine]:
    given = _open_given(actor).values("pk")
    rows = (
        ExtensionRequest.objects.filter(granted__isnull=True, assignment__in=given)
        .select_related("assignment__incoming", "asked_by")
        .order_by("pk")[:LINES]
    )
    return [
        days.line(
            "incoming",
            row.assignment.incoming_id,
            row.assignment.incoming.subject,
            ["Xin gia hạn", row.asked_by.full_name],
            "Cho gia hạn",
            row.asked_at,
            row.assignment.due_at,
        )
        for row in rows
    ]


def _given(actor: Actor, days: _Days) -> list[GivenLine]:
    newest = ProgressReport.objects.filter(assignment=OuterRef("pk")).order_by("-pk")
    rows = (
        _open_given(actor)
        .filter(role=AssignmentRole.LEAD, state__in=_UNDONE)
        .annotate(
            newest_percent=Subquery(newest.values("percent")[:1]), newest_text=Subquery(newest.values("text")[:1])
        )
        .select_related("incoming", "unit", "person")
        .order_by(F("due_at").asc(nulls_last=True), "pk")[:GIVEN_LINES]
    )
    return [
        GivenLine(
            row.incoming_id,
            row.incoming.subject,
            _holder(row),
            AssignmentState(row.state).label,
            row.newest_percent,
            row.newest_text or "",
            row.due_at,
            days.left(row.due_at),
            calendar.is_late(row.due_at, days.now),
        )
        for row in rows
    ]


def _open_given(actor: Actor) -> QuerySet[Assignment]:
    """Open work the reader gave, found by the indexes of open work alone."""
    parts = [Assignment.objects.filter(part).order_by().values("pk") for part in permissions.open_given_by(actor)]
    return Assignment.objects.filter(of_this_post(actor, "incoming__"), pk__in=parts[0].union(*parts[1:], all=True))


def _ordered(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    return rows.select_related("incoming", "unit", "person").order_by(F("due_at").asc(nulls_last=True), "pk")[:LINES]


def _names(incoming: IncomingDocument) -> list[str]:
    return [incoming.shown_arrival, incoming.shown_code, incoming.issuing_body]


def _holder(row: Assignment) -> str:
    if row.unit is not None:
        return row.unit.name_on(row.called_on)
    return row.person.full_name if row.person is not None else ""
