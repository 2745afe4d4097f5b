"""PKCS#12 files as licensed providers hand them over, and as they should not be."""

from __future__ import annotations

from typing import Final

from asn1crypto import cms as asn1_cms
from asn1crypto import core as asn1_core
from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.tests.factories import Pki

FILE_PASSWORD: Final = "Mật khẩu tệp 91"


def key_file(pki: Pki, key: SoftwareKey, *, password: str = FILE_PASSWORD, with_key: bool = True) -> bytes:
    """A file with a key, its certificate and the authorities above it."""
    return pkcs12.serialize_key_and_certificates(
        name=b"ky so",
        key=key.private_key if with_key else None,
        cert=x509.load_der_x509_certificate(key.certificate),
        cas=[pki.issuing.certificate, pki.root.certificate],
        encryption_algorithm=serialization.BestAvailableEncryption(password.encode()),
    )


def key_file_without_certificate(key: SoftwareKey) -> bytes:
    encryption = serialization.BestAvailableEncryption(FILE_PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(b"khoa", key.private_key, None, None, encryption)


def key_file_with_two_keys(pki: Pki, first: SoftwareKey, second: SoftwareKey) -> bytes:
    """Two files' parts in one, without a code over the whole: as some export programs write it."""
    files = [asn1_pkcs12.Pfx.load(key_file(pki, key)) for key in (first, second)]
    parts = [part for file in files for part in file.authenticated_safe]
    safe = asn1_pkcs12.AuthenticatedSafe(parts)
    whole = asn1_cms.ContentInfo({"content_type": "data", "content": asn1_core.OctetString(safe.dump())})
    return bytes(asn1_pkcs12.Pfx({"version": "v3", "auth_safe": whole}).dump())


def key_file_of_endless_work(pki: Pki, key: SoftwareKey) -> bytes:
    """A file whose password would be stretched two thousand million times."""
    file = asn1_pkcs12.Pfx.load(key_file(pki, key))
    file["mac_data"]["iterations"] = 2_000_000_000
    return bytes(file.dump(force=True))
