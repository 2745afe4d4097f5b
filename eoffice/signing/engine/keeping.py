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

_VERSION: Final = b"\x01"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_SCRYPT_COST: Final = 2**15
"""32 MB and about a tenth of a second for each try, beside the secret that a stolen database lacks."""


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
    ciphertext = AESGCM(_key(pin, secret, salt)).encrypt(nonce, content, context.encode())
    return _VERSION + salt + nonce + ciphertext


def open_key(closed: bytes, *, pin: str, secret: str, context: str) -> PrivateKey:
    """Decrypt a private key. Raises PinDoesNotOpen."""
    der = open_bytes(closed, pin=pin, secret=secret, context=context)
    private_key = serialization.load_der_private_key(der, password=None)
    if not isinstance(private_key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise PinDoesNotOpen
    return private_key


def open_bytes(closed: bytes, *, pin: str, secret: str, context: str) -> bytes:
    """The reverse of `close_bytes`. Raises PinDoesNotOpen."""
    salt = closed[1 : 1 + _SALT_BYTES]
    nonce = closed[1 + _SALT_BYTES : 1 + _SALT_BYTES + _NONCE_BYTES]
    ciphertext = closed[1 + _SALT_BYTES + _NONCE_BYTES :]
    if closed[:1] != _VERSION:
        raise PinDoesNotOpen
    try:
        return AESGCM(_key(pin, secret, salt)).decrypt(nonce, ciphertext, context.encode())
    except InvalidTag as error:
        raise PinDoesNotOpen from error


def _key(pin: str, secret: str, salt: bytes) -> bytes:
    peppered = hmac.new(secret.encode(), pin.encode(), hashlib.sha256).digest()
    return Scrypt(salt=salt, length=32, n=_SCRYPT_COST, r=8, p=1).derive(peppered)
