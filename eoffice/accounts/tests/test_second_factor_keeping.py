"""Changing the phone with both numbers' codes; an administrator's help, with a reason; what is told to whom."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from eoffice.accounts import second_factor, services
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import AuthenticatorApp, ConfirmedPhone, RecoveryCode, User
from eoffice.accounts.second_factor_errors import AdministratorOfFactorsOnly, CodeRefused, NoWayForCode
from eoffice.accounts.services import second_factor_keeping as keeping
from eoffice.accounts.services import second_factor_phones as phones
from eoffice.accounts.services import second_factor_recovery as recovery
from eoffice.audit.models import AuditEntry
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways, sending
from eoffice.core.channels.gateways import GatewayEntry
from eoffice.core.errors import Invalid
from eoffice.core.models import InboxMessage, OutboundMessage, OutboxEvent

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SYSTEM = ActorRef(person_id=None)
ADMINISTRATOR = Holder(7, "Hồ Đình Quân", "", frozenset({"administrator"}))
OWNER = Holder(9, "Võ Thùy Ngân", "0901 234 567", frozenset({"auditor"}))
OLD, NEW = "+84901234567", "+84907654321"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inbox(settings: Settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=True)
    gateways.add_gateway(entry=GatewayEntry(name="Hộp thư", channel="sms", kind="inbox", settings={}), now=NOW)


@pytest.fixture
def user() -> User:
    return services.create_user(actor=SYSTEM, email="ngan@txg.example", password="mot-mat-khau-du-dai", now=NOW)


def begin(user: User, holder: Holder = OWNER, typed: str = "090 765 4321", now: datetime = NOW) -> dict[str, str]:
    """Ask for the change; the code on each simulated phone."""
    phones.begin_phone_change(actor=holder, user_id=user.pk, mark="s", typed=typed, address="10.0.0.1", now=now)
    for message in OutboundMessage.objects.filter(state="waiting").order_by("pk"):
        sending.try_to_send(message_id=message.pk, now=now)
    return {row.recipient: row.body[:6] for row in InboxMessage.objects.order_by("pk")}


def confirm(user: User, old: str, new: str, holder: Holder = OWNER, now: datetime = NOW) -> ConfirmedPhone:
    return phones.confirm_phone_change(
        actor=holder, user_id=user.pk, mark="s", old_code=old, new_code=new, address="10.0.0.1", now=now
    )


def test_registered_number_receives_codes_until_another_is_confirmed(user: User) -> None:
    assert second_factor.ways_of(user, OWNER).number == OLD
    codes = begin(user)
    assert set(codes) == {OLD, NEW}

    confirm(user, codes[OLD], codes[NEW])

    assert second_factor.ways_of(user, OWNER).number == NEW
    event = OutboxEvent.objects.get(name="accounts.phone_changed")
    assert event.payload == {"user_id": user.pk, "number": NEW, "by": "owner"}
    entry = AuditEntry.objects.get(action="accounts.second_factor.phone_changed")
    assert (entry.person_id, entry.detail["to"]) == (9, "090****321")


def test_without_the_old_phones_code_nothing_changes(user: User) -> None:
    codes = begin(user)

    with pytest.raises(CodeRefused) as refused:
        confirm(user, "000000x", codes[NEW])

    assert list(refused.value.fields) == ["old_code"]
    assert not ConfirmedPhone.objects.exists()
    assert confirm(user, codes[OLD], codes[NEW]).number == NEW


def test_old_phones_code_is_not_asked_twice_when_the_new_one_was_mistyped(user: User) -> None:
    codes = begin(user)

    with pytest.raises(CodeRefused) as refused:
        confirm(user, codes[OLD], "000000x")

    assert list(refused.value.fields) == ["new_code"]
    assert confirm(user, "", codes[NEW]).number == NEW


def test_code_for_one_new_number_does_not_confirm_another(user: User) -> None:
    codes = begin(user)
    later = NOW + timedelta(seconds=61)
    other = begin(user, typed="0908888888", now=later)

    with pytest.raises(CodeRefused):
        confirm(user, other[OLD], codes[NEW], now=later)
    assert confirm(user, "", other["+84908888888"], now=later).number == "+84908888888"


def test_person_without_a_phone_confirms_the_new_one_alone(user: User) -> None:
    nobody = Holder(9, "Võ Thùy Ngân", "", frozenset())
    codes = begin(user, nobody)

    assert confirm(user, "", codes[NEW], nobody).number == NEW


def test_wrong_and_same_numbers_and_nothing_pending_are_refused(user: User) -> None:
    for typed in ("1800 1234", "0901.234.567"):
        with pytest.raises(Invalid) as refused:
            begin(user, typed=typed)
        assert list(refused.value.fields) == ["number"]
    with pytest.raises(NoWayForCode):
        confirm(user, "", "123456")


def test_administrator_sets_a_lost_phone_with_a_reason(user: User) -> None:
    def set_it(actor: Holder, reason: str) -> None:
        phones.set_phone(actor=actor, user_id=user.pk, typed="0907654321", reason=reason, now=NOW)

    with pytest.raises(AdministratorOfFactorsOnly):
        set_it(OWNER, "Mất máy, đã gặp trực tiếp")
    with pytest.raises(Invalid):
        set_it(ADMINISTRATOR, " mất ")

    set_it(ADMINISTRATOR, "Mất máy, đã gặp trực tiếp")

    assert phones.number_of(user.pk, OWNER) == NEW
    entry = AuditEntry.objects.get(action="accounts.second_factor.phone_changed")
    assert (entry.person_id, entry.detail["reason"]) == (7, "Mất máy, đã gặp trực tiếp")


def test_administrator_resets_every_factor_and_the_person_is_told(user: User) -> None:
    AuthenticatorApp.objects.create(user=user, secret="x", begun_at=NOW, confirmed_at=NOW)
    recovery.make_recovery_codes(actor=SYSTEM, user_id=user.pk, now=NOW)

    with pytest.raises(AdministratorOfFactorsOnly):
        keeping.reset_factors(actor=OWNER, user_id=user.pk, reason="Mất máy, đã gặp trực tiếp", now=NOW)
    assert RecoveryCode.objects.count() == 10
    keeping.reset_factors(actor=ADMINISTRATOR, user_id=user.pk, reason="Mất máy, đã gặp trực tiếp", now=NOW)

    ways = second_factor.ways_of(user, OWNER)
    assert (ways.app, ways.passkeys, ways.recovery_codes, ways.number) == (False, 0, 0, OLD)
    event = OutboxEvent.objects.get(name="accounts.second_factor_changed")
    assert event.payload == {"user_id": user.pk, "what": "reset", "by": "administrator"}
