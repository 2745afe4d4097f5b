"""What a path and its lists must be (RFC 5280, 6.1 and 6.3), as published path tests ask it; all is made here."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ObjectIdentifier

from eoffice.signing.engine.checking import check
from eoffice.signing.engine.gathering import links_above
from eoffice.signing.engine.revocation import AnswerUnusable, Link, read_crl
from eoffice.signing.engine.verdicts import SignatureVerdict, TrustAnchors, Word
from eoffice.signing.tests.authorities import DAY, Holder, House
from eoffice.signing.tests.factories import NOW
from eoffice.signing.tests.foreign import Style, letter, sign
from eoffice.signing.tests.test_proven_times import stamper

HOUR = timedelta(hours=1)
Entries = Sequence[tuple[int, datetime, x509.ReasonFlags | None]]
Lines = Sequence[tuple[x509.ExtensionType, bool]]
UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")


@dataclass(frozen=True)
class World:
    """A house, a person, a letter signed by her."""

    house: House
    person: Holder
    signed: bytes
    folder: Path

    def judged(self, content: bytes, crls: Sequence[bytes], ocsps: Sequence[bytes] = ()) -> SignatureVerdict:
        path = self.folder / "x.pdf"
        path.write_bytes(content)
        trust = TrustAnchors(
            roots=(self.house.root.der,), intermediates=(self.house.issuing.der,),
            crls=(self.house.crl(self.house.root, now=NOW), *crls), ocsps=tuple(ocsps),
        )  # fmt: skip
        (line,) = check(path, trust, NOW).signatures
        return line


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    house = House("http://127.0.0.1:9")
    person = house.holder("Người ký")
    return World(house, person, sign(letter(), person, house.issuing), tmp_path_factory.mktemp("paths"))


def listed(
    issuer: Holder, *, at: datetime = NOW, entries: Entries = (), lines: Lines = (),
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:  # fmt: skip
    """A list of `issuer`, made at a time, in force for three days."""
    builder = (
        x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
        .last_update(at - timedelta(minutes=5)).next_update(at + 3 * DAY)
        .add_extension(x509.CRLNumber(7), critical=False)
    )  # fmt: skip
    for value, critical in lines:
        builder = builder.add_extension(value, critical=critical)
    for serial, since, reason in entries:
        line = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
        if reason is not None:
            line = line.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(line.build())
    return builder.sign(key or issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def answered(house: House, person: Holder, *, at: datetime) -> bytes:
    """The responder's word that a certificate is good, in force for three days."""
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=person.certificate, issuer=house.issuing.certificate, algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.GOOD, this_update=at - timedelta(minutes=5), next_update=at + 3 * DAY,
        revocation_time=None, revocation_reason=None,
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, house.ocsp_signer.certificate)
    signed = builder.certificates([house.ocsp_signer.certificate]).sign(house.ocsp_signer.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def test_list_that_tells_of_a_revocation_is_heard_beside_an_older_answer(world: World):
    old = answered(world.house, world.person, at=NOW - 2 * HOUR)
    told = listed(world.house.issuing, entries=[(world.person.certificate.serial_number, NOW - HOUR, None)])

    assert world.judged(world.signed, [], [old]).verdict is Word.VALID
    line = world.judged(world.signed, [told], [old])
    assert (line.verdict, line.sub_indication) == (Word.INVALID, "REVOKED")
    assert "đã bị thu hồi" in line.reason


@pytest.mark.parametrize("beside_an_answer", [False, True])
def test_certificate_on_hold_leaves_it_open(world: World, beside_an_answer: bool):
    entry = (world.person.certificate.serial_number, NOW - HOUR, x509.ReasonFlags.certificate_hold)
    old = [answered(world.house, world.person, at=NOW - 2 * HOUR)] if beside_an_answer else []

    line = world.judged(world.signed, [listed(world.house.issuing, entries=[entry])], old)

    assert (line.verdict, line.sub_indication) == (Word.INDETERMINATE, "TRY_LATER")
    assert "tạm dừng từ ngày" in line.reason


def _scope(**which: bool) -> x509.IssuingDistributionPoint:
    flags = {
        "only_contains_user_certs": False, "only_contains_ca_certs": False, "indirect_crl": False,
        "only_contains_attribute_certs": False, **which,
    }  # fmt: skip
    return x509.IssuingDistributionPoint(full_name=None, relative_name=None, only_some_reasons=None, **flags)


@pytest.mark.parametrize(
    ("lines", "is_enough"),
    [
        ([], True),
        ([(_scope(only_contains_user_certs=True), True)], True),
        ([(_scope(only_contains_ca_certs=True), True)], False),
        ([(_scope(only_contains_attribute_certs=True), True)], False),
        ([(x509.DeltaCRLIndicator(3), True)], False),
        ([(UNKNOWN, True)], False),
        ([(UNKNOWN, False)], True),
    ],
    ids=["whole", "users", "authorities", "attributes", "delta-alone", "unknown-critical", "unknown"],
)
def test_list_counts_for_what_it_is_about(world: World, lines: Lines, is_enough: bool):
    line = world.judged(world.signed, [listed(world.house.issuing, lines=lines)])

    assert line.verdict is (Word.VALID if is_enough else Word.INDETERMINATE)


def test_list_of_another_key_or_another_time_is_no_list(world: World):
    other = ec.generate_private_key(ec.SECP256R1())

    assert world.judged(world.signed, [listed(world.house.issuing, key=other)]).verdict is Word.INDETERMINATE
    assert world.judged(world.signed, [listed(world.house.issuing, at=NOW - 9 * DAY)]).verdict is Word.INDETERMINATE


def _named(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
    )


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: Holder, lines: Lines, *, made: datetime = NOW - DAY
) -> Holder:
    builder = (
        x509.CertificateBuilder().subject_name(_named(name)).issuer_name(issuer.certificate.subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(made).not_valid_after(NOW + 30 * DAY)
    )  # fmt: skip
    for value, critical in lines:
        builder = builder.add_extension(value, critical=critical)
    return Holder(builder.sign(issuer.key, hashes.SHA256()), key)


def _usage(*, certifies: bool) -> x509.KeyUsage:
    names = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    return x509.KeyUsage(
        digital_signature=not certifies, content_commitment=not certifies, key_cert_sign=certifies, crl_sign=True,
        **dict.fromkeys(names, False),
    )  # fmt: skip


_AUTHORITY = (x509.BasicConstraints(ca=True, path_length=None), True)
_CERTIFIES = (_usage(certifies=True), True)
_ELSEWHERE = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "FR")]))
_AT_HOME = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "VN")]))


@pytest.mark.parametrize(
    ("lines", "is_path"),
    [
        ([_AUTHORITY, _CERTIFIES], True),
        ([_CERTIFIES], False),
        ([(x509.BasicConstraints(ca=False, path_length=None), True), _CERTIFIES], False),
        ([_AUTHORITY, (_usage(certifies=False), True)], False),
        ([(x509.BasicConstraints(ca=True, path_length=0), True), _CERTIFIES], True),
        ([_AUTHORITY, _CERTIFIES, (x509.NameConstraints([_AT_HOME], None), True)], True),
        ([_AUTHORITY, _CERTIFIES, (x509.NameConstraints([_ELSEWHERE], None), True)], False),
        ([_AUTHORITY, _CERTIFIES, (x509.NameConstraints(None, [_AT_HOME]), True)], False),
        ([_AUTHORITY, _CERTIFIES, (UNKNOWN, True)], False),
        ([_AUTHORITY, _CERTIFIES, (UNKNOWN, False)], True),
        ([_AUTHORITY, _CERTIFIES, (x509.PolicyConstraints(0, None), True)], False),
    ],
    ids=["plain", "no-constraints", "no-authority", "may-not-certify", "length-0", "names-inside", "names-outside",
         "names-excluded", "unknown-critical", "unknown", "policy-demanded"],
)  # fmt: skip
def test_authority_between_must_be_one(world: World, lines: Lines, is_path: bool):
    key = ec.generate_private_key(ec.SECP256R1())
    between = _certificate("Cấp dưới", key, world.house.root, lines)
    person = _certificate(
        "Người ký", ec.generate_private_key(ec.SECP256R1()), between, [(_usage(certifies=False), True)]
    )

    line = world.judged(sign(letter(), person, between), [listed(between)])

    assert line.verdict is (Word.VALID if is_path else Word.INDETERMINATE), line.reason
    assert line.intact


def test_path_longer_than_an_authority_allows(world: World):
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    first = _certificate(
        "Cấp một", keys[0], world.house.root, [(x509.BasicConstraints(ca=True, path_length=0), True), _CERTIFIES]
    )
    second = _certificate("Cấp hai", keys[1], first, [_AUTHORITY, _CERTIFIES])
    person = _certificate("Người ký", keys[2], second, [(_usage(certifies=False), True)])

    content = sign(letter(), person, second, style=Style(certificates=(person.der, second.der, first.der)))
    assert world.judged(content, [listed(first), listed(second)]).verdict is Word.INDETERMINATE


def test_want_of_lists_is_said_as_such(world: World):
    line = world.judged(world.signed, [])

    assert (line.verdict, line.sub_indication) == (Word.INDETERMINATE, "TRY_LATER")
    assert "chưa có thông tin thu hồi mới" in line.reason


@pytest.mark.parametrize(
    ("lines", "is_taken"),
    [
        ([], True),
        ([(_scope(only_contains_user_certs=True), True)], True),
        ([(_scope(only_contains_ca_certs=True), True)], False),
        ([(_scope(only_contains_attribute_certs=True), True)], False),
        ([(x509.DeltaCRLIndicator(3), True)], False),
        ([(UNKNOWN, True)], False),
    ],
    ids=["whole", "users", "authorities", "attributes", "delta", "unknown-critical"],
)
def test_list_from_the_web_is_taken_only_for_what_it_is_about(world: World, lines: Lines, is_taken: bool):
    link = Link(world.person.der, world.house.issuing.der)
    content = listed(world.house.issuing, lines=lines)

    if is_taken:
        assert read_crl(content, link, now=NOW).until == NOW + 3 * DAY
    else:
        with pytest.raises(AnswerUnusable):
            read_crl(content, link, now=NOW)


def test_authority_with_two_certificates_is_followed_to_the_one_that_is_believed(world: World):
    issuing = world.house.issuing
    stranger = ec.generate_private_key(ec.SECP256R1())
    twin = (
        x509.CertificateBuilder().subject_name(issuing.certificate.subject).issuer_name(_named("Người lạ"))
        .public_key(issuing.key.public_key()).serial_number(9).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
        .add_extension(*_AUTHORITY).sign(stranger, hashes.SHA256())
    )  # fmt: skip

    known = [twin, issuing.certificate, world.house.root.certificate]
    links = links_above([world.person.certificate], known, anchors={world.house.root.der})
    assert [link.issuer for link in links] == [issuing.der, world.house.root.der]


def test_time_stamp_of_the_content_must_be_about_it(world: World):
    clock = stamper(House(name="Nhà dấu thời gian"), at=NOW - HOUR)

    def about(covered: bytes) -> Style:
        token = asyncio.run(clock.async_timestamp(hashlib.sha256(covered).digest(), "sha256"))
        return Style(more_signed=[cms.CMSAttribute({"type": "content_time_stamp", "values": [token]})])

    other = sign(letter(), world.person, world.house.issuing, style=about(b"x"))
    assert world.judged(other, [listed(world.house.issuing)]).verdict is Word.INDETERMINATE
    # The attribute is no part of what is digested, so a second signing covers the same bytes.
    place = other.index(b"/ByteRange [") + len(b"/ByteRange [")
    first, length, second, rest = (int(each) for each in other[place : other.index(b"]", place)].split())
    covered = other[first : first + length] + other[second : second + rest]
    content = sign(letter(), world.person, world.house.issuing, style=about(covered))
    assert world.judged(content, [listed(world.house.issuing)]).verdict is Word.VALID


def test_list_of_a_sister_authority_does_not_stand_for_the_missing_one(world: World):
    house = world.house
    sister = _certificate("Anh em", ec.generate_private_key(ec.SECP256R1()), house.root, [_AUTHORITY, _CERTIFIES])
    style = Style(certificates=(world.person.der, house.issuing.der, sister.der))
    path = world.folder / "sister.pdf"
    path.write_bytes(sign(letter(), world.person, house.issuing, style=style))

    def word(*crls: bytes) -> Word:
        return check(path, TrustAnchors(roots=(house.root.der,), crls=crls), NOW).verdict

    own, beside = listed(house.issuing), listed(sister)
    assert word(own, beside) is Word.INDETERMINATE
    assert word(own, beside, listed(house.root, at=NOW - 9 * DAY)) is Word.INDETERMINATE
    assert word(own, beside, listed(house.root)) is Word.VALID
