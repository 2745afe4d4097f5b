"""Opens one PKCS#12 file as a program of its own: JSON on standard input, JSON on standard output, limits on itself.

A hostile file costs this process at most: a count of iterations without end, lengths that lie. The key leaves by the
pipe alone and is never written.
"""

from __future__ import annotations

import base64
import json
import resource
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from eoffice.signing.engine.chains import upwards
from eoffice.signing.engine.key_files import Fault

_SECONDS: Final = 8
_MEMORY_BYTES: Final = 1024**3
_KEY_BAGS: Final = ("key_bag", "pkcs8_shrouded_key_bag")
_UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError)


def main() -> None:
    """Answer one request; a limit that is reached ends the process without an answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    request = json.loads(sys.stdin.buffer.read())
    json.dump(_opened(base64.b64decode(request["content"]), request["password"]), sys.stdout)


def _opened(content: bytes, password: str) -> Mapping[str, Any]:
    try:
        keys = sum(1 for _ in _keys_in_the_open(content))
    except _UNREADABLE:
        return {"fault": Fault.UNREADABLE}
    try:
        loaded = _load(content, password)
    except UnsupportedAlgorithm:
        return {"fault": Fault.KIND}
    except ValueError:
        return {"fault": Fault.PASSWORD}
    if loaded.key is None:
        return {"fault": Fault.NO_KEY}
    if keys > 1:
        return {"fault": Fault.SEVERAL_KEYS}
    if not isinstance(loaded.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return {"fault": Fault.KIND}
    return _answer(loaded.key, [each.certificate for each in (loaded.cert, *loaded.additional_certs) if each])


def _keys_in_the_open(content: bytes) -> Iterator[object]:
    """Bags of keys: each is encrypted by itself and lies in a part that is not. Raises ValueError and its like."""
    file = asn1_pkcs12.Pfx.load(content, strict=True)
    for part in file.authenticated_safe:
        if part["content_type"].native != "data":
            continue
        for bag in asn1_pkcs12.SafeContents.load(part["content"].native):
            if bag["bag_id"].native in _KEY_BAGS:
                yield bag


def _load(content: bytes, password: str) -> pkcs12.PKCS12KeyAndCertificates:
    if password:
        return pkcs12.load_pkcs12(content, password.encode())
    try:
        return pkcs12.load_pkcs12(content, None)
    except ValueError:
        return pkcs12.load_pkcs12(content, b"")  # programs disagree on what an empty password is


def _answer(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, certificates: list[x509.Certificate]
) -> Mapping[str, Any]:
    public = _spki(key.public_key())
    own = next((each for each in certificates if _spki_of(each) == public), None)
    if own is None:
        return {"fault": Fault.NO_CERTIFICATE}
    closed = serialization.NoEncryption()
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, closed)
    chain = upwards(own, [each for each in certificates if each != own])
    return {"key": _text(der), "certificate": _text(_der(own)), "chain": [_text(_der(each)) for each in chain]}


def _spki_of(certificate: x509.Certificate) -> bytes | None:
    try:
        return _spki(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        return None


def _spki(public_key: Any) -> bytes:  # noqa: ANN401 - every kind of public key the library knows
    return bytes(public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode()


if __name__ == "__main__":
    main()
