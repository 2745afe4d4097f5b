"""Reads over drafts: lists, counters, one draft with everything around it, two versions compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from eoffice.core.clock import local_date
from eoffice.core.counted import union_of_counts
from eoffice.core.paging import Page, newest_first
from eoffice.core.vietnamese import fold
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.fitting_posts import of_this_post, post_words, posts_for_draft
from eoffice.documents.models import (
    Consultation,
    Draft,
    DraftMode,
    DraftRecipient,
    DraftVersion,
    FilePurpose,
    FileVersion,
    OutgoingDocument,
    StateChange,
    Submission,
    Urgency,
)
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.permissions import outgoing as outgoing_permissions
from eoffice.documents.services.changing_state import allows
from eoffice.documents.services.planning_annexes import expected_words
from eoffice.documents.services.reviewing import subject_of
from eoffice.documents.states import DraftAction, DraftState
from eoffice.layout.types import DocumentType, type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.compiled import CompiledForActors
from eoffice.organization.models import Role
from eoffice.workflow import permissions as flow_permissions
from eoffice.workflow import queries as flows
from eoffice.workflow.definitions import StepKind
from eoffice.workflow.models import FlowStep
from eoffice.workflow.queries import RunView

MINE: Final = "mine"
TO_REVIEW: Final = "to_review"
TO_SIGN: Final = "to_sign"
PREPARE_SIGN: Final = "prepare_sign"
FORMAT_CHECK: Final = "format_check"
_NUMBERED: Final = frozenset({DraftState.NUMBERED, DraftState.ISSUED, DraftState.VOID})
REVIEWED: Final = "reviewed"
BOXES: Final = {
    MINE: "Dự thảo của tôi",
    TO_REVIEW: "Chờ tôi duyệt",
    TO_SIGN: "Chờ tôi ký",
    PREPARE_SIGN: "Chuẩn bị: chờ ký",
    FORMAT_CHECK: "Kiểm tra thể thức",
    REVIEWED: "Tôi đã duyệt, đã ký",
}
_ENDED: Final = (DraftState.ABANDONED, DraftState.VOID)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """One row of a list. `tone` is the colour of the state's dot, `waits_for` whom it waits for."""

    id: int
    subject: str
    type_name: str
    unit_name: str
    author_name: str
    state: str
    state_words: str
    tone: str
    waits_for: str
    urgency_words: str
    version: int
    updated_at: datetime
    attachments: int
    post: str
    """Under which post it waits, for who works in several at once; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftList:
    """One page of a box. `next_after` asks for the next one."""

    box: str
    title: str
    lines: tuple[DraftLine, ...]
    next_after: int | None
    search: str
    field_of_work_id: int | None = None
    field_name: str = ""
    """The field of work it is filtered by."""


def draft_list(
    actor: Actor,
    *,
    box: str,
    now: datetime,
    after: int | None = None,
    search: str = "",
    state: str = "",
    field_of_work_id: int | None = None,
) -> DraftList:
    """One page of a box, newest first; rights are inside the query. An unknown box is one's own drafts."""
    box = box if box in BOXES else MINE
    rows = in_box(actor, box)
    if state in DraftState.values:
        rows = rows.filter(state=state)
    if field_of_work_id is not None:
        rows = rows.filter(field_of_work_id=field_of_work_id)
    for word in fold(search).split():
        rows = rows.filter(search_fold__contains=word)
    attached = FileVersion.objects.filter(draft=OuterRef("pk"), purpose=FilePurpose.ATTACHMENT)
    page: Page[Draft] = newest_first(
        rows.select_related("unit", "author")
        .annotate(attachments=Count("files", filter=Q(files__in=attached), distinct=True))
        .defer("content", "body", "places"),
        after=after,
    )
    waiting = flows.waiting_words(
        [row.pk for row in page.rows if row.state in {DraftState.IN_REVIEW, DraftState.AWAITING_SIGNATURE}],
        subject_kind=permissions.KIND,
        on=local_date(now),
    )
    return DraftList(
        box=box,
        title=BOXES[box],
        lines=tuple(_line(actor, row, waiting.get(row.pk, "")) for row in page.rows),
        next_after=page.next_after,
        search=search,
        field_of_work_id=field_of_work_id,
        field_name=organization.field_name(field_of_work_id),
    )


def _line(actor: Actor, row: Draft, waits_for: str) -> DraftLine:
    words, tone = state_words(row)
    return DraftLine(
        id=row.pk,
        subject=row.subject or "(chưa có trích yếu)",
        type_name=type_of(row.document_type).name,
        unit_name=row.unit.names_on(row.called_on).short_name,
        author_name=row.author.full_name,
        state=row.state,
        state_words=words,
        tone=tone,
        waits_for=waits_for,
        urgency_words=Urgency(row.urgency).label if row.urgency else "",
        version=row.version,
        updated_at=row.updated_at,
        attachments=row.attachments,  # type: ignore[attr-defined]  # annotated above
        post=post_words(posts_for_draft(actor, row)) if actor.in_all_posts else "",
    )


def state_words(draft: Draft) -> tuple[str, str]:
    """Label and colour of a draft's state (reference/ui.md 6)."""
    if draft.state == DraftState.DRAFT and draft.returned_reason:
        return "Bị trả lại để sửa", "amber"
    tones = {
        DraftState.DRAFT: "grey", DraftState.IN_REVIEW: "acc", DraftState.AWAITING_SIGNATURE: "acc",
        DraftState.SIGNED: "acc", DraftState.NUMBERED: "acc", DraftState.ISSUED: "green",
        DraftState.FINISHED: "green",
    }  # fmt: skip
    state = DraftState(draft.state)
    return str(state.label), tones.get(state, "grey")


def in_box(actor: Actor, box: str) -> QuerySet[Draft]:
    """The drafts of a box that the actor may see."""
    return Draft.objects.filter(permissions.visible_to(actor), _box(actor, box), of_this_post(actor))


def _box(actor: Actor, box: str) -> Q:
    if box == TO_SIGN:
        return Q(state=DraftState.AWAITING_SIGNATURE, pk__in=_waiting(actor, StepKind.SIGN))
    if box == PREPARE_SIGN:
        waiting = flows.subjects_waiting_for_people(
            sorted(actor.leader_ids), subject_kind=permissions.KIND, kinds=[StepKind.SIGN]
        )
        return Q(state=DraftState.AWAITING_SIGNATURE, pk__in=waiting)
    if box == FORMAT_CHECK:
        return Q(state=DraftState.IN_REVIEW, pk__in=_waiting(actor, StepKind.FORMAT))
    if box == TO_REVIEW:
        kinds = [StepKind.INITIAL, StepKind.OPINION]
        if not actor.plays(Role.CLERK):
            kinds.append(StepKind.FORMAT)  # a clerk has her own box for these
        asked = Consultation.objects.filter(
            _asked_of(actor), draft=OuterRef("pk"), answered_at__isnull=True, ended_at__isnull=True
        )
        return Q(state=DraftState.IN_REVIEW, pk__in=_waiting(actor, *kinds)) | (
            Q(state__in=[DraftState.DRAFT, DraftState.IN_REVIEW]) & Q(Exists(asked))
        )
    if box == REVIEWED:
        return Q(pk__in=flows.subjects_decided_by(actor, subject_kind=permissions.KIND))
    return _begun_by(actor) & ~Q(state__in=_ENDED)


def _begun_by(actor: Actor) -> Q:
    """One's own drafts, and those prepared for a leader one serves."""
    own = Q(author_id=actor.rights_of_id)
    if not actor.serves:
        return own
    return own | Q(prepared_by_id=actor.person_id, author_id__in=sorted(actor.leader_ids))


def _waiting(actor: Actor, *kinds: StepKind) -> QuerySet[FlowStep, int]:
    return flows.subjects_waiting_for(actor, subject_kind=permissions.KIND, kinds=kinds)


def _asked_of(actor: Actor) -> Q:
    units = actor.units_with(Role.UNIT_HEAD, Role.CLERK)
    return Q(person_id=actor.own_id) | Q(unit_id__in=units)


def counters(actor: Actor, now: datetime) -> dict[str, int]:
    """What waits for the actor, by box: drafts to go on with, to review, to sign, to check. One statement.

    Each number is counted to `counted.LIMIT` at most.
    """
    found = {name: int(number) for name, number in _COMPILED.rows(actor, now)}
    return {box: found.get(box, 0) for box in (MINE, *_asking_boxes(actor))}


def _waiting_counts(actor: Actor, now: datetime) -> tuple[str, list[Any]]:
    boxes = {MINE: _begun_by(actor) & Q(state=DraftState.DRAFT)}
    boxes |= {box: _box(actor, box) for box in _asking_boxes(actor)}
    return union_of_counts(
        {
            box: [Draft.objects.filter(permissions.visible_to(actor), condition, of_this_post(actor))]
            for box, condition in boxes.items()
        }
    )


def _asking_boxes(actor: Actor) -> tuple[str, ...]:
    asking = (TO_REVIEW, TO_SIGN, FORMAT_CHECK)
    return (*asking, PREPARE_SIGN) if actor.serves else asking


_COMPILED = CompiledForActors(_waiting_counts)


def waiting_for_format_check(actor: Actor) -> QuerySet[Draft]:
    """Drafts whose format this actor is asked to check, newest first."""
    return in_box(actor, FORMAT_CHECK).select_related("unit", "author").order_by("-pk")


def get_draft(actor: Actor, draft_id: int) -> Draft:
    """One draft that the actor may see. Raises DocumentNotFound."""
    draft = (
        Draft.objects.select_related(
            "unit",
            "registry",
            "author",
            "signing_file",
            "in_reply_to",
            "capacity__person",
            "corrects",
            "replaces",
            "field_of_work",
        )
        .filter(permissions.visible_to(actor), pk=draft_id)
        .first()
    )
    if draft is None:
        raise DocumentNotFound
    return draft


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPage:
    """One draft with everything its page shows. `page_sha256` is the PDF to look at, None while there is none."""

    draft: Draft
    type: DocumentType
    state_words: str
    tone: str
    recipients: tuple[DraftRecipient, ...]
    submission: Submission
    versions: tuple[DraftVersion, ...]
    attachments: tuple[FileVersion, ...]
    upload: FileVersion | None
    page_file: FileVersion | None
    run: RunView | None
    """Steps of the present round; None before the first submission."""
    next: RunView | None
    """Who would be asked if it were submitted now; for drafts only."""
    own_step: FlowStep | None
    consultations: tuple[Consultation, ...]
    to_answer: Consultation | None
    changes: tuple[StateChange, ...]
    can_edit: bool
    can_submit: bool
    can_withdraw: bool
    can_abandon: bool
    can_consult: bool
    can_number: bool
    outgoing: OutgoingDocument | None
    """What became of it when it was numbered, where the reader may see that."""

    @property
    def can_review(self) -> bool:
        return self.own_step is not None and self.own_step.kind != StepKind.SIGN

    @property
    def can_sign(self) -> bool:
        return self.own_step is not None and self.own_step.kind == StepKind.SIGN

    def attachment_words(self, file: FileVersion) -> str:
        """What will be done with a separate file when the paper is sealed."""
        return expected_words(file.file.media_type, is_sealed=self.draft.needs_seal)

    @property
    def is_being_prepared(self) -> bool:
        """Approved, and its signing file is still on its way."""
        return self.draft.state == DraftState.AWAITING_SIGNATURE and self.draft.signing_file_id is None


def draft_page(actor: Actor, draft_id: int, *, now: datetime) -> DraftPage:
    """One draft with its steps, versions, slip, files and history. Raises DocumentNotFound."""
    draft = get_draft(actor, draft_id)
    on = local_date(now)
    is_draft = draft.state == DraftState.DRAFT
    files = list(draft.files.select_related("file", "created_by").order_by("pk"))
    consultations = list(draft.consultations.select_related("unit", "person", "asked_by", "answered_by").order_by("pk"))
    steps = flows.open_steps_of(subject_kind=permissions.KIND, subject_id=draft.pk)
    own_step = next((step for step in steps if flow_permissions.can_decide(actor, step)), None)
    can_edit = permissions.can_edit(actor, draft)
    words, tone = state_words(draft)
    return DraftPage(
        draft=draft,
        type=type_of(draft.document_type),
        state_words=words,
        tone=tone,
        recipients=tuple(draft.recipients.select_related("unit", "person", "outside").order_by("position")),
        submission=Submission.objects.select_related("decided_by").get(draft=draft),
        versions=tuple(draft.versions.select_related("created_by", "file").order_by("-number")),
        attachments=tuple(file for file in files if file.purpose == FilePurpose.ATTACHMENT),
        upload=_newest(files, FilePurpose.ORIGINAL) if draft.mode == DraftMode.UPLOADED else None,
        page_file=_page_file(draft, files),
        run=flows.run_of(subject_kind=permissions.KIND, subject_id=draft.pk, on=on),
        next=flows.next_round_preview(subject=subject_of(draft), on=on) if is_draft else None,
        own_step=own_step,
        consultations=tuple(consultations),
        to_answer=next((row for row in consultations if row.is_open and _is_asked(actor, row)), None),
        changes=tuple(
            StateChange.objects.filter(object_kind=permissions.KIND, object_id=draft.pk)
            .select_related("person")
            .order_by("-pk")
        ),
        can_edit=can_edit,
        can_submit=permissions.can_submit(actor, draft) and allows(draft, DraftAction.SUBMIT),
        can_withdraw=permissions.can_withdraw(actor, draft),
        can_abandon=permissions.can_abandon(actor, draft),
        can_consult=draft.state in {DraftState.DRAFT, DraftState.IN_REVIEW}
        and (permissions.is_drafter(actor, draft) or own_step is not None),
        can_number=draft.needs_number
        and allows(draft, DraftAction.NUMBER)
        and outgoing_permissions.can_number(actor, draft),
        outgoing=OutgoingDocument.objects.filter(outgoing_permissions.visible_to(actor), draft=draft).first()
        if draft.state in _NUMBERED
        else None,
    )


def _is_asked(actor: Actor, row: Consultation) -> bool:
    if row.person_id is not None:
        return row.person_id == actor.own_id
    return row.unit_id is not None and actor.has_any_role(row.unit_id, Role.UNIT_HEAD, Role.CLERK)


def _newest(files: Sequence[FileVersion], *purposes: FilePurpose) -> FileVersion | None:
    return next((file for file in reversed(files) if file.purpose in purposes), None)


def _page_file(draft: Draft, files: Sequence[FileVersion]) -> FileVersion | None:
    """The file that is the draft now: the one being signed, the page of the review, or the upload."""
    if draft.signing_file_id is not None:
        return next((file for file in files if file.pk == draft.signing_file_id), None)
    if draft.mode == DraftMode.UPLOADED and draft.state == DraftState.DRAFT:
        return _newest(files, FilePurpose.ORIGINAL)
    return _newest(files, FilePurpose.DRAFT)


def file_of_draft(actor: Actor, draft_id: int, file_id: int) -> FileVersion:
    """One file of a draft that the actor may see. Raises DocumentNotFound."""
    draft = get_draft(actor, draft_id)
    found = draft.files.select_related("file").filter(pk=file_id).first()
    if found is None:
        raise DocumentNotFound
    return found


def papers_to_sign(actor: Actor, *, limit: int = 100) -> list[Draft]:
    """Everything that waits for the actor's signature, most urgent first."""
    return list(
        in_box(actor, TO_SIGN)
        .select_related("unit", "registry", "author", "signing_file", "capacity__person")
        .order_by("-urgency", "pk")[:limit]
    )


def drafts_by_id(actor: Actor, draft_ids: Iterable[int]) -> list[Draft]:
    """Several drafts that the actor may see, in the order of their ids."""
    return list(
        Draft.objects.filter(permissions.visible_to(actor), pk__in=list(draft_ids))
        .select_related("unit", "registry", "author", "signing_file", "capacity__person")
        .order_by("pk")
    )
