from __future__ import annotations

import time
from datetime import timedelta

import pytest

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Conflict, NotPermitted
from eoffice.core.models import StoredFile
from eoffice.organization.models import Unit
from eoffice.signing import queries, services
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.engine.verdicts import Word
from eoffice.signing.errors import KeyFileInvalid, NoKey, PinInvalid, PinWrong, TooManyKeyFiles
from eoffice.signing.models import AnchorPurpose, KeyFileTry, KeyOrigin, SigningKey
from eoffice.signing.services.trust import AnchorEntry
from eoffice.signing.tests.factories import GROUP, NOW, PIN, SEAL_PIN, Cast, Pki, letter_pdf, letter_places, store_pdf
from eoffice.signing.tests.key_files import (
    FILE_PASSWORD,
    key_file,
    key_file_of_endless_work,
    key_file_with_two_keys,
    key_file_without_certificate,
)

LEADER = "Trần Quốc Khánh"


@pytest.fixture(scope="module")
def leaders_key(pki: Pki) -> SoftwareKey:
    return pki.key(LEADER, algorithm=KeyAlgorithm.RSA_2048)


def bring(cast: Cast, content: bytes, *, password: str = FILE_PASSWORD, pin: str = PIN, now=NOW) -> SigningKey:
    return services.bring_key(actor=cast.leader, content=content, password=password, pin=pin, now=now)


def believe(cast: Cast, pki: Pki) -> None:
    entry = AnchorEntry(certificate=pki.root.der, purpose=AnchorPurpose.PUBLIC, basis="Thử")
    services.add_trust_anchor(actor=cast.administrator, entry=entry, now=NOW)


def test_key_of_a_file_signs_under_its_pin(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    believe(cast, pki)
    bring(cast, key_file(pki, leaders_key))
    opened = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    prepared = services.prepare_file(source_sha=store_pdf(letter_pdf()).pk, places=letter_places())

    signed = services.sign_file(
        actor=cast.leader, open_key=opened, source_sha=prepared.stored.pk, field="ky_1", mark=None, now=NOW
    )

    verdict = queries.verdict_of(signed.pk)
    assert verdict is not None
    assert [line.signer for line in verdict.signatures] == [LEADER]
    assert verdict.signatures[0].intact
    assert opened.signer.chain == (pki.issuing.der, pki.root.der)


def test_signature_of_an_authority_not_believed_is_kept_as_not_known(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    key = bring(cast, key_file(pki, leaders_key))
    opened = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    prepared = services.prepare_file(source_sha=store_pdf(letter_pdf()).pk, places=letter_places())

    signed = services.sign_file(
        actor=cast.leader, open_key=opened, source_sha=prepared.stored.pk, field="ky_1", mark=None, now=NOW
    )

    verdict = queries.verdict_of(signed.pk)
    assert verdict is not None
    assert verdict.verdict is Word.INDETERMINATE
    assert not queries.certificate_view(key, now=NOW).is_trusted
    believe(cast, pki)
    assert queries.certificate_view(key, now=NOW).is_trusted


def test_neither_file_nor_password_nor_open_key_is_kept(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    content = key_file(pki, leaders_key)
    stored = StoredFile.objects.count()

    key = bring(cast, content)

    row = repr(SigningKey.objects.filter(pk=key.pk).values().get()).encode()
    audit = repr(list(AuditEntry.objects.values_list("detail", flat=True))).encode()
    assert FILE_PASSWORD.encode() not in row + audit
    assert content[-200:] not in bytes(key.closed_key)
    assert StoredFile.objects.count() == stored
    assert not KeyFileTry.objects.exists()


@pytest.mark.parametrize("case", ["garbage", "empty", "cut", "password", "no key", "no certificate", "two keys"])
def test_file_without_one_usable_key_is_refused_and_nothing_is_kept(
    cast: Cast, pki: Pki, leaders_key: SoftwareKey, case: str
):
    content, said = {
        "garbage": (b"\x00\x01 khong phai tep khoa", "không phải tệp khóa"),
        "empty": (b"", "không phải tệp khóa"),
        "cut": (key_file(pki, leaders_key)[:-40], "không phải tệp khóa"),
        "password": (key_file(pki, leaders_key, password="khác"), "Mật khẩu của tệp không đúng"),
        "no key": (key_file(pki, leaders_key, with_key=False), "không có khóa"),
        "no certificate": (key_file_without_certificate(leaders_key), "không có chứng thư"),
        "two keys": (key_file_with_two_keys(pki, leaders_key, pki.key(LEADER)), "nhiều khóa"),
    }[case]

    with pytest.raises(KeyFileInvalid) as refused:
        bring(cast, content)

    assert said in refused.value.message
    assert not SigningKey.objects.exists()


def test_file_that_would_work_for_ever_is_given_up(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    started = time.monotonic()

    with pytest.raises(KeyFileInvalid, match="quá lâu"):
        bring(cast, key_file_of_endless_work(pki, leaders_key))

    assert time.monotonic() - started < 60
    assert not SigningKey.objects.exists()


@pytest.mark.parametrize(("made_days_ago", "days"), [(400, 365), (-5, 365)])
def test_certificate_out_of_its_time_is_refused(cast: Cast, pki: Pki, made_days_ago: int, days: int):
    late = pki.key(LEADER, made=NOW - timedelta(days=made_days_ago), days=days)

    with pytest.raises(KeyFileInvalid, match="hết hạn hoặc chưa đến"):
        bring(cast, key_file(pki, late))

    assert not SigningKey.objects.exists()


def test_weak_pin_is_refused_before_the_file_is_opened(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    with pytest.raises(PinInvalid):
        bring(cast, key_file(pki, leaders_key), pin="111111")

    assert not KeyFileTry.objects.exists()
    assert not SigningKey.objects.exists()


def test_eleventh_try_in_a_quarter_of_an_hour_is_refused(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    for minute in range(10):
        KeyFileTry.objects.create(person_id=cast.leader.person_id, at=NOW - timedelta(minutes=minute))

    with pytest.raises(TooManyKeyFiles):
        bring(cast, key_file(pki, leaders_key))

    assert not SigningKey.objects.exists()
    assert bring(cast, key_file(pki, leaders_key), now=NOW + timedelta(minutes=16)).pk


def test_certificate_of_another_name_waits_for_another_administrator(cast: Cast, pki: Pki):
    services.set_pin(actor=cast.leader, pin="440077", now=NOW)
    key = bring(cast, key_file(pki, pki.key("CÔNG TY CỔ PHẦN KHÁC")))

    assert key.is_waiting
    assert "CÔNG TY CỔ PHẦN KHÁC" in key.mismatch
    assert services.unlock(actor=cast.leader, pin="440077", now=NOW).key_id != key.pk
    with pytest.raises(NotPermitted):
        services.confirm_key(actor=cast.leader, key_id=key.pk, now=NOW)
    key.refresh_from_db()
    assert key.is_waiting

    services.confirm_key(actor=cast.administrator, key_id=key.pk, now=NOW)

    assert services.unlock(actor=cast.leader, pin=PIN, now=NOW).key_id == key.pk
    old = SigningKey.objects.get(provider=KeyOrigin.SOFTWARE)
    assert (old.withdrawn_at, old.revoked_at, bytes(old.closed_key)) == (NOW, None, b"")


def test_refused_certificate_loses_its_key(cast: Cast, pki: Pki):
    key = bring(cast, key_file(pki, pki.key("Người Khác")))

    services.refuse_key(actor=cast.administrator, key_id=key.pk, now=NOW)

    key.refresh_from_db()
    assert (key.withdrawn_at, bytes(key.closed_key)) == (NOW, b"")
    with pytest.raises(NoKey):
        services.unlock(actor=cast.leader, pin=PIN, now=NOW)


def test_administrator_does_not_confirm_what_he_brought_himself(cast: Cast, pki: Pki):
    key = services.bring_key(
        actor=cast.administrator, content=key_file(pki, pki.key("Ai Đó")), password=FILE_PASSWORD, pin=PIN, now=NOW
    )

    with pytest.raises(NotPermitted):
        services.confirm_key(actor=cast.administrator, key_id=key.pk, now=NOW)

    key.refresh_from_db()
    assert key.is_waiting


def test_setting_of_the_office_lets_other_names_pass(cast: Cast, pki: Pki):
    services.set_method_rules(
        actor=cast.administrator, matches_name=False, matches_email=False, matches_account=False, now=NOW
    )

    assert not bring(cast, key_file(pki, pki.key("KT. Tên Khác"))).is_waiting


def test_forgotten_pin_is_set_anew_with_the_same_file(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    old = bring(cast, key_file(pki, leaders_key))
    with pytest.raises(Conflict, match="tải lại tệp"):
        services.reset_forgotten_pin(actor=cast.leader, pin="440077", now=NOW)

    new = bring(cast, key_file(pki, leaders_key), pin="440077")

    old.refresh_from_db()
    assert (old.withdrawn_at, bytes(old.closed_key)) == (NOW, b"")
    assert services.unlock(actor=cast.leader, pin="440077", now=NOW).key_id == new.pk


def test_pin_of_a_brought_key_changes(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    bring(cast, key_file(pki, leaders_key))

    services.change_pin(actor=cast.leader, old=PIN, new="440077", now=NOW)

    with pytest.raises(PinWrong):
        services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    assert services.unlock(actor=cast.leader, pin="440077", now=NOW).signer.certificate == leaders_key.certificate


def test_removed_key_signs_no_more_and_leaves_its_history(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    key = bring(cast, key_file(pki, leaders_key))

    services.remove_key(actor=cast.leader, now=NOW)

    with pytest.raises(NoKey):
        services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    page = queries.key_page(cast.leader.person_id)
    assert (page.key, [old.pk for old in page.former]) == (None, [key.pk])
    assert bytes(page.former[0].closed_key) == b""


def test_one_certificate_has_one_holder(cast: Cast, pki: Pki, leaders_key: SoftwareKey):
    bring(cast, key_file(pki, leaders_key))

    with pytest.raises(Conflict, match="người hoặc con dấu khác"):
        services.bring_key(
            actor=cast.clerk, content=key_file(pki, leaders_key), password=FILE_PASSWORD, pin=PIN, now=NOW
        )

    assert SigningKey.objects.get().person_id == cast.leader.person_id


def test_seal_comes_from_a_file_by_its_keeper_alone(cast: Cast, pki: Pki):
    content = key_file(pki, pki.key(GROUP.upper()))
    with pytest.raises(NotPermitted):
        services.bring_seal_key(
            actor=cast.outsider, unit_id=cast.group.pk, content=content, password=FILE_PASSWORD, pin=SEAL_PIN, now=NOW
        )
    assert not SigningKey.objects.exists()

    key = services.bring_seal_key(
        actor=cast.clerk, unit_id=cast.group.pk, content=content, password=FILE_PASSWORD, pin=SEAL_PIN, now=NOW
    )

    assert not key.is_waiting
    opened = services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)
    assert opened.key_id == key.pk


def test_seal_of_another_organisation_waits(cast: Cast, pki: Pki):
    content = key_file(pki, pki.key("Công ty Bên Ngoài"))
    key = services.bring_seal_key(
        actor=cast.outsider, unit_id=cast.company.pk, content=content, password=FILE_PASSWORD, pin=SEAL_PIN, now=NOW
    )

    assert key.is_waiting
    assert queries.keys_to_confirm() == [key]


def test_seal_whose_name_its_authority_cut_is_the_units_all_the_same(cast: Cast, pki: Pki):
    whole = "Công ty Hạ tầng số khu vực Duyên hải Nam Trung Bộ và Tây Nguyên"
    Unit.objects.filter(pk=cast.company.pk).update(name=whole)
    cut = whole.upper().encode()[:61].decode(errors="ignore")

    for name, waits in ((f"{cut[:-3]}x…", True), (f"{cut}…", False)):
        key = services.bring_seal_key(
            actor=cast.outsider, unit_id=cast.company.pk, content=key_file(pki, pki.key(name)),
            password=FILE_PASSWORD, pin=SEAL_PIN, now=NOW,
        )  # fmt: skip
        assert key.is_waiting is waits, name
