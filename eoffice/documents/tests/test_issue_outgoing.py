"""Sealing, issuing to recipients inside and outside, recalling, sending again, post, paper copies."""

from __future__ import annotations

import io
from datetime import timedelta

import pikepdf
import pypdfium2 as pdfium
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from eoffice.core import files
from eoffice.core.errors import Conflict, IllegalTransition, Invalid, NotPermitted
from eoffice.core.vietnamese import fold, sort_key
from eoffice.documents.errors import (
    DocumentNotFound,
    LeaderSignatureInvalid,
    NoRecipients,
    NotIssued,
    NotSealed,
    Recalled,
    SealingTakenOver,
)
from eoffice.documents.models import (
    Assignment,
    AssignmentRole,
    Delivery,
    DocumentLink,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    LinkRelation,
    PostalDispatch,
    Recall,
    Sealing,
)
from eoffice.documents.queries.outgoing_detail import outgoing_page
from eoffice.documents.services import beginning_drafts, dispatching, handing_out, issuing, reading, recalling, sealing
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.dispatching import DispatchEntry
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.sealing import LEASE, seal_outgoing
from eoffice.documents.states import (
    AssignmentState,
    DeliveryState,
    DraftState,
    IncomingState,
    OutgoingState,
)
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import letter_entry, signed
from eoffice.documents.tests.letters import enter, line_of, passed_on
from eoffice.documents.tests.outgoing import SEAL_PIN, address_to, issued, numbered, sealed, signed_as_written
from eoffice.notifications.models import Notification
from eoffice.organization import access
from eoffice.organization.models import Unit, UnitKind
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing
from eoffice.signing.errors import PinWrong
from eoffice.signing.models import RevocationReason


def make_registries(cast: Cast, amount: int) -> list[Unit]:
    """Companies with a registry of their own, laid in one statement."""
    units = Unit.objects.bulk_create(
        [
            Unit(
                parent=cast.group,
                kind=UnitKind.COMPANY,
                name=f"Công ty số {number}",
                short_name=f"CT{number}",
                symbol=f"CT{number}",
                has_registry=True,
                name_fold=fold(f"Công ty số {number}"),
                sort_key=sort_key(f"Công ty số {number}"),
            )
            for number in range(amount)
        ]
    )
    for unit in units:
        unit.path = f"{cast.group.path}{unit.pk}/"
    Unit.objects.bulk_update(units, ["path"])
    return units


def test_sealed_file_holds_both_signatures_and_covers_everything(cast: Cast) -> None:
    outgoing = sealed(cast)

    assert outgoing.file is not None
    assert outgoing.file.purpose == FilePurpose.SEALED
    report = signing.check_file(sha256=outgoing.file.file_id, now=NOW)
    assert report.verdict == "valid"
    verdict = signatures.verdict_of(outgoing.file.file_id)
    assert verdict is not None
    assert [each.field for each in verdict.signatures] == ["ky_1", "dau"]
    assert Sealing.objects.get().sealed_at == NOW


def test_wrong_pin_seals_nothing_and_holds_nobody_up(cast: Cast) -> None:
    outgoing = numbered(cast)
    clerk = actor_of(cast.clerk)
    signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)

    with pytest.raises(PinWrong):
        seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin="999111", now=NOW)
    assert not Sealing.objects.exists()
    assert FileVersion.objects.filter(outgoing=outgoing).count() == 1


def test_paper_of_a_revoked_leader_key_is_not_sealed(cast: Cast) -> None:
    outgoing = numbered(cast)
    clerk, key = actor_of(cast.clerk), signatures.key_of_person(cast.leader.pk)
    assert key is not None
    signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    signing.revoke_key(actor=actor_of(cast.leader), key_id=key.pk, reason=RevocationReason.COMPROMISED, now=NOW)

    with pytest.raises(LeaderSignatureInvalid):
        seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=NOW + timedelta(minutes=1))
    assert not Sealing.objects.exists()


@pytest.mark.parametrize("who", ["officer", "leader", "chief"])
def test_only_the_clerk_seals_and_issues(cast: Cast, who: str) -> None:
    outgoing = sealed(cast)
    actor = actor_of(getattr(cast, who))

    with pytest.raises(NotPermitted):
        seal_outgoing(actor=actor, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=NOW)
    with pytest.raises(NotPermitted):
        issue_outgoing(actor=actor, outgoing_id=outgoing.pk, now=NOW)
    assert not Delivery.objects.exists()


def test_killed_while_sealing_another_takes_over_after_the_lease(cast: Cast) -> None:
    outgoing = numbered(cast)
    clerk = actor_of(cast.clerk)
    signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    abandoned = sealing.reserve_sealing(actor=clerk, outgoing_id=outgoing.pk, now=NOW)
    lost = sealing.make_sealed_files(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=NOW)

    later = NOW + LEASE + timedelta(seconds=1)
    again = seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=later)

    with pytest.raises(SealingTakenOver):
        sealing.confirm_sealing(actor=clerk, sealing=abandoned, made=lost, now=later)
    with pytest.raises(IllegalTransition):
        seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=later)
    assert again.file is not None
    assert FileVersion.objects.filter(outgoing=outgoing, purpose=FilePurpose.SEALED).count() == 1


def test_unsealed_paper_is_not_issued(cast: Cast) -> None:
    outgoing = numbered(cast)

    with pytest.raises(NotSealed):
        issue_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=NOW)
    assert not IncomingDocument.objects.exists()


def test_issued_letter_arrives_in_each_registry_and_on_the_desk_of_each_unit(cast: Cast) -> None:
    draft = signed(cast)
    address_to(draft, cast.company_department, cast.outsider, "Bộ Khoa học và Công nghệ")

    outgoing = issued(cast, draft=draft)

    assert (outgoing.state, outgoing.draft.state) == (OutgoingState.ISSUED, DraftState.ISSUED)
    letter = IncomingDocument.objects.get(registry=cast.company)
    copy = IncomingDocument.objects.get(registry=cast.group)
    assert (letter.state, letter.is_internal, letter.shown_code) == (
        IncomingState.RECEIVED, False, outgoing.shown_code,
    )  # fmt: skip
    assert (copy.state, copy.is_internal) == (IncomingState.IN_PROGRESS, True)
    lines = Assignment.objects.filter(incoming=copy).order_by("pk")
    assert [(line.unit_id, line.person_id, line.role, line.state) for line in lines] == [
        (cast.legal.pk, None, AssignmentRole.LEAD, AssignmentState.WAITING),
        (None, cast.outsider.pk, AssignmentRole.INFORMED, AssignmentState.WAITING),
    ]
    assert [(row.name, row.state, row.incoming_id) for row in Delivery.objects.order_by("pk")] == [
        (cast.company.name, DeliveryState.ARRIVED, letter.pk),
        (cast.company_department.name, DeliveryState.ARRIVED, letter.pk),
        (cast.legal.name, DeliveryState.ARRIVED, copy.pk),
        ("Lý Thị Út", DeliveryState.ARRIVED, copy.pk),
        ("Bộ Khoa học và Công nghệ", DeliveryState.OUTSIDE, None),
    ]
    assert outgoing.file is not None
    assert {row.file_id for row in FileVersion.objects.filter(incoming__isnull=False)} == {outgoing.file.file_id}


def test_recipients_see_their_copy_and_never_the_issuers_row(cast: Cast) -> None:
    outgoing = issued(cast)
    letter = IncomingDocument.objects.get(registry=cast.company)
    copy = IncomingDocument.objects.get(registry=cast.group)

    for person, document in ((cast.company_clerk, letter), (cast.legal_head, copy)):
        actor = actor_of(person)
        assert access.can_see(actor, object_kind="incoming", object_id=document.pk)
        assert not access.can_see(actor, object_kind="outgoing", object_id=outgoing.pk)
    assert not access.can_see(actor_of(cast.company_clerk), object_kind="incoming", object_id=copy.pk)
    assert not access.can_see(actor_of(cast.outsider), object_kind="incoming", object_id=letter.pk)
    told = set(Notification.objects.filter(kind="documents.incoming.arrived").values_list("person_id", flat=True))
    assert told == {cast.company_clerk.pk, cast.legal_head.pk}


def test_issuing_twice_delivers_once(cast: Cast) -> None:
    outgoing = issued(cast)

    with pytest.raises(IllegalTransition):
        issue_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=NOW)
    assert IncomingDocument.objects.filter(source_outgoing=outgoing).count() == 2
    assert Delivery.objects.count() == 2


def test_paper_without_recipients_is_not_issued(cast: Cast) -> None:
    outgoing = sealed(cast)
    outgoing.draft.recipients.all().delete()

    with pytest.raises(NoRecipients):
        issue_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=NOW)
    outgoing.refresh_from_db()
    assert outgoing.state == OutgoingState.NUMBERED


def test_statements_do_not_grow_with_the_recipients(cast: Cast) -> None:
    few, many = signed(cast), signed(cast, subject="Gửi toàn Tập đoàn")
    registries = make_registries(cast, 700)
    address_to(few, *registries[:2])
    address_to(many, *registries)
    first, second = sealed(cast, draft=few), sealed(cast, draft=many)
    clerk = actor_of(cast.clerk)

    with CaptureQueriesContext(connection) as for_few:
        issue_outgoing(actor=clerk, outgoing_id=first.pk, now=NOW)
    with CaptureQueriesContext(connection) as for_many:
        issue_outgoing(actor=clerk, outgoing_id=second.pk, now=NOW)

    assert len(for_many) == len(for_few)
    assert len(for_many) <= 60
    assert IncomingDocument.objects.filter(source_outgoing=second).count() == 702
    assert Delivery.objects.filter(outgoing=second).count() == 702


def test_recall_takes_effect_everywhere_at_once(cast: Cast) -> None:
    outgoing = issued(cast)

    recalling.recall_outgoing(actor=actor_of(cast.chief), outgoing_id=outgoing.pk, reason="Sai số liệu", now=NOW)

    assert set(IncomingDocument.objects.values_list("recalled_at", flat=True)) == {NOW}
    assert set(Assignment.objects.values_list("state", flat=True)) == {AssignmentState.RECALLED}
    assert set(Delivery.objects.values_list("state", "reason")) == {(DeliveryState.RECALLED, "Sai số liệu")}
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.recall.reason) == (OutgoingState.ISSUED, "Sai số liệu")
    told = set(Notification.objects.filter(kind="documents.outgoing.recalled").values_list("person_id", flat=True))
    assert told == {cast.company_clerk.pk, cast.legal_head.pk, cast.officer.pk, cast.leader.pk}


def test_recall_needs_right_reason_and_an_issued_document(cast: Cast) -> None:
    outgoing = issued(cast)
    waiting = sealed(cast, draft=signed(cast, subject="Chưa phát hành"))
    clerk = actor_of(cast.clerk)

    with pytest.raises(DocumentNotFound):
        recalling.recall_outgoing(actor=actor_of(cast.outsider), outgoing_id=outgoing.pk, reason="x", now=NOW)
    with pytest.raises(NotPermitted):
        recalling.recall_outgoing(actor=actor_of(cast.officer), outgoing_id=outgoing.pk, reason="x", now=NOW)
    with pytest.raises(Invalid):
        recalling.recall_outgoing(actor=clerk, outgoing_id=outgoing.pk, reason="  ", now=NOW)
    with pytest.raises(IllegalTransition):
        recalling.recall_outgoing(actor=clerk, outgoing_id=waiting.pk, reason="x", now=NOW)
    assert not Recall.objects.exists()


def test_recipients_clerk_confirms_a_recall(cast: Cast) -> None:
    outgoing = issued(cast)
    letter = IncomingDocument.objects.get(registry=cast.company)
    clerk = actor_of(cast.company_clerk)
    with pytest.raises(IllegalTransition):
        recalling.confirm_recall(actor=clerk, incoming_id=letter.pk, now=NOW)
    recalling.recall_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, reason="Sai", now=NOW)

    with pytest.raises(DocumentNotFound):
        recalling.confirm_recall(actor=actor_of(cast.outsider), incoming_id=letter.pk, now=NOW)
    recalling.confirm_recall(actor=clerk, incoming_id=letter.pk, now=NOW)

    letter.refresh_from_db()
    assert letter.recall_confirmed_at == NOW
    lines = outgoing_page(actor_of(cast.clerk), outgoing.pk, now=NOW).deliveries
    assert [line.recall_confirmed_at for line in lines if line.kind == "unit"] == [NOW, None]


def test_clerk_confirms_a_recall_on_the_page_of_the_letter(cast: Cast, client: Client) -> None:
    outgoing = issued(cast)
    letter = IncomingDocument.objects.get(registry=cast.company)
    recalling.recall_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, reason="Sai", now=NOW)
    page, confirm = f"/documents/incoming/{letter.pk}/", f"/documents/incoming/{letter.pk}/confirm-recall/"
    enter(client, cast.company_clerk)
    before = client.get(page).content.decode()
    assert "Nơi gửi đã thu hồi ngày" in before
    assert f'action="{confirm}"' in before

    found = client.get("/documents/search/", {"q": outgoing.shown_code}).content.decode()
    assert "Nơi gửi đã thu hồi" in found
    client.post(confirm)

    after = client.get(page).content.decode()
    assert "Văn thư đã xác nhận" in after
    assert confirm not in after


def test_refused_letter_is_sent_again(cast: Cast) -> None:
    issued(cast)
    letter = IncomingDocument.objects.get(registry=cast.company)
    delivery = Delivery.objects.get(incoming=letter)
    IncomingDocument.objects.filter(pk=letter.pk).update(state=IncomingState.REFUSED)
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.REFUSED, reason="Gửi nhầm")

    later = NOW + timedelta(days=1)
    issuing.send_again(actor=actor_of(cast.clerk), delivery_id=delivery.pk, now=later)

    letter.refresh_from_db()
    delivery.refresh_from_db()
    assert (letter.state, delivery.state, delivery.reason, delivery.sent_at) == (
        IncomingState.RECEIVED, DeliveryState.ARRIVED, "", later,
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        issuing.send_again(actor=actor_of(cast.officer), delivery_id=delivery.pk, now=later)


def test_letter_at_work_is_not_sent_again(cast: Cast) -> None:
    issued(cast)
    delivery = Delivery.objects.get(unit=cast.company)
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.IN_PROGRESS)

    with pytest.raises(Conflict):
        issuing.send_again(actor=actor_of(cast.clerk), delivery_id=delivery.pk, now=NOW)


def test_post_to_a_body_outside_is_recorded(cast: Cast) -> None:
    draft = signed(cast)
    address_to(draft, "Bộ Tài chính")
    issued(cast, draft=draft)
    delivery = Delivery.objects.get(outside__isnull=False)
    entry = DispatchEntry(method="post", sent_on=NOW.date(), reference="EB 123 456 789 VN", envelopes=2)

    dispatching.record_dispatch(actor=actor_of(cast.clerk), delivery_id=delivery.pk, entry=entry, now=NOW)

    row = PostalDispatch.objects.get()
    assert (row.delivery_id, row.envelopes, row.reference) == (delivery.pk, 2, "EB 123 456 789 VN")
    with pytest.raises(NotPermitted):
        dispatching.record_dispatch(actor=actor_of(cast.officer), delivery_id=delivery.pk, entry=entry, now=NOW)
    before_issue = DispatchEntry(method="post", sent_on=NOW.date() - timedelta(days=1))
    with pytest.raises(Invalid):
        dispatching.record_dispatch(actor=actor_of(cast.clerk), delivery_id=delivery.pk, entry=before_issue, now=NOW)
    assert PostalDispatch.objects.count() == 1


def test_file_leaves_the_house_only_when_issued(cast: Cast) -> None:
    outgoing = sealed(cast)
    officer = actor_of(cast.officer)

    with pytest.raises(NotIssued):
        handing_out.hand_out_file(actor=officer, outgoing_id=outgoing.pk, now=NOW)
    with pytest.raises(NotIssued):
        handing_out.hand_out_paper_copy(actor=officer, outgoing_id=outgoing.pk, now=NOW)
    picture = handing_out.screen_page(actor=officer, outgoing_id=outgoing.pk, page=0, now=NOW)
    assert (picture[:4], picture[8:12]) == (b"RIFF", b"WEBP")
    with pytest.raises(DocumentNotFound):
        handing_out.screen_page(actor=actor_of(cast.outsider), outgoing_id=outgoing.pk, page=0, now=NOW)


def test_paper_copy_names_system_code_time_and_person(cast: Cast) -> None:
    outgoing = issued(cast)
    assert outgoing.file is not None

    original = handing_out.hand_out_file(actor=actor_of(cast.officer), outgoing_id=outgoing.pk, now=NOW)
    copy = handing_out.hand_out_paper_copy(actor=actor_of(cast.officer), outgoing_id=outgoing.pk, now=NOW)

    assert original.content == files.read(outgoing.file.file_id)
    with pikepdf.open(io.BytesIO(copy.content)) as pdf:
        assert "/AcroForm" not in pdf.Root
    text = text_of(copy.content)
    assert "eOffice" in text
    assert f"mã: {outgoing.draft.check_code.shown}" in text
    assert "Hoàng Ngọc Bảo Trâm" in text


def test_recalled_document_is_not_put_on_paper(cast: Cast) -> None:
    outgoing = issued(cast)
    recalling.recall_outgoing(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, reason="Sai", now=NOW)

    with pytest.raises(Recalled):
        handing_out.hand_out_paper_copy(actor=actor_of(cast.clerk), outgoing_id=outgoing.pk, now=NOW)


def text_of(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    return str(document[0].get_textpage().get_text_bounded())


def test_issued_reply_completes_the_line_it_answers(cast: Cast) -> None:
    letter = passed_on(cast, requires_reply=True)
    line = line_of(letter, cast.officer)
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer),
        entry=letter_entry(cast, subject="Trả lời đề nghị báo cáo"),
        unit_id=cast.technology.pk,
        origin=DraftOrigin(assignment_id=line.pk),
        now=NOW,
    )

    outgoing = issued(cast, draft=signed_as_written(cast, draft))

    line.refresh_from_db()
    letter.refresh_from_db()
    assert (line.state, line.reply_id) == (AssignmentState.COMPLETED, draft.pk)
    assert letter.state == IncomingState.COMPLETED
    link = DocumentLink.objects.get()
    assert (link.from_id, link.to_kind, link.to_id, link.relation) == (
        outgoing.pk, "incoming", letter.pk, LinkRelation.REPLIES_TO,
    )  # fmt: skip


def test_reader_of_one_unit_marks_a_shared_copy_read_for_that_unit_alone(cast: Cast) -> None:
    draft = signed(cast)
    address_to(draft, cast.technology, cast.second_officer)
    outgoing = issued(cast, draft=draft)
    copy = IncomingDocument.objects.get(source_outgoing=outgoing, is_internal=True)

    reading.mark_read(actor=actor_of(cast.legal_head), incoming_id=copy.pk, now=NOW)

    read = dict(Delivery.objects.filter(incoming=copy).values_list("name", "read_by_name"))
    assert read == {
        cast.legal.name: cast.legal_head.full_name,
        cast.technology.name: "",
        cast.second_officer.full_name: "",
    }
