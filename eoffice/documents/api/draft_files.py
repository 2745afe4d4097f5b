"""Files of drafts, opinions on them and the place of the signature, for programs."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.core.geometry import Box
from eoffice.documents.api.drafts import SavedDraft
from eoffice.documents.models import Consultation, Draft
from eoffice.documents.services import attaching_files, consulting_on_drafts, reading_drafts, signing_drafts
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.views import files as serving
from eoffice.organization.calendar import end_of_day
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Dự thảo"])


class FileId(Schema):
    id: int
    name: str


class OpinionsIn(Schema):
    unit_ids: list[int] = Field(default_factory=list, max_length=100)
    person_ids: list[int] = Field(default_factory=list, max_length=100)
    question: str
    due_on: date | None = None


class OpinionOut(Schema):
    """One opinion asked for; both times null: still open; `ended_at`: ended unanswered with its letter or draft."""

    id: int
    unit_id: int | None
    person_id: int | None
    question: str
    answer: str
    answered_at: datetime | None
    ended_at: datetime | None


class AnswerIn(Schema):
    answer: str


class BoxIn(Schema):
    """Where the signature stands: page from 0, PDF points from the lower left corner of the page."""

    version: int
    page: int = Field(ge=0, le=2000)
    x0: float = Field(ge=0, le=5000)
    y0: float = Field(ge=0, le=5000)
    x1: float = Field(ge=0, le=5000)
    y1: float = Field(ge=0, le=5000)

    def box(self) -> Box:
        return Box(self.page, self.x0, self.y0, self.x1, self.y1)


@router.get("/{int:draft_id}/files/{int:file_id}", summary="Một tệp của dự thảo")
def draft_file(request: HttpRequest, draft_id: int, file_id: int) -> HttpResponseBase:
    served = reading_drafts.open_draft_file(
        actor=api_actor(request), draft_id=draft_id, file_id=file_id, now=clock.now()
    )
    return serving.made_file(served.content, name=served.name, media_type=served.media_type)


@router.post("/{int:draft_id}/text", response=SavedDraft, summary="Tải nội dung dự thảo từ tệp có sẵn")
def upload_text(
    request: HttpRequest,
    draft_id: int,
    file: File[UploadedFile],
    seen_no_mark: Form[bool] = False,
    not_secret_basis: Form[str] = "",
) -> Draft:
    return attaching_files.upload_text(
        actor=api_actor(request),
        draft_id=draft_id,
        upload=file,
        assurance=Assurance(seen_no_mark=seen_no_mark, not_secret_basis=not_secret_basis),
        now=clock.now(),
    )


@router.post("/{int:draft_id}/files", response={201: FileId}, summary="Đính kèm tệp")
def attach(
    request: HttpRequest,
    draft_id: int,
    file: File[UploadedFile],
    seen_no_mark: Form[bool] = False,
    not_secret_basis: Form[str] = "",
) -> Status[FileId]:
    made = attaching_files.attach_to_draft(
        actor=api_actor(request),
        draft_id=draft_id,
        upload=file,
        assurance=Assurance(seen_no_mark=seen_no_mark, not_secret_basis=not_secret_basis),
        now=clock.now(),
    )
    return Status(201, FileId(id=made.pk, name=made.name))


@router.delete("/{int:draft_id}/files/{int:file_id}", response={204: None}, summary="Bỏ tệp đính kèm")
def detach(request: HttpRequest, draft_id: int, file_id: int) -> Status[None]:
    attaching_files.detach_from_draft(actor=api_actor(request), draft_id=draft_id, file_id=file_id, now=clock.now())
    return Status(204, None)


@router.post("/{int:draft_id}/signature-place", response=SavedDraft, summary="Đặt lại vị trí chữ ký")
def move_signature(request: HttpRequest, draft_id: int, body: BoxIn) -> Draft:
    return signing_drafts.move_signature(
        actor=api_actor(request),
        draft_id=draft_id,
        box=body.box(),
        seen_version=body.version,
        now=clock.now(),
    )


@router.post("/{int:draft_id}/opinions", response={201: list[OpinionOut]}, summary="Xin ý kiến về dự thảo")
def ask_opinions(request: HttpRequest, draft_id: int, body: OpinionsIn) -> Status[list[Consultation]]:
    asked = consulting_on_drafts.consult_on_draft(
        actor=api_actor(request),
        draft_id=draft_id,
        unit_ids=body.unit_ids,
        person_ids=body.person_ids,
        question=body.question,
        due_at=end_of_day(body.due_on) if body.due_on else None,
        now=clock.now(),
    )
    return Status(201, asked)


@router.post("/opinions/{int:consultation_id}/answer", response=OpinionOut, summary="Cho ý kiến về dự thảo")
def answer_opinion(request: HttpRequest, consultation_id: int, body: AnswerIn) -> Consultation:
    return consulting_on_drafts.answer_draft_consultation(
        actor=api_actor(request), consultation_id=consultation_id, answer=body.answer, now=clock.now()
    )
