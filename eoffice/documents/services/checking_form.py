"""Thể thức of a draft: what deviates in its data or on its uploaded page, and whether it may go into review so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy
from eoffice.documents.errors import FormFaults
from eoffice.documents.models import Draft, DraftMode, DraftRecipient
from eoffice.documents.services.composing import letter_of, letterhead_of
from eoffice.layout.form_findings import Finding, PageWords, Severity, findings_of_letter, findings_of_page
from eoffice.layout.letters import STATE, LetterContent

REASON_LENGTH: Final = 500
_LETTERS_OWN: Final = frozenset(
    {"Nội dung", "Phụ lục", "Căn cứ ban hành", "Thẩm quyền ban hành", "Kính gửi", "Nơi nhận"}
)
"""Components that stand only in an uploaded file: its data say nothing of them."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Faults of form that a draft goes into review with, and why; both empty where there are none."""

    reason: str = ""
    faults: tuple[Finding, ...] = ()

    def to_json(self) -> list[dict[str, str]]:
        """The faults as the submission slip keeps them."""
        return [{"part": each.part, "message": each.message, "clause": each.clause} for each in self.faults]


def findings_of(draft: Draft, recipients: Iterable[DraftRecipient]) -> tuple[Finding, ...]:
    """What deviates, each with its clause; `recipients` are the draft's lines of nơi nhận in order."""
    try:
        content = letter_of(draft, recipients=list(recipients), head=letterhead_of(draft))
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
    """Nothing while the upload has not been read yet.

    A page that came signed cannot be mended, so what deviates on it is told and stops nothing.
    """
    read = draft.places.get("read")
    if not isinstance(read, Mapping):
        return ()
    wanted = ["signature"] if draft.is_countersigned or not draft.needs_number else ["number", "date", "signature"]
    found = findings_of_page(
        PageWords(**read), content, needs_number=draft.needs_number, wanted=wanted, came_signed=draft.is_countersigned
    )
    if not draft.is_countersigned:
        return tuple(found)
    return tuple(replace(each, severity=Severity.WARNING) for each in found)


def require_form(draft: Draft, reason: str) -> KeptForm:
    """Let a draft pass whose form is right, or whose faults the submitter keeps for a `reason`.

    Only the state's form is given by law here (NĐ 30/2020/NĐ-CP); that of other families of units is data of the
    installation and stops nothing. Raises FormFaults, Invalid for a reason that is too long.
    """
    if letterhead_of(draft).family.code != STATE.code:
        return KeptForm()
    recipients = draft.recipients.select_related("unit", "person", "outside").order_by("position")
    faults = tuple(each for each in findings_of(draft, recipients) if each.severity is Severity.ERROR)
    clean = tidy(reason)
    if len(clean) > REASON_LENGTH:
        words = f"Lý do dài {len(clean)} ký tự; tối đa {REASON_LENGTH}."
        raise Invalid(words, fields={"form_reason": words})
    if faults and not clean:
        raise FormFaults(faults)
    return KeptForm(clean, faults) if faults else KeptForm()
