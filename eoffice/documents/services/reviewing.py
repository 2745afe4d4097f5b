"""Review of drafts: pass, return, revise, withdraw. Steps are run by `workflow`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid
from eoffice.documents import fitting_posts
from eoffice.documents.errors import DocumentNotFound, DraftIncomplete, VersionChanged
from eoffice.documents.events import DraftReturned
from eoffice.documents.models import Draft, DraftMode, Submission
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.changing_state import change_state
from eoffice.documents.services.checking_capacity import require_capacity
from eoffice.documents.services.drafting import DraftEntry, fill_in, keep_version, lock_draft, write_entry
from eoffice.documents.services.ending_requests import end_opinions_on_draft
from eoffice.documents.services.freezing import SetPage, enqueue_freezing, freeze_draft, keep_page, set_page
from eoffice.documents.states import DraftAction, DraftState
from eoffice.layout.schema import plain_text
from eoffice.notifications import services as notifications
from eoffice.organization import access
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import AccessReason, Role
from eoffice.signing import services as signing
from eoffice.workflow import queries as flows
from eoffice.workflow import services as workflow
from eoffice.workflow.definitions import StepKind
from eoffice.workflow.errors import NotYourStep
from eoffice.workflow.models import FlowStep
from eoffice.workflow.resolving import Subject

SUBJECT_KIND = "documents.signing_file"
"""What a draft's signing file is called in requests for signatures: the id is that of its `FileVersion`."""
REASON_REQUIRED = "Ghi lý do trả lại để người soạn biết phải sửa gì."


def seen_draft(actor: Actor, draft_id: int) -> Draft:
    """One draft that the actor may see, without a lock. Raises DocumentNotFound."""
    draft = (
        Draft.objects.select_related("unit", "registry", "author")
        .filter(permissions.visible_to(actor), pk=draft_id)
        .first()
    )
    if draft is None:
        raise DocumentNotFound
    return draft


def require_not_being_signed(draft: Draft, now: datetime) -> None:
    """The signing file is not waiting for a signature asked of a phone or a token. Raises PaperBeingSigned."""
    if draft.signing_file_id is not None:
        signing.require_free(subject_kind=SUBJECT_KIND, subject_id=draft.signing_file_id, now=now)


def require_complete(draft: Draft, now: datetime) -> None:
    """Subject, text and signer are there, and the signer may sign this today in its field.

    Raises DraftIncomplete, NoCapacity, CapacityOutsideField.
    """
    missing = {}
    if not draft.subject:
        missing["subject"] = "Ghi trích yếu nội dung."
    if draft.mode == DraftMode.COMPOSED and not (plain_text(draft.body).strip() or draft.content.get("extra")):
        missing["body"] = "Nội dung văn bản còn trống."
    if draft.capacity_id is None:
        missing["capacity"] = "Chọn người ký."
    if missing or draft.capacity_id is None:
        raise DraftIncomplete(f"Chưa trình được. {' '.join(missing.values())}", fields=missing)
    capacity = organization.get_capacity(draft.capacity_id)
    require_capacity(capacity, draft, on=local_date(now))


def keep_set_page(draft: Draft, page: SetPage, actor: Actor, note: str, now: datetime) -> None:
    """Keep a page that was set, and the text it shows, as a version of its draft; in the caller's transaction."""
    file = keep_page(page, draft, person_id=actor.person_id, now=now)
    keep_version(draft, actor=actor, note=note, file=file, now=now)


def subject_of(draft: Draft, sha256: str = "") -> Subject:
    """The draft as a flow knows it."""
    signer_id = organization.get_capacity(draft.capacity_id).person_id if draft.capacity_id else None
    return Subject(
        kind=permissions.KIND,
        id=draft.pk,
        unit_id=draft.unit_id,
        registry_id=draft.registry_id,
        document_type=draft.document_type,
        author_id=draft.author_id,
        signer_id=signer_id,
        version=draft.version,
        sha256=sha256,
        cosigner_id=draft.cosigner_id,
    )


def follow(draft: Draft, progress: workflow.Progress, actor: Actor, now: datetime) -> None:
    """Let those asked now see the draft and tell them; a draft that only lacks its signature awaits it."""
    for step in progress.open_steps:
        ask(draft, step, now)
    if progress.awaits_signature:
        change_state(draft, DraftAction.APPROVE, actor=actor.ref, now=now, detail={"version": draft.version})
        end_opinions_on_draft(draft, ref=actor.ref, now=now, why="dự thảo đã duyệt xong, chuyển ký")
        enqueue_freezing(draft.pk)


def grant_secretaries(draft_id: int, leader_id: int) -> None:
    """Let whoever prepares for a leader read what waits for his signature or was drafted for him, while he serves."""
    principals = access.secretaries_of(leader_id)
    if principals:
        access.grant(
            object_kind=permissions.KIND, object_id=draft_id, principals=principals, reason=AccessReason.PREPARES,
            source=f"secretaries:{leader_id}",
        )  # fmt: skip


def ask(draft: Draft, step: FlowStep, now: datetime) -> None:
    """Let those a step asks see the draft, and tell them; in the caller's transaction."""
    signs = step.kind == StepKind.SIGN
    reason = AccessReason.SIGNER if signs else AccessReason.REVIEWER
    principals = (
        [access.principal_of_person(step.person_id)]
        if step.person_id is not None
        else [access.principal_of_role(Role(role), step.unit_id) for role in step.roles if step.unit_id is not None]
    )
    source = f"draft:{draft.pk}"
    access.grant(object_kind=permissions.KIND, object_id=draft.pk, principals=principals, reason=reason, source=source)
    if signs and step.person_id is not None:
        grant_secretaries(draft.pk, step.person_id)
    if draft.in_reply_to_id is not None:
        # Whoever judges an answer needs the letter it answers.
        access.grant(
            object_kind="incoming",
            object_id=draft.in_reply_to_id,
            principals=principals,
            reason=AccessReason.RELATED,
            source=source,
        )
    notifications.notify(
        person_ids=flows.person_ids_asked(step, on=local_date(now)),
        kind="draft_to_sign" if signs else "draft_to_review",
        title=f"{'Chờ ký' if signs else step.title}: {draft.subject}",
        text=f"{draft.author.full_name}, {draft.unit.short_name}",
        url=reverse("documents:draft_detail", args=[draft.pk]),
        now=now,
    )


def frozen(draft_id: int, now: datetime) -> Draft:
    """Make the signing file at once where one is due; the job does the same should this process die first."""
    freeze_draft(draft_id=draft_id, now=now)
    return Draft.objects.select_related("unit", "registry", "author", "signing_file").get(pk=draft_id)


def pass_review(*, actor: Actor, draft_id: int, seen_version: int, comment: str = "", now: datetime) -> Draft:
    """Pass one's own step on the version that was seen: an initial, a format check or an opinion in favour.

    Raises DocumentNotFound, NotYourStep, FlowChanged; a signing step is passed by signing only.
    """
    _pass(actor, draft_id, seen_version, comment, now)
    return frozen(draft_id, now)


@transaction.atomic
def _pass(actor: Actor, draft_id: int, seen_version: int, comment: str, now: datetime) -> None:
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    step = own_step(actor, draft)
    if step.kind == StepKind.SIGN:
        raise Conflict("Bước này cần chữ ký số. Mở trang ký để ký hoặc trả lại.")
    progress = workflow.pass_step(actor=actor, step_id=step.pk, comment=comment, subject_version=seen_version, now=now)
    _note_decision(draft, actor, comment, now)
    follow(draft, progress, actor, now)


def own_step(actor: Actor, draft: Draft) -> FlowStep:
    """The open step of a draft that the actor may decide. Raises NotYourStep."""
    step = flows.open_step_for(actor, subject_kind=permissions.KIND, subject_id=draft.pk)
    if step is None:
        raise NotYourStep
    return step


def _note_decision(draft: Draft, actor: Actor, comment: str, now: datetime) -> None:
    """What a leader says becomes the decision on the submission slip."""
    if comment.strip() and actor.has_role(Role.LEADER, draft.registry_id):
        Submission.objects.filter(draft=draft).update(
            decision=comment.strip(), decided_by_id=actor.person_id, decided_at=now
        )


@transaction.atomic
def return_draft(*, actor: Actor, draft_id: int, reason: str, seen_version: int, now: datetime) -> Draft:
    """Return a draft at one's own step, to sign included, with the reason; what comes next is a new version.

    Signatures stay with the old file. Raises DocumentNotFound, Invalid, NotYourStep, FlowChanged.
    """
    if not reason.strip():
        raise Invalid(REASON_REQUIRED, fields={"reason": REASON_REQUIRED})
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    step = own_step(actor, draft)
    require_not_being_signed(draft, now)
    workflow.return_run(actor=actor, step_id=step.pk, reason=reason, subject_version=seen_version, now=now)
    _note_decision(draft, actor, reason, now)
    send_back(draft, actor=actor, reason=reason, now=now)
    return draft


@transaction.atomic
def withdraw_draft(*, actor: Actor, draft_id: int, reason: str, now: datetime) -> Draft:
    """Take one's own draft back from review, or before it is signed. Raises DocumentNotFound, NotPermitted."""
    draft = lock_draft(draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    permissions.require(
        permissions.can_withdraw(actor, draft), "Chỉ người soạn thảo rút lại được, và chỉ khi văn bản chưa ký."
    )
    require_not_being_signed(draft, now)
    workflow.stop_run(actor=actor, subject_kind=permissions.KIND, subject_id=draft.pk, now=now)
    send_back(draft, actor=actor, reason=reason.strip() or "Người soạn thảo rút lại", now=now)
    return draft


def send_back(draft: Draft, *, actor: Actor, reason: str, now: datetime) -> None:
    """Turn a draft, locked by the caller, back into a draft in its next version and tell its drafter.

    The caller has checked the right and ended the run of the flow. Raises IllegalTransition.
    """
    draft.returned_reason = reason.strip()[:1000]
    draft.signing_file = None
    returned_version = draft.version
    draft.version += 1
    draft.updated_at = now
    change_state(
        draft,
        DraftAction.RETURN,
        actor=actor.ref,
        reason=reason,
        now=now,
        detail={"version": returned_version},
        also=("returned_reason", "signing_file", "version", "updated_at"),
    )
    outbox.publish(
        DraftReturned(draft_id=draft.pk, reason=draft.returned_reason), name="documents.draft.returned", now=now
    )
    if draft.author_id != actor.person_id:
        notifications.notify(
            person_ids=[draft.author_id],
            kind="draft_returned",
            title=f"Bị trả lại để sửa: {draft.subject}",
            text=f"{actor.name}: {draft.returned_reason}",
            url=reverse("documents:draft_detail", args=[draft.pk]),
            now=now,
        )


def revise_in_review(
    *, actor: Actor, draft_id: int, entry: DraftEntry, seen_version: int, note: str, now: datetime
) -> Draft:
    """Edit at one's own step: the change is a new version and the flow begins a new round.

    Initials on the older version are void unless the flow keeps them. The page is drawn before anything is
    written. Raises DocumentNotFound, NotYourStep, VersionChanged, Invalid, BodyInvalid, ContentInvalid.
    """
    draft = seen_draft(actor, draft_id)
    read_at = draft.updated_at
    _require_revisable(actor, draft, seen_version)
    recipients = fill_in(draft, entry, now)
    require_complete(draft, now)
    page = set_page(draft, recipients)
    _revise(actor, page, read_at, entry, note, now)
    return frozen(draft_id, now)


def _require_revisable(actor: Actor, draft: Draft, seen_version: int) -> None:
    step = own_step(actor, draft)
    if step.kind == StepKind.SIGN or draft.state != DraftState.IN_REVIEW:
        raise Conflict("Bản trình ký không sửa trực tiếp được. Trả lại kèm ý kiến để người soạn sửa.")
    if draft.version != seen_version:
        raise VersionChanged


@transaction.atomic
def _revise(actor: Actor, page: SetPage, read_at: datetime, entry: DraftEntry, note: str, now: datetime) -> None:
    draft = lock_draft(page.draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    if draft.updated_at != read_at:
        raise VersionChanged
    _require_revisable(actor, draft, draft.version)
    write_entry(draft, entry, now)
    keep_set_page(draft, page, actor, note or f"{actor.name} sửa khi duyệt", now)
    audit.record(
        actor=actor.ref,
        action="documents.draft.revised",
        object_kind=permissions.KIND,
        object_id=draft.pk,
        now=now,
        detail={"version": draft.version},
    )
    progress = workflow.start_run(actor=actor, subject=subject_of(draft, page.file.pk), now=now)
    follow(draft, progress, actor, now)
    if draft.author_id != actor.person_id:
        notifications.notify(
            person_ids=[draft.author_id],
            kind="draft_revised",
            title=f"Đã sửa khi duyệt: {draft.subject}",
            text=f"{actor.name}: {note}",
            url=reverse("documents:draft_detail", args=[draft.pk]),
            now=now,
        )
