"""Thể thức findings of one draft, for its drafter and for those who check its form."""

from __future__ import annotations

from collections.abc import Mapping

from eoffice.core.errors import Invalid
from eoffice.documents.models import Draft, DraftMode, DraftRecipient
from eoffice.documents.queries.drafts import get_draft
from eoffice.documents.services.composing import letter_of, letterhead_of
from eoffice.layout.form_findings import Finding, PageWords, Severity, findings_of_letter, findings_of_page
from eoffice.layout.letters import LetterContent
from eoffice.organization.actor import Actor

_LETTERS_OWN = frozenset({"Nội dung", "Phụ lục", "Căn cứ ban hành", "Thẩm quyền ban hành", "Kính gửi", "Nơi nhận"})
"""Components that stand only in an uploaded file: its data say nothing of them."""


def draft_findings(actor: Actor, draft_id: int) -> tuple[Draft, tuple[Finding, ...]]:
    """A draft and what deviates from thể thức in its data or on its uploaded page. Raises DocumentNotFound."""
    draft = get_draft(actor, draft_id)
    recipients = list(draft.recipients.select_related("unit", "person", "outside").order_by("position"))
    return draft, _findings(draft, recipients)


def _findings(draft: Draft, recipients: list[DraftRecipient]) -> tuple[Finding, ...]:
    try:
        content = letter_of(draft, recipients=recipients, head=letterhead_of(draft))
    except Invalid as error:
        words = " ".join(error.fields.values()) or "Ghi phần còn thiếu rồi xem lại."
        return (
            Finding(severity=Severity.ERROR, part="Nội dung", message=error.message, remedy=words, clause="PL III"),
        )
    found = findings_of_letter(content, needs_number=draft.needs_number)
    if draft.mode == DraftMode.COMPOSED:
        return found
    return (*(each for each in found if each.part not in _LETTERS_OWN), *_of_page(draft, content))


def _of_page(draft: Draft, content: LetterContent) -> tuple[Finding, ...]:
    """Nothing while the upload has not been read yet."""
    read = draft.places.get("read")
    if not isinstance(read, Mapping):
        return ()
    wanted = ["signature"] if draft.is_countersigned or not draft.needs_number else ["number", "date", "signature"]
    return findings_of_page(PageWords(**read), content, needs_number=draft.needs_number, wanted=wanted)
