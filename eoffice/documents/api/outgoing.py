"""Outgoing documents for programs: the same services and queries as the pages."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema, Status
from pydantic import Field

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.documents.models import OutgoingDocument
from eoffice.documents.queries import outgoing as queries
from eoffice.documents.queries import outgoing_lists
from eoffice.documents.queries.annexes import AnnexLine, annex_lines
from eoffice.documents.queries.outgoing_detail import outgoing_page
from eoffice.documents.services import dispatching, handing_out, issuing, numbering_outgoing, recalling, sealing
from eoffice.documents.services.dispatching import DispatchEntry
from eoffice.documents.services.numbering_outgoing import NumberChoice, NumberWay
from eoffice.documents.views import files as serving
from eoffice.organization.gate import api_actor

router = Router(auth=token_or_session("documents"), tags=["Văn bản đi"])


class Issued(Schema):
    """An outgoing document; times are UTC, dates those of Vietnam."""

    id: int
    state: str
    code: str
    subject: str
    document_type: str
    issued_on: date
    issued_at: datetime | None
    signer_name: str


class Row(Schema):
    """One line of a box: a document, or (`is_draft`) a signed draft that waits for its number."""

    id: int
    is_draft: bool
    code: str
    subject: str
    state: str
    dated_on: date | None


class Rows(Schema):
    rows: list[Row]
    next_after: int | None


class Recipient(Schema):
    """How far a document has come at one recipient."""

    delivery_id: int
    name: str
    state: str
    at: datetime
    reason: str


class AnnexSignature(Schema):
    signer: str
    verdict: str
    reason: str
    at: datetime | None


class AnnexRow(Schema):
    """One separate file: `way` is how it goes out (empty: nobody decided), `reason` why it is not signed."""

    attachment_id: int
    position: int
    name: str
    way: str
    is_signed: bool
    reason: str
    verdict: str
    signatures: list[AnnexSignature]


class NumberRequest(Schema):
    """Which number; all left out takes the next one of the register for the type, dated today."""

    way: NumberWay = NumberWay.NEXT
    number: int | None = None
    register_id: int | None = None
    dated_on: date | None = None


class SealRequest(Schema):
    pin: str = Field(max_length=12)


class ReasonRequest(Schema):
    reason: str = Field(max_length=1000)


class DispatchRequest(Schema):
    method: str
    sent_on: date
    envelopes: int = 1
    reference: str = Field("", max_length=100)
    received_by: str = Field("", max_length=100)
    note: str = Field("", max_length=500)


class DispatchLine(DispatchRequest):
    delivery_id: int


@router.get("", response=Rows, summary="Danh sách văn bản đi theo ngăn")
def outgoing_list(
    request: HttpRequest,
    box: str = outgoing_lists.ISSUED,
    after: int | None = None,
    q: str = "",
    field_of_work_id: int | None = None,
) -> Rows:
    found = outgoing_lists.outgoing_list(
        api_actor(request), box=box, after=after, search=q[:200], field_of_work_id=field_of_work_id
    )
    rows = [
        Row(
            id=row.id,
            is_draft=row.is_draft,
            code=row.code,
            subject=row.subject,
            state=row.state,
            dated_on=row.dated_on,
        )
        for row in found.lines
    ]
    return Rows(rows=rows, next_after=found.next_after)


@router.get("/{outgoing_id}", response=Issued, summary="Một văn bản đi")
def outgoing_detail(request: HttpRequest, outgoing_id: int) -> Issued:
    return _issued(queries.get_outgoing(api_actor(request), outgoing_id))


@router.get("/{outgoing_id}/recipients", response=list[Recipient], summary="Nơi nhận và trạng thái")
def recipients(request: HttpRequest, outgoing_id: int) -> list[Recipient]:
    page = outgoing_page(api_actor(request), outgoing_id, now=clock.now())
    return [
        Recipient(delivery_id=line.id, name=line.name, state=line.state, at=line.at, reason=line.reason)
        for line in page.deliveries
    ]


@router.get("/{outgoing_id}/annexes", response=list[AnnexRow], summary="Phụ lục, tệp kèm và chữ ký trên từng tệp")
def annexes(request: HttpRequest, outgoing_id: int) -> list[AnnexRow]:
    outgoing = queries.get_outgoing(api_actor(request), outgoing_id)
    return [_annex(line) for line in annex_lines(outgoing.draft_id)]


@router.get("/{outgoing_id}/annexes/{attachment_id}/file", summary="Một phụ lục đã phát hành, nguyên chữ ký số")
def annex_file(request: HttpRequest, outgoing_id: int, attachment_id: int, original: bool = False) -> HttpResponseBase:
    handed = handing_out.hand_out_annex(
        actor=api_actor(request), outgoing_id=outgoing_id, attachment_id=attachment_id, original=original,
        now=clock.now(),
    )  # fmt: skip
    return serving.stored_file(handed.stored.sha256, name=handed.name, media_type=handed.stored.media_type)


@router.post("/number/{draft_id}", response={201: Issued}, summary="Cấp số cho văn bản đã ký")
def number_draft(request: HttpRequest, draft_id: int, body: NumberRequest) -> Status[Issued]:
    choice = NumberChoice(way=body.way, number=body.number, register_id=body.register_id, dated_on=body.dated_on)
    outgoing = numbering_outgoing.number_draft(
        actor=api_actor(request), draft_id=draft_id, now=clock.now(), choice=choice
    )
    return Status(201, _issued(outgoing))


@router.post("/{outgoing_id}/put-number", response=Issued, summary="Ghi lại số, ngày lên trang")
def put_number_again(request: HttpRequest, outgoing_id: int) -> Issued:
    actor = api_actor(request)
    numbering_outgoing.put_number_again(actor=actor, outgoing_id=outgoing_id, now=clock.now())
    return _issued(queries.get_outgoing(actor, outgoing_id))


@router.get("/{outgoing_id}/file", summary="Tệp đã phát hành, nguyên chữ ký số")
def outgoing_file(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    handed = handing_out.hand_out_file(actor=api_actor(request), outgoing_id=outgoing_id, now=clock.now())
    return serving.made_pdf(handed.content, name=handed.name, inline=False)


@router.get("/{outgoing_id}/paper-copy", summary="Bản giấy có chân trang chuyển đổi")
def outgoing_paper_copy(request: HttpRequest, outgoing_id: int) -> HttpResponse:
    handed = handing_out.hand_out_paper_copy(actor=api_actor(request), outgoing_id=outgoing_id, now=clock.now())
    return serving.made_pdf(handed.content, name=handed.name, inline=False)


@router.post("/{outgoing_id}/seal", response=Issued, summary="Ký số cơ quan")
def seal_outgoing(request: HttpRequest, outgoing_id: int, body: SealRequest) -> Issued:
    return _issued(
        sealing.seal_outgoing(actor=api_actor(request), outgoing_id=outgoing_id, pin=body.pin, now=clock.now())
    )


@router.post("/{outgoing_id}/issue", response=Issued, summary="Phát hành")
def issue_outgoing(request: HttpRequest, outgoing_id: int) -> Issued:
    return _issued(issuing.issue_outgoing(actor=api_actor(request), outgoing_id=outgoing_id, now=clock.now()))


@router.post("/{outgoing_id}/void", response=Issued, summary="Hủy số")
def void_number(request: HttpRequest, outgoing_id: int, body: ReasonRequest) -> Issued:
    return _issued(
        numbering_outgoing.void_number(
            actor=api_actor(request), outgoing_id=outgoing_id, reason=body.reason, now=clock.now()
        )
    )


@router.post("/{outgoing_id}/recall", response={204: None}, summary="Thu hồi")
def recall_outgoing(request: HttpRequest, outgoing_id: int, body: ReasonRequest) -> Status[None]:
    recalling.recall_outgoing(actor=api_actor(request), outgoing_id=outgoing_id, reason=body.reason, now=clock.now())
    return Status(204, None)


@router.post("/deliveries/{delivery_id}/send-again", response={204: None}, summary="Gửi lại một nơi nhận")
def send_again(request: HttpRequest, delivery_id: int) -> Status[None]:
    issuing.send_again(actor=api_actor(request), delivery_id=delivery_id, now=clock.now())
    return Status(204, None)


@router.post("/{outgoing_id}/dispatches", response={201: None}, summary="Ghi sổ gửi bưu điện nhiều nơi nhận")
def record_dispatches(request: HttpRequest, outgoing_id: int, body: list[DispatchLine]) -> Status[None]:
    """All lines are written, or none; the same delivery twice is the last one said."""
    dispatching.record_dispatches(
        actor=api_actor(request),
        outgoing_id=outgoing_id,
        entries={line.delivery_id: _entry(line) for line in body},
        now=clock.now(),
    )
    return Status(201, None)


@router.post("/deliveries/{delivery_id}/dispatch", response={201: None}, summary="Ghi sổ gửi bưu điện")
def record_dispatch(request: HttpRequest, delivery_id: int, body: DispatchRequest) -> Status[None]:
    dispatching.record_dispatch(actor=api_actor(request), delivery_id=delivery_id, entry=_entry(body), now=clock.now())
    return Status(201, None)


def _entry(body: DispatchRequest) -> DispatchEntry:
    return DispatchEntry(
        method=body.method, sent_on=body.sent_on, envelopes=body.envelopes, reference=body.reference,
        received_by=body.received_by, note=body.note,
    )  # fmt: skip


def _annex(line: AnnexLine) -> AnnexRow:
    signatures = line.verdict.signatures if line.verdict else ()
    return AnnexRow(
        attachment_id=line.id,
        position=line.position,
        name=line.name,
        way=line.sent.annex.way if line.sent.annex else "",
        is_signed=line.sent.sealed is not None,
        reason=line.reason,
        verdict=line.verdict.verdict.value if line.verdict else "",
        signatures=[
            AnnexSignature(signer=each.signer, verdict=each.verdict.value, reason=each.reason, at=each.time_at)
            for each in signatures
        ],
    )


def _issued(outgoing: OutgoingDocument) -> Issued:
    return Issued(
        id=outgoing.pk,
        state=outgoing.state,
        code=outgoing.shown_code,
        subject=outgoing.subject,
        document_type=outgoing.document_type,
        issued_on=outgoing.issued_on,
        issued_at=outgoing.issued_at,
        signer_name=outgoing.signer_name,
    )
