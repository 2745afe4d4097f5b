"""The lists of incoming documents: which box holds what, one page of a box, the counters of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from eoffice.core.clock import local_date
from eoffice.core.paging import PAGE_SIZE
from eoffice.core.vietnamese import fold, one_tone_style
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Consultation,
    DocumentRead,
    ExtensionRequest,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    Urgency,
)
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.states import OPEN_ASSIGNMENT_STATES, AssignmentState, IncomingState
from eoffice.organization import calendar
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
    TO_DIRECT = "to_direct"
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
    Box.TO_DIRECT: "Chờ chỉ đạo",
    Box.GIVEN_LATE: "Quá hạn",
    Box.GIVEN_OPEN: "Đang thực hiện",
    Box.GIVEN_TO_CONFIRM: "Chờ tôi xác nhận",
    Box.EXTENSIONS: "Xin gia hạn",
    Box.OPINIONS: "Xin ý kiến",
    Box.ALL: "Mọi văn bản đến",
}
_WAITING: Final = (AssignmentState.WAITING, AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS)
_ENDED: Final = (
    AssignmentState.COMPLETED,
    AssignmentState.CLOSED_WITH_LEAD,
    AssignmentState.READ,
    AssignmentState.RETURNED,
)
_RUNNING: Final = (IncomingState.AWAITING_DIRECTION, IncomingState.IN_PROGRESS)
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Where lines without a deadline stand in the order."""
_BY_DEADLINE: Final = {
    Box.TO_HANDLE,
    Box.SUPPORT,
    Box.FOLLOWING,
    Box.GIVEN_LATE,
    Box.GIVEN_OPEN,
    Box.GIVEN_TO_CONFIRM,
    Box.EXTENSIONS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Quick filters of a list. `text` is searched as the simple search does, within the box."""

    text: str = ""
    unread: bool = False
    urgent: bool = False
    late: bool = False


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


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows under one head; `words` empty where the list is not grouped."""

    words: str
    rows: list[IncomingRow]
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class IncomingPage:
    """One page of a box. `next_after` asks for the next one; None at the end."""

    box: Box
    groups: list[RowGroup]
    next_after: str | None

    @property
    def rows(self) -> list[IncomingRow]:
        return [row for group in self.groups for row in group.rows]


def box_page(actor: Actor, *, box: Box, now: datetime, filters: Filters | None = None, after: str = "") -> IncomingPage:
    """One page of a box within what the actor may see: lines by deadline, late first, or letters newest first.

    A fixed number of queries whatever the page holds.
    """
    chosen = filters or Filters()
    if (lines := _lines_in(actor, box, now)) is not None:
        rows, next_after = _page_of_lines(actor, lines, box, chosen, after, now)
    else:
        rows, next_after = _page_of_letters(actor, _letters_in(actor, box), chosen, after, now)
    return IncomingPage(box, _grouped(rows, now) if box in _BY_DEADLINE else [RowGroup("", rows)], next_after)


def counters(actor: Actor, now: datetime) -> dict[str, int]:
    """How much waits in each box of this actor's roles, and `<box>_late` of it past its deadline. One query."""
    parts: list[Any] = []  # querysets of tuples over two tables; their stub types have no common name
    for box in _boxes_of(actor):
        late = Q(due_at__lt=now)
        lines = _lines_in(actor, box, now)
        rows = lines if lines is not None else _letters_in(actor, box)
        parts.append(
            rows.order_by()
            .annotate(box=Value(str(box)))
            .values("box")
            .annotate(waiting=Count("pk", distinct=True), late=Count("pk", filter=late, distinct=True))
            .values_list("box", "waiting", "late")
        )
    found: dict[str, int] = {}
    if not parts:
        return found
    first, *others = parts
    for box_name, waiting, late_count in first.union(*others, all=True):
        found[box_name] = waiting
        found[f"{box_name}_late"] = late_count
    return {key: found.get(key, 0) for box in _boxes_of(actor) for key in (str(box), f"{box}_late")}


def _boxes_of(actor: Actor) -> list[Box]:
    """Boxes that count: those in which something waits for the actor."""
    boxes = [Box.TO_HANDLE, Box.SUPPORT, Box.INFORMED, Box.FOLLOWING, Box.OPINIONS]
    if actor.plays(Role.CLERK, Role.CHIEF_OF_OFFICE):
        boxes += [Box.TO_REGISTER, Box.TO_FORWARD, Box.IN_PROGRESS, Box.RETURNED]
    boxes += [Box.GIVEN_LATE, Box.GIVEN_OPEN, Box.GIVEN_TO_CONFIRM, Box.EXTENSIONS]
    return [*boxes, Box.TO_DIRECT] if actor.plays(Role.LEADER, Role.CHIEF_OF_OFFICE) else boxes


# What lies in a box -----------------------------------------------------------------------------------------


def _lines_in(actor: Actor, box: Box, now: datetime) -> QuerySet[Assignment] | None:
    """Boxes of assignments; None for boxes of letters."""
    condition = _line_condition(actor, box, now)
    if condition is None:
        return None
    return Assignment.objects.filter(
        condition, permissions.visible_to(actor, outer="incoming_id"), incoming__recalled_at__isnull=True
    )


def _line_condition(actor: Actor, box: Box, now: datetime) -> Q | None:
    mine, given = line_rules.held_by(actor), line_rules.given_by(actor)
    informed_by = Q(unit_id__in=actor.units_with(Role.CLERK))
    is_open = Q(state__in=OPEN_ASSIGNMENT_STATES) & ~Q(role=AssignmentRole.INFORMED)
    open_extension = Exists(ExtensionRequest.objects.filter(assignment=OuterRef("pk"), granted__isnull=True))
    conditions = {
        Box.TO_HANDLE: mine & Q(role=AssignmentRole.LEAD, state__in=_WAITING),
        Box.SUPPORT: mine & Q(role=AssignmentRole.SUPPORT, state__in=_WAITING),
        Box.INFORMED: (mine | informed_by) & Q(role=AssignmentRole.INFORMED, state=AssignmentState.WAITING),
        Box.FOLLOWING: mine & Q(state__in=[AssignmentState.PASSED_ON, AssignmentState.REPORTED]),
        Box.HANDLED: mine & Q(state__in=_ENDED),
        Box.GIVEN_LATE: given & is_open & Q(due_at__lt=now),
        # Support lines close with their lead, so what is not done is counted by its lead.
        Box.GIVEN_OPEN: given & is_open & Q(role=AssignmentRole.LEAD),
        Box.GIVEN_TO_CONFIRM: given & Q(state=AssignmentState.REPORTED),
        Box.EXTENSIONS: given & is_open & Q(open_extension),
    }
    return conditions.get(box)


def _letters_in(actor: Actor, box: Box) -> QuerySet[IncomingDocument]:
    offices = actor.units_with(Role.CLERK, Role.CHIEF_OF_OFFICE)
    chiefs = actor.units_with(Role.CHIEF_OF_OFFICE)
    at_office = Q(registry_id__in=offices, is_internal=False)
    asked = Exists(
        Consultation.objects.filter(
            Q(person_id=actor.person_id) | Q(unit_id__in=actor.units_with(Role.UNIT_HEAD)),
            incoming=OuterRef("pk"),
            answered_at__isnull=True,
        )
    )
    conditions = {
        Box.TO_REGISTER: Q(registry_id__in=actor.units_with(Role.CLERK), state=IncomingState.RECEIVED),
        Box.TO_FORWARD: at_office & Q(state=IncomingState.REGISTERED, returned_reason=""),
        Box.RETURNED: at_office & Q(state=IncomingState.REGISTERED) & ~Q(returned_reason=""),
        Box.IN_PROGRESS: at_office & Q(state__in=[IncomingState.AWAITING_DIRECTION, IncomingState.IN_PROGRESS]),
        Box.TO_DIRECT: Q(state=IncomingState.AWAITING_DIRECTION)
        & (Q(forwarded_to_id=actor.person_id) | Q(forwarded_to__isnull=True, registry_id__in=chiefs)),
        Box.OPINIONS: Q(asked),
        Box.ALL: Q(),
    }
    rows = IncomingDocument.objects.filter(conditions[box], permissions.visible_to(actor))
    return rows if box == Box.ALL else rows.filter(recalled_at__isnull=True)


# One page ---------------------------------------------------------------------------------------------------


def _page_of_lines(
    actor: Actor, lines: QuerySet[Assignment], box: Box, filters: Filters, after: str, now: datetime
) -> tuple[list[IncomingRow], str | None]:
    lines = lines.filter(_filter_condition(filters, "incoming__")).select_related("incoming", "unit", "person")
    lines = lines.annotate(
        due_key=Coalesce(F("due_at"), Value(_NEVER)),
        is_unread=~Exists(_reads(actor, "incoming_id")),
        attachments=_attachments("incoming_id"),
    )
    if filters.unread:
        lines = lines.filter(is_unread=True)
    if filters.late:
        lines = lines.filter(due_at__lt=now)
    if (key := _parsed_key(after)) is not None:
        due, pk = key
        lines = lines.filter(Q(due_key__gt=due) | Q(due_key=due, pk__lt=pk))
    found = list(lines.order_by("due_key", "-pk")[: PAGE_SIZE + 1])
    days = calendar.load(local_date(now))
    rows = [_row_of_line(line, actor, box, days, now) for line in found[:PAGE_SIZE]]
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    next_after = f"{last.due_key.timestamp():.6f}:{last.pk}" if last else None
    return rows, next_after


def _page_of_letters(
    actor: Actor, letters: QuerySet[IncomingDocument], filters: Filters, after: str, now: datetime
) -> tuple[list[IncomingRow], str | None]:
    letters = letters.filter(_filter_condition(filters, "")).select_related("forwarded_to")
    letters = letters.annotate(
        is_unread=~Exists(_reads(actor, "pk")),
        attachments=_attachments("pk"),
        file_name=Subquery(
            FileVersion.objects.filter(incoming_id=OuterRef("pk"), purpose=FilePurpose.ORIGINAL)
            .order_by("pk")
            .values("name")[:1]
        ),
    )
    if filters.unread:
        letters = letters.filter(is_unread=True)
    if filters.late:
        letters = letters.filter(due_at__lt=now, state__in=_RUNNING)
    if (key := _parsed_key(after)) is not None:
        letters = letters.filter(pk__lt=key[1])
    found = list(letters.order_by("-pk")[: PAGE_SIZE + 1])
    days = calendar.load(local_date(now))
    rows = [_row_of_letter(letter, days, now) for letter in found[:PAGE_SIZE]]
    return rows, f"0:{found[PAGE_SIZE - 1].pk}" if len(found) > PAGE_SIZE else None


def _filter_condition(filters: Filters, prefix: str) -> Q:
    condition = Q()
    for word in fold(one_tone_style(filters.text)).split()[:12]:
        condition &= Q(**{f"{prefix}search_fold__contains": word})
    if filters.urgent:
        condition &= Q(**{f"{prefix}urgency__gt": Urgency.NORMAL})
    return condition


def _reads(actor: Actor, outer: str) -> QuerySet[DocumentRead]:
    return DocumentRead.objects.filter(
        person_id=actor.person_id, object_kind=permissions.KIND, object_id=OuterRef(outer)
    )


def _attachments(outer: str) -> Coalesce:
    counted = (
        FileVersion.objects.filter(incoming_id=OuterRef(outer), purpose=FilePurpose.ATTACHMENT)
        .order_by()
        .values("incoming_id")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _parsed_key(after: str) -> tuple[datetime, int] | None:
    """The key of a page; anything else than one of ours starts from the top."""
    due, _, pk = after.partition(":")
    try:
        return datetime.fromtimestamp(float(due), UTC), int(pk)
    except (ValueError, OverflowError, OSError):
        return None


def _row_of_line(
    line: Assignment, actor: Actor, box: Box, days: calendar.WorkingCalendar, now: datetime
) -> IncomingRow:
    letter = line.incoming
    mine = line_rules.holds(actor, line)
    words, tone = words_of_line(line, mine=mine)
    is_open = line.state in OPEN_ASSIGNMENT_STATES
    holder = line.unit.short_name if line.unit else line.person.full_name if line.person else ""
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
    )


def _row_of_letter(letter: IncomingDocument, days: calendar.WorkingCalendar, now: datetime) -> IncomingRow:
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
    )


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
) -> IncomingRow:
    return IncomingRow(
        incoming_id=letter.pk,
        assignment_id=assignment_id,
        arrival=letter.shown_arrival,
        code=letter.shown_code,
        issuing_body=letter.issuing_body,
        subject=letter.subject,
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
    )


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


def _grouped(rows: list[IncomingRow], now: datetime) -> list[RowGroup]:
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
