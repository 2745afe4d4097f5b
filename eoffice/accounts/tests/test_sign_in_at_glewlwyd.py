"""OpenID Connect with Glewlwyd and its own one-time code: what it has asked, we do not ask again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from eoffice.accounts import services
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import ForeignIdentity, OpenSession, Requirement, User
from eoffice.accounts.services import second_factor_policy as rules
from eoffice.accounts.services.doors import DoorEntry, create_door
from eoffice.accounts.services.second_factor_policy import PolicyEntry
from eoffice.accounts.tests.glewlwyd import CLIENT_ID, CLIENT_SECRET, EMAIL, Browser, Glewlwyd, glewlwyd
from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef

SYSTEM = ActorRef(person_id=None, source="cli")
CHIEF = Holder(7, "Hồ Đình Quân", "", frozenset({"administrator"}))
BACK = "http://testserver/tai-khoan/cua/tap-doan/ve/"
DEVICES = "/tai-khoan/thiet-bi/"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def provider() -> Iterator[Glewlwyd]:
    with glewlwyd(BACK) as running:
        yield running


@pytest.fixture
def user() -> User:
    """An account whose rules ask for a second factor at every sign-in."""
    policy = PolicyEntry(everybody_else=Requirement.ALWAYS)
    rules.change_policy(actor=CHIEF, entry=policy, now=clock.now())
    return services.create_user(actor=SYSTEM, email=EMAIL, password=None, now=clock.now())


def open_door(provider: Glewlwyd, scopes: str) -> None:
    # Glewlwyd does not say `email_verified`: its administrator keeps the addresses.
    settings = {"issuer": provider.issuer, "client_id": CLIENT_ID, "scopes": scopes, "trusts_email": True}
    entry = DoorEntry(
        code="tap-doan", kind="oidc", name="Tài khoản Tập đoàn", is_on=True, settings=settings, secret=CLIENT_SECRET
    )
    create_door(actor=SYSTEM, entry=entry, now=clock.now())


def go(client: Client) -> str:
    """Press our button; where it leads."""
    page = client.post("/tai-khoan/cua/tap-doan/", {"next": DEVICES}).content.decode()
    return html.unescape(re.findall(r'content="0;url=([^"]+)"', page)[0])


def allowed(there: Browser, address: str) -> str:
    """Where Glewlwyd sends a browser on, once its own page has said that the person may go."""
    status, onward = there.ask("GET", f"{address}&g_continue")
    assert status == 302, onward
    return onward


def come_back(client: Client, address: str):
    assert address.startswith(BACK), address
    return client.get(address.removeprefix("http://testserver"))


def why_refused() -> list[str]:
    """What the audit trail says about refusals; empty where all went well."""
    return [row.detail["why"] for row in AuditEntry.objects.filter(action="accounts.user.sign_in_refused")]


def test_a_code_given_there_is_not_asked_again_here(provider: Glewlwyd, user: User) -> None:
    open_door(provider, "openid email hai-lop")
    client, there = Client(), provider.browser()
    address = go(client)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    provider.give_password(there)
    provider.consent(there, "openid email hai-lop")

    # The password alone is not enough there, nor is a wrong code.
    assert "/login.html" in allowed(there, address)
    assert provider.give_code(there, "000000") == 401
    assert "/login.html" in allowed(there, address)
    assert provider.give_code(there) == 200
    answer = come_back(client, allowed(there, address))

    assert why_refused() == []
    assert (answer.status_code, answer.headers["Location"]) == (303, DEVICES)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "half_signed_in" not in client.session
    assert client.get(DEVICES).status_code == 200
    assert OpenSession.objects.get().provider_subject == ForeignIdentity.objects.get().subject
    assert provider.amr_of(client.session["provider"]["id_token"]) == ["password", "otp"]


def test_a_password_alone_there_leaves_the_second_question_to_us(provider: Glewlwyd, user: User) -> None:
    open_door(provider, "openid email")
    client, there = Client(), provider.browser()
    address = go(client)
    provider.give_password(there)
    provider.consent(there, "openid email")

    answer = come_back(client, allowed(there, address))

    assert why_refused() == []
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tai-khoan/xac-thuc/")
    assert client.session["half_signed_in"]["user_id"] == user.pk
    assert "_auth_user_id" not in client.session
    assert client.get(DEVICES).status_code == 302
    assert not OpenSession.objects.exists()


def test_its_code_is_refused_there_without_the_verifier_of_the_browser_that_began(
    provider: Glewlwyd, user: User
) -> None:
    open_door(provider, "openid email")
    client, there = Client(), provider.browser()
    provider.give_password(there)
    provider.consent(there, "openid email")
    first, second = go(client), go(client)
    stolen = parse_qs(urlsplit(allowed(there, first)).query)["code"][0]
    state = parse_qs(urlsplit(second).query)["state"][0]

    # A code of one way, put into the other: Glewlwyd itself finds that the verifier does not fit (RFC 7636).
    answer = client.get("/tai-khoan/cua/tap-doan/ve/", {"code": stolen, "state": state})

    assert answer.status_code == 403
    assert why_refused() == ["token endpoint says 403 invalid_code"]
    assert "_auth_user_id" not in client.session
