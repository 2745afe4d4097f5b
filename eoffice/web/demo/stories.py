"""What happens to the letters of the demo: each story plays the people's parts through the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from io import BytesIO
from typing import Final

from eoffice.core.clock import VIETNAM, local_date
from eoffice.documents.models import Assignment, AssignmentRole, Draft
from eoffice.documents.services import (
    assigning,
    beginning_drafts,
    closing,
    consulting,
    directing,
    extending,
    forwarding,
    issuing,
    numbering_outgoing,
    recalling,
    receiving,
    registering,
    reviewing,
    sealing,
    signing_drafts,
    submitting,
)
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.drafting import DraftEntry, RecipientEntry
from eoffice.documents.services.incoming_entry import IncomingEntry
from eoffice.documents.services.signing_drafts import PaperToSign
from eoffice.layout.letters import render_letter
from eoffice.organization import calendar
from eoffice.organization import queries as organization
from eoffice.organization.models import Person, Unit
from eoffice.signing import services as signing
from eoffice.signing.errors import KeyExists
from eoffice.web.demo import correspondence
from eoffice.web.demo.correspondence import Matter
from eoffice.web.demo.office import Desk, Office, actor

PIN: Final = "246810"
"""Opens every person's key and every seal of the demo."""


class InStage(StrEnum):
    """How far an incoming letter has come."""

    RECEIVED = "received"
    REGISTERED = "registered"
    FORWARDED = "forwarded"
    DIRECTED = "directed"
    ACCEPTED = "accepted"
    IN_WORK = "in_work"
    EXTENSION_ASKED = "extension_asked"
    REPORTED = "reported"
    RETURNED = "returned"
    COMPLETED = "completed"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class OutStage(StrEnum):
    """How far a letter of the group's own has come."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    TO_SIGN = "to_sign"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SEALED = "sealed"
    ISSUED = "issued"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Clock:
    """The hours of a story: it begins at nine and every step takes some; never later than the real `now`."""

    start: datetime
    now: datetime

    def at(self, hours: float) -> datetime:
        return min(self.start + timedelta(hours=hours), self.now)


def incoming_story(office: Office, *, number: int, stage: InStage, clock: Clock) -> int:
    """A letter from outside comes to a registry and gets as far as `stage`; returns its id."""
    sender, matter, letter = correspondence.letter_from_outside(
        number, day=_working_before(local_date(clock.start)), addressee=office.registry.name
    )
    upload = BytesIO(render_letter(letter).pdf)
    upload.name = correspondence.file_name(number, letter)
    clerk = actor(office.clerk, clock.start)
    receipt = receiving.receive_incoming(
        actor=clerk, registry_id=office.registry.pk, uploads=[upload], now=clock.at(0)
    )[0]
    if receipt.error is not None:
        raise receipt.error
    if receipt.incoming_id is None:
        raise RuntimeError(f"{upload.name}: no letter and no error")
    pk = receipt.incoming_id
    if stage != InStage.RECEIVED:
        entry = IncomingEntry(
            issuing_body=sender.name,
            subject=letter.subject,
            number=letter.number or "",
            symbol=sender.symbol,
            issued_on=letter.issued_on,
            document_type="letter",
            page_amount=1,
            signer_name=sender.signer,
            signer_position=sender.position,
            urgency=1 if number % 11 == 0 else 0,
            field_of_work_id=office.field_of(matter.lead, number),
        )
        registering.register_incoming(actor=clerk, incoming_id=pk, entry=entry, now=clock.at(0.3), not_duplicate=True)
        _after_registration(office, pk, matter, number=number, stage=stage, clock=clock)
    return pk


def _after_registration(office: Office, pk: int, matter: Matter, *, number: int, stage: InStage, clock: Clock) -> None:
    clerk = actor(office.clerk, clock.start)
    if stage == InStage.REGISTERED:
        return
    if stage == InStage.CANCELLED:
        registering.cancel_registration(
            actor=clerk, incoming_id=pk, reason="Đăng ký nhầm: văn bản gửi cho đơn vị khác.", now=clock.at(0.5)
        )
        return
    leader = office.leaders[number % len(office.leaders)]
    forwarding.forward_incoming(actor=clerk, incoming_id=pk, leader_id=leader.pk, now=clock.at(0.5))
    if stage == InStage.FORWARDED:
        return
    desk = office.desk(matter.lead, number)
    lead = _direct(office, pk, matter, leader=leader, desk=desk, number=number, clock=clock)
    _work(lead, matter, desk=desk, leader=leader, number=number, stage=stage, clock=clock, office=office)


def _direct(
    office: Office, pk: int, matter: Matter, *, leader: Person, desk: Desk, number: int, clock: Clock
) -> Assignment:
    others = [
        Recipient("unit", office.desks[symbol].unit.pk, AssignmentRole.SUPPORT)
        for symbol in matter.support
        if symbol in office.desks and symbol != desk.unit.symbol
    ]
    informed = [each for each in office.desks.values() if each.unit.symbol not in (desk.unit.symbol, *matter.support)]
    if informed and number % 3 == 0:
        others.append(Recipient("unit", informed[number % len(informed)].unit.pk, AssignmentRole.INFORMED))
    moment = clock.at(3)
    directive = directing.direct_incoming(
        actor=actor(leader, moment),
        incoming_id=pk,
        text=matter.directive,
        recipients=[Recipient("unit", desk.unit.pk, AssignmentRole.LEAD), *others],
        due_on=_deadline(local_date(moment), matter.days),
        requires_reply=matter.requires_reply,
        now=moment,
    )
    return directive.assignments.get(role=AssignmentRole.LEAD)


def _work(
    lead: Assignment,
    matter: Matter,
    *,
    desk: Desk,
    leader: Person,
    number: int,
    stage: InStage,
    clock: Clock,
    office: Office,
) -> None:
    if stage == InStage.DIRECTED:
        return
    head = actor(desk.head, clock.at(5))
    if stage == InStage.RETURNED:
        assigning.return_assignment(
            actor=head,
            assignment_id=lead.pk,
            now=clock.at(6),
            reason=correspondence.RETURN_REASONS[number % len(correspondence.RETURN_REASONS)],
        )
        return
    assigning.accept_assignment(actor=head, assignment_id=lead.pk, now=clock.at(5))
    if stage == InStage.ACCEPTED:
        return
    officer = desk.officers[number % len(desk.officers)]
    own = assigning.pass_on(
        actor=head,
        assignment_id=lead.pk,
        recipients=[Recipient("person", officer.pk, AssignmentRole.LEAD)],
        instruction="Tổng hợp, dự thảo văn bản trình trước hạn một ngày.",
        now=clock.at(6),
    )[0]
    worker = actor(officer, clock.at(7))
    assigning.accept_assignment(actor=worker, assignment_id=own.pk, now=clock.at(7))
    consulting.report_progress(
        actor=worker,
        assignment_id=own.pk,
        now=clock.at(26),
        percent=(number * 20) % 90 + 5,
        text=correspondence.PROGRESS[number % len(correspondence.PROGRESS)],
    )
    if stage == InStage.IN_WORK:
        return
    if stage == InStage.EXTENSION_ASKED:
        later = _deadline(max(local_date(clock.now), local_date(lead.due_at or clock.now)), 5)
        extending.ask_extension(
            actor=worker,
            assignment_id=own.pk,
            due_on=later,
            now=clock.at(28),
            reason="Ba đơn vị chưa gửi số liệu, cần thêm thời gian đối chiếu.",
        )
        return
    if stage == InStage.ANSWERED and matter.requires_reply:
        _answer(own, matter, desk=desk, officer=officer, office=office, number=number, clock=clock)
        return
    closing.report_done(
        actor=worker,
        assignment_id=own.pk,
        now=clock.at(40),
        result="Đã hoàn thành, hồ sơ lưu tại đơn vị.",
        no_reply_reason="Đã trao đổi trực tiếp với đầu mối bên gửi." if matter.requires_reply else "",
    )
    closing.confirm_done(actor=head, assignment_id=own.pk, now=clock.at(42))
    lead.refresh_from_db()
    if lead.state == "passed_on":
        closing.report_done(
            actor=head,
            assignment_id=lead.pk,
            now=clock.at(43),
            result="Đơn vị đã hoàn thành nhiệm vụ.",
            no_reply_reason="Đã trao đổi trực tiếp với đầu mối bên gửi." if matter.requires_reply else "",
        )
        lead.refresh_from_db()
    if stage == InStage.COMPLETED and lead.state == "reported":
        closing.confirm_done(actor=actor(leader, clock.at(50)), assignment_id=lead.pk, now=clock.at(50))


def _answer(
    own: Assignment, matter: Matter, *, desk: Desk, officer: Person, office: Office, number: int, clock: Clock
) -> None:
    subject = correspondence.words(matter.reply_subject, number=number, day=local_date(clock.start))
    entry = DraftEntry(
        document_type="letter",
        subject=subject,
        field_of_work_id=own.incoming.field_of_work_id,
        capacity_id=_capacity(office, "letter", own.incoming.field_of_work_id, number, clock.at(30)),
        content={"addressees": [own.incoming.issuing_body]},
        body=correspondence.body_of(
            correspondence.replying(subject, issuer=office.registry.name, unit_name=desk.unit.name)
        ),
        recipients=(RecipientEntry(kind="outside", name=own.incoming.issuing_body),),
        proposal="Trình lãnh đạo xem xét, ký văn bản trả lời theo chỉ đạo.",
    )
    draft = beginning_drafts.create_draft(
        actor=actor(officer, clock.at(30)), entry=entry, now=clock.at(30), origin=DraftOrigin(assignment_id=own.pk)
    )
    _carry(draft, office, officer=officer, stage=OutStage.ISSUED, clock=Clock(clock.at(30), clock.now))


def outgoing_story(office: Office, *, number: int, stage: OutStage, clock: Clock, recipients: list[Unit]) -> Draft:
    """A unit writes a letter of the group's own and it gets as far as `stage`."""
    document_type, wording, symbol = correspondence.ISSUED[number % len(correspondence.ISSUED)]
    desk = office.desk(symbol, number)
    officer = desk.officers[number % len(desk.officers)]
    field_id = office.field_of(desk.unit.symbol, number)
    subject = correspondence.words(wording, number=number, day=local_date(clock.start))
    names = [unit.name for unit in recipients]
    content: dict[str, object] = {"addressees": names if document_type == "letter" else []}
    if document_type == "invitation":
        content["extra"] = {
            "invited": "; ".join(names),
            "event": subject,
            "chair": "Lãnh đạo đơn vị",
            "time": "08 giờ 30, thứ Sáu tuần này",
            "venue": "Phòng họp 9.01",
        }
    if document_type == "decision":
        content |= {
            "authority": "Tổng Giám đốc",
            "legal_bases": ["Căn cứ Điều lệ tổ chức và hoạt động của Tập đoàn"],
        }
    entry = DraftEntry(
        document_type=document_type,
        subject=subject,
        field_of_work_id=field_id,
        capacity_id=_capacity(office, document_type, field_id, number, clock.start),
        content=content,
        body=correspondence.body_of(
            correspondence.replying(subject, issuer=office.registry.name, unit_name=desk.unit.name)
        ),
        recipients=tuple(RecipientEntry(kind="unit", id=unit.pk) for unit in recipients),
        proposal="Trình lãnh đạo xem xét, ký ban hành.",
    )
    draft = beginning_drafts.create_draft(actor=actor(officer, clock.start), entry=entry, now=clock.at(0))
    return _carry(draft, office, officer=officer, stage=stage, clock=clock)


def _carry(draft: Draft, office: Office, *, officer: Person, stage: OutStage, clock: Clock) -> Draft:
    """Take a draft along its way as far as `stage`."""
    if stage == OutStage.DRAFT:
        return draft
    submitting.submit_draft(
        actor=actor(officer, clock.at(1)), draft_id=draft.pk, seen_version=draft.version, now=clock.at(1)
    )
    head = office.desk(draft.unit.symbol, 0).head
    if stage == OutStage.RETURNED:
        reviewing.return_draft(
            actor=actor(head, clock.at(2)),
            draft_id=draft.pk,
            seen_version=_version(draft),
            now=clock.at(2),
            reason="Bổ sung số liệu của các đơn vị khu vực Tây Nam Bộ trước khi trình lại.",
        )
        return draft
    if stage == OutStage.IN_REVIEW:
        return draft
    for reviewer, hours in ((head, 2.0), (office.clerk, 3.0)):
        draft.refresh_from_db()
        if draft.state == "in_review":
            reviewing.pass_review(
                actor=actor(reviewer, clock.at(hours)),
                draft_id=draft.pk,
                seen_version=draft.version,
                now=clock.at(hours),
            )
    draft.refresh_from_db()
    if stage == OutStage.TO_SIGN or draft.capacity is None:
        return draft
    _sign(draft, draft.capacity.person, clock)
    _finish(draft, office, stage=stage, clock=clock)
    draft.refresh_from_db()
    return draft


def _sign(draft: Draft, signer: Person, clock: Clock) -> None:
    moment = clock.at(5)
    leader = actor(signer, moment)
    try:
        signing.set_pin(actor=leader, pin=PIN, now=moment)
    except KeyExists:
        pass
    result = signing_drafts.sign_drafts(
        actor=leader, papers=[PaperToSign(draft.pk, draft.version)], pin=PIN, now=moment
    )[0]
    if result.error is not None:
        raise result.error


def _finish(draft: Draft, office: Office, *, stage: OutStage, clock: Clock) -> None:
    if stage == OutStage.SIGNED:
        return
    moment = clock.at(6)
    clerk = actor(office.clerk, moment)
    outgoing = numbering_outgoing.number_draft(actor=clerk, draft_id=draft.pk, now=moment)
    if stage == OutStage.NUMBERED:
        return
    try:
        signing.set_seal_pin(actor=clerk, unit_id=office.registry.pk, pin=PIN, now=moment)
    except KeyExists:
        pass
    sealing.seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=PIN, now=clock.at(6.2))
    if stage == OutStage.SEALED:
        return
    issuing.issue_outgoing(actor=clerk, outgoing_id=outgoing.pk, now=clock.at(6.4))
    if stage == OutStage.RECALLED:
        recalling.recall_outgoing(
            actor=clerk,
            outgoing_id=outgoing.pk,
            now=clock.at(8),
            reason="Phát hành nhầm bản chưa có phụ lục; văn bản thay thế được gửi sau.",
        )


def _version(draft: Draft) -> int:
    draft.refresh_from_db()
    return draft.version


def _capacity(office: Office, document_type: str, field_id: int | None, number: int, moment: datetime) -> int:
    holding = organization.capacities_for(
        registry_id=office.registry.pk, document_type=document_type, on=local_date(moment)
    )
    found = [each for each in holding if each.covers_field(field_id)]
    # Letters of the own come at every third number: counted by threes, every leader has some to sign.
    return found[(number // 3 + 1) % len(found)].pk


def _deadline(day: date, working_days: int) -> date:
    return calendar.load(day, span_days=120).add(day, working_days)


def _working_before(day: date) -> date:
    """The working day before, when the letter was signed by its sender."""
    working = calendar.load(day, span_days=30)
    day -= timedelta(days=1)
    while not working.is_working(day):
        day -= timedelta(days=1)
    return day


def morning(day: date, *, minutes: int = 0) -> datetime:
    """Eight o'clock in Vietnam on a day, and some minutes."""
    return datetime(day.year, day.month, day.day, 8, tzinfo=VIETNAM) + timedelta(minutes=minutes)
