"""The administrator's pages: rules, gateways whose secrets are never shown, help with a reason; nobody else's."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from eoffice.accounts import holders, services, special_powers
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import ConfirmedPhone, SecondFactorPolicy, User
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways
from eoffice.core.models import Gateway, InboxMessage

PAGE = "/tai-khoan/quan-tri/xac-thuc/"
SYSTEM = ActorRef(person_id=None)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def roles(settings: Settings) -> Iterator[None]:
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=True)
    before, guards = list(holders._tellers), list(special_powers._guards)
    # Timed powers belong to the room above and are tested there.
    special_powers._guards.clear()
    first: list[int] = []

    def tell(user_id: int, at: object) -> Holder:
        first[:] = first or [user_id]
        return Holder(7, "Hồ Đình Quân", "", frozenset({"administrator"} if user_id == first[0] else {"clerk"}))

    holders.tells_holder(tell)
    yield
    holders._tellers[:] = before
    special_powers._guards[:] = guards


def account(email: str) -> User:
    return services.create_user(actor=SYSTEM, email=email, password="mot-mat-khau-du-dai", now=clock.now())


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(account("quan@txg.example"))
    assert client.get(PAGE).status_code == 200
    return client


def test_rules_are_saved_and_faults_keep_what_was_typed(admin: Client) -> None:
    typed = {
        "always_roles": ["leader", "clerk"],
        "everybody_else": "outside",
        "networks": "10.0.0.0/8\n203.0.113.7",
        "trusted_days": "14",
        "code_channels": ["mail"],
        "codes_per_number": "5",
        "codes_per_address": "80",
    }
    assert admin.post(PAGE, typed)["Location"] == f"{PAGE}?saved=rules"
    policy = SecondFactorPolicy.objects.get()
    assert (policy.always_roles, policy.office_networks) == (["clerk", "leader"], ["10.0.0.0/8", "203.0.113.7/32"])

    refused = admin.post(PAGE, {**typed, "networks": "10.0.0.0/99", "trusted_days": "900"})

    assert refused.status_code == 422
    assert "10.0.0.0/99" in refused.content.decode()
    assert SecondFactorPolicy.objects.get().trusted_days == 14


def test_gateway_is_added_changed_and_tried_without_showing_its_secret(admin: Client) -> None:
    typed = {
        "name": "Cổng chính",
        "is_on": "on",
        "secret": "khoa-bi-mat-9",
        "url": "https://sms.example/send",
        "method": "POST",
        "header_lines": "Authorization: Bearer {secret}",
        "body_type": "json",
        "body": '{"to": "{number}"}',
        "success_status": "200",
    }
    added = admin.post("/tai-khoan/quan-tri/cong/sms/http/them/", typed)
    gateway = Gateway.objects.get()
    page = f"/tai-khoan/quan-tri/cong/{gateway.pk}/"
    assert added["Location"] == f"{page}?saved=1"
    shown = admin.get(page).content.decode()
    assert "khoa-bi-mat-9" not in shown
    assert "Bearer {secret}" in shown

    assert admin.post(page, {**typed, "secret": "", "url": "ftp://x"}).status_code == 422
    assert admin.post(page, {**typed, "secret": "", "url": "http://127.0.0.1:9/"}).status_code == 303
    gateway.refresh_from_db()
    assert gateways.secret_of(gateway) == "khoa-bi-mat-9"

    refused = admin.post(f"{page}thu/", {"recipient": "không phải số"})
    assert refused.status_code == 422
    assert 'value="không phải số"' in refused.content.decode()
    admin.post(f"{page}thu/", {"recipient": "0901234567"})
    assert "Không nối được tới 127.0.0.1" in admin.get(page).content.decode()


def test_trial_through_the_inbox_arrives_and_order_can_be_changed(admin: Client) -> None:
    for name in ("Một", "Hai"):
        admin.post("/tai-khoan/quan-tri/cong/sms/inbox/them/", {"name": name, "is_on": "on"})
    one, two = Gateway.objects.order_by("pk")

    admin.post(f"/tai-khoan/quan-tri/cong/{two.pk}/thu/", {"recipient": "0901234567"})
    admin.post(f"/tai-khoan/quan-tri/cong/{two.pk}/len/")

    assert InboxMessage.objects.get().recipient == "+84901234567"
    assert gateways.gateways_in_use("sms") == [two, one]


@pytest.mark.parametrize("address", ["sms/smtp", "mail/http", "fax/http", "voice/smpp"])
def test_channel_has_only_its_own_kinds(admin: Client, address: str) -> None:
    assert admin.get(f"/tai-khoan/quan-tri/cong/{address}/them/").status_code == 404


def test_inbox_is_no_gateway_of_a_real_installation(admin: Client, settings: Settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=False)

    assert admin.get("/tai-khoan/quan-tri/cong/sms/inbox/them/").status_code == 404


def test_person_is_found_by_email_and_helped_with_a_reason(admin: Client) -> None:
    lost = account("mat@txg.example")
    page = f"{PAGE}nguoi/{lost.pk}/"
    assert admin.get(f"{PAGE}nguoi/?email=MAT@txg.example")["Location"] == page
    assert admin.get(f"{PAGE}nguoi/?email=khong@txg.example").status_code == 404

    refused = admin.post(page, {"action": "phone", "number": "0907654321", "reason": "mất"})
    assert refused.status_code == 422
    assert "0907654321" in refused.content.decode()
    assert not ConfirmedPhone.objects.exists()
    admin.post(page, {"action": "phone", "number": "0907654321", "reason": "Mất máy, đã gặp trực tiếp"})

    assert ConfirmedPhone.objects.get().number == "+84907654321"
    assert admin.post(page, {"action": "reset", "reason": "Mất máy, đã gặp trực tiếp"}).status_code == 303


def test_nobody_else_opens_or_changes_anything(admin: Client) -> None:
    admin.post("/tai-khoan/quan-tri/cong/sms/inbox/them/", {"name": "Một", "is_on": "on"})
    gateway = Gateway.objects.get()
    clerk = Client()
    clerk.force_login(account("van-thu@txg.example"))

    for method, address in (
        ("get", PAGE),
        ("post", PAGE),
        ("get", f"{PAGE}nguoi/?email=quan@txg.example"),
        ("get", f"{PAGE}nguoi/1/"),
        ("post", f"{PAGE}nguoi/1/"),
        ("get", "/tai-khoan/quan-tri/cong/sms/http/them/"),
        ("post", f"/tai-khoan/quan-tri/cong/{gateway.pk}/"),
        ("post", f"/tai-khoan/quan-tri/cong/{gateway.pk}/len/"),
        ("post", f"/tai-khoan/quan-tri/cong/{gateway.pk}/thu/"),
    ):
        assert getattr(clerk, method)(address).status_code == 403, address
        assert getattr(Client(), method)(address).status_code == 302, address
    assert not InboxMessage.objects.exists()
