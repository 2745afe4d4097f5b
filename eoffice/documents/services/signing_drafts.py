"""Signing drafts, one or many, under one PIN: check, sign outside transactions, confirm each paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, ExpectedError, IllegalTransition, Invalid
from eoffice.core.geometry import Box, LetterPlaces
from eoffice.core.models import StoredFile
from eoffice.documents import fitting_posts
from eoffice.documents.errors import NoCapacity, PageNotReady, SignatureStarted, VersionChanged
from eoffice.documents.events import DraftSigned
from eoffice.documents.models import Draft, FilePurpose, FileVersion
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.changing_state import allows, change_state
from eoffice.documents.services.checking_capacity import require_capacity
from eoffice.documents.services.drafting import lock_draft
from eoffice.documents.services.freezing import (
    enqueue_freezing,
    freeze_draft,
    places_from_json,
    signer_field,
    with_places,
)
from eoffice.documents.services.reviewing import SUBJECT_KIND, ask, own_step, require_not_being_signed, seen_draft
from eoffice.documents.states import DraftAction, DraftState
from eoffice.layout.letters import seal_box
from eoffice.notifications import services as notifications
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role, SigningCapacity
from eoffice.signing import queries as signing_queries
from eoffice.signing import services as signing
from eoffice.signing.models import SigningMethod
from eoffice.workflow import queries as flows
from eoffice.workflow import services as workflow
from eoffice.workflow.definitions import StepKind
from eoffice.workflow.errors import NotYourStep

MAX_PAPERS: Final = 100


@dataclass(frozen=True, slots=True)
class PaperToSign:
    """A draft and the version that was read."""

    draft_id: int
    seen_version: int


@dataclass(frozen=True, slots=True)
class SigningResult:
    """What became of one paper: signed, and who has it next, or why not."""

    draft_id: int
    subject: str
    error: ExpectedError | None = None
    next_words: str = ""
    lacking: str = ""
    """What an outage cost the signature, and that it is made good; empty where nothing is missing."""

    @property
    def is_signed(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class AskedSignatures:
    """The request that was made, if any paper could be asked for, and why the others could not."""

    request_id: int | None
    refused: tuple[SigningResult, ...]


@dataclass(frozen=True, slots=True)
class _Checked:
    """A paper that may be signed: its signing file and the mark drawn for its box."""

    draft_id: int
    version: int
    subject: str
    file_id: int
    paper: signing.Paper

    @property
    def asked(self) -> signing.AskedPaper:
        """The paper as the request for its signature names it."""
        return signing.AskedPaper(
            paper=self.paper,
            title=self.subject,
            subject_kind=SUBJECT_KIND,
            subject_id=self.file_id,
            subject={"draft_id": self.draft_id, "version": self.version},
            again=f"ids={self.draft_id}",
        )


def sign_drafts(*, actor: Actor, papers: Sequence[PaperToSign], pin: str, now: datetime) -> list[SigningResult]:
    """Sign papers with the actor's own key, opened once by his PIN; each stands or falls alone.

    Before each signature: the version is the one read, the step is his, and he holds a signing capacity for the
    type on this day (NĐ 30/2020/NĐ-CP, Điều 13). The signed file replaces the signing file in a short
    transaction under the draft's lock. Raises PinWrong, KeyLocked, NoKey, Invalid before the first paper.
    """
    if not papers:
        raise Invalid("Chưa chọn văn bản nào để ký.", fields={"papers": "Chọn ít nhất một văn bản."})
    if len(papers) > MAX_PAPERS:
        raise Invalid(f"Một lần ký tối đa {MAX_PAPERS} văn bản. Bỏ bớt rồi ký tiếp.")
    open_key = signing.unlock(actor=actor, pin=pin, now=now)
    checked = [_checked(actor, paper, now) for paper in dict.fromkeys(papers)]
    ready = [each for each in checked if isinstance(each, _Checked)]
    signed = iter(
        signing.sign_papers(
            actor=actor,
            open_key=open_key,
            papers=[each.asked for each in ready],
            description=signing_words(len(ready)),
            now=now,
        )
        if ready
        else []
    )
    return [_confirmed(actor, each, next(signed), now) if isinstance(each, _Checked) else each for each in checked]


def _checked(actor: Actor, paper: PaperToSign, now: datetime) -> _Checked | SigningResult:
    subject = ""
    try:
        draft = seen_draft(actor, paper.draft_id)
        subject = draft.subject
        require_signable(actor, draft, paper.seen_version, now)
        return _drawn(actor, draft)
    except ExpectedError as error:
        return SigningResult(paper.draft_id, subject, error)


def require_signable(actor: Actor, draft: Draft, seen_version: int, now: datetime) -> SigningCapacity:
    """The right to sign this very version now, in the capacity it is drawn with.

    Raises OtherPost, IllegalTransition, VersionChanged, NotYourStep, NoCapacity, PageNotReady.
    """
    fitting_posts.at_signature(actor, draft)  # a post that does not sign here is told before anything is signed
    if draft.version != seen_version:
        raise VersionChanged("Chưa ký: dự thảo đã đổi sau lần xem gần nhất. Xem lần mới rồi ký.")
    if not allows(draft, DraftAction.SIGN):
        raise IllegalTransition(draft.state, DraftAction.SIGN)
    if own_step(actor, draft).kind != StepKind.SIGN:
        raise NotYourStep
    if draft.signing_file_id is None:
        raise PageNotReady("Chưa ký: bản trình ký đang được chuẩn bị. Chờ ít giây rồi ký lại.")
    capacity = organization.get_capacity(draft.capacity_id or 0)
    if draft.cosigner_id == actor.person_id:
        return capacity  # the secretary of a biên bản signs as such; who presides needs the capacity
    if capacity.person_id != actor.person_id:
        raise NoCapacity
    require_capacity(capacity, draft, on=local_date(now))
    return capacity


def signer_position(actor_id: int, draft: Draft) -> int:
    """Which box is a signer's: on a biên bản with two signers the secretary's is the first, the chair's the last."""
    return 1 if draft.cosigner_id is not None and draft.cosigner_id != actor_id else 0


def _drawn(actor: Actor, draft: Draft) -> _Checked:
    file = draft.files.get(pk=draft.signing_file_id or 0)
    position = signer_position(actor.person_id, draft)
    box = places_from_json(draft.places).signatures[position]
    mark = signing_queries.person_mark(person_id=actor.person_id, name=actor.name, box=box)
    paper = signing.Paper(
        source_sha=file.file_id, field=signer_field(draft, position), mark=mark, since=file.created_at
    )
    return _Checked(draft.pk, draft.version, draft.subject, file.pk, paper)


def ask_for_signatures(
    *,
    actor: Actor,
    papers: Sequence[PaperToSign],
    method: SigningMethod,
    now: datetime,
    typed: Mapping[str, str] | None = None,
) -> AskedSignatures:
    """Ask a key elsewhere (a phone, a token) to sign papers; each is checked as in `sign_drafts`, now and when the
    signature comes. Until then the version is locked.

    Raises Invalid, KeyNotYours, NoKey, CertificateUnusable before the first paper.
    """
    if not papers:
        raise Invalid("Chưa chọn văn bản nào để ký.", fields={"papers": "Chọn ít nhất một văn bản."})
    checked = [_checked(actor, paper, now) for paper in dict.fromkeys(papers)]
    ready = [each for each in checked if isinstance(each, _Checked)]
    refused = [each for each in checked if isinstance(each, SigningResult)]
    if not ready:
        return AskedSignatures(None, tuple(refused))
    opened = signing.ask_for_signatures(
        actor=actor,
        method=method,
        papers=[each.asked for each in ready],
        description=signing_words(len(ready)),
        back=reverse("documents:draft_sign"),
        typed=typed,
        now=now,
    )
    busy = [
        SigningResult(each.draft_id, each.subject, opened.refused[each.asked.name])
        for each in ready
        if each.asked.name in opened.refused
    ]
    return AskedSignatures(opened.request.pk if opened.request else None, (*refused, *busy))


def signing_words(count: int) -> str:
    """What the request says here and on the phone."""
    return f"Ký {count} văn bản trên eOffice" if count > 1 else "Ký 1 văn bản trên eOffice"


def take_signed(*, paper_id: int, now: datetime) -> None:
    """Make a file that a key has signed its draft's file; taken already, nothing happens.

    Everything is asked again as the signer stands today. What cannot be taken any more is said on the request.
    """
    paper = signing_queries.signed_paper(paper_id)
    if paper is None or paper.subject_kind != SUBJECT_KIND or paper.result is None:
        return
    draft_id, version = int(paper.subject["draft_id"]), int(paper.subject["version"])
    file = FileVersion.objects.filter(pk=paper.subject_id).select_related("draft").first()
    if file is None:
        return
    try:
        actor = organization.actor_of(
            user_id=paper.request.person.user_id or 0, now=now, posting_id=paper.request.posting_id, source="job"
        )
        asked = signing.Paper(source_sha=paper.source_id, field=paper.field, mark=None)
        _confirm(actor, _Checked(draft_id, version, paper.title, file.pk, asked), paper.result, now)
    except ExpectedError as error:
        signing.note_taken(paper_id=paper_id, error=error, now=now)
        return
    signing.note_taken(paper_id=paper_id, error=None, now=now)


def _confirmed(actor: Actor, checked: _Checked, result: signing.BatchResult, now: datetime) -> SigningResult:
    if result.stored is None:
        return SigningResult(checked.draft_id, checked.subject, result.error)
    refusal, words = None, ""
    try:
        words = _confirm(actor, checked, result.stored, now)
    except ExpectedError as error:
        refusal = error
    if result.paper.asked_as is not None:
        signing.note_taken(paper_id=result.paper.asked_as, error=refusal, now=now)
    lacking = signing_queries.lacking_words(result.stored.pk) if refusal is None else ""
    return SigningResult(checked.draft_id, checked.subject, refusal, next_words=words, lacking=lacking)


@transaction.atomic
def _confirm(actor: Actor, checked: _Checked, stored: StoredFile, now: datetime) -> str:
    """Make the signed file the draft's file, everything asked again under the lock; says who has the paper next."""
    draft = lock_draft(checked.draft_id, actor=actor)
    if draft.files.filter(purpose=FilePurpose.SIGNED, file=stored, created_by_id=actor.person_id).exists():
        return _next_words(draft, now)  # taken already, by the event or by the process that signed
    actor = fitting_posts.at_signature(actor, draft)
    require_signable(actor, draft, checked.version, now)
    if draft.signing_file_id != checked.file_id:
        raise VersionChanged("Chưa ký: bản trình ký vừa có chữ ký khác hoặc đổi vị trí. Xem lại trang rồi ký.")
    step = own_step(actor, draft)
    progress = workflow.pass_step(actor=actor, step_id=step.pk, comment="", subject_version=draft.version, now=now)
    draft.signing_file = FileVersion.objects.create(
        draft=draft,
        purpose=FilePurpose.SIGNED,
        file=stored,
        name=f"Bản đã ký lần {draft.version}.pdf",
        created_by_id=actor.person_id,
        created_at=now,
    )
    if not progress.is_finished:
        _await_the_other(draft, progress, actor, now)
        return _next_words(draft, now)
    change_state(
        draft,
        DraftAction.SIGN,
        actor=actor.ref,
        now=now,
        also=("signing_file",),
        detail={"version": draft.version, "sha256": stored.pk},
    )
    outbox.publish(
        DraftSigned(draft_id=draft.pk, registry_id=draft.registry_id, sha256=stored.pk),
        name="documents.draft.signed",
        now=now,
    )
    if draft.needs_number:
        _hand_to_office(draft, actor, now)
    else:
        _finish(draft, actor, now)
    return _next_words(draft, now)


def _next_words(draft: Draft, now: datetime) -> str:
    """Who has a paper that has just got a signature."""
    if draft.state == DraftState.AWAITING_SIGNATURE:
        steps = flows.open_steps_of(subject_kind=permissions.KIND, subject_id=draft.pk)
        ids = [person_id for step in steps for person_id in flows.person_ids_asked(step, on=local_date(now))]
        names = [person.full_name for person in organization.persons_by_id(ids).values()]
        return f"còn chờ {', '.join(names) or 'người ký tiếp theo'} ký"
    return "chuyển văn thư" if draft.needs_number else "văn bản nội bộ đã xong"


def _await_the_other(draft: Draft, progress: workflow.Progress, actor: Actor, now: datetime) -> None:
    """Keep the file with its first signature; who signs next is asked, and told that it is his turn."""
    draft.save(update_fields=["signing_file"])
    audit.record(
        actor=actor.ref,
        action="documents.draft.cosigned",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"version": draft.version},
    )
    for step in progress.open_steps:
        ask(draft, step, now)


def _hand_to_office(draft: Draft, actor: Actor, now: datetime) -> None:
    """The clerk of the registry numbers, seals and issues; from now on she sees it."""
    roles = (Role.CLERK, Role.CHIEF_OF_OFFICE)
    access.grant(
        object_kind=permissions.KIND,
        object_id=draft.pk,
        principals=[access.principal_of_role(role, draft.registry_id) for role in roles],
        reason=AccessReason.REGISTRY,
        source="registry",
    )
    clerks = organization.holder_ids_of([Role.CLERK], [draft.registry_id], on=local_date(now))
    _tell(draft, clerks.get(draft.registry_id, []), "draft_to_number", f"Chờ cấp số: {draft.subject}", actor, now)
    _tell(draft, [draft.author_id], "draft_signed", f"Đã ký: {draft.subject}", actor, now)


def _finish(draft: Draft, actor: Actor, now: datetime) -> None:
    """An internal paper without number is done with its signature; its recipients see it."""
    change_state(draft, DraftAction.FINISH, actor=actor.ref, now=now)
    rows = list(draft.recipients.order_by("position"))
    persons = [row.person_id for row in rows if row.person_id is not None]
    units = [row.unit_id for row in rows if row.unit_id is not None]
    access.grant(
        object_kind=permissions.KIND,
        object_id=draft.pk,
        principals=[
            *(access.principal_of_person(person_id) for person_id in persons),
            *(access.principal_of_unit(unit_id) for unit_id in units),
        ],
        reason=AccessReason.RECIPIENT,
        source="recipients",
    )
    heads = organization.holder_ids_of([Role.UNIT_HEAD], units, on=local_date(now))
    told = [draft.author_id, *persons, *(person_id for found in heads.values() for person_id in found)]
    _tell(draft, told, "draft_finished", f"Văn bản nội bộ: {draft.subject}", actor, now)


def _tell(draft: Draft, person_ids: Sequence[int], kind: str, title: str, actor: Actor, now: datetime) -> None:
    notifications.notify(
        person_ids=[person_id for person_id in person_ids if person_id != actor.person_id],
        kind=kind,
        title=title,
        text=f"{actor.name}, {draft.unit.short_name}",
        url=reverse("documents:draft_detail", args=[draft.pk]),
        now=now,
    )


def move_signature(*, actor: Actor, draft_id: int, box: Box, seen_version: int, now: datetime) -> Draft:
    """Put the signature elsewhere before the first signature; the signing file is made anew, the seal follows.

    The signer moves it, and the drafters. Raises DocumentNotFound, NotPermitted, SignatureStarted,
    VersionChanged, PlacesInvalid.
    """
    _move(actor, draft_id, box, seen_version, now)
    freeze_draft(draft_id=draft_id, now=now)
    return seen_draft(actor, draft_id)


@transaction.atomic
def _move(actor: Actor, draft_id: int, box: Box, seen_version: int, now: datetime) -> None:
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_signature(actor, draft)
    if draft.state not in {DraftState.AWAITING_SIGNATURE, DraftState.SIGNED}:
        raise Conflict("Chưa đến bước ký nên chưa đặt vị trí chữ ký trên bản trình ký.")
    if draft.state == DraftState.SIGNED or _has_signature(draft):
        raise SignatureStarted
    require_not_being_signed(draft, now)
    if draft.version != seen_version:
        raise VersionChanged
    if not permissions.is_drafter(actor, draft):
        own_step(actor, draft)
    places = places_from_json(draft.places)
    boxes = list(places.signatures)
    boxes[signer_position(actor.person_id, draft)] = box
    moved = LetterPlaces(
        number=places.number,
        date=places.date,
        signatures=tuple(boxes),
        seal=seal_box(boxes[-1], diameter_mm=signing_queries.seal_diameter_mm(draft.registry_id))
        if places.seal is not None
        else None,
    )
    draft.places = with_places(draft, moved)
    draft.signing_file = None
    draft.save(update_fields=["places", "signing_file"])
    enqueue_freezing(draft.pk)
    audit.record(
        actor=actor.ref,
        action="documents.draft.signature_moved",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"version": draft.version},
    )


def _has_signature(draft: Draft) -> bool:
    """Whether one of two signers has signed the present file."""
    return draft.files.filter(pk=draft.signing_file_id or 0, purpose=FilePurpose.SIGNED).exists()
