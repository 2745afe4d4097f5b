"""Private keys at rest: AES-256-GCM under a key that needs both the PIN and the installation's secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from eoffice.signing.engine.authority import PrivateKey

_FIRST_VERSION: Final = b"\x01"
"""Blobs without a cost of their own: 2 to the power `_FIRST_COST_LOG2`."""
_FIRST_COST_LOG2: Final = 15
_VERSION: Final = b"\x02"
"""One byte follows: the cost as a power of two, so that what was closed at one cost opens after it was raised."""
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_LEAST_BYTES: Final = 1 + 1 + _SALT_BYTES + _NONCE_BYTES
COST_LOG2 = 15
"""32 MB and about a tenth of a second for each try, beside the secret that a stolen database lacks.

Only tests set another: what they prove does not depend on it, and they close thousands of keys."""
_COST_LIMIT_LOG2: Final = 20
"""1 GB: no blob makes a process ask for more."""


class PinDoesNotOpen(Exception):
    """The PIN, the secret or the context is not the one the key was closed with."""


def close_key(private_key: PrivateKey, *, pin: str, secret: str, context: str) -> bytes:
    """Encrypt a private key. `context` (whose key it is) is bound in: a blob moved to another row stays shut."""
    der = private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return close_bytes(der, pin=pin, secret=secret, context=context)


def close_bytes(content: bytes, *, pin: str, secret: str, context: str) -> bytes:
    """Encrypt what opens with PIN and secret alone: a key, or where a key is."""
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    ciphertext = AESGCM(_key(pin, secret, salt, COST_LOG2)).encrypt(nonce, content, context.encode())
    return _VERSION + bytes([COST_LOG2]) + salt + nonce + ciphertext


def open_key(closed: bytes, *, pin: str, secret: str, context: str) -> PrivateKey:
    """Decrypt a private key. Raises PinDoesNotOpen."""
    der = open_bytes(closed, pin=pin, secret=secret, context=context)
    private_key = serialization.load_der_private_key(der, password=None)
    if not isinstance(private_key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise PinDoesNotOpen
    return private_key


def open_bytes(closed: bytes, *, pin: str, secret: str, context: str) -> bytes:
    """The reverse of `close_bytes`. Raises PinDoesNotOpen."""
    cost_log2, rest = _cost_and_rest(closed)
    salt, nonce = rest[:_SALT_BYTES], rest[_SALT_BYTES : _SALT_BYTES + _NONCE_BYTES]
    try:
        key = AESGCM(_key(pin, secret, salt, cost_log2))
        return key.decrypt(nonce, rest[_SALT_BYTES + _NONCE_BYTES :], context.encode())
    except InvalidTag as error:
        raise PinDoesNotOpen from error


def _cost_and_rest(closed: bytes) -> tuple[int, bytes]:
    if len(closed) < _LEAST_BYTES:
        raise PinDoesNotOpen
    if closed[:1] == _FIRST_VERSION:
        return _FIRST_COST_LOG2, closed[1:]
    if closed[:1] != _VERSION or not 0 < closed[1] <= _COST_LIMIT_LOG2:
        raise PinDoesNotOpen
    return closed[1], closed[2:]


def _key(pin: str, secret: str, salt: bytes, cost_log2: int) -> bytes:
    peppered = hmac.new(secret.encode(), pin.encode(), hashlib.sha256).digest()
    return Scrypt(salt=salt, length=32, n=2**cost_log2, r=8, p=1).derive(peppered)
