"""Thể thức findings of one draft, for its drafter and for those who check its form."""

from __future__ import annotations

from eoffice.documents.models import Draft
from eoffice.documents.queries.drafts import get_draft
from eoffice.documents.services.checking_form import findings_of
from eoffice.layout.form_findings import Finding
from eoffice.organization.actor import Actor


def draft_findings(actor: Actor, draft_id: int) -> tuple[Draft, tuple[Finding, ...]]:
    """A draft and what deviates from thể thức in its data or on its uploaded page. Raises DocumentNotFound."""
    draft = get_draft(actor, draft_id)
    recipients = draft.recipients.select_related("unit", "person", "outside").order_by("position")
    return draft, findings_of(draft, recipients)
