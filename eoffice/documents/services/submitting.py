"""A draft goes into review: it is complete, its page is set and kept, the flow opens its first steps."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.core import outbox
from eoffice.core.errors import IllegalTransition
from eoffice.documents import fitting_posts
from eoffice.documents.errors import VersionChanged
from eoffice.documents.events import DraftSubmitted
from eoffice.documents.models import Draft, Submission
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.services.changing_state import allows, change_state
from eoffice.documents.services.checking_form import KeptForm, require_form
from eoffice.documents.services.drafting import DraftEntry, edit_draft, lock_draft
from eoffice.documents.services.freezing import SetPage, set_page
from eoffice.documents.services.reviewing import (
    follow,
    frozen,
    keep_set_page,
    require_complete,
    seen_draft,
    subject_of,
)
from eoffice.documents.states import DraftAction, DraftState
from eoffice.organization.actor import Actor
from eoffice.workflow import services as workflow


def submit_draft(
    *, actor: Actor, draft_id: int, seen_version: int, note: str = "", form_reason: str = "", now: datetime
) -> Draft:
    """Send a draft into review: its page is set and kept as a version, the flow opens its first steps.

    Faults of form stop it unless `form_reason` says why it goes as it is; the slip keeps both. The page is drawn
    before the transaction; a change in between raises VersionChanged. Raises DocumentNotFound, NotPermitted,
    IllegalTransition, DraftIncomplete, NoCapacity, NobodyToAsk, PageNotReady, PlacesMissing, ContentInvalid,
    FormFaults.
    """
    draft = _submittable(actor, draft_id, now)
    if not allows(draft, DraftAction.SUBMIT):
        raise IllegalTransition(draft.state, DraftAction.SUBMIT)
    page = set_page(draft)
    form = require_form(draft, form_reason)
    _submit(actor, page, form, seen_version, note, now)
    return frozen(draft_id, now)


def _submittable(actor: Actor, draft_id: int, now: datetime) -> Draft:
    """A draft that is complete, read without a lock: the same is asked again under it."""
    draft = seen_draft(actor, draft_id)
    if draft.state == DraftState.DRAFT:
        permissions.require(permissions.can_submit(actor, draft), "Chỉ người soạn thảo trình được dự thảo này.")
        require_complete(draft, now)
    return draft


def submit_entry(
    *,
    actor: Actor,
    draft_id: int,
    entry: DraftEntry,
    seen_at: datetime | None,
    note: str = "",
    form_reason: str = "",
    now: datetime,
) -> Draft:
    """Keep what the form holds and send it into review in one command. Raises as `edit_draft` and `submit_draft`."""
    edited = edit_draft(actor=actor, draft_id=draft_id, entry=entry, now=now, seen_at=seen_at)
    return submit_draft(
        actor=actor, draft_id=draft_id, seen_version=edited.version, note=note, form_reason=form_reason, now=now
    )


@transaction.atomic
def _submit(actor: Actor, page: SetPage, form: KeptForm, seen_version: int, note: str, now: datetime) -> None:
    draft = lock_draft(page.draft_id, actor=actor)
    actor = fitting_posts.at_draft(actor, draft)
    if draft.version != seen_version or draft.updated_at != page.updated_at:
        raise VersionChanged
    draft.returned_reason = ""
    change_state(
        draft,
        DraftAction.SUBMIT,
        actor=actor.ref,
        now=now,
        reason=" ".join(part for part in (note, _kept_words(form)) if part),
        detail={"version": draft.version, "form_faults": len(form.faults)},
        also=("returned_reason",),
    )
    Submission.objects.filter(draft=draft).update(form_reason=form.reason, form_faults=form.to_json())
    keep_set_page(draft, page, actor, note, now)
    progress = workflow.start_run(actor=actor, subject=subject_of(draft, page.file.pk), now=now)
    outbox.publish(DraftSubmitted(draft_id=draft.pk, version=draft.version), name="documents.draft.submitted", now=now)
    follow(draft, progress, actor, now)


def _kept_words(form: KeptForm) -> str:
    return f"Giữ nguyên {len(form.faults)} điểm thể thức: {form.reason}" if form.faults else ""
