from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from eoffice.core import clock, files
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.signing import queries, services
from eoffice.signing.models import SigningKey, VerificationReport
from eoffice.signing.tests.factories import DATE_LINE, GROUP, PIN, SEAL_PIN, Cast, letter_pdf, letter_places, store_pdf


def sign_in(client: Client, actor: Actor) -> None:
    user = organization.get_person(actor.person_id).user
    assert user is not None
    client.force_login(user)


@pytest.fixture
def leader(cast: Cast, client: Client) -> Client:
    sign_in(client, cast.leader)
    return client


def upload(content: bytes, name: str = "van-ban.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def test_anyone_checks_an_unsigned_pdf_without_signing_in(db: None, client: Client):
    answer = client.post("/signing/verify/", {"file": upload(letter_pdf())})

    assert answer.status_code == 200
    assert "Tệp không có chữ ký số." in answer.content.decode()
    assert not VerificationReport.objects.exists()


def test_program_renamed_to_pdf_is_told_apart(db: None, client: Client):
    answer = client.post("/signing/verify/", {"file": upload(b"MZ\x90\x00" * 500)})

    assert "Tệp này không phải PDF hay XML." in answer.content.decode()


def test_check_without_a_file_is_said_at_the_form(db: None, client: Client):
    answer = client.post("/signing/verify/", {})

    assert answer.status_code == 422
    assert "Chọn một tệp PDF hoặc XML để kiểm tra." in answer.content.decode()


def test_sealed_letter_is_shown_as_valid_with_both_signers(cast: Cast, leader: Client):
    now = clock.now()
    services.set_pin(actor=cast.leader, pin=PIN, now=now)
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=now)
    prepared = services.prepare_file(source_sha=store_pdf(letter_pdf()).pk, places=letter_places()).stored
    key = services.unlock(actor=cast.leader, pin=PIN, now=now)
    signed = services.sign_file(
        actor=cast.leader, open_key=key, source_sha=prepared.pk, field="ky_1", mark=None, now=now
    )
    numbered = services.fill_file(actor=cast.clerk, source_sha=signed.pk, number="15", date_line=DATE_LINE, now=now)
    seal = services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=now)
    sealed = services.seal_file(
        actor=cast.clerk, open_key=seal, unit_id=cast.group.pk, source_sha=numbered.pk,
        mark=queries.seal_mark(unit_id=cast.group.pk, organization=GROUP),
        authorised_person_id=cast.leader.person_id, now=now,
    )  # fmt: skip

    page = leader.post("/signing/verify/", {"file": upload(files.read(sealed.pk))}).content.decode()

    assert "Cả 2 chữ ký hợp lệ." in page
    assert "Trần Quốc Khánh" in page
    assert GROUP.upper() in page
    assert "chưa có dấu thời gian" in page


def test_first_pin_is_set_on_the_page(cast: Cast, leader: Client):
    assert "Đặt mã PIN" in leader.get("/signing/key/").content.decode()

    answer = leader.post("/signing/key/set-pin/", {"pin": PIN, "again": PIN})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/signing/key/?saved=new_form")
    assert SigningKey.objects.get().person_id == cast.leader.person_id
    assert "Quên mã PIN" in leader.get("/signing/key/").content.decode()


def test_different_pins_are_refused_at_the_field(leader: Client):
    answer = leader.post("/signing/key/set-pin/", {"pin": PIN, "again": "440077"})

    assert answer.status_code == 422
    assert "Hai lần nhập mã PIN mới chưa giống nhau." in answer.content.decode()
    assert PIN not in answer.content.decode()
    assert not SigningKey.objects.exists()


def test_wrong_old_pin_is_said_with_the_tries_left(cast: Cast, leader: Client):
    services.set_pin(actor=cast.leader, pin=PIN, now=clock.now())

    answer = leader.post(
        "/signing/key/change-pin/", {"change-old": "771199", "change-pin": "440077", "change-again": "440077"}
    )

    assert answer.status_code == 422
    assert "còn 4 lần thử" in answer.content.decode()


def test_forgotten_pin_lists_the_revoked_certificate(cast: Cast, leader: Client):
    services.set_pin(actor=cast.leader, pin=PIN, now=clock.now())

    leader.post("/signing/key/forgot-pin/", {"forgot-pin": "440077", "forgot-again": "440077"})

    assert SigningKey.objects.filter(revoked_at__isnull=True).count() == 1
    assert "Chứng thư đã thôi dùng" in leader.get("/signing/key/").content.decode()


def test_seal_page_is_hidden_from_all_but_its_clerk(cast: Cast, leader: Client, client: Client):
    assert leader.get(f"/signing/seals/{cast.group.pk}/").status_code == 404

    sign_in(client, cast.clerk)
    assert client.get(f"/signing/seals/{cast.group.pk}/").status_code == 200
    answer = client.post(f"/signing/seals/{cast.group.pk}/set-pin/", {"pin": SEAL_PIN, "again": SEAL_PIN})

    assert answer.status_code == 303
    assert SigningKey.objects.get().unit_id == cast.group.pk


def test_key_page_asks_to_sign_in(db: None, client: Client):
    assert client.get("/signing/key/").status_code == 302


def test_first_pin_leads_back_to_the_paper_that_was_to_be_signed(leader: Client):
    page = leader.get("/signing/key/", {"next": "/documents/drafts/sign/?show=7&ids=7"})
    paper = "/documents/drafts/sign/?show=7&ids=7"
    answer = leader.post("/signing/key/set-pin/", {"pin": PIN, "again": PIN, "next": paper})

    assert 'name="next" value="/documents/drafts/sign/?show=7&amp;ids=7"' in page.content.decode()
    assert (answer.status_code, answer["Location"]) == (303, paper)


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_first_pin_leads_to_no_page_but_ours(leader: Client, elsewhere: str):
    answer = leader.post("/signing/key/set-pin/", {"pin": PIN, "again": PIN, "next": elsewhere})

    assert answer["Location"] == "/signing/key/?saved=new_form"
