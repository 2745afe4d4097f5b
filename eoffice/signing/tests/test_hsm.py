"""Keys in an HSM: SoftHSM2 by the same library calls as a device."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Conflict, NotFound, NotPermitted
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.signing import queries, services
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.errors import CertificateUnusable, HsmDown, KeyLocked, NoKey, PinWrong
from eoffice.signing.models import HsmToken, SignatureRecord, SigningKey, Stage
from eoffice.signing.providers.hsm import POOL_SIZE
from eoffice.signing.services.hsm_keys import the_hsm
from eoffice.signing.tests import soft_hsm
from eoffice.signing.tests.factories import GROUP, NOW, PIN, SEAL_PIN, Cast, Pki, letter_pdf, letter_places, store_pdf
from eoffice.signing.tests.powers import with_powers
from eoffice.signing.tests.soft_hsm import TOKEN, TOKEN_PIN, SoftToken

pytestmark = pytest.mark.skipif(not soft_hsm.is_installed(), reason="needs SoftHSM2 and OpenSC (scripts/prepare test)")
LEADER = "Trần Quốc Khánh"
LEADER_EMAIL = "khanh@txg.test"


@pytest.fixture(scope="module")
def keys(pki: Pki) -> dict[str, SoftwareKey]:
    return {
        "01": pki.key(LEADER),
        "02": pki.key(GROUP, algorithm=KeyAlgorithm.RSA_2048),
        "03": pki.key("Người Không Quen"),
    }


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, SoftwareKey]) -> Iterator[SoftToken]:
    """One token for all: the library reads where its tokens lie once in each process."""
    with soft_hsm.soft_token(tmp_path_factory.mktemp("hsm")) as made:
        for key_id, key in keys.items():
            made.put(key, key_id=key_id)
        yield made


@pytest.fixture
def pin_file(token: SoftToken, settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "pins"
    path.write_text(f"{TOKEN}={TOKEN_PIN}\n")
    settings.ENVIRONMENT = dataclasses.replace(
        django_settings.ENVIRONMENT, hsm_module=soft_hsm.MODULE, hsm_pin_file=path
    )
    return path


def give(cast: Cast, key_id: str = "01", *, email: str = LEADER_EMAIL, unit_id: int | None = None) -> SigningKey:
    return services.give_key(
        actor=cast.administrator, token=TOKEN, key_id=key_id, email=email, unit_id=unit_id, now=NOW
    )


def lose_sessions() -> None:
    """As when the device restarts: every session of this process is dead, and nobody has said so."""
    hsm = the_hsm()
    assert hsm is not None
    for session in list(hsm._pools[TOKEN]._free.queue):
        session.opened.close()


def test_check_names_token_mechanisms_and_keys(cast: Cast, pin_file: Path):
    report = services.check_hsm(actor=cast.administrator, now=NOW)[0]

    assert (report.token.label, report.words, report.token.is_locked) == (TOKEN, "", False)
    assert {"ECDSA", "RSA-PSS SHA-256"} <= set(report.token.mechanisms)
    assert sorted(key.subject for key in report.keys) == sorted([LEADER, GROUP, "Người Không Quen"])
    with pytest.raises(NotPermitted):
        services.check_hsm(actor=cast.leader, now=NOW)


def test_given_key_signs_once_its_holder_has_set_a_pin(cast: Cast, pin_file: Path):
    give(cast)
    with pytest.raises(NoKey):
        services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    key = services.take_key(actor=cast.leader, pin=PIN, now=NOW)
    opened = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    papers = [
        services.prepare_file(source_sha=store_pdf(letter_pdf(f"Bản {number}")).pk, places=letter_places()).stored.pk
        for number in (1, 2)
    ]

    batch = [services.Paper(source_sha=sha, field="ky_1", mark=None) for sha in papers]
    results = services.sign_batch(actor=cast.leader, open_key=opened, papers=batch, now=NOW)

    assert [result.error for result in results] == [None, None]
    verdict = queries.verdict_of(results[0].stored.pk)  # type: ignore[union-attr]  # no error, so a file
    assert verdict is not None
    assert (verdict.signatures[0].signer, verdict.signatures[0].intact) == (LEADER, True)
    assert SignatureRecord.objects.filter(key=key).count() == 2
    used = AuditEntry.objects.filter(action="signing.key.hsm_opened", object_id=str(key.pk))
    assert used.count() == 1
    assert AuditEntry.objects.filter(action="signing.file.signed").count() == 2


def test_seal_with_an_rsa_key_in_the_hsm(cast: Cast, pin_file: Path):
    give(cast, "02", email="", unit_id=cast.group.pk)
    services.take_seal_key(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)

    opened = services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)

    value = opened.signer.sign_raw(b"van ban")
    assert len(value) == 256
    with pytest.raises(NotPermitted):
        services.unlock_seal(actor=cast.outsider, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)


def test_key_of_another_name_is_not_given(cast: Cast, pin_file: Path):
    with pytest.raises(CertificateUnusable, match="Người Không Quen"):
        give(cast, "03")
    with pytest.raises(NotFound):
        give(cast, "77")

    assert not SigningKey.objects.exists()


def test_one_key_is_given_once(cast: Cast, pin_file: Path):
    give(cast)
    services.set_method_rules(
        actor=cast.administrator, matches_name=False, matches_email=False, matches_account=False, now=NOW
    )

    with pytest.raises(Conflict, match="đã giao"):
        give(cast, email="huong@txg.test")

    assert SigningKey.objects.get().person_id == cast.leader.person_id


def test_forgotten_pin_is_set_anew_when_the_key_is_given_again(cast: Cast, pin_file: Path):
    give(cast)
    services.take_key(actor=cast.leader, pin=PIN, now=NOW)
    with pytest.raises(Conflict, match="giao lại"):
        services.reset_forgotten_pin(actor=cast.leader, pin="440077", now=NOW)

    give(cast)
    services.take_key(actor=cast.leader, pin="440077", now=NOW)

    with pytest.raises(PinWrong):
        services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    assert services.unlock(actor=cast.leader, pin="440077", now=NOW).signer.sign_raw(b"x")


def test_holders_wrong_pins_lock_his_key_and_never_reach_the_token(cast: Cast, pin_file: Path):
    give(cast)
    services.take_key(actor=cast.leader, pin=PIN, now=NOW)

    for _ in range(4):
        with pytest.raises(PinWrong):
            services.unlock(actor=cast.leader, pin="999000", now=NOW)
    with pytest.raises(KeyLocked):
        services.unlock(actor=cast.leader, pin="999000", now=NOW)

    report = services.check_hsm(actor=cast.administrator, now=NOW)[0]
    assert (report.words, report.token.is_locked) == ("", False)


def test_refused_pin_of_the_file_is_sent_once_and_never_again(cast: Cast, pin_file: Path):
    pin_file.write_text(f"{TOKEN}=00000000\n")

    first = services.check_hsm(actor=cast.administrator, now=NOW)[0]
    others = [services.check_hsm(actor=cast.administrator, now=NOW)[0] for _ in range(12)]

    assert "không đúng" in first.words
    assert {report.words for report in others} == {
        "Token đã từ chối mã PIN trong tệp EOFFICE_HSM_PIN_FILE nên hệ thống không gửi lại, để token không bị khóa."
        " Sửa mã PIN trong tệp rồi kiểm tra lại."
    }
    kept = HsmToken.objects.get()
    assert kept.refused_at is not None
    assert "00000000" not in kept.refused_pin
    pin_file.write_text(f"{TOKEN}={TOKEN_PIN}\n")
    assert services.check_hsm(actor=cast.administrator, now=NOW)[0].words == ""


def test_pin_file_that_cannot_be_read_is_said(cast: Cast, pin_file: Path):
    pin_file.unlink()

    report = services.check_hsm(actor=cast.administrator, now=NOW)[0]

    assert "EOFFICE_HSM_PIN_FILE" in report.words
    with pytest.raises(HsmDown, match="EOFFICE_HSM_PIN_FILE"):
        give(cast)


def test_lost_sessions_are_opened_anew(cast: Cast, pin_file: Path):
    give(cast)
    services.take_key(actor=cast.leader, pin=PIN, now=NOW)
    opened = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    assert opened.signer.sign_raw(b"truoc")

    lose_sessions()

    assert opened.signer.sign_raw(b"sau")


def test_more_signers_than_sessions_wait_for_one(token: SoftToken, keys: dict[str, SoftwareKey], pin_file: Path):
    hsm = the_hsm()
    assert hsm is not None
    values: list[bytes] = []

    def sign() -> None:
        for _ in range(5):
            values.append(hsm.sign(TOKEN, key_id="01", pin=TOKEN_PIN, message=b"x", is_ec=True))

    threads = [threading.Thread(target=sign) for _ in range(3 * POOL_SIZE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(values) == 15 * POOL_SIZE
    assert hsm._pools[TOKEN]._made <= POOL_SIZE


def test_paper_fails_alone_when_the_hsm_is_not_there(cast: Cast, pin_file: Path, settings: Settings):
    give(cast)
    services.take_key(actor=cast.leader, pin=PIN, now=NOW)
    opened = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    paper = services.prepare_file(source_sha=store_pdf(letter_pdf()).pk, places=letter_places()).stored.pk
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, hsm_module=None)

    batch = [services.Paper(source_sha=paper, field="ky_1", mark=None, stage=Stage.OFFICIAL)]
    result = services.sign_batch(actor=cast.leader, open_key=opened, papers=batch, now=NOW)[0]

    assert isinstance(result.error, HsmDown)
    assert not SignatureRecord.objects.exists()


def test_pages_check_give_and_take(cast: Cast, client: Client, pin_file: Path):
    def sign_in(actor: Actor) -> Client:
        user = organization.get_person(actor.person_id).user
        assert user is not None
        client.force_login(user)
        return client

    assert sign_in(cast.leader).get("/signing/hsm/").status_code == 403
    assert "/quyen-quan-tri/" in sign_in(cast.administrator).get("/signing/hsm/").headers["Location"]
    administrator = with_powers(cast.administrator)
    assert "Kiểm tra" in administrator.get("/signing/hsm/").content.decode()
    seen = administrator.post("/signing/hsm/").content.decode()
    assert LEADER in seen
    assert TOKEN_PIN not in seen
    refused = administrator.post("/signing/hsm/give/", {"token": TOKEN, "key_id": "01", "email": "ai@khong.co"})
    assert refused.status_code == 422
    assert 'value="ai@khong.co"' in refused.content.decode()
    assert not SigningKey.objects.exists()

    given = administrator.post("/signing/hsm/give/", {"token": TOKEN, "key_id": "01", "email": LEADER_EMAIL})

    assert given.status_code == 303
    leader = sign_in(cast.leader)
    assert "Khóa HSM được giao" in leader.get("/signing/methods/").content.decode()
    assert leader.post("/signing/key/take/", {"hsm-pin": "111111", "hsm-again": "111111"}).status_code == 422
    assert leader.post("/signing/key/take/", {"hsm-pin": PIN, "hsm-again": PIN}).status_code == 303
    assert "Trong HSM của cơ quan".lower() in leader.get("/signing/methods/").content.decode()
