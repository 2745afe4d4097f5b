"""The authenticator app: enrolled by a right code, a step used once, a clock half a minute off."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.accounts import services
from eoffice.accounts.models import AuthenticatorApp, User
from eoffice.accounts.second_factor_errors import AppInUse, CodeRefused
from eoffice.accounts.services import second_factor_app as apps
from eoffice.core.actor_ref import ActorRef

NOW = datetime(2026, 11, 23, 1, 0, 10, tzinfo=UTC)
SYSTEM = ActorRef(person_id=None)


def phone_code(secret: str, at: datetime) -> str:
    """What an app shows, worked out beside the product's library (RFC 4226, 5.3)."""
    return truncated(base64.b32decode(secret.replace(" ", "")), int(at.timestamp()) // 30)


def truncated(key: bytes, counter: int, digits: int = 6) -> str:
    digest = hmac.new(key, struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    return f"{(struct.unpack('>L', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**digits:0{digits}d}"


@pytest.fixture
def user(db: None) -> User:
    return services.create_user(actor=SYSTEM, email="app@txg.example", password="mot-mat-khau-du-dai", now=NOW)


@pytest.fixture
def secret(user: User) -> str:
    return apps.begin_app(actor=SYSTEM, user_id=user.pk, issuer="eOffice", now=NOW).secret


@pytest.fixture
def in_use(user: User, secret: str) -> str:
    apps.confirm_app(actor=SYSTEM, user_id=user.pk, code=phone_code(secret, NOW), now=NOW)
    return secret


def test_vectors_of_the_standard_come_out() -> None:
    assert truncated(b"12345678901234567890", 59 // 30, digits=8) == "94287082"  # RFC 6238, appendix B


def test_app_counts_only_after_a_right_code(user: User, secret: str) -> None:
    with pytest.raises(CodeRefused):
        apps.use_app_code(user_id=user.pk, code=phone_code(secret, NOW), now=NOW)
    with pytest.raises(CodeRefused):
        apps.confirm_app(actor=SYSTEM, user_id=user.pk, code="000000x", now=NOW)

    apps.confirm_app(actor=SYSTEM, user_id=user.pk, code=phone_code(secret, NOW), now=NOW)

    later = NOW + timedelta(seconds=30)
    assert apps.use_app_code(user_id=user.pk, code=phone_code(secret, later), now=later).last_used_at == later


def test_used_step_and_older_ones_count_no_more(user: User, in_use: str) -> None:
    for at in (NOW, NOW - timedelta(seconds=30)):
        with pytest.raises(CodeRefused):
            apps.use_app_code(user_id=user.pk, code=phone_code(in_use, at), now=NOW)


@given(st.integers(-3, 3))
def test_clock_may_be_half_a_minute_off(steps: int) -> None:
    key, later = b"k" * 20, NOW + timedelta(minutes=10)
    from eoffice.core import secret_text

    row = AuthenticatorApp(secret=secret_text.encrypt(key.hex(), context="accounts_authenticator_app.secret"))
    shown = truncated(key, int((later + timedelta(seconds=30 * steps)).timestamp()) // 30)

    found = apps._step_of(row, shown, later)

    assert (found is not None) == (abs(steps) <= 1)


def test_reloaded_page_shows_the_same_key_until_it_is_in_use(user: User, secret: str) -> None:
    again = apps.begin_app(actor=SYSTEM, user_id=user.pk, issuer="eOffice", now=NOW + timedelta(minutes=1))
    assert again.secret == secret
    assert again.uri.startswith("otpauth://totp/eOffice%3Aapp%40txg.example?secret=")

    later = NOW + timedelta(minutes=1)
    apps.confirm_app(actor=SYSTEM, user_id=user.pk, code=phone_code(secret, later), now=later)

    with pytest.raises(AppInUse):
        apps.begin_app(actor=SYSTEM, user_id=user.pk, issuer="eOffice", now=later)


def test_key_is_not_readable_in_the_database(user: User, secret: str) -> None:
    key = base64.b32decode(secret.replace(" ", ""))

    assert key.hex() not in AuthenticatorApp.objects.get().secret
