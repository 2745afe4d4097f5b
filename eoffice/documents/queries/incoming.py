"""One incoming document as its reader sees it, and the choices of its forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from eoffice.core.clock import local_date
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Comment,
    Consultation,
    Directive,
    DocumentLink,
    Draft,
    EntryCorrection,
    ExtensionRequest,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    LinkRelation,
    OutgoingDocument,
    ProgressReport,
    Reminder,
    StateChange,
)
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.queries.incoming_boxes import urgency_words, words_of_letter, words_of_line
from eoffice.documents.states import ASSIGNMENT_TRANSITIONS as LINE_TABLE
from eoffice.documents.states import INCOMING_TRANSITIONS as LETTER_TABLE
from eoffice.documents.states import (
    OPEN_ASSIGNMENT_STATES,
    AssignmentAction,
    AssignmentState,
    DraftState,
    IncomingAction,
    IncomingState,
)
from eoffice.layout.types import TYPES
from eoffice.organization import access, calendar
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role
from eoffice.renditions import queries as renditions
from eoffice.renditions.models import RenditionState

_TYPE_NAMES = {each.code: each.name for each in TYPES}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file of a letter. `shown_as` is the state of its PDF; `can_show` when there is one to look at."""

    id: int
    name: str
    size_bytes: int
    media_type: str
    sha256: str
    is_original: bool
    can_show: bool
    shown_as: str


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
    may_withdraw: bool
    children: list[LineNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the history, newest first."""

    title: str
    by: str
    at: datetime | None
    note: str = ""
    tone: str = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedDocument:
    relation: str
    kind: str
    id: int
    code: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What the reader may press now: the same tables and rules as the commands ask."""

    register: bool = False
    refuse: bool = False
    forward: bool = False
    distribute: bool = False
    keep: bool = False
    cancel: bool = False
    correct: bool = False
    direct: bool = False
    return_to_clerk: bool = False
    add_recipients: bool = False
    remind: bool = False
    link: bool = False
    take_back: bool = False
    reopen: bool = False
    consult: bool = False
    attach: bool = False
    accept: bool = False
    note_read: bool = False
    take_on: bool = False
    pass_on: bool = False
    return_line: bool = False
    progress: bool = False
    report: bool = False
    extend: bool = False
    reply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingDetail:
    """Everything on the reading pane. `my_line` is the reader's own open line, the most pressing if several."""

    incoming: IncomingDocument
    state: str
    tone: str
    urgency: str
    type_words: str
    files: list[FileLine]
    directives: list[Directive]
    tree: list[LineNode]
    my_line: Assignment | None
    my_due_left: int | None
    commands: Commands
    waits_for: str
    history: list[Moment]
    comments: list[Comment]
    consultations: list[Consultation]
    my_consultations: list[Consultation]
    to_confirm: list[Assignment]
    to_extend: list[ExtensionRequest]
    links: list[LinkedDocument]
    replies: list[Draft]
    corrections: list[EntryCorrection]
    reasons: list[str]
    undo_seconds: int

    @property
    def original(self) -> FileLine | None:
        return next((each for each in self.files if each.is_original), None)

    @property
    def attachments(self) -> list[FileLine]:
        return [each for each in self.files if not each.is_original]

    @property
    def done_lines(self) -> int:
        return sum(node.tone == "green" for node in self.tree)


def get_incoming(actor: Actor, incoming_id: int) -> IncomingDocument:
    """One letter the actor may see. Raises DocumentNotFound."""
    row = (
        IncomingDocument.objects.filter(permissions.visible_to(actor), pk=incoming_id)
        .select_related("registry", "forwarded_to", "received_by", "source_outgoing")
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def get_file(actor: Actor, incoming_id: int, file_id: int) -> FileVersion:
    """One file of a letter the actor may see. Raises DocumentNotFound."""
    incoming = get_incoming(actor, incoming_id)
    version = incoming.files.select_related("file").filter(pk=file_id).first()
    if version is None:
        raise DocumentNotFound
    return version


def get_line(actor: Actor, assignment_id: int) -> Assignment:
    """One line of a letter the actor may see. Raises DocumentNotFound."""
    line = (
        Assignment.objects.select_related("incoming", "unit", "person", "parent")
        .filter(permissions.visible_to(actor, outer="incoming_id"), pk=assignment_id)
        .first()
    )
    if line is None:
        raise DocumentNotFound
    return line


def queue_to_register(actor: Actor) -> list[int]:
    """Ids of the letters that wait to be registered by this clerk, oldest first, at most 200."""
    return list(
        IncomingDocument.objects.filter(
            permissions.visible_to(actor),
            registry_id__in=actor.units_with(Role.CLERK),
            state=IncomingState.RECEIVED,
            recalled_at__isnull=True,
        )
        .order_by("pk")
        .values_list("pk", flat=True)[:200]
    )


def leaders_of(registry_id: int, *, now: datetime) -> list[Person]:
    """Leaders a letter of this registry can be submitted to."""
    return organization.holders_of(Role.LEADER, registry_id, on=local_date(now))


def newest_arrival(registry_id: int) -> str:
    """The last arrival number given in this registry, as shown beside the form."""
    row = (
        IncomingDocument.objects.filter(registry_id=registry_id, arrival_number__isnull=False)
        .order_by("-arrival_on", "-arrival_number")
        .first()
    )
    return row.shown_arrival if row else ""


def who_sees(actor: Actor, incoming_id: int) -> tuple[IncomingDocument, list[access.AccessLine], bool]:
    """Who sees a letter and why; those outside its office get their own reasons only. Raises DocumentNotFound."""
    incoming = get_incoming(actor, incoming_id)
    whole = permissions.can_see_access(actor, incoming)
    lines = access.who_can_see(object_kind=permissions.KIND, object_id=incoming.pk, of=None if whole else actor)
    return incoming, lines, whole


def incoming_detail(actor: Actor, incoming_id: int, *, now: datetime) -> IncomingDetail:
    """The reading pane of one letter in a fixed number of queries. Raises DocumentNotFound."""
    incoming = get_incoming(actor, incoming_id)
    lines = list(
        Assignment.objects.filter(incoming=incoming)
        .select_related("unit", "person", "assigned_by", "parent", "directive")
        .order_by("pk")
    )
    for line in lines:
        line.incoming = incoming
    days = calendar.load(local_date(now))
    directives = list(incoming.directives.select_related("author", "on_behalf_of").order_by("-pk"))
    consultations = list(
        incoming.consultations.select_related("unit", "person", "asked_by", "answered_by").order_by("-pk")
    )
    progress = _newest_progress(lines)
    my_line = _my_line(actor, lines)
    words, tone = words_of_letter(incoming)
    replies = list(Draft.objects.filter(in_reply_to=incoming).select_related("author", "outgoing").order_by("-pk"))
    return IncomingDetail(
        incoming=incoming,
        state=words,
        tone=tone,
        urgency=urgency_words(incoming.urgency),
        type_words=_type_words(incoming),
        files=files_of(incoming),
        directives=directives,
        tree=_tree(lines, actor, _Remarks(progress, _newest_reminders(lines)), days, now),
        my_line=my_line,
        my_due_left=calendar.days_left(my_line.due_at, now, days) if my_line and my_line.due_at else None,
        commands=_commands(actor, incoming, my_line, lines, directives, now),
        waits_for=_waits_for(incoming, lines),
        history=_history(incoming, lines),
        comments=list(
            Comment.objects.filter(object_kind=permissions.KIND, object_id=incoming.pk)
            .select_related("author")
            .order_by("-pk")[:100]
        ),
        consultations=consultations,
        my_consultations=[
            each
            for each in consultations
            if each.answered_at is None and line_rules.can_answer(actor, person_id=each.person_id, unit_id=each.unit_id)
        ],
        to_confirm=[line for line in lines if line.state == AssignmentState.REPORTED and line_rules.gave(actor, line)],
        to_extend=_to_extend(actor, lines),
        links=_links(actor, incoming),
        replies=[each for each in replies if each.state != DraftState.ABANDONED],
        corrections=list(
            EntryCorrection.objects.filter(entry__incoming=incoming).select_related("corrected_by").order_by("-pk")
        ),
        reasons=[
            line.reason for line in access.who_can_see(object_kind=permissions.KIND, object_id=incoming.pk, of=actor)
        ],
        undo_seconds=_undo_seconds(directives, now),
    )


# Parts ------------------------------------------------------------------------------------------------------


def _type_words(incoming: IncomingDocument) -> str:
    return type_label(incoming.document_type) or incoming.type_name


def type_label(code: str) -> str:
    """The Vietnamese name of a type code; empty for none."""
    return _TYPE_NAMES.get(code, "")


def files_of(incoming: IncomingDocument) -> list[FileLine]:
    """The files of a letter the caller was given, with the state of each one's PDF; two queries."""
    versions = list(incoming.files.select_related("file").order_by("pk"))
    states = renditions.states_of([version.file_id for version in versions])
    return [
        FileLine(
            id=version.pk,
            name=version.name,
            size_bytes=version.file.size_bytes,
            media_type=version.file.media_type,
            sha256=version.file_id,
            is_original=version.purpose != FilePurpose.ATTACHMENT,
            can_show=states.get(version.file_id) == RenditionState.DONE,
            shown_as=str(states[version.file_id].value) if version.file_id in states else "",
        )
        for version in versions
    ]


def _newest_progress(lines: list[Assignment]) -> dict[int, ProgressReport]:
    rows = ProgressReport.objects.filter(assignment__in=[line.pk for line in lines]).order_by("pk")
    return {row.assignment_id: row for row in rows}


def _newest_reminders(lines: list[Assignment]) -> dict[int, Reminder]:
    rows = Reminder.objects.filter(assignment__in=[line.pk for line in lines]).order_by("pk")
    return {row.assignment_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class _Remarks:
    """What was said on lines last, by the key of the line."""

    progress: dict[int, ProgressReport]
    reminders: dict[int, Reminder]


def _tree(
    lines: list[Assignment],
    actor: Actor,
    remarks: _Remarks,
    days: calendar.WorkingCalendar,
    now: datetime,
) -> list[LineNode]:
    nodes: dict[int, LineNode] = {}
    roots: list[LineNode] = []
    for line in lines:  # children are younger than their parents
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
    remarks: _Remarks,
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
        symbol=line.unit.symbol[:3] if line.unit else line.person.initials if line.person else "",
        is_unit=line.unit_id is not None,
        role=str(AssignmentRole(line.role).label),
        role_code=line.role,
        state=words,
        tone=tone,
        due_at=due_at,
        days_left=calendar.days_left(due_at, now, days) if due_at else None,
        instruction=line.instruction if line.parent_id else "",
        given_by=line.assigned_by.full_name if line.assigned_by else "Quy tắc phân phối",
        result=line.result,
        return_reason=line.return_reason,
        seen_at=line.seen_at,
        progress=f"{progress.text}{percent}" if progress else "",
        reminded_at=reminder.reminded_at if reminder else None,
        may_withdraw=line.state in OPEN_ASSIGNMENT_STATES
        and (line.parent_id is not None or line.role != AssignmentRole.LEAD)
        and line.incoming.recalled_at is None
        and line_rules.gave(actor, line),
    )


def holder_name(line: Assignment) -> str:
    """Who holds a line, by the whole name."""
    return line.unit.name if line.unit else line.person.full_name if line.person else ""


def _my_line(actor: Actor, lines: list[Assignment]) -> Assignment | None:
    """The reader's own line: open before ended, his own person's before his unit's, lead first, newest first."""
    mine = [line for line in lines if line_rules.can_accept(actor, line)]
    order = {AssignmentRole.LEAD: 0, AssignmentRole.SUPPORT: 1, AssignmentRole.INFORMED: 2}
    waiting = {AssignmentState.WAITING, AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS}
    mine.sort(
        key=lambda line: (
            line.state not in waiting,
            line.state not in OPEN_ASSIGNMENT_STATES,
            line.person_id is None,
            order[AssignmentRole(line.role)],
            -line.pk,
        )
    )
    return mine[0] if mine else None


def _commands(
    actor: Actor,
    incoming: IncomingDocument,
    line: Assignment | None,
    lines: list[Assignment],
    directives: list[Directive],
    now: datetime,
) -> Commands:
    if incoming.recalled_at is not None:
        return Commands()

    def letter(action: IncomingAction, *, may: bool) -> bool:
        return may and (IncomingState(incoming.state), action) in LETTER_TABLE

    newest = next((each for each in directives if each.taken_back_at is None), None)
    holds = line is not None and line_rules.holds(actor, line)
    works = holds and line is not None and line.role != AssignmentRole.INFORMED
    is_open = works and line is not None and line.state in OPEN_ASSIGNMENT_STATES

    def own(action: AssignmentAction) -> bool:
        return works and line is not None and (AssignmentState(line.state), action) in LINE_TABLE

    may_accept = line is not None and line_rules.can_accept(actor, line) and line.state == AssignmentState.WAITING
    is_informed = line is not None and line.role == AssignmentRole.INFORMED
    return Commands(
        register=letter(IncomingAction.REGISTER, may=permissions.can_register(actor, incoming)),
        refuse=letter(IncomingAction.REFUSE, may=permissions.can_refuse(actor, incoming)),
        forward=letter(IncomingAction.FORWARD, may=permissions.can_forward(actor, incoming)),
        distribute=letter(IncomingAction.DISTRIBUTE, may=permissions.can_distribute(actor, incoming)),
        keep=letter(IncomingAction.KEEP_FOR_INFORMATION, may=permissions.can_forward(actor, incoming)),
        cancel=letter(IncomingAction.CANCEL, may=permissions.can_cancel(actor, incoming)),
        correct=incoming.arrival_number is not None
        and incoming.state != IncomingState.CANCELLED
        and permissions.can_correct(actor, incoming),
        direct=letter(IncomingAction.DIRECT, may=permissions.can_direct(actor, incoming)),
        return_to_clerk=letter(IncomingAction.RETURN, may=permissions.can_return(actor, incoming)),
        take_back=newest is not None
        and letter(IncomingAction.TAKE_BACK, may=permissions.can_take_back(actor, newest.author_id))
        and _undo_seconds(directives, now) > 0
        and all(each.state == AssignmentState.WAITING for each in lines if each.directive_id == newest.pk),
        add_recipients=newest is not None
        and incoming.state == IncomingState.IN_PROGRESS
        and permissions.can_add_recipients(actor, incoming, newest.author_id),
        remind=any(line_rules.can_be_reminded(each) and line_rules.gave(actor, each) for each in lines),
        link=permissions.can_link(actor, incoming),
        reopen=letter(
            IncomingAction.REOPEN,
            may=permissions.can_reopen(actor, incoming, newest.author_id if newest else None)
            and any(each.role == AssignmentRole.LEAD for each in lines),
        ),
        consult=is_open
        or (incoming.arrival_number is not None and permissions.can_forward(actor, incoming))
        or actor.person_id == incoming.forwarded_to_id,
        attach=permissions.can_correct(actor, incoming) and incoming.state != IncomingState.REFUSED,
        accept=may_accept and not is_informed,
        note_read=may_accept and is_informed,
        take_on=own(AssignmentAction.TAKE_ON),
        pass_on=own(AssignmentAction.PASS_ON) and line is not None and not _has_lead_below(line, lines),
        return_line=own(AssignmentAction.RETURN),
        progress=is_open,
        report=own(AssignmentAction.REPORT_DONE),
        extend=is_open and line is not None and line.due_at is not None,
        reply=is_open and line is not None and line.state != AssignmentState.WAITING,
    )


def _has_lead_below(line: Assignment, lines: list[Assignment]) -> bool:
    gone = {AssignmentState.WITHDRAWN, AssignmentState.RETURNED, AssignmentState.RECALLED}
    return any(
        each.parent_id == line.pk and each.role == AssignmentRole.LEAD and each.state not in gone for each in lines
    )


def _undo_seconds(directives: list[Directive], now: datetime) -> int:
    newest = next((each for each in directives if each.taken_back_at is None), None)
    if newest is None:
        return 0
    left = newest.given_at + timedelta(seconds=settings.UNDO_WINDOW_S) - now
    return max(0, int(left.total_seconds()))


def _waits_for(incoming: IncomingDocument, lines: list[Assignment]) -> str:
    """Whom the letter waits for now, in words; empty when for nobody."""
    if incoming.state == IncomingState.RECEIVED:
        return "Chờ văn thư đăng ký"
    if incoming.state == IncomingState.REGISTERED:
        return "Chờ văn thư, chánh văn phòng trình, chuyển"
    if incoming.state == IncomingState.AWAITING_DIRECTION:
        leader = incoming.forwarded_to.full_name if incoming.forwarded_to else "chánh văn phòng"
        return f"Chờ {leader} cho ý kiến chỉ đạo"
    if incoming.state != IncomingState.IN_PROGRESS:
        return ""
    open_leads = [line for line in lines if line.role == AssignmentRole.LEAD and line.state in OPEN_ASSIGNMENT_STATES]
    if not open_leads:
        return ""
    line = open_leads[-1]
    verbs = {
        AssignmentState.WAITING: "tiếp nhận",
        AssignmentState.ACCEPTED: "giao chuyên viên",
        AssignmentState.IN_PROGRESS: "xử lý",
        AssignmentState.PASSED_ON: "báo cáo hoàn thành",
    }
    if line.state == AssignmentState.REPORTED:
        giver = line.assigned_by.full_name if line.assigned_by else "chánh văn phòng"
        return f"Chờ {giver} xác nhận kết quả"
    return f"Chờ {holder_name(line)} {verbs[AssignmentState(line.state)]}"


_STEPS = {
    "received": "Tiếp nhận",
    "register": "Văn thư đăng ký",
    "refuse": "Trả lại nơi gửi",
    "forward": "Trình lãnh đạo",
    "distribute": "Phân phối xử lý",
    "keep_for_information": "Lưu để biết",
    "cancel": "Hủy đăng ký",
    "return": "Trả lại văn thư",
    "direct": "Cho ý kiến chỉ đạo",
    "take_back": "Rút lại ý kiến chỉ đạo",
    "lead_refuses": "Nơi chủ trì trả lại",
    "complete": "Hoàn thành xử lý",
    "reopen": "Mở lại để xử lý tiếp",
    "file": "Đưa vào hồ sơ",
    "created": "Đến hệ thống",
}
_LINE_STEPS = {
    "accept_as_unit": "tiếp nhận",
    "accept_as_person": "tiếp nhận",
    "pass_on": "giao tiếp",
    "take_on": "tự xử lý",
    "report_done": "báo cáo hoàn thành",
    "complete": "hoàn thành",
    "confirm": "được xác nhận hoàn thành",
    "send_back": "được yêu cầu xử lý tiếp",
    "close_with_lead": "kết thúc theo chủ trì",
    "read": "đã xem",
    "return": "trả lại việc",
    "withdraw": "được rút lại",
    "recall": "kết thúc do nơi gửi thu hồi",
    "child_returned": "nhận lại việc đã giao",
    "reopen": "được mở lại",
}


def _history(incoming: IncomingDocument, lines: list[Assignment]) -> list[Moment]:
    """Every step of the letter and of its lines, newest first, at most 200; one query."""
    names = {line.pk: holder_name(line) for line in lines}
    changes: QuerySet[StateChange] = (
        StateChange.objects.filter(object_kind="incoming", object_id=incoming.pk)
        | StateChange.objects.filter(object_kind="assignment", object_id__in=list(names))
    ).select_related("person")
    moments: list[Moment] = []
    for change in changes.order_by("-at", "-pk")[:200]:
        by = change.person.full_name if change.person else "Hệ thống"
        if change.object_kind == "incoming":
            title = _STEPS.get(change.action, change.action)
            if change.action == "register" and incoming.shown_arrival:
                title = f"Văn thư đăng ký, số đến {incoming.shown_arrival}"
        elif change.action in _LINE_STEPS:
            title = f"{names[change.object_id]} {_LINE_STEPS[change.action]}"
        else:
            continue  # the birth of a line stands in the directive
        moments.append(Moment(title=title, by=by, at=change.at, note=change.reason))
    return moments


def _to_extend(actor: Actor, lines: list[Assignment]) -> list[ExtensionRequest]:
    given = {line.pk: line for line in lines if line_rules.gave(actor, line)}
    if not given:
        return []
    rows = list(
        ExtensionRequest.objects.filter(assignment__in=list(given), granted__isnull=True)
        .select_related("asked_by")
        .order_by("pk")
    )
    for row in rows:
        row.assignment = given[row.assignment_id]
    return rows


def _links(actor: Actor, incoming: IncomingDocument) -> list[LinkedDocument]:
    """Related documents the reader may see; the others are not named. At most one query for each kind."""
    outward = DocumentLink.objects.filter(from_kind="incoming", from_id=incoming.pk)
    inward = DocumentLink.objects.filter(to_kind="incoming", to_id=incoming.pk)
    found: dict[tuple[str, int], str] = {}
    for link in (outward | inward).order_by("-pk")[:50]:
        is_from = link.from_kind == "incoming" and link.from_id == incoming.pk
        other = (link.to_kind, link.to_id) if is_from else (link.from_kind, link.from_id)
        found.setdefault(other, str(LinkRelation(link.relation).label))
    lines: list[LinkedDocument] = []
    for kind in sorted({kind for kind, _ in found}):
        for pk, code, subject in _visible_ones(actor, kind, [pk for each, pk in found if each == kind]):
            lines.append(LinkedDocument(relation=found[kind, pk], kind=kind, id=pk, code=code, subject=subject))
    return lines


def _visible_ones(actor: Actor, kind: str, ids: list[int]) -> list[tuple[int, str, str]]:
    """Key, code and subject of those documents of one kind that the actor may see."""
    condition = access.visible(actor, object_kind=kind) & Q(pk__in=ids)
    if kind == "draft":
        return [(row.pk, "Dự thảo", row.subject) for row in Draft.objects.filter(condition).order_by("-pk")]
    model = IncomingDocument if kind == "incoming" else OutgoingDocument
    return [(row.pk, row.shown_code, row.subject) for row in model.objects.filter(condition).order_by("-pk")]


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
    reminders = _newest_reminders(lines)
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


def line_of_extension(extension_id: int) -> int:
    """The line an extension was asked for. Raises DocumentNotFound."""
    found = ExtensionRequest.objects.filter(pk=extension_id).values_list("assignment_id", flat=True).first()
    if found is None:
        raise DocumentNotFound
    return found


def get_consultation(actor: Actor, consultation_id: int) -> Consultation:
    """One consultation about a letter the actor may see. Raises DocumentNotFound."""
    row = (
        Consultation.objects.filter(permissions.visible_to(actor, outer="incoming_id"), pk=consultation_id)
        .select_related("incoming")
        .first()
    )
    if row is None:
        raise DocumentNotFound
    return row


def lines_of(actor: Actor, incoming_id: int) -> list[Assignment]:
    """Every line of a letter the actor may see, parents before children. Raises DocumentNotFound."""
    return list(Assignment.objects.filter(incoming=get_incoming(actor, incoming_id)).order_by("pk"))
