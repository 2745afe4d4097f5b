"""A signature whose value comes later, on real files with real keys."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.deferred import (
    Mechanism,
    PreparedSignature,
    SigningCertificate,
    checked_value,
    finish_signature,
    mechanism_of,
    prepare_signature,
)
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.engine.verifying import verify_file
from eoffice.signing.errors import FieldUnknown, SignatureRefused
from eoffice.signing.tests.factories import NOW, Pki, Trip

ALGORITHMS = [KeyAlgorithm.RSA_2048, KeyAlgorithm.ECDSA_P256]


def sign_hash(key: SoftwareKey, digest: bytes) -> bytes:
    """What a remote service does with a hash."""
    prehashed = utils.Prehashed(hashes.SHA256())
    if isinstance(key.private_key, rsa.RSAPrivateKey):
        return key.private_key.sign(digest, padding.PKCS1v15(), prehashed)
    return key.private_key.sign(digest, ec.ECDSA(prehashed))


def signer_with(key: SoftwareKey) -> SigningCertificate:
    return SigningCertificate(certificate=key.certificate, chain=key.chain, mechanism=mechanism_of(key.certificate))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_value_that_comes_later_closes_the_file(trip: Trip, pki: Pki, tmp_path: Path, algorithm: KeyAlgorithm) -> None:
    key = pki.key("Trần Quốc Khánh", algorithm=algorithm)
    prepared, signed = tmp_path / "prepared.pdf", tmp_path / "signed.pdf"
    state = prepare_signature(trip.prepared, prepared, signer=signer_with(key), field="ky_1", mark=None, now=NOW)

    kept = PreparedSignature(
        document_digest=state.document_digest,
        hole_start=state.hole_start,
        hole_end=state.hole_end,
        signed_attributes=state.signed_attributes,
    )
    value = checked_value(signer=signer_with(key), state=kept, answer=sign_hash(key, kept.hash_to_sign))
    finish_signature(prepared, signed, signer=signer_with(key), state=kept, value=value)

    verdict = verify_file(signed, pki.trust(), NOW)
    own = verdict.of_field("ky_1")
    assert own is not None
    assert (own.verdict, own.intact, own.covers_file) == ("valid", True, True)
    shown = subprocess.run(["pdfsig", "-nocert", str(signed)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in shown
    assert "Total document signed" in shown


def test_prepared_file_is_the_old_file_with_more_behind_it(trip: Trip, pki: Pki, tmp_path: Path) -> None:
    key = pki.key("Trần Quốc Khánh")
    prepared = tmp_path / "prepared.pdf"

    prepare_signature(trip.prepared, prepared, signer=signer_with(key), field="ky_1", mark=None, now=NOW)

    assert prepared.read_bytes().startswith(trip.prepared.read_bytes())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_value_of_another_hash_or_key_is_refused(trip: Trip, pki: Pki, tmp_path: Path, algorithm: KeyAlgorithm) -> None:
    key, other = (pki.key(name, algorithm=algorithm) for name in ("Trần Quốc Khánh", "Lý Thị Út"))
    state = prepare_signature(
        trip.prepared, tmp_path / "p.pdf", signer=signer_with(key), field="ky_1", mark=None, now=NOW
    )

    for wrong in (sign_hash(other, state.hash_to_sign), sign_hash(key, state.document_digest), b"", b"0" * 256):
        with pytest.raises(SignatureRefused):
            checked_value(signer=signer_with(key), state=state, answer=wrong)


def test_ecdsa_value_as_two_numbers_is_understood(trip: Trip, pki: Pki, tmp_path: Path) -> None:
    key = pki.key("Trần Quốc Khánh")
    state = prepare_signature(
        trip.prepared, tmp_path / "p.pdf", signer=signer_with(key), field="ky_1", mark=None, now=NOW
    )
    der = sign_hash(key, state.hash_to_sign)
    first, second = utils.decode_dss_signature(der)

    flat = first.to_bytes(32) + second.to_bytes(32)

    assert utils.decode_dss_signature(checked_value(signer=signer_with(key), state=state, answer=flat)) == (
        first,
        second,
    )


def test_rsa_pss_is_understood_where_a_key_makes_it(trip: Trip, pki: Pki, tmp_path: Path) -> None:
    key = pki.key("Trần Quốc Khánh", algorithm=KeyAlgorithm.RSA_2048)
    signer = replace(signer_with(key), mechanism=Mechanism.RSA_PSS)
    prepared, signed = tmp_path / "p.pdf", tmp_path / "s.pdf"
    state = prepare_signature(trip.prepared, prepared, signer=signer, field="ky_1", mark=None, now=NOW)

    value = checked_value(signer=signer, state=state, answer=key.sign_raw(state.signed_attributes))
    finish_signature(prepared, signed, signer=signer, state=state, value=value)

    own = verify_file(signed, pki.trust(), NOW).of_field("ky_1")
    assert own is not None
    assert own.verdict == "valid"


def test_unknown_field_prepares_nothing(trip: Trip, pki: Pki, tmp_path: Path) -> None:
    with pytest.raises(FieldUnknown):
        prepare_signature(
            trip.prepared,
            tmp_path / "p.pdf",
            signer=signer_with(pki.key("Trần Quốc Khánh")),
            field="khong_co",
            mark=None,
            now=NOW,
        )
