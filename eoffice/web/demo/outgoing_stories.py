"""A letter of the group's own: written, reviewed, signed, numbered, sealed, issued; some with a separate annex."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from eoffice.core.clock import local_date
from eoffice.core.tables import Column, Table, to_pdf
from eoffice.documents.models import Draft
from eoffice.documents.services import (
    attaching_files,
    beginning_drafts,
    issuing,
    numbering_outgoing,
    recalling,
    reviewing,
    sealing,
    signing_drafts,
    submitting,
)
from eoffice.documents.services.drafting import DraftEntry, RecipientEntry
from eoffice.documents.services.signing_drafts import PaperToSign
from eoffice.organization import queries as organization
from eoffice.organization.models import Person, Unit
from eoffice.signing import services as signing
from eoffice.signing.errors import KeyExists
from eoffice.web.demo import correspondence
from eoffice.web.demo.office import Office, actor
from eoffice.web.demo.stages import PIN, Clock, OutStage


def outgoing_story(
    office: Office, *, number: int, stage: OutStage, clock: Clock, recipients: list[Unit], with_annex: bool = False
) -> Draft:
    """A unit writes a letter of the group's own and it gets as far as `stage`.

    `with_annex` gives a decision its list of members as a file of its own, which the organisation signs beside it.
    """
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
        capacity_id=capacity_of(office, document_type, field_id, number, clock.start),
        content=content,
        body=(
            correspondence.articles_of(correspondence.deciding(desk.unit.name))
            if document_type == "decision"
            else correspondence.body_of(
                correspondence.replying(subject, issuer=office.registry.name, unit_name=desk.unit.name)
            )
        ),
        recipients=tuple(RecipientEntry(kind="unit", id=unit.pk) for unit in recipients),
        proposal="Trình lãnh đạo xem xét, ký ban hành.",
    )
    draft = beginning_drafts.create_draft(actor=actor(officer, clock.start), entry=entry, now=clock.at(0))
    if with_annex:
        attaching_files.attach_to_draft(
            actor=actor(officer, clock.at(0.5)), draft_id=draft.pk, upload=_members(office), now=clock.at(0.5)
        )
    return carry(draft, office, officer=officer, stage=stage, clock=clock)


def _members(office: Office) -> BytesIO:
    """The annex of a decision: who sits on the steering board, as a PDF of its own."""
    people = [(each.full_name, "Lãnh đạo Tập đoàn") for each in office.leaders]
    people += [(desk.head.full_name, f"Trưởng đơn vị, {desk.unit.name}") for desk in office.desks.values()]
    parts = ("Trưởng Ban Chỉ đạo", "Phó Trưởng ban thường trực")
    table = Table(
        title="DANH SÁCH THÀNH VIÊN BAN CHỈ ĐẠO CHUYỂN ĐỔI SỐ",
        lines=(f"(Kèm theo Quyết định của {office.registry.name})",),
        columns=(
            Column("STT", 0.4, "center"),
            Column("Họ và tên", 1.6),
            Column("Chức danh, đơn vị", 2.4),
            Column("Nhiệm vụ", 1.6),
        ),
        rows=[
            (place, name, post, parts[place - 1] if place <= len(parts) else "Ủy viên")
            for place, (name, post) in enumerate(people, start=1)
        ],
        head=("PHỤ LỤC",),
        landscape=False,
        size_pt=12,
    )
    upload = BytesIO(to_pdf(table))
    upload.name = "Phu_luc_danh_sach_Ban_Chi_dao.pdf"
    return upload


def carry(draft: Draft, office: Office, *, officer: Person, stage: OutStage, clock: Clock) -> Draft:
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
    take_seal(office, moment)
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


def take_seal(office: Office, moment: datetime) -> None:
    """The registry's seal has a key and a PIN from here on."""
    try:
        signing.set_seal_pin(actor=actor(office.clerk, moment), unit_id=office.registry.pk, pin=PIN, now=moment)
    except KeyExists:
        pass


def _version(draft: Draft) -> int:
    draft.refresh_from_db()
    return draft.version


def capacity_of(office: Office, document_type: str, field_id: int | None, number: int, moment: datetime) -> int:
    holding = organization.capacities_for(
        registry_id=office.registry.pk, document_type=document_type, on=local_date(moment)
    )
    found = [each for each in holding if each.covers_field(field_id)]
    # Letters of the own come at every third number: counted by threes, every leader has some to sign.
    return found[(number // 3 + 1) % len(found)].pk
