"""From what the database keeps of a way of signing to the client that speaks to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from django.conf import settings

from eoffice.core import secret_text
from eoffice.signing.errors import NoKey
from eoffice.signing.models import MethodKind, SigningMethod, SigningProvider
from eoffice.signing.models.methods import METHOD_SECRETS, PROVIDER_SECRETS
from eoffice.signing.providers.kinds import KINDS, Connection
from eoffice.signing.providers.signer import Account, Signer
from eoffice.signing.providers.token import TokenSigner

RETURN_PATH: Final = "/signing/return/"
"""Where services send browsers back to (`urls.py`)."""


def signer_of(method: SigningMethod) -> Signer:
    """The client for a method's key. Raises NoKey for a way of signing this installation does not know."""
    if method.kind == MethodKind.TOKEN:
        return TokenSigner()
    if method.provider is None:
        raise NoKey("Cách ký này chưa dùng được trên máy chủ. Chưa có gì được ký; chọn cách ký khác.")
    return signer_at(method.provider)


def signer_at(provider: SigningProvider) -> Signer:
    """The client for a remote service."""
    return KINDS[provider.kind].make(connection_of(provider))


def connection_of(provider: SigningProvider) -> Connection:
    """Settings and secrets of a remote service."""
    return Connection(
        base_url=provider.base_url.rstrip("/"),
        timeout_s=float(provider.timeout_s),
        settings=provider.settings,
        secrets=opened(provider.secrets, PROVIDER_SECRETS),
        redirect_uri=redirect_uri(),
    )


def redirect_uri() -> str:
    """The address to declare at services that send browsers back."""
    return f"{settings.ENVIRONMENT.base_url}{RETURN_PATH}"


def account_of(method: SigningMethod) -> Account:
    """Whose key, as the provider knows it."""
    return Account(
        account=method.account,
        credential=method.credential,
        certificate=bytes(method.certificate),
        secrets=opened(method.secrets, METHOD_SECRETS),
    )


def opened(encrypted: str, context: str) -> dict[str, str]:
    """The secrets of a row."""
    if not encrypted:
        return {}
    found: dict[str, str] = json.loads(secret_text.decrypt(encrypted, context=context))
    return found


def closed(secrets: Mapping[str, str], context: str) -> str:
    """The reverse of `opened`; empty where there are none."""
    return secret_text.encrypt(json.dumps(dict(secrets)), context=context) if secrets else ""
