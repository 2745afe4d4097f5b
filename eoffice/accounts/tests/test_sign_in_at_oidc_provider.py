"""OpenID Connect with npm's oidc-provider: refused consent, signing out from both sides, a key that has changed."""

from __future__ import annotations

import html
import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
from django.test import Client

from eoffice.accounts import services
from eoffice.accounts.doors import oidc
from eoffice.accounts.models import ForeignIdentity, OpenSession, User
from eoffice.accounts.services.doors import DoorEntry, create_door
from eoffice.accounts.tests.real_servers import child, free_port
from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = Path(__file__).with_name("openid_provider.mjs")
SYSTEM = ActorRef(person_id=None, source="cli")
HERE = "http://testserver"
BACK = f"{HERE}/tai-khoan/cua/tap-doan/ve/"
LOGIN = f"{HERE}/tai-khoan/dang-nhap/"
DEVICES = "/tai-khoan/thiet-bi/"
pytestmark = pytest.mark.django_db(transaction=True)


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class Browser:
    """A browser at the provider: cookies, forms, and redirects followed only within the provider."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), Stay)

    def visit(self, address: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """The address at the end, and its page; a page elsewhere is named, not opened."""
        data = urlencode(form).encode() if form is not None else None
        while address.startswith(self.issuer):
            try:
                with self._opener.open(urllib.request.Request(address, data=data), timeout=10) as answer:
                    return address, answer.read().decode()
            except urllib.error.HTTPError as refusal:
                if not 300 <= refusal.code < 400:
                    pytest.fail(f"the provider says {refusal.code}: {refusal.read().decode()}")
                address, data = urljoin(address, refusal.headers["Location"]), None
        return address, ""

    def sign_in(self, address: str, *, agrees: bool = True) -> str:
        """Say who one is, then agree or refuse; where the provider sends the browser."""
        at, page = self.visit(address)
        if 'name="login"' in page:
            at, page = self.visit(form_of(page), {"prompt": "login", "login": "huong", "password": "x"})
        if 'value="consent"' in page:
            refusal = re.findall(r'href="([^"]+/abort)"', page)[0]
            at, page = self.visit(form_of(page), {"prompt": "consent"}) if agrees else self.visit(refusal)
        return at


def form_of(page: str) -> str:
    return html.unescape(re.findall(r'action="([^"]+)"', page)[0])


@contextmanager
def provider_at(port: int, directory: Path, back_channel: str) -> Iterator[str]:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("no Node.js with oidc-provider on this machine: `scripts/prepare test` installs both")
    command = [node, "--no-warnings", str(SCRIPT), str(port), BACK, back_channel, LOGIN]
    with child(command, port=port, log=directory / "provider.log"):
        oidc.forget_discovered()
        yield f"http://127.0.0.1:{port}"


Start = Callable[[], str]


@pytest.fixture
def start(tmp_path: Path, live_server) -> Iterator[Start]:
    """Start the provider, or start it again at the same address: then with new keys, and nothing remembered."""
    port, back_channel = free_port(), f"{live_server.url}/tai-khoan/cua/tap-doan/da-dang-xuat/"
    with ExitStack() as open_now:

        def again() -> str:
            open_now.close()
            return open_now.enter_context(provider_at(port, tmp_path, back_channel))

        yield again


@pytest.fixture
def issuer(start: Start) -> str:
    return start()


@pytest.fixture
def user(issuer: str) -> User:
    settings = {"issuer": issuer, "client_id": "eoffice", "scopes": "openid email"}
    entry = DoorEntry(
        code="tap-doan", kind="oidc", name="Tập đoàn", is_on=True, settings=settings, secret="mot bi mat & dai"
    )
    create_door(actor=SYSTEM, entry=entry, now=clock.now())
    return services.create_user(actor=SYSTEM, email="huong@truongxuan.example", password=None, now=clock.now())


def onward_of(page: str) -> str:
    """Where our leaving page goes on to."""
    return html.unescape(re.findall(r'content="0;url=([^"]+)"', page)[0])


def go(client: Client) -> str:
    return onward_of(client.post("/tai-khoan/cua/tap-doan/", {"next": DEVICES}).content.decode())


def come_back(client: Client, address: str):
    assert address.startswith(BACK), address
    return client.get(address.removeprefix(HERE))


def signed_in(issuer: str) -> tuple[Client, Browser]:
    client, there = Client(), Browser(issuer)
    answer = come_back(client, there.sign_in(go(client)))
    assert (answer.status_code, answer.headers.get("Location")) == (303, DEVICES), why_refused()
    return client, there


def why_refused() -> list[str]:
    return [row.detail["why"] for row in AuditEntry.objects.filter(action="accounts.user.sign_in_refused")]


def test_a_person_who_agrees_there_comes_in_and_the_answer_names_its_issuer(issuer: str, user: User) -> None:
    client, there = Client(), Browser(issuer)
    address = there.sign_in(go(client))

    answer = come_back(client, address)

    assert answer.status_code == 303, why_refused()
    # RFC 9207: this provider names itself in its answers; e-mail comes from its userinfo, not from the token.
    assert parse_qs(urlsplit(address).query)["iss"] == [issuer]
    assert client.session["_auth_user_id"] == str(user.pk)
    assert OpenSession.objects.get().provider_session


def test_refused_consent_lets_nobody_in_and_says_so(issuer: str, user: User) -> None:
    client = Client()

    answer = come_back(client, Browser(issuer).sign_in(go(client), agrees=False))

    assert answer.status_code == 403
    assert "Đăng nhập chung không thành" in answer.content.decode()
    assert why_refused() == ["provider says access_denied"]
    assert "_auth_user_id" not in client.session
    assert not ForeignIdentity.objects.exists()


def test_an_answer_without_its_issuer_is_refused_where_the_provider_promises_one(issuer: str, user: User) -> None:
    client = Client()
    address = Browser(issuer).sign_in(go(client))

    answer = come_back(client, re.sub(r"&iss=[^&]*", "", address))

    assert answer.status_code == 403
    assert why_refused() == ["iss of the answer is missing"]


def test_signing_out_here_signs_out_there_and_comes_back_to_the_front_door(issuer: str, user: User) -> None:
    client, there = signed_in(issuer)

    address, page = there.visit(onward_of(client.post("/tai-khoan/dang-xuat/").content.decode()))
    fields = dict(re.findall(r'name="(xsrf)" value="([^"]+)"', page))
    end, _ = there.visit(form_of(page), {**fields, "logout": "yes"})

    assert address.startswith(issuer)
    assert end == LOGIN
    # Nobody is signed in there any more: it asks who one is.
    assert 'name="login"' in there.visit(go(client))[1]


def test_signing_out_there_ends_our_session_by_its_own_logout_token(issuer: str, user: User, tmp_path: Path) -> None:
    client, there = signed_in(issuer)
    other, _ = signed_in(issuer)
    described = json.loads(there.visit(f"{issuer}/.well-known/openid-configuration")[1])

    _, page = there.visit(described["end_session_endpoint"])
    fields = dict(re.findall(r'name="(xsrf)" value="([^"]+)"', page))
    there.visit(form_of(page), {**fields, "logout": "yes"})

    said = (tmp_path / "provider.log").read_text()
    assert client.get(DEVICES).status_code == 302, said
    # The same person's session from another browser there goes on: the token names one session.
    assert other.get(DEVICES).status_code == 200
    assert sorted(OpenSession.objects.values_list("ended_because", flat=True)) == ["", "provider"]


def test_a_provider_with_new_keys_is_believed_after_its_keys_are_read_anew(
    start: Start, issuer: str, user: User
) -> None:
    signed_in(issuer)
    known = dict(oidc._keys)
    start()
    # As if the old keys had been read half a minute ago, and were still held.
    oidc._keys.update({at: (moment - timedelta(seconds=30), keys) for at, (moment, keys) in known.items()})

    signed_in(issuer)

    assert {at: keys for at, (_, keys) in oidc._keys.items()} != {at: keys for at, (_, keys) in known.items()}
