from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from eoffice.core import clock
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.models import Installation
from eoffice.signing import queries, services
from eoffice.signing.errors import AuthorityExists
from eoffice.signing.models import AuthorityScope, CertificateAuthority, SigningKey
from eoffice.signing.tests.factories import GROUP, NOW, PIN, SEAL_PIN, Cast, Pki
from eoffice.signing.tests.key_files import FILE_PASSWORD, key_file
from eoffice.signing.tests.powers import with_powers

LEADER = "Trần Quốc Khánh"


def sign_in(client: Client, actor: Actor) -> Client:
    user = organization.get_person(actor.person_id).user
    assert user is not None
    client.force_login(user)
    return client


def posted(content: bytes, *, password: str = FILE_PASSWORD, pin: str = PIN, **more: str) -> dict[str, object]:
    upload = SimpleUploadedFile("khoa.p12", content, content_type="application/x-pkcs12")
    return {"key-file": upload, "key-password": password, "key-pin": pin, "key-again": pin, **more}


@pytest.fixture
def real_office(cast: Cast) -> Installation:
    """An installation that is no demonstration and has no authority of its own."""
    CertificateAuthority.objects.all().delete()
    return Installation.objects.create(name=GROUP, is_demo=False)


def test_key_of_a_file_is_taken_and_leads_back_to_the_paper(
    cast: Cast, client: Client, pki: Pki, real_office: Installation
):
    leader = sign_in(client, cast.leader)
    assert "Đặt mã PIN và tạo chữ ký số" not in leader.get("/signing/key/").content.decode()
    paper = "/documents/drafts/sign/?show=7"

    answer = leader.post("/signing/key/file/", posted(key_file(pki, pki.key(LEADER)), next=paper))

    assert (answer.status_code, answer["Location"]) == (303, paper)
    page = leader.get("/signing/methods/").content.decode()
    assert "tải lên từ tệp" in page
    assert "chưa được tin cậy" in page
    assert leader.post("/signing/key/remove/").status_code == 303
    assert queries.key_of_person(cast.leader.person_id) is None


def test_wrong_password_is_said_at_its_field_and_never_shown_again(cast: Cast, client: Client, pki: Pki):
    leader = sign_in(client, cast.leader)

    answer = leader.post("/signing/key/file/", posted(key_file(pki, pki.key(LEADER)), password="sai-mat-khau-7"))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Mật khẩu của tệp không đúng" in page
    assert "sai-mat-khau-7" not in page
    assert PIN not in page
    assert not SigningKey.objects.exists()


def test_keeper_brings_the_seal_and_nobody_else_sees_the_form(cast: Cast, client: Client, pki: Pki):
    content = key_file(pki, pki.key(GROUP))
    address = f"/signing/seals/{cast.group.pk}/key-file/"
    assert sign_in(client, cast.leader).post(address, posted(content, pin=SEAL_PIN)).status_code == 404
    assert not SigningKey.objects.exists()

    answer = sign_in(client, cast.clerk).post(address, posted(content, pin=SEAL_PIN))

    assert answer.status_code == 303
    key = queries.key_of_unit(cast.group.pk)
    assert key is not None
    assert key.provider == "pkcs12"


def test_administrator_confirms_a_certificate_of_another_name(cast: Cast, client: Client, pki: Pki):
    now = clock.now()
    key = services.bring_key(
        actor=cast.leader, content=key_file(pki, pki.key("Công ty Khác")), password=FILE_PASSWORD, pin=PIN, now=now
    )
    assert sign_in(client, cast.outsider).post(f"/signing/keys/{key.pk}/confirm/").status_code == 403
    administrator = with_powers(cast.administrator)
    assert "Công ty Khác" in administrator.get("/signing/providers/").content.decode()

    assert administrator.post(f"/signing/keys/{key.pk}/confirm/").status_code == 303

    key.refresh_from_db()
    assert not key.is_waiting


def test_authority_of_the_office_is_an_administrators_act_with_a_basis(
    cast: Cast, client: Client, real_office: Installation
):
    said = {"basis": "Quyết định số 12/QĐ-TXG", "understood": "on"}
    assert sign_in(client, cast.leader).post("/signing/authority/found/", said).status_code == 403
    administrator = with_powers(cast.administrator)
    assert administrator.post("/signing/authority/found/", {"basis": "", "understood": "on"}).status_code == 422
    assert administrator.post("/signing/authority/found/", {"basis": "Có"}).status_code == 422
    assert not CertificateAuthority.objects.exists()

    assert administrator.post("/signing/authority/found/", said).status_code == 303

    scopes = {(row.scope, row.basis) for row in CertificateAuthority.objects.all()}
    assert scopes == {(AuthorityScope.INTERNAL, "Quyết định số 12/QĐ-TXG")}
    key = services.set_pin(actor=cast.leader, pin=PIN, now=clock.now())
    assert "CHỨNG THƯ NỘI BỘ".encode() in bytes(key.certificate)
    assert "THỬ NGHIỆM".encode() not in bytes(key.certificate)
    assert "Chứng thư nội bộ" in sign_in(client, cast.leader).get("/signing/key/").content.decode()


def test_authority_is_founded_once_and_by_the_operator_too(cast: Cast, real_office: Installation):
    services.found_authority(actor=None, basis="Quyết định số 12", now=NOW)

    with pytest.raises(AuthorityExists):
        services.found_authority(actor=cast.administrator, basis="Lần nữa", now=NOW)

    assert CertificateAuthority.objects.count() == 2
