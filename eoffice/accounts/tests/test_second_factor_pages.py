"""The pages of the second proof: nothing opens half signed in; each way lets in once; changes need a fresh proof."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from eoffice.accounts import holders, services
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import AuthenticatorApp, ConfirmedPhone, OneTimeCode, Passkey, TrustedDevice, User
from eoffice.accounts.services import second_factor_app, second_factor_recovery
from eoffice.accounts.services.second_factor_policy import PolicyEntry, set_policy
from eoffice.accounts.tests.software_key import SoftwareKey
from eoffice.accounts.tests.test_authenticator_app import phone_code
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways, sending
from eoffice.core.channels.gateways import GatewayEntry
from eoffice.core.models import InboxMessage, OutboundMessage

PASSWORD = "mot-mat-khau-du-dai"
SYSTEM = ActorRef(person_id=None)
CODE_PAGE = "/tai-khoan/xac-thuc/"
OWN_PAGE = "/tai-khoan/bao-mat/"
KNOWN = Holder(9, "Võ Thùy Ngân", "0901 234 567", frozenset({"auditor"}))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings: Settings) -> Iterator[None]:
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=True)
    now = clock.now()
    gateways.add_gateway(entry=GatewayEntry(name="Hộp thư", channel="sms", kind="inbox", settings={}), now=now)
    set_policy(actor=KNOWN, entry=PolicyEntry(always_roles=("auditor",)), now=now)
    before = list(holders._tellers)
    holders.tells_holder(lambda user_id, at: KNOWN)
    yield
    holders._tellers[:] = before


@pytest.fixture
def user() -> User:
    return services.create_user(actor=SYSTEM, email="ngan@txg.example", password=PASSWORD, now=clock.now())


def half_way(user: User, client: Client | None = None, onward: str = "") -> Client:
    client = client or Client()
    answer = client.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD, "next": onward})
    assert (answer.status_code, answer["Location"]) == (303, CODE_PAGE)
    return client


def code_on_phone() -> str:
    for message in OutboundMessage.objects.filter(state="waiting").order_by("pk"):
        sending.try_to_send(message_id=message.pk, now=clock.now())
    return InboxMessage.objects.latest("pk").body[:6]


def give(client: Client, **values: str) -> int:
    return client.post(CODE_PAGE, {"action": "check", "way": "sms", **values}).status_code


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_code_sent_at_once_opens_the_session_and_leads_on(user: User) -> None:
    client = half_way(user, onward="/documents/incoming/?box=all")
    key = client.session.session_key
    page = client.get(CODE_PAGE).content.decode()
    assert "090****567" in page
    assert "0901 234 567" not in page

    answer = client.post(CODE_PAGE, {"action": "check", "way": "sms", "code": code_on_phone()})

    assert (answer.status_code, answer["Location"]) == (303, "/documents/incoming/?box=all")
    assert is_in(client)
    assert client.session.session_key != key


def test_no_page_opens_half_signed_in(user: User) -> None:
    client = half_way(user)

    for address in ("/", "/tai-khoan/", OWN_PAGE, "/tai-khoan/thiet-bi/", "/tai-khoan/xac-thuc-lai/"):
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/tai-khoan/dang-nhap/")
    assert not is_in(client)


def test_wrong_reused_and_strangers_codes_do_not_open(user: User) -> None:
    thief, owner = half_way(user), half_way(user)
    code = code_on_phone()

    assert give(thief, code=code) == 422
    assert give(owner, code=f"{(int(code) + 1) % 1_000_000:06d}") == 422
    assert not is_in(thief)
    assert not is_in(owner)
    assert give(owner, code=code) == 303
    again = half_way(user)
    assert give(again, code=code) == 422


def test_code_page_without_a_first_factor_leads_to_the_door(user: User) -> None:
    client = Client()

    assert client.get(CODE_PAGE)["Location"] == "/tai-khoan/dang-nhap/"
    assert give(client, code="123456") == 303
    assert client.post("/tai-khoan/xac-thuc/khoa/").status_code == 403
    assert not OneTimeCode.objects.exists()


def test_trusted_device_is_not_asked_again_until_it_is_revoked(user: User) -> None:
    client = half_way(user)
    assert give(client, code=code_on_phone(), trust="on") == 303
    client.post("/tai-khoan/dang-xuat/")

    answer = client.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD})
    assert answer["Location"] == "/"
    device = TrustedDevice.objects.get()
    client.post(f"{OWN_PAGE}thiet-bi/{device.pk}/bo/")
    client.post("/tai-khoan/dang-xuat/")

    half_way(user, client)


def test_app_code_opens_once_and_is_offered_before_sms(user: User) -> None:
    now = clock.now()
    enrolment = second_factor_app.begin_app(actor=SYSTEM, user_id=user.pk, issuer="eOffice", now=now)
    before = now - timedelta(seconds=30)
    second_factor_app.confirm_app(actor=SYSTEM, user_id=user.pk, code=phone_code(enrolment.secret, before), now=now)
    client = half_way(user)
    assert not OneTimeCode.objects.exists()
    assert "Mở ứng dụng xác thực" in client.get(CODE_PAGE).content.decode()

    code = phone_code(enrolment.secret, clock.now())
    assert give(client, way="app", code=code) == 303
    assert is_in(client)
    assert give(half_way(user), way="app", code=code) == 422


def test_recovery_code_opens_once(user: User) -> None:
    codes = second_factor_recovery.make_recovery_codes(actor=SYSTEM, user_id=user.pk, now=clock.now())

    assert give(half_way(user), way="recovery", code=codes[0]) == 303
    assert give(half_way(user), way="recovery", code=codes[0]) == 422


def test_person_with_no_way_registers_an_app_before_coming_in(user: User) -> None:
    holders.tells_holder(lambda user_id, at: dataclasses.replace(KNOWN, phone=""))
    client = half_way(user)
    assert "Bắt đầu đăng ký" in client.get(CODE_PAGE).content.decode()

    client.post(CODE_PAGE, {"action": "send", "way": "enrol"})
    page = client.get(f"{CODE_PAGE}?way=enrol")
    page_text = page.content.decode()
    assert "data:image/png;base64," in page_text
    secret = page_text.split('Khóa để nhập tay: <code class="num">')[1].split("</code>")[0]

    assert give(client, way="enrol", code="000000x") == 422
    assert give(client, way="enrol", code=phone_code(secret, clock.now())) == 303
    assert is_in(client)


def test_enrolment_is_not_offered_to_who_has_a_phone(user: User) -> None:
    client = half_way(user)

    client.post(CODE_PAGE, {"action": "send", "way": "enrol"})

    assert not AuthenticatorApp.objects.exists()
    assert give(client, way="enrol", code="123456") == 422


def signed_in(user: User) -> Client:
    client = half_way(user)
    assert give(client, code=code_on_phone()) == 303
    return client


def test_passkey_is_added_on_the_page_and_opens_the_next_session(user: User) -> None:
    client = signed_in(user)
    key = SoftwareKey("http://testserver", "testserver")
    options = client.post(f"{OWN_PAGE}khoa/bat-dau/").json()
    added = client.post(f"{OWN_PAGE}khoa/them/", {"name": "Máy bàn", "answer": json.dumps(key.register(options))})
    assert added.status_code == 303
    assert "Máy bàn" in client.get(OWN_PAGE).content.decode()

    again = half_way(user)
    answer = json.dumps(key.answer(again.post("/tai-khoan/xac-thuc/khoa/").json()))
    assert give(again, way="passkey", answer=answer) == 303
    assert is_in(again)
    assert give(half_way(user), way="passkey", answer=answer) == 422
    for rubbish in ("", "[]", "{", '{"id": 10000000000}'):
        assert give(half_way(user), way="passkey", answer=rubbish) == 422


def test_changes_need_a_fresh_proof(user: User) -> None:
    client = signed_in(user)
    session = client.session
    session["proved_at"] -= 601
    session.save()

    for address in ("ung-dung/bat-dau/", "ma-khoi-phuc/", "khoa/bat-dau/", "so-dien-thoai/doi/"):
        answer = client.post(f"{OWN_PAGE}{address}", {"number": "0907654321"})
        assert answer["Location"].startswith("/tai-khoan/xac-thuc-lai/"), address
    assert not AuthenticatorApp.objects.exists()
    again = "/tai-khoan/xac-thuc-lai/?next=/tai-khoan/bao-mat/"
    client.post(again, {"action": "send", "way": "sms"})
    assert client.post(again, {"action": "check", "way": "sms", "code": code_on_phone()})["Location"] == OWN_PAGE
    assert client.post(f"{OWN_PAGE}ung-dung/bat-dau/")["Location"] == OWN_PAGE
    assert AuthenticatorApp.objects.exists()


def test_phone_is_changed_on_the_page_with_both_codes(user: User) -> None:
    client = signed_in(user)
    wrong = client.post(f"{OWN_PAGE}so-dien-thoai/doi/", {"number": "1800 1234"})
    assert wrong.status_code == 422
    assert 'value="1800 1234"' in wrong.content.decode()

    client.post(f"{OWN_PAGE}so-dien-thoai/doi/", {"number": "+84 907 654 321"})
    code_on_phone()
    codes = {row.recipient: row.body[:6] for row in InboxMessage.objects.order_by("pk")}
    answer = client.post(
        f"{OWN_PAGE}so-dien-thoai/xac-nhan/", {"old_code": codes["+84901234567"], "new_code": codes["+84907654321"]}
    )

    assert answer["Location"] == f"{OWN_PAGE}?saved=phone"
    assert ConfirmedPhone.objects.get().number == "+84907654321"


def test_recovery_codes_are_shown_once(user: User) -> None:
    client = signed_in(user)

    shown = client.post(f"{OWN_PAGE}ma-khoi-phuc/").content.decode()

    assert shown.count("<li><code>") == 10
    assert "<li><code>" not in client.get(OWN_PAGE).content.decode()


def test_factor_of_another_person_cannot_be_removed(user: User) -> None:
    other = services.create_user(actor=SYSTEM, email="khac@txg.example", password=None, now=clock.now())
    passkey = Passkey.objects.create(
        user=other, name="Khóa", credential_id="x", credential=b"x", created_at=clock.now()
    )

    signed_in(user).post(f"{OWN_PAGE}khoa/{passkey.pk}/xoa/")

    assert Passkey.objects.filter(pk=passkey.pk).exists()


def test_test_inbox_is_no_page_of_a_real_installation(settings: Settings) -> None:
    assert Client().get("/tai-khoan/hop-thu-thu-nghiem/").status_code == 200

    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=False)

    assert Client().get("/tai-khoan/hop-thu-thu-nghiem/").status_code == 404


def test_pages_cost_few_queries(user: User, django_assert_max_num_queries) -> None:
    client = half_way(user)
    client.get(CODE_PAGE)
    with django_assert_max_num_queries(16):
        client.get(CODE_PAGE)
    inside = signed_in(user)
    inside.get(OWN_PAGE)
    with django_assert_max_num_queries(32):
        inside.get(OWN_PAGE)
