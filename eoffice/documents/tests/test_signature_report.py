"""The report on an incoming letter's signatures, and the letter that goes back because of them."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest
from django.test import Client
from lxml import etree

from eoffice.documents.models import IncomingDocument
from eoffice.documents.models.shared import StateChange
from eoffice.documents.services import receiving
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.states import IncomingState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import enter, received, upload
from eoffice.signing import services as signing
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.models import VerificationReport
from eoffice.signing.tests.authorities import House
from eoffice.signing.tests.factories import Pki
from eoffice.signing.tests.test_proven_times import signed
from eoffice.signing.tests.test_xml_signatures import signed as signed_xml

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(cast: Cast, tmp_path: Path) -> IncomingDocument:
    """A letter that came signed by somebody of an unknown authority, checked."""
    content = signed(tmp_path, House().signer("Lê Văn Lạ")).read_bytes()
    clerk = actor_of(cast.clerk)
    assert clerk.registry_id is not None
    (receipt,) = receiving.receive_incoming(
        actor=clerk, registry_id=clerk.registry_id, uploads=[upload(content)], now=NOW,
        assurance=Assurance(seen_no_mark=True),
    )  # fmt: skip
    assert receipt.incoming_id is not None
    incoming = IncomingDocument.objects.get(pk=receipt.incoming_id)
    signing.check_file(sha256=incoming.files.get().file_id, now=NOW)
    return incoming


def address(letter: IncomingDocument, rest: str = "") -> str:
    return f"/documents/incoming/{letter.pk}/files/{letter.files.get().pk}/signatures/{rest}"


def test_report_is_shown_printed_and_exported(letter: IncomingDocument, cast: Cast, client: Client):
    enter(client, cast.clerk)

    page = client.get(address(letter)).content.decode()
    assert "Lê Văn Lạ" in page
    assert "INDETERMINATE / NO_CERTIFICATE_CHAIN_FOUND" in page

    said = json.loads(client.get(address(letter, "report.json")).content)
    assert said["verdict"] == "indeterminate"
    assert said["file"]["sha256"] == letter.files.get().file_id
    assert said["signatures"][0]["chain"][0]["subject"].startswith("Lê Văn Lạ")
    assert len(said["trust_state"]) == 64

    printed = client.get(address(letter, "report.pdf")).content
    with pypdfium2.PdfDocument(printed) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert "Chưa xác định" in text
    assert "NO_CERTIFICATE_CHAIN_FOUND" in text


def test_letter_that_does_not_verify_is_returned_in_one_step(letter: IncomingDocument, cast: Cast, client: Client):
    enter(client, cast.clerk)
    assert "refuse/?signatures" in client.get(address(letter)).content.decode()

    dialog = client.get(f"/documents/incoming/{letter.pk}/refuse/?signatures").content.decode()
    assert "Chưa xác định được chữ ký số trên văn bản." in dialog
    assert "Đề nghị ký và gửi lại." in dialog
    assert "Chưa xác định: " not in dialog
    client.post(f"/documents/incoming/{letter.pk}/refuse/?signatures", {"reason": "Chưa xác định được chữ ký số."})

    letter.refresh_from_db()
    assert letter.state == IncomingState.REFUSED
    assert StateChange.objects.latest("pk").reason == "Chưa xác định được chữ ký số."
    assert "refuse/?signatures" not in client.get(address(letter)).content.decode()


def test_unsigned_letter_is_returned_without_a_proposed_reason(cast: Cast, client: Client):
    plain = received(cast)
    signing.check_file(sha256=plain.files.get().file_id, now=NOW)
    enter(client, cast.clerk)

    assert "chữ ký số" not in client.get(f"/documents/incoming/{plain.pk}/refuse/?signatures").content.decode()
    assert "Báo cáo kiểm tra" not in client.get(f"/documents/incoming/{plain.pk}/").content.decode()


def test_outsider_sees_no_report_and_orders_no_check(letter: IncomingDocument, cast: Cast, client: Client):
    enter(client, cast.outsider)

    assert [client.get(address(letter, rest)).status_code for rest in ("", "report.pdf", "report.json")] == [404] * 3
    assert client.post(address(letter, "check/")).status_code == 404
    assert VerificationReport.objects.get().checked_at == NOW


def test_check_is_ordered_anew(letter: IncomingDocument, cast: Cast, client: Client):
    enter(client, cast.clerk)

    answer = client.post(address(letter, "check/"))

    assert (answer.status_code, answer.headers["Location"]) == (303, address(letter))


def test_signed_data_comes_along_with_a_letter_and_is_judged(letter: IncomingDocument, cast: Cast, client: Client):
    key = Pki().key("Công ty Đối tác", algorithm=KeyAlgorithm.RSA_2048)
    content = etree.tostring(signed_xml(key), xml_declaration=True, encoding="UTF-8")
    enter(client, cast.clerk)
    said = {"files": upload(content, "hoa-don.xml"), "seen_no_mark": "on"}
    added = client.post(f"/documents/incoming/{letter.pk}/attach/", said)
    assert added.status_code in (302, 303), added.content.decode()
    attached = letter.files.get(name="hoa-don.xml")
    signing.check_file(sha256=attached.file_id, now=NOW)

    page = client.get(f"/documents/incoming/{letter.pk}/").content.decode()
    report = client.get(f"/documents/incoming/{letter.pk}/files/{attached.pk}/signatures/").content.decode()

    assert f"/files/{attached.pk}/signatures/" in page
    assert "Công ty Đối tác" in report
    assert "chưa biết nơi cấp chứng thư" in report


def test_data_file_is_no_letter_of_its_own(cast: Cast):
    clerk = actor_of(cast.clerk)
    (receipt,) = receiving.receive_incoming(
        actor=clerk, registry_id=cast.group.pk, uploads=[upload(b"<?xml version='1.0'?><a>1</a>", "a.xml")], now=NOW,
        assurance=Assurance(seen_no_mark=True),
    )  # fmt: skip
    assert receipt.error is not None
    assert "chỉ kèm theo văn bản" in receipt.error.message
    assert not IncomingDocument.objects.exists()
