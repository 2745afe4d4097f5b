"""One-time codes: right once, in time, by the one it was made for; guessed slowly; two at once open once."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from pytest_django import Settings

from eoffice.accounts import services
from eoffice.accounts.models import OneTimeCode, User
from eoffice.accounts.second_factor_errors import (
    CodeRefused,
    CodeUsedUp,
    GuessingSlowed,
    NoWayForCode,
    ResendTooSoon,
)
from eoffice.accounts.services import second_factor_codes as codes
from eoffice.accounts.services import second_factor_recovery as recovery
from eoffice.accounts.services.second_factor_codes import Wish
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways, sending
from eoffice.core.channels.errors import TooManyMessages
from eoffice.core.channels.gateways import GatewayEntry
from eoffice.core.errors import Invalid
from eoffice.core.models import InboxMessage, OutboundMessage

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SYSTEM = ActorRef(person_id=None)
NUMBER = "+84901234567"


@pytest.fixture(autouse=True)
def demo(settings: Settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=True)


@pytest.fixture
def inbox_gateway(db: None) -> None:
    gateways.add_gateway(entry=GatewayEntry(name="Hộp thư", channel="sms", kind="inbox", settings={}), now=NOW)


@pytest.fixture
def user(db: None) -> User:
    return account("thu@txg.example")


def account(email: str) -> User:
    return services.create_user(actor=SYSTEM, email=email, password="mot-mat-khau-du-dai", now=NOW)


def wish(user: User, mark: str = "m", **changes: object) -> Wish:
    base = Wish(user_id=user.pk, purpose="sign_in", mark=mark, recipient=NUMBER, address="10.0.0.1")
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def sent(user: User, mark: str = "m", now: datetime = NOW, **changes: object) -> str:
    """Send a code and read it on the simulated phone."""
    row = codes.send_code(actor=SYSTEM, wish=wish(user, mark, **changes), now=now)
    sending.try_to_send(message_id=row.message_id, now=now)
    return InboxMessage.objects.latest("pk").body[:6]


def use(user: User, code: str, mark: str = "m", *, now: datetime = NOW, address: str = "10.0.0.1") -> OneTimeCode:
    return codes.use_code(user_id=user.pk, purpose="sign_in", mark=mark, code=code, now=now, address=address)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.usefixtures("inbox_gateway")
def test_code_counts_once(user: User) -> None:
    code = sent(user)

    assert use(user, f" {code[:3]} {code[3:]} ").used_at == NOW
    with pytest.raises(CodeRefused):
        use(user, code)


@pytest.mark.usefixtures("inbox_gateway")
def test_code_stands_nowhere_in_the_database(user: User) -> None:
    code = sent(user)

    row = OneTimeCode.objects.get()
    message = OutboundMessage.objects.get()
    assert code not in str(row.__dict__) + str(message.__dict__)


@pytest.mark.usefixtures("inbox_gateway")
def test_late_code_and_code_of_another_sign_in_person_or_purpose_open_nothing(user: User) -> None:
    other = account("khac@txg.example")
    code = sent(user)
    sent(other, recipient="+84907654321")

    for attempt in (
        lambda: use(user, code, now=NOW + codes.LIFE),
        lambda: use(user, code, mark="another browser"),
        lambda: use(other, code),
        lambda: codes.use_code(user_id=user.pk, purpose="new_phone", mark="m", code=code, now=NOW),
    ):
        with pytest.raises(CodeRefused):
            attempt()
    assert use(user, code).used_at == NOW


@pytest.mark.usefixtures("inbox_gateway")
def test_five_wrong_tries_end_a_code(user: User) -> None:
    code = sent(user)

    for left in (4, 3, 2, 1):
        with pytest.raises(CodeRefused) as refused:
            use(user, wrong(code))
        assert refused.value.tries_left == left
    for typed in (wrong(code), code):
        with pytest.raises(CodeUsedUp):
            use(user, typed)


@pytest.mark.usefixtures("inbox_gateway")
def test_new_code_comes_after_a_minute_and_voids_the_one_before(user: User) -> None:
    first = sent(user)
    with pytest.raises(ResendTooSoon) as refused:
        sent(user, now=NOW + timedelta(seconds=59))
    assert refused.value.wait_s == 1

    later = NOW + timedelta(seconds=60)
    second = sent(user, now=later)

    if first != second:
        with pytest.raises(CodeRefused):
            use(user, first, now=later)
    assert use(user, second, now=later).used_at == later


@pytest.mark.usefixtures("inbox_gateway")
def test_number_gets_five_codes_in_ten_minutes_whoever_asks(user: User) -> None:
    for mark in "abcde":
        sent(user, mark)

    with pytest.raises(TooManyMessages):
        sent(account("khac@txg.example"), "f")


def test_nothing_is_promised_where_nothing_can_be_sent(user: User) -> None:
    with pytest.raises(NoWayForCode):
        codes.send_code(actor=SYSTEM, wish=wish(user), now=NOW)

    assert not OneTimeCode.objects.exists()


@pytest.mark.usefixtures("inbox_gateway")
def test_guessing_is_slowed_by_address_and_the_owner_elsewhere_still_gets_in(user: User) -> None:
    code = sent(user, "thief")
    for _ in range(10):
        with pytest.raises(Invalid):
            use(user, wrong(code), "thief", address="203.0.113.9")

    with pytest.raises(GuessingSlowed):
        use(user, code, "thief", address="203.0.113.9")
    own = sent(user, "owner")
    assert use(user, own, "owner", address="10.0.0.1").used_at == NOW


@pytest.mark.usefixtures("inbox_gateway")
def test_guessing_from_many_addresses_is_slowed_and_a_new_address_has_two_tries(user: User) -> None:
    code = sent(user)
    for number in range(40):
        with pytest.raises(Invalid):
            use(user, "000000x", mark="none", address=f"203.0.113.{number // 2}")

    with pytest.raises(GuessingSlowed):
        use(user, code, address="203.0.113.3")
    assert use(user, code, address="10.0.0.1").used_at == NOW


@pytest.mark.django_db(transaction=True)
def test_one_code_sent_by_two_requests_at_once_opens_once(empty_queue: None) -> None:
    gateways.add_gateway(entry=GatewayEntry(name="Hộp thư", channel="sms", kind="inbox", settings={}), now=NOW)
    user = account("hai@txg.example")
    code = sent(user)
    opened: list[int] = []

    def attempt() -> None:
        try:
            opened.append(use(user, code).pk)
        except (CodeRefused, CodeUsedUp):
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(opened) == 1


@pytest.mark.django_db(transaction=True)
def test_two_wishes_at_once_send_one_code(empty_queue: None) -> None:
    gateways.add_gateway(entry=GatewayEntry(name="Hộp thư", channel="sms", kind="inbox", settings={}), now=NOW)
    user = account("hai@txg.example")
    refused: list[str] = []

    def attempt() -> None:
        try:
            codes.send_code(actor=SYSTEM, wish=wish(user), now=NOW)
        except ResendTooSoon as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (OneTimeCode.objects.count(), len(refused)) == (1, 3)


def test_recovery_code_counts_once_however_it_is_written(user: User) -> None:
    made = recovery.make_recovery_codes(actor=SYSTEM, user_id=user.pk, now=NOW)
    assert len(set(made)) == 10

    recovery.use_recovery_code(user_id=user.pk, code=f" {made[3].upper().replace('-', ' ')} ", now=NOW)

    with pytest.raises(CodeRefused):
        recovery.use_recovery_code(user_id=user.pk, code=made[3], now=NOW)
    with pytest.raises(CodeRefused):
        recovery.use_recovery_code(user_id=account("khac@txg.example").pk, code=made[4], now=NOW)


def test_new_recovery_codes_void_the_old_ones(user: User) -> None:
    old = recovery.make_recovery_codes(actor=SYSTEM, user_id=user.pk, now=NOW)
    recovery.make_recovery_codes(actor=SYSTEM, user_id=user.pk, now=NOW)

    with pytest.raises(CodeRefused):
        recovery.use_recovery_code(user_id=user.pk, code=old[0], now=NOW)
