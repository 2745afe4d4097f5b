"""The authorities on loopback speak their protocols truly: openssl says so."""

from __future__ import annotations

import ssl
import subprocess
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.pki import Fault, LoopbackPki


def openssl(*arguments: str | Path) -> str:
    ran = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr


def pem(pki: LoopbackPki, label: str, directory: Path) -> Path:
    path = directory / f"{label}.crt"
    path.write_text(ssl.DER_cert_to_PEM_cert(pki.certificate(label)))
    return path


def stamped(pki: LoopbackPki, label: str, directory: Path, **options: str) -> tuple[Path, Path]:
    """A file and the answer of a time-stamping authority to its query."""
    content, query, reply = directory / "content", directory / "query", directory / "reply"
    content.write_bytes(b"noi dung")
    openssl("ts", "-query", "-data", content, "-sha256", "-cert", "-out", query)
    request = urllib.request.Request(
        pki.tsa_url(label), query.read_bytes(), {"Content-Type": "application/timestamp-query", **options}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        reply.write_bytes(answer.read())
    return content, reply


@pytest.mark.parametrize(("label", "said"), [("khanh", "khanh.crt: good"), ("revoked", "revoked.crt: revoked")])
def test_ocsp_tells_good_from_revoked(loopback_pki: LoopbackPki, tmp_path: Path, label: str, said: str):
    issuer, believed = pem(loopback_pki, "issuing", tmp_path), tmp_path / "believed.crt"
    believed.write_text(pem(loopback_pki, "root", tmp_path).read_text() + issuer.read_text())

    answer = openssl(
        "ocsp", "-issuer", issuer, "-cert", pem(loopback_pki, label, tmp_path), "-url", loopback_pki.ocsp_url(),
        "-CAfile", believed,
    )  # fmt: skip

    assert "Response verify OK" in answer
    assert said in answer


def test_list_names_the_revoked_alone_and_its_issuer_signed_it(loopback_pki: LoopbackPki):
    issuer = x509.load_der_x509_certificate(loopback_pki.certificate("issuing"))
    with urllib.request.urlopen(loopback_pki.crl_url(), timeout=5) as answer:
        listed = x509.load_der_x509_crl(answer.read())

    revoked = x509.load_der_x509_certificate(loopback_pki.certificate("revoked"))
    key = issuer.public_key()
    assert listed.is_signature_valid(key)  # type: ignore[arg-type]  # a key of an authority signs
    assert [line.serial_number for line in listed] == [revoked.serial_number]


@pytest.mark.parametrize(("label", "word"), [("tsa", "OK"), ("tsa-wrong-eku", "FAILED"), ("tsa-stranger", "FAILED")])
def test_time_stamp_verifies_up_to_its_own_root(loopback_pki: LoopbackPki, tmp_path: Path, label: str, word: str):
    content, reply = stamped(loopback_pki, label, tmp_path)

    answer = openssl(
        "ts", "-verify", "-data", content, "-in", reply, "-CAfile", pem(loopback_pki, "tsa-root", tmp_path)
    )  # fmt: skip

    assert f"Verification: {word}" in answer


def test_clock_and_revocation_follow_the_test(loopback_pki: LoopbackPki):
    moment = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)

    with loopback_pki.at(moment), loopback_pki.revoked("huong", since=moment - timedelta(days=40)):
        listed = x509.load_der_x509_crl(loopback_pki.crl("issuing"))

    serial = x509.load_der_x509_certificate(loopback_pki.certificate("huong")).serial_number
    assert listed.last_update_utc <= moment < listed.next_update_utc  # type: ignore[operator]  # always given here
    assert listed.get_revoked_certificate_by_serial_number(serial) is not None
    after = x509.load_der_x509_crl(loopback_pki.crl("issuing"))
    assert after.get_revoked_certificate_by_serial_number(serial) is None


def test_faults_and_passwords_are_caused_on_purpose(loopback_pki: LoopbackPki, tmp_path: Path):
    with loopback_pki.failing("/tsa/"), pytest.raises(urllib.error.HTTPError, match="503"):
        stamped(loopback_pki, "tsa", tmp_path)
    with loopback_pki.failing("/tsa/", Fault.GARBAGE):
        assert b"khong phai" in stamped(loopback_pki, "tsa", tmp_path)[1].read_bytes()
    with loopback_pki.asking_for("eoffice", "mat-khau"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            stamped(loopback_pki, "tsa", tmp_path)
        stamped(loopback_pki, "tsa", tmp_path, Authorization="Basic ZW9mZmljZTptYXQta2hhdQ==")

    assert loopback_pki.calls_of("/tsa/tsa")[-1].headers["content-type"] == "application/timestamp-query"


def test_secure_port_shows_a_certificate_of_the_root(loopback_pki: LoopbackPki, tmp_path: Path):
    trusting = ssl.create_default_context(cafile=str(pem(loopback_pki, "root", tmp_path)))
    trusting.load_cert_chain(loopback_pki.pem_with_key("client", tmp_path))
    url = loopback_pki.crl_url().replace(loopback_pki.url, loopback_pki.secure_url)

    with urllib.request.urlopen(url, context=trusting, timeout=5) as answer:
        assert answer.status == 200
