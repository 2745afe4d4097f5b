"""Signatures in forms of their own: told apart in plain words, never judged, never a technical error."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from asn1crypto import cms, pem

from eoffice.signing.engine.checking import check
from eoffice.signing.engine.verdicts import FileState, TrustAnchors, Word
from eoffice.signing.tests.authorities import House
from eoffice.signing.tests.factories import NOW
from eoffice.signing.tests.foreign import Style, signed_message

SIGNED_XML = b"<asic:XAdESSignatures/>"


def said(path: Path) -> str:
    verdict = check(path, TrustAnchors(), NOW)
    assert (verdict.verdict, verdict.state, verdict.signatures) == (Word.INDETERMINATE, FileState.UNREADABLE, ())
    return verdict.reason


@pytest.fixture(scope="module")
def house() -> House:
    return House()


@pytest.mark.parametrize("as_pem", [False, True])
@pytest.mark.parametrize(("content", "words"), [(None, "chữ ký số rời"), (b"Noi dung", "bọc trong chữ ký số")])
def test_message_with_a_signature(tmp_path: Path, house: House, content: bytes | None, words: str, as_pem: bool):
    der = signed_message(b"Noi dung", house.holder("Người ký"), house.issuing, Style(content=content))
    path = tmp_path / "x.p7s"
    path.write_bytes(pem.armor("PKCS7", der) if as_pem else der)

    assert words in said(path)
    assert "xin lại bản PDF ký số" in said(path)


def test_message_for_a_receiver_and_broken_ones(tmp_path: Path):
    path = tmp_path / "x.p7m"
    path.write_bytes(cms.ContentInfo({"content_type": "enveloped_data", "content": cms.EnvelopedData({
        "version": "v0", "recipient_infos": [],
        "encrypted_content_info": {"content_type": "data", "content_encryption_algorithm": {"algorithm": "aes256_cbc"}},
    })}).dump())  # fmt: skip
    assert "mã hóa cho người nhận" in said(path)

    path.write_bytes(path.read_bytes()[:30])
    assert said(path) == "Tệp này không phải PDF hay XML."
    path.write_bytes(b'MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol="application/pkcs7-signature"\r\n')
    assert "S/MIME" in said(path)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"mimetype": b"application/vnd.etsi.asic-e+zip", "a.txt": b"a"}, "gói ký số (ASiC)"),
        ({"a.txt": b"a", "META-INF/signatures001.xml": SIGNED_XML}, "gói ký số (ASiC)"),
        ({"a.txt": b"a", "META-INF/signature.p7s": b"0"}, "gói ký số (ASiC)"),
        ({"word/document.xml": b"<a/>", "_xmlsignatures/sig1.xml": b"<a/>"}, "Tệp văn phòng này có chữ ký số"),
        ({"content.xml": b"<a/>", "META-INF/documentsignatures.xml": b"<a/>"}, "Tệp văn phòng này có chữ ký số"),
        ({"a.txt": b"a", "META-INF/manifest.xml": b"<a/>"}, "không phải PDF hay XML"),
    ],
)
def test_package_with_signatures(tmp_path: Path, parts: Mapping[str, bytes], words: str):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)

    assert words in said(path)
    path.write_bytes(path.read_bytes()[:60])
    assert said(path) == "Tệp này không phải PDF hay XML."
