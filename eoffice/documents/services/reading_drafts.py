"""Reading drafts: what is shown, and the one audit line each reading leaves."""

from __future__ import annotations

from datetime import datetime

from eoffice.audit import services as audit
from eoffice.documents.permissions import drafts as permissions
from eoffice.documents.queries.draft_pages import ServedFile, served_file
from eoffice.documents.queries.draft_signing import SigningView, signing_view
from eoffice.documents.queries.drafts import DraftPage, draft_page
from eoffice.organization.actor import Actor


def open_draft(*, actor: Actor, draft_id: int, now: datetime) -> DraftPage:
    """Read one draft and leave the audit line of a read. Raises DocumentNotFound."""
    page = draft_page(actor, draft_id, now=now)
    audit.record_read(actor=actor.ref, object_kind=permissions.KIND, object_id=draft_id, now=now)
    return page


def open_draft_file(*, actor: Actor, draft_id: int, file_id: int, now: datetime) -> ServedFile:
    """Read one file of a draft and leave the audit line of a read. Raises DocumentNotFound, PageNotReady."""
    served = served_file(actor, draft_id, file_id)
    audit.record_read(
        actor=actor.ref, object_kind=permissions.KIND, object_id=draft_id, now=now, detail={"file": file_id}
    )
    return served


def open_signing(*, actor: Actor, shown_id: int | None, now: datetime) -> SigningView:
    """The papers that wait for one's signature; the one in view is read."""
    view = signing_view(actor, shown_id=shown_id, now=now)
    if view.shown is not None:
        audit.record_read(actor=actor.ref, object_kind=permissions.KIND, object_id=view.shown.draft.pk, now=now)
    return view
