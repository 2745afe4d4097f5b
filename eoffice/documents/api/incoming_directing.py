"""Directing letters for programs, and what follows: later recipients, reminders, opinions, links."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.documents.api.incoming_shapes import Letter, Line, OrderIn, ReasonIn, letter_out, line_out, recipients_of
from eoffice.documents.models import Consultation, DocumentLink, LinkRelation
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries.incoming_detail import LinkedDocument, incoming_detail
from eoffice.documents.services import closing, consulting, directing, linking, reading, reminding
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Văn bản đến"])


class RemindIn(Schema):
    assignment_ids: list[int] = Field(max_length=200)
    note: str = ""


class LinkIn(Schema):
    """The letter of the address is on the near side of the relation: it answers, replaces, corrects the other."""

    kind: Literal["incoming", "outgoing", "draft"]
    id: int
    relation: LinkRelation = LinkRelation.RELATED


class LinkedOut(Schema):
    """A related document the actor may see; `relation` in Vietnamese, `kind` incoming, outgoing or draft."""

    relation: str
    kind: str
    id: int
    code: str
    subject: str


class LinkOut(Schema):
    id: int
    to_kind: str
    to_id: int
    relation: str


class CommentIn(Schema):
    text: str


class OpinionIn(Schema):
    kind: Literal["unit", "person"]
    id: int
    question: str
    due_on: date | None = None


class OpinionOut(Schema):
    """One opinion asked for; both times null: still open; `ended_at`: ended unanswered with its letter or draft."""

    id: int
    incoming_id: int | None
    unit_id: int | None
    person_id: int | None
    question: str
    answer: str
    asked_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


class AnswerIn(Schema):
    answer: str


@router.post("/{int:incoming_id}/direct", response=list[Line], summary="Cho ý kiến chỉ đạo")
def incoming_direct(request: HttpRequest, incoming_id: int, body: OrderIn) -> list[Line]:
    actor = api_actor(request)
    directing.direct_incoming(
        actor=actor,
        incoming_id=incoming_id,
        text=body.text,
        recipients=recipients_of(body),
        due_on=body.due_on,
        requires_reply=body.requires_reply,
        now=clock.now(),
    )
    return [line_out(each) for each in queries.lines_of(actor, incoming_id)]


@router.post("/{int:incoming_id}/return", response=Letter, summary="Trả lại văn thư")
def incoming_return(request: HttpRequest, incoming_id: int, body: ReasonIn) -> Letter:
    return letter_out(
        directing.return_to_clerk(
            actor=api_actor(request), incoming_id=incoming_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/{int:incoming_id}/distribute", response=list[Line], summary="Phân phối không qua lãnh đạo")
def incoming_distribute(request: HttpRequest, incoming_id: int, body: OrderIn) -> list[Line]:
    actor = api_actor(request)
    directing.distribute_incoming(
        actor=actor,
        incoming_id=incoming_id,
        text=body.text,
        recipients=recipients_of(body),
        due_on=body.due_on,
        requires_reply=body.requires_reply,
        now=clock.now(),
    )
    return [line_out(each) for each in queries.lines_of(actor, incoming_id)]


@router.post("/{int:incoming_id}/recipients", response={201: list[Line]}, summary="Thêm nơi nhận")
def incoming_add_recipients(request: HttpRequest, incoming_id: int, body: OrderIn) -> Status[list[Line]]:
    lines = directing.add_recipients(
        actor=api_actor(request),
        incoming_id=incoming_id,
        recipients=recipients_of(body),
        text=body.text,
        due_on=body.due_on,
        now=clock.now(),
    )
    return Status(201, [line_out(each) for each in lines])


@router.post("/{int:incoming_id}/take-back", response=Letter, summary="Rút lại ý kiến vừa cho")
def incoming_take_back(request: HttpRequest, incoming_id: int) -> Letter:
    return letter_out(directing.take_back(actor=api_actor(request), incoming_id=incoming_id, now=clock.now()))


@router.post("/{int:incoming_id}/reopen", response=Letter, summary="Mở lại văn bản đã hoàn thành")
def incoming_reopen(request: HttpRequest, incoming_id: int, body: ReasonIn) -> Letter:
    return letter_out(
        closing.reopen_incoming(actor=api_actor(request), incoming_id=incoming_id, reason=body.reason, now=clock.now())
    )


@router.post("/{int:incoming_id}/remind", response=list[Line], summary="Đôn đốc, mỗi nơi một lần trong ngày")
def incoming_remind(request: HttpRequest, incoming_id: int, body: RemindIn) -> list[Line]:
    lines = reminding.remind_holders(
        actor=api_actor(request),
        incoming_id=incoming_id,
        assignment_ids=body.assignment_ids,
        note=body.note,
        now=clock.now(),
    )
    return [line_out(each) for each in lines]


@router.post("/{int:incoming_id}/read", response={204: None}, summary="Đánh dấu đã xem")
def incoming_read(request: HttpRequest, incoming_id: int) -> Status[None]:
    reading.mark_read(actor=api_actor(request), incoming_id=incoming_id, now=clock.now())
    return Status(204, None)


@router.get("/{int:incoming_id}/links", response=list[LinkedOut], summary="Văn bản liên quan được xem")
def incoming_links(request: HttpRequest, incoming_id: int) -> list[LinkedDocument]:
    return incoming_detail(api_actor(request), incoming_id, now=clock.now()).links


@router.post("/{int:incoming_id}/links", response={201: LinkOut}, summary="Liên kết với văn bản khác")
def incoming_link(request: HttpRequest, incoming_id: int, body: LinkIn) -> Status[DocumentLink]:
    link = linking.link_documents(
        actor=api_actor(request),
        from_kind="incoming",
        from_id=incoming_id,
        to_kind=body.kind,
        to_id=body.id,
        relation=body.relation,
        now=clock.now(),
    )
    return Status(201, link)


@router.post("/{int:incoming_id}/comments", response={204: None}, summary="Ghi trao đổi")
def incoming_comment(request: HttpRequest, incoming_id: int, body: CommentIn) -> Status[None]:
    consulting.comment_incoming(actor=api_actor(request), incoming_id=incoming_id, text=body.text, now=clock.now())
    return Status(204, None)


@router.post("/{int:incoming_id}/opinions", response={201: OpinionOut}, summary="Xin ý kiến")
def incoming_ask_opinion(request: HttpRequest, incoming_id: int, body: OpinionIn) -> Status[Consultation]:
    asked = consulting.ask_opinion(
        actor=api_actor(request),
        incoming_id=incoming_id,
        kind=body.kind,
        asked_id=body.id,
        question=body.question,
        due_on=body.due_on,
        now=clock.now(),
    )
    return Status(201, asked)


@router.post("/opinions/{int:consultation_id}/answer", response=OpinionOut, summary="Trả lời xin ý kiến")
def incoming_answer_opinion(request: HttpRequest, consultation_id: int, body: AnswerIn) -> Consultation:
    return consulting.answer_opinion(
        actor=api_actor(request), consultation_id=consultation_id, answer=body.answer, now=clock.now()
    )
