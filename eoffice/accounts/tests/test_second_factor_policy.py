"""Who is asked for a second proof: by role, by network, by own choice, unless the browser is trusted."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.accounts import second_factor, services
from eoffice.accounts.holders import NOBODY, Holder
from eoffice.accounts.models import AuthenticatorApp, Requirement, SecondFactorPolicy, User
from eoffice.accounts.second_factor_errors import AdministratorOfFactorsOnly
from eoffice.accounts.services import second_factor_devices as devices
from eoffice.accounts.services import second_factor_policy as rules
from eoffice.accounts.services.second_factor_policy import PolicyEntry
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SYSTEM = ActorRef(person_id=None)
ADMINISTRATOR = Holder(7, "Hồ Đình Quân", "", frozenset({"administrator"}))
CLERK = Holder(8, "Nguyễn Thị Hương", "", frozenset({"clerk"}))
OFFICE = "10.20.0.0/16"


@pytest.fixture
def user(db: None) -> User:
    return services.create_user(actor=SYSTEM, email="luat@txg.example", password="mot-mat-khau-du-dai", now=NOW)


def required(
    user: User, holder: Holder = NOBODY, address: str = "203.0.113.7", cookies: dict[str, str] | None = None,
    now: datetime = NOW,
) -> bool:  # fmt: skip
    return second_factor.required_for(
        user=user, holder=holder, door="local", address=address, cookies=cookies or {}, now=now
    )


def change(**changes: object) -> SecondFactorPolicy:
    return rules.change_policy(actor=ADMINISTRATOR, entry=PolicyEntry(**changes), now=NOW)  # type: ignore[arg-type]


def test_new_installation_asks_nobody_but_emergency_accounts(user: User) -> None:
    assert not required(user)
    user.is_emergency = True
    assert required(user)


def test_listed_roles_are_always_asked_and_others_outside_the_office(user: User) -> None:
    change(always_roles=("clerk",), everybody_else=Requirement.OUTSIDE, networks=(OFFICE, "2001:db8::/32"))

    assert required(user, CLERK, "10.20.3.4")
    assert not required(user, NOBODY, "10.20.3.4")
    assert not required(user, NOBODY, "::ffff:10.20.3.4")
    assert not required(user, NOBODY, "2001:db8::5")
    for outside in ("10.21.0.1", "203.0.113.7", "2001:db9::1", "", "unknown"):
        assert required(user, NOBODY, outside)


def test_person_with_an_app_of_her_own_is_asked(user: User) -> None:
    AuthenticatorApp.objects.create(user=user, secret="x", begun_at=NOW, confirmed_at=NOW)

    assert required(user)


def test_trusted_browser_is_not_asked_until_its_days_are_over(user: User) -> None:
    change(everybody_else=Requirement.ALWAYS, trusted_days=7)
    value, age_s = devices.trust_device(
        actor=SYSTEM, user_id=user.pk, agent="Firefox", address="10.0.0.1", cookies={}, now=NOW
    )
    cookies = {devices.COOKIE: value}

    assert age_s == 7 * 24 * 3600
    assert not required(user, cookies=cookies)
    assert required(user, cookies=cookies, now=NOW + timedelta(days=7))
    assert required(user, cookies={devices.COOKIE: value[:-2] + "xx"})
    other = services.create_user(actor=SYSTEM, email="khac@txg.example", password=None, now=NOW)
    assert required(other, cookies=cookies)


def test_trust_ends_when_it_is_revoked_and_is_not_given_where_the_rules_forbid_it(user: User) -> None:
    change(everybody_else=Requirement.ALWAYS)
    value, _ = devices.trust_device(actor=SYSTEM, user_id=user.pk, agent="", address="", cookies={}, now=NOW)
    assert devices.revoke_trusted_devices(actor=SYSTEM, user_id=user.pk, now=NOW) == 1
    assert required(user, cookies={devices.COOKIE: value})

    change(everybody_else=Requirement.ALWAYS, trusted_days=0)
    assert devices.trust_device(actor=SYSTEM, user_id=user.pk, agent="", address="", cookies={}, now=NOW) == ("", 0)


def test_question_costs_three_queries_at_most(user: User, django_assert_max_num_queries) -> None:
    value, _ = devices.trust_device(actor=SYSTEM, user_id=user.pk, agent="", address="", cookies={}, now=NOW)
    user.is_emergency = True

    with django_assert_max_num_queries(3):
        required(user, cookies={devices.COOKIE: value})


@pytest.mark.django_db
def test_rules_are_the_administrators() -> None:
    with pytest.raises(AdministratorOfFactorsOnly):
        rules.change_policy(actor=CLERK, entry=PolicyEntry(), now=NOW)

    assert not SecondFactorPolicy.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"networks": ("10.0.0.0/33",)}, "networks"),
        ({"networks": ("văn phòng",)}, "networks"),
        ({"everybody_else": "sometimes"}, "everybody_else"),
        ({"trusted_days": 366}, "trusted_days"),
        ({"codes_per_number": 0}, "codes_per_number"),
    ],
)
def test_wrong_rules_are_named_and_nothing_changes(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(**changes)

    assert list(refused.value.fields) == [field]
    assert not SecondFactorPolicy.objects.exists()


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_inside_agrees_with_the_bits(base: ipaddress.IPv4Address, prefix: int, address: ipaddress.IPv4Address) -> None:
    network = ipaddress.ip_network((base, prefix), strict=False)
    policy = SecondFactorPolicy(office_networks=[str(network)])

    same_bits = int(base) >> (32 - prefix) == int(address) >> (32 - prefix)

    assert rules.is_inside(policy, str(address)) == same_bits


@given(st.text(max_size=40))
def test_any_text_for_an_address_is_outside(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert not rules.is_inside(SecondFactorPolicy(office_networks=["0.0.0.0/0"]), text)
