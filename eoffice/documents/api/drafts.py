"""Drafts for programs: the same commands and reads as the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.documents.models import Draft, DraftMode, DraftVersion
from eoffice.documents.queries import draft_pages
from eoffice.documents.queries import drafts as queries
from eoffice.documents.services import (
    beginning_drafts,
    drafting,
    numbering_outgoing,
    reviewing,
    signing_drafts,
    submitting,
)
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.drafting import DraftEntry, RecipientEntry
from eoffice.documents.services.signing_drafts import PaperToSign
from eoffice.documents.views import files as serving
from eoffice.organization.calendar import end_of_day
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Dự thảo"])


class RecipientIn(Schema):
    kind: str
    id: int | None = None
    name: str = ""
    note: str = ""
    expects_reply: bool = False


class DraftIn(Schema):
    document_type: str = "letter"
    subject: str = ""
    urgency: int = 0
    field_of_work_id: int | None = None
    capacity_id: int | None = None
    needs_number: bool = True
    needs_seal: bool = True
    content: dict[str, Any] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    recipients: list[RecipientIn] = Field(default_factory=list)
    reply_due_on: date | None = None
    proposal: str = ""

    def entry(self) -> DraftEntry:
        return DraftEntry(
            document_type=self.document_type,
            subject=self.subject,
            urgency=self.urgency,
            field_of_work_id=self.field_of_work_id,
            capacity_id=self.capacity_id,
            needs_number=self.needs_number,
            needs_seal=self.needs_seal,
            content=self.content,
            body=self.body,
            recipients=tuple(
                RecipientEntry(kind=r.kind, id=r.id, name=r.name, note=r.note, expects_reply=r.expects_reply)
                for r in self.recipients
            ),
            reply_due_at=end_of_day(self.reply_due_on) if self.reply_due_on else None,
            proposal=self.proposal,
        )


class NewDraftIn(DraftIn):
    unit_id: int | None = None
    assignment_id: int | None = None
    in_reply_to_id: int | None = None
    corrects_id: int | None = None
    replaces_id: int | None = None
    is_uploaded: bool = False
    """The text is a file of one's own, uploaded afterwards."""
    idempotency_key: str = ""


class SavedDraft(Schema):
    id: int
    state: str
    version: int
    updated_at: datetime


class DraftRow(Schema):
    id: int
    subject: str
    type_name: str
    unit_name: str
    author_name: str
    state: str
    state_words: str
    waits_for: str
    version: int
    updated_at: datetime


class DraftRows(Schema):
    box: str
    lines: list[DraftRow]
    next_after: int | None


class StepOut(Schema):
    title: str
    kind: str
    state: str
    names: list[str]
    reason: str
    decided_by: str
    decided_at: datetime | None
    comment: str


class DraftOut(SavedDraft):
    document_type: str
    subject: str
    symbol: str
    field_of_work_id: int | None
    content: dict[str, Any]
    body: dict[str, Any]
    steps: list[StepOut]
    returned_reason: str


class DecisionIn(Schema):
    version: int
    comment: str = ""
    reason: str = ""


class ReasonIn(Schema):
    reason: str = ""


class VersionNoteIn(Schema):
    note: str = ""


class VersionOut(Schema):
    number: int
    note: str


class RevisionIn(DraftIn):
    """The whole draft as it shall be; `version` is the one that was read."""

    version: int
    note: str = ""


class PaperIn(Schema):
    draft_id: int
    version: int


class SigningIn(Schema):
    pin: str = Field(max_length=12)
    papers: list[PaperIn]


class SigningOut(Schema):
    draft_id: int
    signed: bool
    code: str = ""
    message: str = ""


@router.get("/", response=DraftRows, summary="Một ngăn dự thảo, mới nhất trước")
def draft_rows(
    request: HttpRequest,
    box: str = queries.MINE,
    after: int | None = None,
    q: str = "",
    field_of_work_id: int | None = None,
) -> queries.DraftList:
    return queries.draft_list(
        api_actor(request),
        box=box,
        now=clock.now(),
        after=after,
        search=q[:200],
        field_of_work_id=field_of_work_id,
    )


@router.post("/", response={201: SavedDraft}, summary="Bắt đầu một dự thảo")
def create_draft(request: HttpRequest, new: NewDraftIn) -> Status[Draft]:
    origin = DraftOrigin(
        assignment_id=new.assignment_id,
        in_reply_to_id=new.in_reply_to_id,
        corrects_id=new.corrects_id,
        replaces_id=new.replaces_id,
    )
    made = beginning_drafts.create_draft(
        actor=api_actor(request),
        entry=new.entry(),
        unit_id=new.unit_id,
        origin=origin,
        mode=DraftMode.UPLOADED if new.is_uploaded else DraftMode.COMPOSED,
        request_key=new.idempotency_key,
        now=clock.now(),
    )
    return Status(201, made)


@router.get("/{int:draft_id}", response=DraftOut, summary="Một dự thảo và các bước của nó")
def get_draft(request: HttpRequest, draft_id: int) -> DraftOut:
    page = queries.draft_page(api_actor(request), draft_id, now=clock.now())
    draft, view = page.draft, page.run or page.next
    return DraftOut(
        id=draft.pk,
        state=draft.state,
        version=draft.version,
        updated_at=draft.updated_at,
        document_type=draft.document_type,
        subject=draft.subject,
        symbol=draft.symbol,
        field_of_work_id=draft.field_of_work_id,
        content=draft.content,
        body=draft.body,
        returned_reason=draft.returned_reason,
        steps=[
            StepOut(
                title=step.title, kind=step.kind, state=step.state, names=list(step.names), reason=step.reason,
                decided_by=step.decided_by, decided_at=step.decided_at, comment=step.comment,
            )
            for step in (view.steps if view else ())
        ],
    )  # fmt: skip


@router.put("/{int:draft_id}", response=SavedDraft, summary="Lưu nội dung dự thảo")
def edit_draft(request: HttpRequest, draft_id: int, changed: DraftIn, seen_at: datetime | None = None) -> object:
    return drafting.edit_draft(
        actor=api_actor(request), draft_id=draft_id, entry=changed.entry(), seen_at=seen_at, now=clock.now()
    )


@router.get("/{int:draft_id}/preview.pdf", summary="Trang như sẽ ký (PDF)")
def draft_preview(request: HttpRequest, draft_id: int) -> HttpResponse:
    return serving.made_pdf(draft_pages.preview_pdf(api_actor(request), draft_id), name=f"du-thao-{draft_id}.pdf")


@router.post("/{int:draft_id}/submit", response=SavedDraft, summary="Trình duyệt")
def submit_draft(request: HttpRequest, draft_id: int, decision: DecisionIn) -> object:
    """`reason` says why faults of form are kept; without it a draft that has some is refused (422, `form_faults`)."""
    return submitting.submit_draft(
        actor=api_actor(request), draft_id=draft_id, seen_version=decision.version, note=decision.comment,
        form_reason=decision.reason, now=clock.now(),
    )  # fmt: skip


@router.post("/{int:draft_id}/pass", response=SavedDraft, summary="Duyệt bước của mình")
def pass_review(request: HttpRequest, draft_id: int, decision: DecisionIn) -> object:
    return reviewing.pass_review(
        actor=api_actor(request), draft_id=draft_id, seen_version=decision.version, comment=decision.comment,
        now=clock.now(),
    )  # fmt: skip


@router.post("/{int:draft_id}/return", response=SavedDraft, summary="Trả lại kèm lý do")
def return_draft(request: HttpRequest, draft_id: int, decision: DecisionIn) -> object:
    return reviewing.return_draft(
        actor=api_actor(request), draft_id=draft_id, seen_version=decision.version, reason=decision.reason,
        now=clock.now(),
    )  # fmt: skip


@router.post("/{int:draft_id}/versions", response={201: VersionOut}, summary="Lưu lần dự thảo")
def save_version(request: HttpRequest, draft_id: int, body: VersionNoteIn) -> Status[DraftVersion]:
    kept = drafting.save_version(actor=api_actor(request), draft_id=draft_id, note=body.note, now=clock.now())
    return Status(201, kept)


@router.post("/{int:draft_id}/withdraw", response=SavedDraft, summary="Rút lại trước khi ký")
def withdraw_draft(request: HttpRequest, draft_id: int, body: ReasonIn) -> Draft:
    return reviewing.withdraw_draft(actor=api_actor(request), draft_id=draft_id, reason=body.reason, now=clock.now())


@router.post("/{int:draft_id}/revise", response=SavedDraft, summary="Sửa khi duyệt, thành lần mới")
def revise_in_review(request: HttpRequest, draft_id: int, body: RevisionIn) -> Draft:
    return reviewing.revise_in_review(
        actor=api_actor(request), draft_id=draft_id, entry=body.entry(), seen_version=body.version, note=body.note,
        now=clock.now(),
    )  # fmt: skip


@router.post("/{int:draft_id}/abandon", response=SavedDraft, summary="Bỏ dự thảo")
def abandon_draft(request: HttpRequest, draft_id: int, body: ReasonIn) -> Draft:
    return drafting.abandon_draft(actor=api_actor(request), draft_id=draft_id, reason=body.reason, now=clock.now())


@router.post("/{int:draft_id}/return-for-form", response=SavedDraft, summary="Văn thư trả lại văn bản đã ký")
def return_for_form(request: HttpRequest, draft_id: int, body: ReasonIn) -> Draft:
    return numbering_outgoing.return_for_form(
        actor=api_actor(request), draft_id=draft_id, reason=body.reason, now=clock.now()
    )


@router.post("/sign", response=list[SigningOut], summary="Ký một hoặc nhiều văn bản bằng một mã PIN")
def sign_drafts(request: HttpRequest, asked: SigningIn) -> list[SigningOut]:
    results = signing_drafts.sign_drafts(
        actor=api_actor(request),
        papers=[PaperToSign(paper.draft_id, paper.version) for paper in asked.papers],
        pin=asked.pin,
        now=clock.now(),
    )
    return [
        SigningOut(
            draft_id=result.draft_id,
            signed=result.is_signed,
            code=result.error.code if result.error else "",
            message=result.error.message if result.error else f"Đã ký, {result.next_words}. {result.lacking}".strip(),
        )
        for result in results
    ]
