from __future__ import annotations

import html
import re
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection, connections
from django.test import Client
from joserfc.jwk import RSAKey

from eoffice.accounts import services
from eoffice.accounts.doors.identity import Identity
from eoffice.accounts.models import Door, ForeignIdentity, Handshake, OpenSession, User
from eoffice.accounts.services.doors import DoorEntry, EntryRules, change_entry_policy, create_door
from eoffice.accounts.services.foreign_sign_in import account_of
from eoffice.accounts.services.second_factor_recovery import make_recovery_codes
from eoffice.accounts.tests.forging_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    ForgingProvider,
    running,
)
from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef

PASSWORD = "mot-mat-khau-du-dai"
SYSTEM = ActorRef(person_id=None, source="cli")
pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    with running() as made:
        yield made


@pytest.fixture
def user():
    return services.create_user(actor=SYSTEM, email="Huong@truongxuan.example", password=None, now=clock.now())


@pytest.fixture
def door(provider):
    settings = {"issuer": provider.issuer, "client_id": CLIENT_ID, "scopes": "openid email"}
    entry = DoorEntry(
        code="tap-doan", kind="oidc", name="Tài khoản Tập đoàn", is_on=True, settings=settings, secret=CLIENT_SECRET
    )
    return create_door(actor=SYSTEM, entry=entry, now=clock.now())


def go(client: Client, onward: str = "/documents/search/") -> dict[str, str]:
    """Press the button; what the browser carries to the provider."""
    page = client.post("/tai-khoan/cua/tap-doan/", {"next": onward})
    assert page.status_code == 200, page.content.decode()
    address = html.unescape(re.findall(r'content="0;url=([^"]+)"', page.content.decode())[0])
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def come_back(client: Client, provider: ForgingProvider, asked: dict[str, str], **more: str):
    provider.nonce = provider.nonce or asked["nonce"]
    return client.get("/tai-khoan/cua/tap-doan/ve/", {"code": "c", "state": asked["state"], **more})


def test_a_known_person_comes_in_by_the_button_and_goes_on(provider, door, user):
    client = Client()
    asked = go(client)

    answer = come_back(client, provider, asked)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/documents/search/")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert ForeignIdentity.objects.get().subject == "u-1"
    row = OpenSession.objects.get()
    assert (row.door_code, row.provider_session, row.provider_subject) == ("tap-doan", "s-1", "u-1")


def test_what_is_asked_is_a_code_with_pkce_and_the_secret_goes_only_to_the_token_address(provider, door, user):
    client = Client()
    asked = go(client)
    come_back(client, provider, asked)
    sent = provider.exchanged[0]

    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert CLIENT_SECRET not in str(asked)
    assert sent["redirect_uri"] == asked["redirect_uri"] == "http://testserver/tai-khoan/cua/tap-doan/ve/"
    assert len(sent["code_verifier"]) >= 43
    assert b64decode(sent["authorization"].removeprefix("Basic ")) == b"eoffice:mot%20bi%20mat%20%26%20dai"


@pytest.mark.parametrize(
    ("bent", "why"),
    [
        ({"claims": {"iss": "https://khac.example"}}, "iss"),
        ({"claims": {"aud": "phan-mem-khac"}}, "aud"),
        ({"claims": {"aud": [CLIENT_ID, "phan-mem-khac"]}}, "azp"),
        ({"claims": {"azp": "phan-mem-khac"}}, "azp"),
        ({"claims": {"exp": 1}}, "exp"),
        ({"claims": {"exp": None}}, "exp"),
        ({"claims": {"iat": 4102444800}}, "iat"),
        ({"claims": {"nbf": 4102444800}}, "nbf"),
        ({"claims": {"sub": None}}, "sub"),
        ({"nonce": "cua-lan-khac"}, "nonce"),
        ({"header": {"alg": "none"}}, "signature"),
        ({"token": "khong-phai-token"}, "signature"),
        ({"token_status": 400}, "token endpoint says 400"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bent_answer_lets_nobody_in(provider, door, user, bent, why):
    client = Client()
    asked = go(client)
    for name, value in bent.items():
        setattr(provider, name, value)

    answer = come_back(client, provider, asked)

    assert answer.status_code == 403
    assert "Đăng nhập chung không thành" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    refusal = AuditEntry.objects.get(action="accounts.user.sign_in_refused")
    assert refusal.detail["why"].startswith(why)
    assert not ForeignIdentity.objects.exists()


def test_a_token_signed_by_another_key_of_the_same_name_lets_nobody_in(provider, door, user):
    client = Client()
    asked = go(client)
    provider.published = [provider.key]
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})

    assert come_back(client, provider, asked).status_code == 403


def test_the_public_key_is_no_secret_for_an_hmac(provider, door, user):
    client = Client()
    asked = go(client)
    provider.header = {"alg": "HS256", "kid": "one"}

    assert come_back(client, provider, asked).status_code == 403


def test_a_new_key_of_the_provider_is_fetched(provider, door, user):
    client = Client()
    come_back(client, provider, go(client))
    client.post("/tai-khoan/dang-xuat/")
    provider.key, provider.header, provider.nonce = (
        RSAKey.generate_key(2048, {"kid": "two"}),
        {"alg": "RS256", "kid": "two"},
        "",
    )
    from eoffice.accounts.doors import oidc

    for address, (moment, keys) in list(oidc._keys.items()):
        oidc._keys[address] = (moment - timedelta(seconds=30), keys)

    assert come_back(client, provider, go(client)).status_code == 303


def test_an_answer_counts_once(provider, door, user):
    client = Client()
    asked = go(client)
    come_back(client, provider, asked)
    client.cookies.pop("sessionid")

    assert come_back(client, provider, asked).status_code == 403
    assert len(provider.exchanged) == 1


def test_an_answer_for_another_browser_is_refused(provider, door, user):
    attacker, victim = Client(), Client()
    asked = go(attacker)
    go(victim)

    assert come_back(victim, provider, asked).status_code == 403
    assert "_auth_user_id" not in victim.session


def test_an_answer_that_names_another_issuer_is_refused(provider, door, user):
    client = Client()

    assert come_back(client, provider, go(client), iss="https://khac.example").status_code == 403


def test_a_late_answer_is_refused(provider, door, user):
    client = Client()
    asked = go(client)
    Handshake.objects.update(began_at=clock.now() - timedelta(minutes=16))

    assert come_back(client, provider, asked).status_code == 403


def test_a_stranger_with_an_identity_gets_words_and_no_account(provider, door, user):
    provider.claims = {"email": "la@truongxuan.example", "sub": "u-9"}
    client = Client()

    answer = come_back(client, provider, go(client))

    assert answer.status_code == 403
    assert "chưa có tài khoản eOffice" in answer.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("verified", [False, None, "false"])
def test_an_email_the_provider_has_not_verified_matches_nobody(provider, door, user, verified):
    provider.claims = {"email_verified": verified}
    client = Client()

    assert come_back(client, provider, go(client)).status_code == 403


def test_the_stored_subject_counts_when_the_email_has_changed_there(provider, door, user):
    client = Client()
    come_back(client, provider, go(client))
    provider.claims, provider.nonce = {"email": "huong.moi@truongxuan.example"}, ""
    other = Client()

    assert come_back(other, provider, go(other)).status_code == 303
    assert other.session["_auth_user_id"] == str(user.pk)


def test_an_address_given_to_a_new_person_does_not_open_the_old_persons_account(provider, door, user):
    client = Client()
    come_back(client, provider, go(client))
    provider.claims, provider.nonce = {"sub": "u-2"}, ""
    newcomer = Client()

    answer = come_back(newcomer, provider, go(newcomer))

    assert answer.status_code == 403
    assert "gắn với một danh tính khác" in answer.content.decode()


def test_a_closed_account_is_refused_and_its_sessions_end_at_once(provider, door, user):
    client = Client()
    come_back(client, provider, go(client))
    services.close_account(actor=SYSTEM, user_id=user.pk, reason="Nghỉ việc", now=clock.now())

    assert client.get("/tai-khoan/thiet-bi/").status_code == 302
    provider.nonce = ""
    assert come_back(client, provider, go(client)).status_code == 403


def test_the_email_may_come_from_userinfo_of_the_same_subject_only(provider, door, user):
    provider.claims = {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "u-1", "email": user.email, "email_verified": True}
    client = Client()
    assert come_back(client, provider, go(client)).status_code == 303

    provider.userinfo, provider.nonce = {"sub": "u-2", "email": user.email, "email_verified": True}, ""
    other = Client()
    assert come_back(other, provider, go(other)).status_code == 403


def test_a_provider_that_is_down_is_said_so_and_leaves_the_password_form(door, user):
    Door.objects.update(settings={**door.settings, "issuer": "http://127.0.0.1:9"})

    answer = Client().post("/tai-khoan/cua/tap-doan/")

    assert answer.status_code == 503
    page = answer.content.decode()
    assert "chưa trả lời" in page
    assert 'name="password"' in page
    assert not Handshake.objects.exists()


def test_while_the_provider_is_down_the_emergency_account_gets_in_with_its_second_factor(door, user):
    Door.objects.update(settings={**door.settings, "issuer": "http://127.0.0.1:9/"})
    chief = services.create_user(actor=SYSTEM, email="quan@truongxuan.example", password=PASSWORD, now=clock.now())
    services.set_emergency(actor=SYSTEM, user_id=chief.pk, is_emergency=True, now=clock.now())
    rules = EntryRules(local_passwords=False, idle_minutes=240, special_idle_minutes=60, absolute_hours=12)
    change_entry_policy(actor=SYSTEM, rules=rules, now=clock.now())
    code = make_recovery_codes(actor=SYSTEM, user_id=chief.pk, now=clock.now())[0]
    client = Client()
    assert client.post("/tai-khoan/cua/tap-doan/", {"next": "/"}).status_code == 503

    half_way = client.post("/tai-khoan/dang-nhap/", {"email": chief.email, "password": PASSWORD})
    assert half_way.headers["Location"] == "/tai-khoan/xac-thuc/"
    assert not OpenSession.objects.exists()
    answer = client.post("/tai-khoan/xac-thuc/", {"way": "recovery", "code": code})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert OpenSession.objects.get().user == chief


def test_a_person_removed_at_the_provider_comes_in_no_more_and_by_no_other_way(provider, door, user):
    client = signed_in_there(provider)
    token = provider.logout_token()
    assert Client().post("/tai-khoan/cua/tap-doan/da-dang-xuat/", {"logout_token": token}).status_code == 200
    assert client.get("/tai-khoan/thiet-bi/").status_code == 302

    refused = come_back(client, provider, go(client), error="access_denied")

    assert refused.status_code == 403
    assert client.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD}).status_code == 422
    assert not OpenSession.objects.filter(ended_at=None).exists()


def test_a_provider_that_calls_itself_otherwise_is_not_used(provider, door):
    provider.told_issuer = "https://khac.example"

    assert Client().post("/tai-khoan/cua/tap-doan/").status_code == 503


def test_the_secret_is_not_sent_where_a_redirect_points(provider, door, user):
    client = Client()
    asked = go(client)
    with running() as elsewhere:
        provider.redirects_token_to = f"{elsewhere.issuer}/token"

        assert come_back(client, provider, asked).status_code in {403, 503}
        assert elsewhere.exchanged == []


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\evil.example"]
)
def test_the_way_back_leads_only_to_our_own_pages(provider, door, user, onward):
    client = Client()

    assert come_back(client, provider, go(client, onward)).headers["Location"] == "/"


def test_signing_out_at_the_provider_ends_our_session(provider, door, user):
    client = Client()
    come_back(client, provider, go(client))

    answer = Client().post("/tai-khoan/cua/tap-doan/da-dang-xuat/", {"logout_token": provider.logout_token()})

    assert answer.status_code == 200
    assert OpenSession.objects.get().ended_because == "provider"
    assert client.get("/tai-khoan/thiet-bi/").status_code == 302


@pytest.mark.parametrize(
    "bent",
    [
        {"nonce": "n"},
        {"events": None, "exp": 4102444800},
        {"aud": "phan-mem-khac"},
        {"iss": "https://khac.example"},
        {"sub": None, "sid": None},
        {"jti": None},
        {"iat": 1},
    ],
    ids=str,
)
def test_a_bent_logout_token_ends_nothing(provider, door, user, bent):
    client = Client()
    come_back(client, provider, go(client))

    answer = Client().post("/tai-khoan/cua/tap-doan/da-dang-xuat/", {"logout_token": provider.logout_token(**bent)})

    assert answer.status_code == 400
    assert client.get("/tai-khoan/thiet-bi/").status_code == 200


def test_a_logout_token_counts_once(provider, door, user):
    token = provider.logout_token()
    Client().post("/tai-khoan/cua/tap-doan/da-dang-xuat/", {"logout_token": token})

    assert Client().post("/tai-khoan/cua/tap-doan/da-dang-xuat/", {"logout_token": token}).status_code == 400


def test_signing_out_here_leads_to_the_providers_sign_out(provider, door, user):
    client = Client()
    come_back(client, provider, go(client))

    page = client.post("/tai-khoan/dang-xuat/").content.decode()

    assert f"{provider.issuer}/end?client_id=eoffice" in html.unescape(page)
    assert "id_token_hint=" in page
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)
def test_two_first_sign_ins_at_once_link_once(provider, door, user):
    identity = Identity(subject="u-1", email=user.email, email_is_verified=True)
    together = threading.Barrier(2)

    def arrive() -> int:
        together.wait()
        try:
            return account_of(door=door, identity=identity, now=clock.now()).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        arrived = [task.result() for task in [pool.submit(arrive) for _ in range(2)]]

    assert arrived == [user.pk, user.pk]
    assert ForeignIdentity.objects.count() == 1
    assert AuditEntry.objects.filter(action="accounts.identity.linked").count() == 1


def test_the_secret_lies_encrypted_in_the_database(door):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, settings::text FROM accounts_door")
        kept = " ".join(cursor.fetchone())

    assert CLIENT_SECRET not in kept
    assert len(kept) > 80


AGAIN = "/tai-khoan/cua/tap-doan/xac-thuc-lai/"


def go_again(client: Client) -> dict[str, str]:
    page = client.post(AGAIN, {"next": "/to-chuc/quyen-quan-tri/"})
    address = html.unescape(re.findall(r'content="0;url=([^"]+)"', page.content.decode())[0])
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def signed_in_there(provider: ForgingProvider) -> Client:
    client = Client()
    come_back(client, provider, go(client))
    provider.nonce = ""
    return client


def test_a_signed_in_person_is_asked_again_at_the_provider_and_keeps_the_session(provider, door, user):
    client = signed_in_there(provider)
    key = client.session.session_key
    asked = go_again(client)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    provider.claims["auth_time"] = int(clock.now().timestamp())

    answer = come_back(client, provider, asked)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/to-chuc/quyen-quan-tri/")
    assert client.session.session_key == key
    assert clock.now().timestamp() - client.session["proved_at"] < 60
    assert OpenSession.objects.count() == 1


@pytest.mark.parametrize("auth_time", [None, 1, True])
def test_a_provider_that_asked_nobody_again_proves_nothing(provider, door, user, auth_time):
    client = signed_in_there(provider)
    asked = go_again(client)
    provider.claims["auth_time"] = auth_time

    answer = come_back(client, provider, asked)

    assert answer.status_code == 403
    assert "proved_at" not in client.session


def test_somebody_else_at_the_provider_proves_nothing_and_takes_nothing_over(provider, door, user):
    other = services.create_user(actor=SYSTEM, email="khac@truongxuan.example", password=None, now=clock.now())
    client = signed_in_there(provider)
    asked = go_again(client)
    provider.claims |= {"sub": "u-2", "email": other.email, "auth_time": int(clock.now().timestamp())}

    answer = come_back(client, provider, asked)

    assert answer.status_code == 403
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "proved_at" not in client.session


def test_nobody_proves_himself_without_being_signed_in(provider, door, user):
    answer = Client().post(AGAIN, {"next": "/"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/tai-khoan/dang-nhap/")
    assert not Handshake.objects.exists()
