"""One incoming document as its reader sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from eoffice.core.clock import local_date
from eoffice.documents.fitting_posts import posts_for_letter
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
    IncomingDocument,
    LinkRelation,
    OutgoingDocument,
)
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.queries.incoming import FileLine, files_of, get_incoming, holder_name, type_label
from eoffice.documents.queries.incoming_commands import Commands, commands_of, undo_seconds
from eoffice.documents.queries.incoming_history import Moment, history_of
from eoffice.documents.queries.incoming_tree import (
    LineNode,
    Remarks,
    extensions_of,
    newest_progress,
    reminders_of,
    tree_of,
)
from eoffice.documents.queries.incoming_words import urgency_words, words_of_letter
from eoffice.documents.queries.preparing import Preparation, preparation_of
from eoffice.documents.queries.sender_papers import SenderPaper, sender_papers
from eoffice.documents.states import (
    OPEN_ASSIGNMENT_STATES,
    AssignmentState,
    DraftState,
    IncomingState,
)
from eoffice.organization import access, calendar
from eoffice.organization.actor import Actor, PostSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedDocument:
    relation: str
    kind: str
    id: int
    code: str
    subject: str


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
    sender_papers: list[SenderPaper]
    reasons: list[str]
    undo_seconds: int
    ready: Preparation | None
    """What secretaries prepared, for the leader it waits for and for them."""
    other_post: PostSummary | None
    """The post under which the letter's work waits, where it is not the one chosen."""

    @property
    def original(self) -> FileLine | None:
        return next((each for each in self.files if each.is_original), None)

    @property
    def attachments(self) -> list[FileLine]:
        return [each for each in self.files if not each.is_original]

    @property
    def done_lines(self) -> int:
        return sum(node.tone == "green" for node in self.tree)


def incoming_detail(actor: Actor, incoming_id: int, *, now: datetime) -> IncomingDetail:
    """The reading pane of one letter in a fixed number of queries. Raises DocumentNotFound."""
    incoming = get_incoming(actor, incoming_id)
    lines = list(
        Assignment.objects.filter(incoming=incoming)
        .select_related("unit", "person", "assigned_by", "given_through", "parent", "directive")
        .order_by("pk")
    )
    for line in lines:
        line.incoming = incoming
    days = calendar.load(local_date(now))
    directives = list(incoming.directives.select_related("author", "on_behalf_of", "prepared_by").order_by("-pk"))
    consultations = list(
        incoming.consultations.select_related("unit", "person", "asked_by", "answered_by", "on_behalf_of").order_by(
            "-pk"
        )
    )
    progress, reminders, extensions = newest_progress(lines), reminders_of(lines), extensions_of(lines)
    remarks = Remarks(
        progress,
        {row.assignment_id: row for row in reminders},
        {row.assignment_id: row for row in extensions},
    )
    my_line = _my_line(actor, lines)
    words, tone = words_of_letter(incoming)
    is_elsewhere = incoming.registry_id in actor.elsewhere
    replies = list(Draft.objects.filter(in_reply_to=incoming).select_related("author", "outgoing").order_by("-pk"))
    return IncomingDetail(
        incoming=incoming,
        state=words,
        tone=tone,
        urgency=urgency_words(incoming.urgency),
        type_words=_type_words(incoming),
        files=files_of(incoming),
        directives=directives,
        tree=tree_of(lines, actor, remarks, days, now),
        my_line=my_line,
        my_due_left=calendar.days_left(my_line.due_at, now, days) if my_line and my_line.due_at else None,
        commands=Commands()
        if is_elsewhere
        else commands_of(
            actor, incoming, my_line, lines, directives, now, asked_later=_asked_later(my_line, extensions)
        ),
        waits_for=_waits_for(incoming, lines),
        history=history_of(incoming, lines, reminders, extensions),
        comments=list(
            Comment.objects.filter(object_kind=permissions.KIND, object_id=incoming.pk)
            .select_related("author", "on_behalf_of")
            .order_by("-pk")[:100]
        ),
        consultations=consultations,
        my_consultations=[
            each
            for each in consultations
            if each.is_open and line_rules.can_answer(actor, person_id=each.person_id, unit_id=each.unit_id)
        ],
        to_confirm=[line for line in lines if line.state == AssignmentState.REPORTED and line_rules.gave(actor, line)],
        to_extend=_to_extend(actor, lines, extensions),
        links=_links(actor, incoming),
        replies=[each for each in replies if each.state != DraftState.ABANDONED],
        corrections=list(
            EntryCorrection.objects.filter(entry__incoming=incoming).select_related("corrected_by").order_by("-pk")
        ),
        sender_papers=sender_papers(actor, incoming),
        reasons=[
            line.reason for line in access.who_can_see(object_kind=permissions.KIND, object_id=incoming.pk, of=actor)
        ],
        undo_seconds=undo_seconds(directives, now),
        ready=None if is_elsewhere else preparation_of(actor, incoming),
        other_post=posts_for_letter(actor, incoming)[0] if is_elsewhere else None,
    )


def _type_words(incoming: IncomingDocument) -> str:
    return type_label(incoming.document_type) or incoming.type_name


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


def _waits_for(incoming: IncomingDocument, lines: list[Assignment]) -> str:
    """Whom the letter waits for now, in words; empty when for nobody."""
    if incoming.recalled_at is not None:
        return "" if incoming.recall_confirmed_at else "Chờ văn thư xác nhận thu hồi"
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


def _asked_later(line: Assignment | None, extensions: list[ExtensionRequest]) -> bool:
    """Whether a later deadline of this line is asked for and not decided yet: there is one request at a time."""
    return line is not None and any(row.assignment_id == line.pk and row.granted is None for row in extensions)


def _to_extend(actor: Actor, lines: list[Assignment], extensions: list[ExtensionRequest]) -> list[ExtensionRequest]:
    if not actor.is_himself:
        return []  # whoever set a deadline moves it himself
    given = {line.pk: line for line in lines if line_rules.gave(actor, line)}
    rows = [row for row in extensions if row.granted is None and row.assignment_id in given]
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
    condition = delegated.visible(actor, object_kind=kind) & Q(pk__in=ids)
    if kind == "draft":
        return [(row.pk, "Dự thảo", row.subject) for row in Draft.objects.filter(condition).order_by("-pk")]
    model = IncomingDocument if kind == "incoming" else OutgoingDocument
    return [(row.pk, row.shown_code, row.subject) for row in model.objects.filter(condition).order_by("-pk")]
