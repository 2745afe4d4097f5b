"""Pages of drafts as bytes: the live preview, the DOCX twin, stored files, pictures, the printed slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.core import files
from eoffice.core.clock import local_date
from eoffice.documents.errors import PageNotReady
from eoffice.documents.models import DraftMode, FilePurpose, FileVersion, Submission
from eoffice.documents.queries.drafts import DraftPage, draft_page, file_of_draft, get_draft
from eoffice.documents.services.composing import letterhead_of
from eoffice.documents.services.freezing import draft_letter, uploaded_file
from eoffice.documents.states import DraftState
from eoffice.layout import slips
from eoffice.layout.docx import render_letter_docx
from eoffice.layout.letters import render_letter
from eoffice.layout.stamps import watermark, watermark_image
from eoffice.organization.actor import Actor
from eoffice.renditions import pages
from eoffice.renditions import queries as renditions

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NOT_ISSUED: Final = "BẢN XEM, CHƯA PHÁT HÀNH"
# These leave the house only as watermarked pictures until the document is issued (design part 4, step 6).
_SIGNED: Final = frozenset({FilePurpose.SIGNED, FilePurpose.NUMBERED, FilePurpose.SEALED})


@dataclass(frozen=True, slots=True)
class ServedFile:
    """Bytes with their type and the name they are saved under."""

    content: bytes
    media_type: str
    name: str


def preview_pdf(actor: Actor, draft_id: int) -> bytes:
    """The letter as it would be now; nothing is stored. Raises DocumentNotFound, ContentInvalid, PageNotReady."""
    draft = get_draft(actor, draft_id)
    if draft.mode == DraftMode.COMPOSED:
        return render_letter(draft_letter(draft)).pdf
    upload = uploaded_file(draft)
    sha256 = renditions.pdf_of(upload.file_id) if upload is not None else None
    if sha256 is None:
        raise PageNotReady
    return files.read(sha256)


def draft_docx(actor: Actor, draft_id: int) -> ServedFile:
    """The letter as DOCX to take along; an uploaded text as it came. Raises DocumentNotFound, ContentInvalid."""
    draft = get_draft(actor, draft_id)
    if draft.mode == DraftMode.UPLOADED:
        upload = uploaded_file(draft)
        if upload is None:
            raise PageNotReady
        return ServedFile(files.read(upload.file_id), upload.file.media_type, upload.name)
    return ServedFile(render_letter_docx(draft_letter(draft)), DOCX, f"Dự thảo lần {draft.version}.docx")


def served_file(actor: Actor, draft_id: int, file_id: int) -> ServedFile:
    """One file of a draft, as a PDF where there is one.

    A signed file comes as watermarked pictures. Raises DocumentNotFound.
    """
    file = file_of_draft(actor, draft_id, file_id)
    if _stays_in_the_house(file):
        return ServedFile(watermark(files.read(file.file_id), _NOT_ISSUED), PDF, file.name)
    if file.purpose == FilePurpose.ATTACHMENT:
        return ServedFile(files.read(file.file_id), file.file.media_type, file.name)
    sha256 = _pdf_of(file)
    return ServedFile(files.read(sha256), PDF, file.name)


def page_picture(actor: Actor, draft_id: int, file_id: int, page: int, *, width_px: int = 1200) -> bytes:
    """The picture (WebP) of one page (from 0) of a file of a draft; of a signed file with the watermark.

    Raises DocumentNotFound, PageNotFound, PageNotReady.
    """
    file = file_of_draft(actor, draft_id, file_id)
    picture = pages.page_image(_pdf_of(file), page, width_px).read_bytes()
    return watermark_image(picture, _NOT_ISSUED) if _stays_in_the_house(file) else picture


def _stays_in_the_house(file: FileVersion) -> bool:
    """Signed and on its way to be issued. An internal paper without number is done with its signature."""
    return file.purpose in _SIGNED and (file.draft is None or file.draft.state != DraftState.FINISHED)


def _pdf_of(file: FileVersion) -> str:
    if file.file.media_type == PDF:
        return file.file_id
    sha256 = renditions.pdf_of(file.file_id)
    if sha256 is None:
        raise PageNotReady
    return sha256


def submission_slip(actor: Actor, draft_id: int, *, now: datetime) -> bytes:
    """Phiếu trình as a PDF (A4): proposal, attachments, opinions of the steps and of those asked, decision.

    Raises DocumentNotFound.
    """
    page = draft_page(actor, draft_id, now=now)
    draft, given = page.draft, page.submission
    head = letterhead_of(draft)
    facts = [
        ("Ký hiệu", draft.symbol or "Văn bản nội bộ không lấy số"),
        ("Người ký", _signer(page)),
        ("Lần dự thảo", str(draft.version)),
        ("Trả lời văn bản", draft.in_reply_to.shown_code if draft.in_reply_to else ""),
        ("Thể thức", _kept_form(given)),
    ]
    return slips.render_submission_slip(
        slips.SubmissionSlip(
            head=slips.SlipHead(
                body=head.registry.name_on(draft.called_on),
                superior_body=head.superior_name,
                place=head.registry.place,
                day=local_date(now),
            ),
            submitted_to=_submitted_to(page),
            submitted_by=draft.unit.name_on(draft.called_on),
            draft_type=page.type.name,
            subject=draft.subject,
            proposal=given.proposal,
            facts=tuple((label, value) for label, value in facts if value),
            attachments=tuple(f"{file.name} ({page.attachment_words(file)})" for file in page.attachments),
            opinions=tuple(_opinions(page)),
            decided=slips.Opinion(
                who=given.decided_by.full_name if given.decided_by else "",
                text=given.decision,
                given_at=given.decided_at,
            )
            if given.decision
            else None,
            drafter=draft.author.full_name,
        )
    )


def _kept_form(given: Submission) -> str:
    """Why it was submitted with faults of form; empty where there were none."""
    if not given.form_faults:
        return ""
    parts = ", ".join(dict.fromkeys(str(fault["part"]) for fault in given.form_faults))
    return f"Giữ nguyên {len(given.form_faults)} điểm phải sửa ({parts}). Lý do: {given.form_reason}"


def _submitted_to(page: DraftPage) -> str:
    capacity = page.draft.capacity
    return f"{capacity.position_title} {capacity.person.full_name}" if capacity else ""


def _signer(page: DraftPage) -> str:
    capacity = page.draft.capacity
    return f"{' / '.join(capacity.block_lines)}: {capacity.person.full_name}" if capacity else ""


def _opinions(page: DraftPage) -> Iterator[slips.Opinion]:
    """What the steps decided, earlier rounds first, then what others answered."""
    lines = [*page.run.earlier, *page.run.steps] if page.run else []
    for line in lines:
        if line.decided_at is not None:
            who = f"{line.decided_by} ({line.title}, lần {line.version})"
            yield slips.Opinion(who=who, text=line.comment or line.state_words, given_at=line.decided_at)
    for row in page.consultations:
        text = row.answer or ("Kết thúc, không có ý kiến" if row.ended_at else "Chưa trả lời")
        yield slips.Opinion(who=f"{row.unit or row.person} (được xin ý kiến)", text=text, given_at=row.answered_at)
