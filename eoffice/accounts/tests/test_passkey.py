"""Passkeys: a real key's real answers; replayed, from elsewhere, copied, forged or malformed ones open nothing."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fido2.utils import websafe_encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eoffice.accounts import services
from eoffice.accounts.models import Passkey, User
from eoffice.accounts.second_factor_errors import PasskeyRefused
from eoffice.accounts.services import second_factor_passkeys as passkeys
from eoffice.accounts.services.second_factor_passkeys import Origin
from eoffice.accounts.tests.software_key import SoftwareKey
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SYSTEM = ActorRef(person_id=None)
HERE = Origin("https://vanban.truongxuan.example", "vanban.truongxuan.example")
pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return account("khoa@txg.example")


def account(email: str) -> User:
    return services.create_user(actor=SYSTEM, email=email, password="mot-mat-khau-du-dai", now=NOW)


@pytest.fixture
def key(user: User) -> SoftwareKey:
    return registered(user)


def registered(user: User, name: str = "Điện thoại") -> SoftwareKey:
    made = SoftwareKey(HERE.url, HERE.host)
    options = passkeys.begin_passkey(actor=SYSTEM, user_id=user.pk, mark="s", origin=HERE, now=NOW)
    passkeys.finish_passkey(
        actor=SYSTEM, user_id=user.pk, mark="s", origin=HERE, name=name, answer=made.register(options), now=NOW
    )
    return made


def asked(user: User, mark: str = "m") -> dict[str, Any]:
    return passkeys.ask_for_passkey(user_id=user.pk, mark=mark, origin=HERE, now=NOW)


def use(user: User, answer: dict[str, Any], mark: str = "m", now: datetime = NOW) -> Passkey:
    return passkeys.use_passkey(user_id=user.pk, mark=mark, origin=HERE, answer=answer, now=now)


def test_registered_key_opens(user: User, key: SoftwareKey) -> None:
    options = asked(user)
    assert [each["type"] for each in options["publicKey"]["allowCredentials"]] == ["public-key"]

    used = use(user, key.answer(options))

    assert (used.name, used.sign_count, used.last_used_at) == ("Điện thoại", 1, NOW)


def test_answer_counts_once_and_only_for_its_question(user: User, key: SoftwareKey) -> None:
    answer = key.answer(asked(user))
    use(user, answer)

    for attempt in (
        lambda: use(user, answer),
        lambda: (asked(user), use(user, answer)),
        lambda: (asked(user, "other"), use(user, key.answer(asked(user)), "other")),
        lambda: use(user, key.answer(asked(user)), now=NOW + timedelta(minutes=5)),
    ):
        with pytest.raises(PasskeyRefused):
            attempt()


def test_question_is_gone_after_a_wrong_answer(user: User, key: SoftwareKey) -> None:
    options = asked(user)
    right = key.answer(options)

    with pytest.raises(PasskeyRefused):
        use(user, {**right, "response": {}})
    with pytest.raises(PasskeyRefused):
        use(user, right)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://vanban.truongxuan.example.evil.example"},
        {"origin": "http://vanban.truongxuan.example"},
        {"origin": "https://con.vanban.truongxuan.example"},
        {"host": "truongxuan.example"},
    ],
)
def test_answer_given_to_another_place_is_refused(user: User, key: SoftwareKey, changes: dict[str, str]) -> None:
    elsewhere = dataclasses.replace(key, **changes)  # type: ignore[arg-type]

    with pytest.raises(PasskeyRefused):
        use(user, elsewhere.answer(asked(user)))


def test_key_of_another_person_opens_nothing(user: User, key: SoftwareKey) -> None:
    stranger = registered(account("la@txg.example"))

    with pytest.raises(PasskeyRefused):
        use(user, stranger.answer(asked(user)))


def test_forged_signature_is_refused(user: User, key: SoftwareKey) -> None:
    forger = SoftwareKey(HERE.url, HERE.host, credential_id=key.credential_id)

    with pytest.raises(PasskeyRefused):
        use(user, forger.answer(asked(user)))


def test_counter_that_does_not_rise_tells_of_a_copy(user: User, key: SoftwareKey) -> None:
    key.counter = 10
    use(user, key.answer(asked(user)))
    key.counter = 5

    with pytest.raises(PasskeyRefused):
        use(user, key.answer(asked(user)))
    assert Passkey.objects.get().sign_count == 11


def test_key_is_registered_once_and_needs_a_name(user: User, key: SoftwareKey) -> None:
    for name, error in (("Lần nữa", PasskeyRefused), ("  ", Invalid)):
        options = passkeys.begin_passkey(actor=SYSTEM, user_id=user.pk, mark="s", origin=HERE, now=NOW)
        with pytest.raises(error):
            passkeys.finish_passkey(
                actor=SYSTEM, user_id=user.pk, mark="s", origin=HERE, name=name, answer=key.register(options), now=NOW
            )

    assert Passkey.objects.count() == 1


PARTS = ("clientDataJSON", "authenticatorData", "signature")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def test_number_in_place_of_a_text_reserves_no_memory(user: User, key: SoftwareKey) -> None:
    right = key.answer(asked(user))

    with pytest.raises(PasskeyRefused):
        use(user, {**right, "rawId": 10**12})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": JSON,
            "rawId": JSON,
            "type": JSON,
            "response": JSON
            | st.fixed_dictionaries(
                {name: st.binary(max_size=60).map(websafe_encode) | st.text(max_size=20) for name in PARTS}
            ),
        },
    )
)
def test_no_answer_whatever_breaks_the_page(user: User, key: SoftwareKey, answer: dict[str, Any]) -> None:
    asked(user)

    with pytest.raises(PasskeyRefused):
        use(user, answer)
