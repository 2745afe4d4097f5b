"""What counts at which time: stamps, ends, revocations, trades of certificates, strength of keys (EN 319 102-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.signing import LongTerm, SoftwareKey, sign_pdf
from eoffice.signing.engine.verdicts import SignatureVerdict, TrustAnchors, TrustPeriod, Word
from eoffice.signing.engine.verifying import verify_file
from eoffice.signing.tests.authorities import DAY, House, Shape, rsa_key
from eoffice.signing.tests.factories import NOW, letter_pdf, letter_places

LATER = NOW + 2 * DAY
_STAMPING = Shape(made=NOW - 30 * DAY, days=3000, usages=[ExtendedKeyUsageOID.TIME_STAMPING])


def stamper(house: House, *, at: datetime = NOW, shape: Shape = _STAMPING) -> DummyTimeStamper:
    holder = house.holder("Dấu thời gian", key=rsa_key(), shape=shape)
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(house.issuing.der))
    der = holder.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return DummyTimeStamper(
        asn1_x509.Certificate.load(holder.der),
        load_private_key_from_pemder_data(der, passphrase=None),
        certs_to_embed=store,
        fixed_dt=at,
    )


def lists(house: House, *, now: datetime) -> tuple[bytes, ...]:
    return house.crl(house.root, now=now), house.crl(house.issuing, now=now)


def trust(house: House, *, now: datetime, stamps: House | None = None) -> TrustAnchors:
    known = [house, *([stamps] if stamps else [])]
    return TrustAnchors(
        roots=(house.root.der,),
        intermediates=tuple(each.issuing.der for each in known),
        crls=tuple(der for each in known for der in lists(each, now=now)),
        time_stamp_roots=(stamps.root.der,) if stamps else (),
    )


def signed(tmp_path: Path, key: SoftwareKey, *, long_term: LongTerm | None = None, at: datetime = NOW) -> Path:
    source, prepared, target = (tmp_path / name for name in ("source.pdf", "prepared.pdf", "signed.pdf"))
    source.write_bytes(letter_pdf())
    prepare(source, prepared, letter_places(), signer_fields=("ky_1",))
    sign_pdf(prepared, target, key=key, field="ky_1", mark=None, now=at, long_term=long_term)
    return target


def judged(path: Path, anchors: TrustAnchors, now: datetime = LATER) -> SignatureVerdict:
    (line,) = verify_file(path, anchors, now).signatures
    return line


def said(line: SignatureVerdict) -> tuple[Word, str, str]:
    return line.verdict, line.indication, line.sub_indication


@pytest.fixture(scope="module")
def stamps() -> House:
    return House(name="Nhà dấu thời gian")


def test_basic_signature_is_judged_by_today(tmp_path: Path):
    house = House()
    line = judged(signed(tmp_path, house.signer("A")), trust(house, now=LATER))

    assert said(line) == (Word.VALID, "TOTAL-PASSED", "")
    assert "theo trạng thái hiện nay" in line.reason


@pytest.mark.parametrize(("after_stamp", "word", "sub"), [(True, Word.VALID, ""), (False, Word.INVALID, "REVOKED")])
def test_revoked_before_or_after_the_time_stamp(tmp_path: Path, stamps: House, after_stamp: bool, word: Word, sub: str):
    house = House()
    key = house.signer("A")
    path = signed(tmp_path, key, long_term=LongTerm(time_stamper=stamper(stamps)))
    house.revoke(key.certificate, at=NOW + timedelta(hours=1 if after_stamp else -1))

    line = judged(path, trust(house, now=LATER, stamps=stamps))

    assert (line.verdict, line.sub_indication) == (word, sub)
    assert line.level == "B-T"


@pytest.mark.parametrize("has_stamp", [True, False])
def test_revoked_without_a_trusted_time_stamp_is_invalid_now(tmp_path: Path, stamps: House, has_stamp: bool):
    house = House()
    key = house.signer("A")
    path = signed(tmp_path, key, long_term=LongTerm(time_stamper=stamper(stamps)) if has_stamp else None)
    house.revoke(key.certificate, at=NOW + timedelta(hours=1))

    assert judged(path, trust(house, now=LATER)).verdict is Word.INVALID


def test_expired_with_validation_data_is_valid_and_without_is_not(tmp_path: Path, stamps: House):
    house = House()
    key = house.signer("A", shape=Shape(days=40))
    long_after = NOW + 100 * DAY
    bare = signed(tmp_path, key, long_term=LongTerm(time_stamper=stamper(stamps)))
    full = tmp_path / "full"
    full.mkdir()
    both = LongTerm(
        time_stamper=stamper(stamps), trust_roots=(house.root.der, stamps.root.der),
        intermediates=(house.issuing.der, stamps.issuing.der), crls=(*lists(house, now=NOW), *lists(stamps, now=NOW)),
    )  # fmt: skip
    anchors = trust(house, now=long_after, stamps=stamps)

    with_data = judged(signed(full, key, long_term=both), anchors, long_after)
    without = judged(bare, anchors, long_after)

    assert (with_data.level, with_data.verdict) == ("B-LT", Word.VALID)
    assert said(without) == (Word.INDETERMINATE, "INDETERMINATE", "REVOCATION_OUT_OF_BOUNDS_NO_POE")
    unstamped = tmp_path / "unstamped"
    unstamped.mkdir()
    assert said(judged(signed(unstamped, key), anchors, long_after))[2] == "OUT_OF_BOUNDS_NO_POE"


def test_archive_stamp_carries_a_signature_over_the_end_of_its_stamping_authority(tmp_path: Path):
    # All of it lies in the past: the library counts the age of proofs by the machine's own clock.
    then = NOW - 200 * DAY
    house, old, new = House(), House(name="Dấu cũ"), House(name="Dấu mới")
    short = Shape(made=then - 30 * DAY, days=60, usages=[ExtendedKeyUsageOID.TIME_STAMPING])
    crls = (*lists(house, now=then), *lists(old, now=then))
    both = LongTerm(
        time_stamper=stamper(old, at=then, shape=short), trust_roots=(house.root.der, old.root.der),
        intermediates=(house.issuing.der, old.issuing.der), crls=crls,
    )  # fmt: skip
    path = signed(tmp_path, house.signer("A", shape=Shape(made=then - 30 * DAY, days=40)), long_term=both, at=then)
    long_after = NOW
    anchors = TrustAnchors(
        roots=(house.root.der,),
        intermediates=(house.issuing.der, old.issuing.der, new.issuing.der),
        crls=tuple(der for each in (house, old, new) for der in lists(each, now=long_after)),
        time_stamp_roots=(old.root.der, new.root.der),
    )
    assert judged(path, anchors, long_after).verdict is Word.INDETERMINATE

    archived = tmp_path / "archived.pdf"
    with path.open("rb") as source, archived.open("w+b") as output:
        PdfTimeStamper(
            stamper(
                new, shape=Shape(made=then, days=3000, usages=[ExtendedKeyUsageOID.TIME_STAMPING]), at=then + 10 * DAY
            )
        ).timestamp_pdf(IncrementalPdfFileWriter(source), "sha256", _context(new, now=then + 10 * DAY), output=output)
    line = judged(archived, anchors, long_after)

    assert (line.level, line.verdict, line.reason) == (
        "B-LTA", Word.VALID, "Hợp lệ tại thời điểm ghi trong dấu thời gian.",
    )  # fmt: skip
    assert [(change.kind, change.allowed) for change in line.changes] == [("stamp", True)]


def test_document_time_stamp_alone_proves_the_time(tmp_path: Path, stamps: House):
    house = House()
    key = house.signer("A")
    path, stamped = signed(tmp_path, key), tmp_path / "stamped.pdf"
    with path.open("rb") as source, stamped.open("w+b") as output:
        PdfTimeStamper(stamper(stamps, at=NOW + timedelta(minutes=5))).timestamp_pdf(
            IncrementalPdfFileWriter(source), "sha256", _context(stamps), output=output
        )
    house.revoke(key.certificate, at=NOW + timedelta(hours=1))

    line = judged(stamped, trust(house, now=LATER, stamps=stamps))

    assert (line.verdict, line.time_source.value, line.time) == (
        Word.VALID, "time_stamp", "2026-11-23T08:05:00+07:00",
    )  # fmt: skip
    assert judged(stamped, trust(house, now=LATER)).verdict is Word.INVALID


def _context(house: House, *, now: datetime = NOW) -> ValidationContext:
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(house.root.der)],
        other_certs=[asn1_x509.Certificate.load(house.issuing.der)],
        crls=list(lists(house, now=now)),
        revocation_mode="soft-fail",
        allow_fetching=False,
        moment=now,
    )


def test_anchor_of_time_stamps_makes_no_signer_valid_and_the_other_way_round(tmp_path: Path, stamps: House):
    house = House()
    path = signed(tmp_path, house.signer("A"), long_term=LongTerm(time_stamper=stamper(stamps)))
    crls = (*lists(house, now=LATER), *lists(stamps, now=LATER))
    known = TrustAnchors(intermediates=(house.issuing.der, stamps.issuing.der), crls=crls)

    crossed = replace(known, roots=(stamps.root.der,), time_stamp_roots=(house.root.der,))
    swapped = replace(known, roots=(house.root.der, stamps.root.der))

    assert said(judged(path, crossed))[2] == "NO_CERTIFICATE_CHAIN_FOUND"
    assert judged(path, swapped).verdict is Word.INDETERMINATE
    assert "dấu thời gian" in judged(path, swapped).reason


def test_trust_has_a_period_of_its_own(tmp_path: Path, stamps: House):
    house = House()
    path = signed(tmp_path, house.signer("A"), long_term=LongTerm(time_stamper=stamper(stamps)))
    anchors = trust(house, now=LATER, stamps=stamps)
    fingerprint = asn1_x509.Certificate.load(house.root.der).sha256.hex()

    def within(starts_at: datetime | None, ends_at: datetime | None) -> Word:
        period = TrustPeriod(fingerprint=fingerprint, use="signer", starts_at=starts_at, ends_at=ends_at)
        return judged(path, replace(anchors, periods=(period,))).verdict

    assert within(None, NOW + DAY) is Word.VALID, "believed at the proven time, no longer now"
    assert within(NOW + DAY, None) is Word.INDETERMINATE
    assert within(None, NOW - DAY) is Word.INDETERMINATE


@pytest.mark.parametrize(
    ("shape", "sub"),
    [
        (Shape(usages=[ExtendedKeyUsageOID.SERVER_AUTH]), "CHAIN_CONSTRAINTS_FAILURE"),
        (Shape(usages=[ExtendedKeyUsageOID.TIME_STAMPING]), "CHAIN_CONSTRAINTS_FAILURE"),
        (Shape(signs=False), "CHAIN_CONSTRAINTS_FAILURE"),
        (Shape(usages=[ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.CLIENT_AUTH]), ""),
    ],
)
def test_certificate_made_for_something_else(tmp_path: Path, shape: Shape, sub: str):
    house = House()
    line = judged(signed(tmp_path, house.signer("A", shape=shape)), trust(house, now=LATER))

    assert (line.verdict is Word.VALID, line.sub_indication) == (not sub, sub)


def test_stamp_of_an_authority_not_meant_for_it_proves_nothing(tmp_path: Path, stamps: House):
    house = House()
    wrong = stamper(stamps, shape=Shape(days=3000, usages=[ExtendedKeyUsageOID.CODE_SIGNING]))
    path = signed(tmp_path, house.signer("A"), long_term=LongTerm(time_stamper=wrong))

    line = judged(path, trust(house, now=LATER, stamps=stamps))

    assert (line.verdict, line.time_source.value) == (Word.INDETERMINATE, "claimed")


@pytest.mark.parametrize(("bits", "word"), [(1024, Word.INDETERMINATE), (2048, Word.VALID)])
def test_short_key_is_checked_and_never_valid(tmp_path: Path, bits: int, word: Word):
    house = House()
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    line = judged(signed(tmp_path, house.signer("A", key=key)), trust(house, now=LATER))

    assert (line.intact, line.verdict) == (True, word)
    assert ("quá ngắn" in line.reason) == (word is not Word.VALID)


def test_certificate_not_in_force_yet_or_revoked_authority(tmp_path: Path):
    house = House()
    early = signed(tmp_path, house.signer("A", shape=Shape(made=NOW + 9 * DAY)))
    assert judged(early, trust(house, now=LATER)).verdict is Word.INDETERMINATE

    folder = tmp_path / "b"
    folder.mkdir()
    path = signed(folder, house.signer("B"))
    house.revoke(house.issuing.der, at=NOW - DAY)
    line = judged(path, trust(house, now=LATER))
    assert line.verdict is not Word.VALID
