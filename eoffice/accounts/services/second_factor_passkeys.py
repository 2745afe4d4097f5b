"""Passkeys (WebAuthn): registering one, and answering with one.

A question is a row that is deleted by its answer, right or wrong: a second answer finds none. The origin must be
exactly the one this page was served from. Source: W3C Web Authentication Level 2, 7.1, 7.2.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from eoffice.accounts.models import Passkey, PasskeyChallenge, User
from eoffice.accounts.second_factor_errors import PasskeyRefused
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.core.vietnamese import tidy

# The library names credentials in its log at INFO.
logging.getLogger("fido2").setLevel(logging.WARNING)
ANSWER_WITHIN: Final = timedelta(minutes=5)
MOST_PASSKEYS: Final = 10
_REGISTER: Final = "register"
_ANSWER: Final = "answer"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the page was served from: `https://van-ban.donvi.vn`, and its host name alone."""

    url: str
    host: str

    def server(self) -> Fido2Server:
        rp = PublicKeyCredentialRpEntity(name="eOffice", id=self.host)
        return Fido2Server(rp, verify_origin=lambda origin: origin == self.url)


@transaction.atomic
def begin_passkey(*, actor: ActorRef, user_id: int, mark: str, origin: Origin, now: datetime) -> dict[str, Any]:
    """The options for `navigator.credentials.create`, as JSON. Raises Invalid past ten keys."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    known = _credentials_of(user_id)
    if len(known) >= MOST_PASSKEYS:
        raise Invalid(f"Mỗi tài khoản có tối đa {MOST_PASSKEYS} khóa đăng nhập. Xóa một khóa cũ trước.")
    entity = PublicKeyCredentialUserEntity(name=user.email, id=str(user.pk).encode(), display_name=user.email)
    options, state = origin.server().register_begin(
        entity,
        list(known.values()),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    _ask(user_id, _REGISTER, mark, state["challenge"], now)
    return {name: _plain(value) for name, value in dict(options).items()}


def finish_passkey(
    *, actor: ActorRef, user_id: int, mark: str, origin: Origin, name: str, answer: dict[str, Any], now: datetime
) -> Passkey:
    """Keep the new key's public half under a name. Raises PasskeyRefused, Invalid."""
    name = tidy(name)[:100]
    if not name:
        raise Invalid(fields={"name": "Đặt tên cho khóa, ví dụ «Điện thoại của tôi»."})
    state = _take(user_id, _REGISTER, mark, now)
    answer = _shaped(answer, ("clientDataJSON", "attestationObject"))
    try:
        data = origin.server().register_complete(state, RegistrationResponse.from_dict(answer)).credential_data
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # What the library raises for anything malformed, forged or from elsewhere.
        raise PasskeyRefused from error
    if data is None:
        raise PasskeyRefused
    with transaction.atomic():
        credential_id = websafe_encode(data.credential_id)
        if len(credential_id) > 400 or Passkey.objects.filter(credential_id=credential_id).exists():
            raise PasskeyRefused("Khóa này đã được đăng ký rồi.")
        passkey = Passkey.objects.create(
            user_id=user_id, name=name, credential_id=credential_id, credential=bytes(data), created_at=now
        )
        audit.record(
            actor=actor,
            action="accounts.second_factor.passkey_added",
            object_kind="user",
            object_id=user_id,
            now=now,
            detail={"passkey": passkey.pk},
        )
    return passkey


@transaction.atomic
def ask_for_passkey(*, user_id: int, mark: str, origin: Origin, now: datetime) -> dict[str, Any]:
    """The options for `navigator.credentials.get`, as JSON, naming this account's keys alone."""
    options, state = origin.server().authenticate_begin(
        list(_credentials_of(user_id).values()), user_verification=UserVerificationRequirement.PREFERRED
    )
    _ask(user_id, _ANSWER, mark, state["challenge"], now)
    return {name: _plain(value) for name, value in dict(options).items()}


def use_passkey(*, user_id: int, mark: str, origin: Origin, answer: dict[str, Any], now: datetime) -> Passkey:
    """Check an answer to the question asked under `mark`. Raises PasskeyRefused.

    A counter that does not rise tells of a copied key and is refused; keys that do not count always say nought.
    """
    state = _take(user_id, _ANSWER, mark, now)
    known = _credentials_of(user_id)
    answer = _shaped(answer, ("clientDataJSON", "authenticatorData", "signature"))
    try:
        response = AuthenticationResponse.from_dict(answer)
        used = origin.server().authenticate_complete(state, list(known.values()), response)
        counter = response.response.authenticator_data.counter
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRefused from error
    with transaction.atomic():
        passkey = Passkey.objects.select_for_update(no_key=True).get(credential_id=websafe_encode(used.credential_id))
        if (counter or passkey.sign_count) and counter <= passkey.sign_count:
            raise PasskeyRefused
        passkey.sign_count = counter
        passkey.last_used_at = now
        passkey.save(update_fields=["sign_count", "last_used_at"])
    return passkey


def _shaped(answer: dict[str, Any], parts: tuple[str, ...]) -> dict[str, Any]:
    """The answer with the texts we use and nothing else. Raises PasskeyRefused.

    The library takes a number where a text belongs for a size, and would reserve that much memory.
    """
    response = answer.get("response")
    if not isinstance(response, dict):
        raise PasskeyRefused
    texts = {name: answer.get(name) for name in ("id", "rawId")}
    used = {name: response.get(name) for name in parts}
    if not all(isinstance(text, str) and text for text in (*texts.values(), *used.values())):
        raise PasskeyRefused
    return {**texts, "type": "public-key", "response": used, "clientExtensionResults": {}}


def _credentials_of(user_id: int) -> dict[str, AttestedCredentialData]:
    rows = Passkey.objects.filter(user_id=user_id).order_by("pk").values_list("credential_id", "credential")
    return {credential_id: AttestedCredentialData(bytes(data)) for credential_id, data in rows}


def _ask(user_id: int, purpose: str, mark: str, challenge: str, now: datetime) -> None:
    PasskeyChallenge.objects.filter(expires_at__lt=now).delete()
    PasskeyChallenge.objects.update_or_create(
        user_id=user_id,
        purpose=purpose,
        mark=mark,
        defaults={"challenge": challenge, "expires_at": now + ANSWER_WITHIN},
    )


@transaction.atomic
def _take(user_id: int, purpose: str, mark: str, now: datetime) -> dict[str, Any]:
    """The open question, gone from now on. Raises PasskeyRefused where there is none."""
    row = (
        PasskeyChallenge.objects.select_for_update()
        .filter(user_id=user_id, purpose=purpose, mark=mark, expires_at__gt=now)
        .first()
    )
    if row is None:
        raise PasskeyRefused
    row.delete()
    return {"challenge": row.challenge, "user_verification": UserVerificationRequirement.PREFERRED}


def _plain(value: Any) -> Any:  # noqa: ANN401 - WebAuthn's options are any tree
    """The options with bytes as base64url text, as browsers' JSON form has them."""
    if isinstance(value, bytes | bytearray | memoryview):
        return websafe_encode(bytes(value))
    if isinstance(value, dict):
        return {str(name): _plain(branch) for name, branch in value.items() if branch is not None}
    if hasattr(value, "items"):
        return {str(name): _plain(branch) for name, branch in value.items() if branch is not None}
    if isinstance(value, list | tuple):
        return [_plain(branch) for branch in value]
    return value if isinstance(value, int | float | bool) or value is None else str(value)
