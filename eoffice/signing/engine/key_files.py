"""A key from a PKCS#12 file (.p12, .pfx): opened in a child process with limits on time and memory."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from eoffice.signing.engine.authority import PrivateKey

LARGEST_BYTES: Final = 256 * 1024
"""A key with a chain of five takes some 10 KB."""
_SECONDS: Final = 20
_PACKAGE_PARENT: Final = Path(__file__).resolve().parents[3]


class Fault(StrEnum):
    """Why a file gives no key to sign with."""

    UNREADABLE = "unreadable"
    PASSWORD = "password"  # noqa: S105 - the name of a fault
    NO_KEY = "no_key"
    SEVERAL_KEYS = "several_keys"
    NO_CERTIFICATE = "no_certificate"
    KIND = "kind"
    TOO_HEAVY = "too_heavy"


class KeyFileRefused(Exception):
    """The file gives no key; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFromFile:
    """The one key of a file, its certificate, and the authorities above it as far as the file has them (DER)."""

    private_key: PrivateKey = field(repr=False)
    certificate: bytes
    chain: tuple[bytes, ...]


def read_key_file(content: bytes, password: str) -> KeyFromFile:
    """The key of a PKCS#12 file. Nothing of file or password is kept. Raises KeyFileRefused."""
    if len(content) > LARGEST_BYTES:
        raise KeyFileRefused(Fault.TOO_HEAVY)
    answer = _ask_child({"content": base64.b64encode(content).decode(), "password": password})
    if "fault" in answer:
        raise KeyFileRefused(Fault(str(answer["fault"])))
    private_key = serialization.load_der_private_key(base64.b64decode(str(answer["key"])), password=None)
    if not isinstance(private_key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise KeyFileRefused(Fault.KIND)
    return KeyFromFile(
        private_key=private_key,
        certificate=base64.b64decode(str(answer["certificate"])),
        chain=tuple(base64.b64decode(text) for text in answer["chain"]),
    )


def _ask_child(request: dict[str, str]) -> dict[str, list[str] | str]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "eoffice.signing.engine.key_file_child"],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            cwd=_PACKAGE_PARENT,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise KeyFileRefused(Fault.TOO_HEAVY) from error
    answer: dict[str, list[str] | str] = json.loads(done.stdout)
    return answer
