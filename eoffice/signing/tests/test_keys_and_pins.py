from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import NotPermitted
from eoffice.organization.models import Unit
from eoffice.signing import services
from eoffice.signing.errors import KeyExists, KeyLocked, NoKey, PinInvalid, PinWrong
from eoffice.signing.models import RevocationReason, SigningKey
from eoffice.signing.tests.factories import NOW, PIN, SEAL_PIN, Cast


def test_first_pin_makes_a_key_with_a_marked_test_certificate(cast: Cast):
    key = services.set_pin(actor=cast.leader, pin=PIN, now=NOW)

    opened = services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    assert opened.person_id == cast.leader.person_id
    assert "CHỨNG THƯ THỬ NGHIỆM".encode() in bytes(key.certificate)
    assert AuditEntry.objects.filter(action="signing.key.made", object_id=str(key.pk)).count() == 1


def test_seal_of_a_unit_with_a_long_name_gets_a_certificate(cast: Cast):
    name = "Công ty Hạ tầng số khu vực Duyên hải Nam Trung Bộ và Tây Nguyên"
    Unit.objects.filter(pk=cast.group.pk).update(name=name)

    key = services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)

    subject = x509.load_der_x509_certificate(bytes(key.certificate)).subject
    shown = subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert isinstance(shown, str)
    assert name.upper().startswith(shown.removesuffix("…"))
    assert 55 < len(shown.encode()) <= 64


def test_second_first_pin_is_refused(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=NOW)

    with pytest.raises(KeyExists):
        services.set_pin(actor=cast.leader, pin="774411", now=NOW)

    assert services.unlock(actor=cast.leader, pin=PIN, now=NOW).person_id == cast.leader.person_id


@pytest.mark.parametrize("pin", ["", "12345", "111111", "123456", "654321", "90817a", "9081720000000", "９０８１７２"])
def test_weak_pin_is_refused_and_nothing_is_made(cast: Cast, pin: str):
    with pytest.raises(PinInvalid):
        services.set_pin(actor=cast.leader, pin=pin, now=NOW)

    assert not SigningKey.objects.exists()


def test_fifth_wrong_pin_locks_the_key_for_fifteen_minutes(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=NOW)

    left = []
    for _ in range(4):
        with pytest.raises(PinWrong) as wrong:
            services.unlock(actor=cast.leader, pin="999000", now=NOW)
        left.append(wrong.value.details["tries_left"])
    with pytest.raises(KeyLocked):
        services.unlock(actor=cast.leader, pin="999000", now=NOW)

    assert left == [4, 3, 2, 1]
    with pytest.raises(KeyLocked):
        services.unlock(actor=cast.leader, pin=PIN, now=NOW + timedelta(minutes=14))
    opened = services.unlock(actor=cast.leader, pin=PIN, now=NOW + timedelta(minutes=16))
    assert opened.person_id == cast.leader.person_id


def test_right_pin_clears_the_count_of_wrong_ones(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=NOW)
    for _ in range(3):
        with pytest.raises(PinWrong):
            services.unlock(actor=cast.leader, pin="999000", now=NOW)

    services.unlock(actor=cast.leader, pin=PIN, now=NOW)

    assert SigningKey.objects.get().tries == 0


def test_changed_pin_opens_the_same_certificate(cast: Cast):
    before = services.set_pin(actor=cast.leader, pin=PIN, now=NOW)

    services.change_pin(actor=cast.leader, old=PIN, new="440077", now=NOW)

    with pytest.raises(PinWrong):
        services.unlock(actor=cast.leader, pin=PIN, now=NOW)
    opened = services.unlock(actor=cast.leader, pin="440077", now=NOW)
    assert opened.signer.certificate == bytes(before.certificate)


def test_forgotten_pin_revokes_the_certificate_and_makes_a_new_key(cast: Cast):
    old = services.set_pin(actor=cast.leader, pin=PIN, now=NOW)

    new = services.reset_forgotten_pin(actor=cast.leader, pin="440077", now=NOW)

    old.refresh_from_db()
    assert (old.revoked_at, old.revocation_reason) == (NOW, RevocationReason.FORGOTTEN)
    assert new.serial != old.serial
    assert services.unlock(actor=cast.leader, pin="440077", now=NOW).key_id == new.pk


def test_forgotten_pin_without_a_key_is_refused(cast: Cast):
    with pytest.raises(NoKey):
        services.reset_forgotten_pin(actor=cast.leader, pin=PIN, now=NOW)


def test_clerk_of_other_unit_cannot_open_the_seal(cast: Cast):
    services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)

    with pytest.raises(NotPermitted):
        services.unlock_seal(actor=cast.outsider, unit_id=cast.group.pk, pin=SEAL_PIN, now=NOW)

    assert SigningKey.objects.get(unit=cast.group).tries == 0


def test_key_blob_moved_to_another_person_stays_shut(cast: Cast):
    services.set_pin(actor=cast.leader, pin=PIN, now=NOW)
    services.set_pin(actor=cast.clerk, pin=PIN, now=NOW)
    stolen = SigningKey.objects.get(person_id=cast.leader.person_id).closed_key

    SigningKey.objects.filter(person_id=cast.clerk.person_id).update(closed_key=stolen)

    with pytest.raises(PinWrong):
        services.unlock(actor=cast.clerk, pin=PIN, now=NOW)


def test_outsider_cannot_revoke_anothers_key(cast: Cast):
    key = services.set_pin(actor=cast.leader, pin=PIN, now=NOW)

    with pytest.raises(NotPermitted):
        services.revoke_key(actor=cast.outsider, key_id=key.pk, reason=RevocationReason.LEFT, now=NOW)

    key.refresh_from_db()
    assert key.revoked_at is None
