"""A letter from outside: registered, directed, worked on and answered by the people of one registry."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

from eoffice.core.clock import local_date
from eoffice.documents.models import Assignment, AssignmentRole
from eoffice.documents.services import (
    assigning,
    beginning_drafts,
    closing,
    consulting,
    directing,
    extending,
    forwarding,
    receiving,
    registering,
)
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.drafting import DraftEntry, RecipientEntry
from eoffice.documents.services.incoming_entry import IncomingEntry
from eoffice.layout.letters import render_letter
from eoffice.organization import calendar
from eoffice.organization.models import Person
from eoffice.web.demo import correspondence
from eoffice.web.demo.correspondence import Matter
from eoffice.web.demo.office import Desk, Office, actor
from eoffice.web.demo.outgoing_stories import capacity_of, carry
from eoffice.web.demo.stages import Clock, InStage, OutStage


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
        capacity_id=capacity_of(office, "letter", own.incoming.field_of_work_id, number, clock.at(30)),
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
    carry(draft, office, officer=officer, stage=OutStage.ISSUED, clock=Clock(clock.at(30), clock.now))


def _deadline(day: date, working_days: int) -> date:
    return calendar.load(day, span_days=120).add(day, working_days)


def _working_before(day: date) -> date:
    """The working day before, when the letter was signed by its sender."""
    working = calendar.load(day, span_days=30)
    day -= timedelta(days=1)
    while not working.is_working(day):
        day -= timedelta(days=1)
    return day
