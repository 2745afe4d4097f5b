"""The lines of assignments for programs: the same commands as the pages."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Router, Schema, Status

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.documents.api.incoming_shapes import Line, OrderIn, ReasonIn, line_out, recipients_of
from eoffice.documents.services import assigning, closing, consulting, extending
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Phân công"])


class ReportIn(Schema):
    result: str = ""
    no_reply_reason: str = ""


class ProgressIn(Schema):
    text: str
    percent: int | None = None


class ExtensionIn(Schema):
    due_on: date
    reason: str = ""


class ExtensionId(Schema):
    id: int


class DecisionIn(Schema):
    granted: bool
    note: str = ""


@router.post("/{int:assignment_id}/accept", response=Line, summary="Tiếp nhận việc được giao")
def assignment_accept(request: HttpRequest, assignment_id: int) -> Line:
    return line_out(assigning.accept_assignment(actor=api_actor(request), assignment_id=assignment_id, now=clock.now()))


@router.post("/{int:assignment_id}/pass-on", response=list[Line], summary="Chuyển tiếp việc")
def assignment_pass_on(request: HttpRequest, assignment_id: int, body: OrderIn) -> list[Line]:
    lines = assigning.pass_on(
        actor=api_actor(request),
        assignment_id=assignment_id,
        recipients=recipients_of(body),
        instruction=body.text,
        due_on=body.due_on,
        now=clock.now(),
    )
    return [line_out(each) for each in lines]


@router.post("/{int:assignment_id}/return", response=Line, summary="Trả lại việc được giao")
def assignment_return(request: HttpRequest, assignment_id: int, body: ReasonIn) -> Line:
    return line_out(
        assigning.return_assignment(
            actor=api_actor(request), assignment_id=assignment_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/{int:assignment_id}/progress", response={204: None}, summary="Báo cáo tiến độ")
def assignment_progress(request: HttpRequest, assignment_id: int, body: ProgressIn) -> Status[None]:
    consulting.report_progress(
        actor=api_actor(request),
        assignment_id=assignment_id,
        text=body.text,
        percent=body.percent,
        now=clock.now(),
    )
    return Status(204, None)


@router.post("/{int:assignment_id}/extend", response={201: ExtensionId}, summary="Xin gia hạn")
def assignment_extend(request: HttpRequest, assignment_id: int, body: ExtensionIn) -> Status[ExtensionId]:
    asked = extending.ask_extension(
        actor=api_actor(request),
        assignment_id=assignment_id,
        due_on=body.due_on,
        reason=body.reason,
        now=clock.now(),
    )
    return Status(201, ExtensionId(id=asked.pk))


@router.post("/{int:assignment_id}/report", response=Line, summary="Báo cáo hoàn thành")
def assignment_report(request: HttpRequest, assignment_id: int, body: ReportIn) -> Line:
    return line_out(
        closing.report_done(
            actor=api_actor(request),
            assignment_id=assignment_id,
            result=body.result,
            no_reply_reason=body.no_reply_reason,
            now=clock.now(),
        )
    )


@router.post("/{int:assignment_id}/confirm", response=Line, summary="Xác nhận hoàn thành")
def assignment_confirm(request: HttpRequest, assignment_id: int) -> Line:
    return line_out(closing.confirm_done(actor=api_actor(request), assignment_id=assignment_id, now=clock.now()))


@router.post("/{int:assignment_id}/take-on", response=Line, summary="Trưởng đơn vị trực tiếp xử lý")
def assignment_take_on(request: HttpRequest, assignment_id: int) -> Line:
    return line_out(assigning.take_on(actor=api_actor(request), assignment_id=assignment_id, now=clock.now()))


@router.post("/{int:assignment_id}/withdraw", response=Line, summary="Rút lại việc đã giao")
def assignment_withdraw(request: HttpRequest, assignment_id: int, body: ReasonIn) -> Line:
    return line_out(
        assigning.withdraw_assignment(
            actor=api_actor(request), assignment_id=assignment_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/{int:assignment_id}/send-back", response=Line, summary="Kết quả chưa đạt, yêu cầu làm tiếp")
def assignment_send_back(request: HttpRequest, assignment_id: int, body: ReasonIn) -> Line:
    return line_out(
        closing.send_back(actor=api_actor(request), assignment_id=assignment_id, reason=body.reason, now=clock.now())
    )


@router.post("/extensions/{int:extension_id}/decide", response={204: None}, summary="Duyệt hoặc từ chối gia hạn")
def extension_decide(request: HttpRequest, extension_id: int, body: DecisionIn) -> Status[None]:
    extending.decide_extension(
        actor=api_actor(request), extension_id=extension_id, granted=body.granted, note=body.note, now=clock.now()
    )
    return Status(204, None)
