"""Short texts kept unreadable in the database: passwords of outside systems, messages on their way."""

from __future__ import annotations

import base64
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from eoffice import environment

_SECRET_NAME: Final = "at-rest"  # noqa: S105 - the name of the key's file


class Unreadable(Exception):
    """The text was encrypted by another installation's key, for another context, or has been changed."""


def encrypt(text: str, *, context: str) -> str:
    """Encrypt `text` with this installation's key, bound to `context` (`table.column`), as ASCII."""
    return _cipher(context).encrypt(text.encode()).decode()


def decrypt(encrypted: str, *, context: str) -> str:
    """The text that `encrypt` hid for the same `context`. Raises Unreadable."""
    try:
        return _cipher(context).decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(context) from error


def _cipher(context: str) -> Fernet:
    """One key for each context, derived from the secret in the data folder: a column's value opens in no other."""
    secret = environment.secret(settings.ENVIRONMENT, _SECRET_NAME)
    derived = HKDF(SHA256(), 32, salt=None, info=context.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
