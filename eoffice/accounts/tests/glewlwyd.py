"""Glewlwyd, an OpenID provider nobody here wrote: started on loopback, set up by its REST interface."""

from __future__ import annotations

import base64
import gzip
import hmac
import json
import secrets
import sqlite3
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from eoffice.accounts.doors import oidc
from eoffice.accounts.tests.real_servers import child, free_port, lend, place, program, unprivileged

TABLES: Final = Path("/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
CLIENT_ID: Final = "eoffice"
# Letters alone: Glewlwyd does not undo the form-encoding that RFC 6749, 2.3.1 puts on the secret.
CLIENT_SECRET: Final = "motBiMatDaiChoMayChuThu"
PASSWORD: Final = "mat-khau-o-noi-dang-nhap"
PERSON: Final = "huong"
EMAIL: Final = "huong@truongxuan.example"
OTP_SCHEME: Final = "ma-dung-mot-lan"


class Browser:
    """A browser as far as Glewlwyd's own page needs one: cookies, JSON, and redirects looked at, not followed."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _Stay)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Status, and the place a redirect points to or the text of the answer."""
        address = path if path.startswith("http") else f"{self.base}/api{path}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        request = urllib.request.Request(address, data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=10) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers.get("Location") or refusal.read().decode()

    def must(self, method: str, path: str, body: object = None) -> None:
        status, text = self.ask(method, path, body)
        assert status == 200, f"{method} {path}: {status} {text}"


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class Glewlwyd:
    """One running server with one client and one person who has an authenticator app."""

    def __init__(self, port: int) -> None:
        self.base = f"http://localhost:{port}"
        self.issuer = f"{self.base}/api/oidc"
        self.secret = base64.b32encode(secrets.token_bytes(20)).decode()

    def browser(self) -> Browser:
        return Browser(self.base)

    def give_password(self, browser: Browser) -> None:
        browser.must("POST", "/auth/", {"username": PERSON, "password": PASSWORD})

    def give_code(self, browser: Browser, code: str | None = None) -> int:
        value = {"value": code or _code_now(self.secret)}
        said = {"username": PERSON, "scheme_type": "otp", "scheme_name": OTP_SCHEME, "value": value}
        return browser.ask("POST", "/auth/", said)[0]

    def consent(self, browser: Browser, scopes: str) -> None:
        browser.must("PUT", f"/auth/grant/{CLIENT_ID}", {"scope": scopes})

    def amr_of(self, id_token: str) -> list[str]:
        """What it says was asked; the signature has been checked by whoever took the token."""
        body = id_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return list(claims.get("amr", []))

    def set_up(self, redirect_uri: str) -> None:
        """All that its administrator would do by hand."""
        chief = self.browser()
        chief.must("POST", "/auth/", {"username": "admin", "password": "password"})
        chief.must("POST", "/mod/scheme/", _otp_scheme())
        for name, asks_code in (("email", False), ("hai-lop", True)):
            chief.must("POST", "/scope/", _scope(name, asks_code=asks_code))
        chief.must("POST", "/mod/plugin/", _openid(self.issuer))
        person = {
            "username": PERSON, "name": "Nguyễn Thị Hương", "email": EMAIL, "enabled": True, "password": PASSWORD,
            "scope": ["openid", "email", "hai-lop", "g_profile"],
        }  # fmt: skip
        chief.must("POST", "/user/", person)
        app = {"secret": self.secret, "type": "TOTP", "time_step_size": 30}
        entry = {"username": PERSON, "scheme_type": "otp", "scheme_name": OTP_SCHEME, "value": app}
        chief.must("POST", f"/delegate/{PERSON}/profile/scheme/register/", entry)
        client = {
            "client_id": CLIENT_ID, "name": "eOffice", "confidential": True, "enabled": True,
            "password": CLIENT_SECRET, "redirect_uri": [redirect_uri], "authorization_type": ["code"],
            "token_endpoint_auth_method": ["client_secret_basic"], "scope": [],
        }  # fmt: skip
        chief.must("POST", "/client/", client)


def _code_now(secret: str) -> str:
    """RFC 6238 with its usual choices: SHA-1, thirty seconds, six digits."""
    moment = int(time.time()) // 30
    digest = hmac.digest(base64.b32decode(secret), moment.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


@contextmanager
def glewlwyd(redirect_uri: str) -> Iterator[Glewlwyd]:
    """Run it, with a fresh SQLite file, as an unprivileged child."""
    server = program("glewlwyd", "glewlwyd")
    if not TABLES.exists():
        pytest.skip("Debian's glewlwyd came without its documents, which hold the tables of an empty installation")
    with place() as directory:
        port = free_port()
        config = directory / "glewlwyd.conf"
        config.write_text(_config(port, directory))
        kept = sqlite3.connect(directory / "glewlwyd.db")
        kept.executescript(gzip.decompress(TABLES.read_bytes()).decode())
        kept.close()
        lend(directory, unprivileged())
        log = directory / "glewlwyd.log"
        with child([server, "-c", str(config)], port=port, log=log, owner=unprivileged()):
            running = Glewlwyd(port)
            running.set_up(redirect_uri)
            oidc.forget_discovered()
            yield running


def _config(port: int, directory: Path) -> str:
    return textwrap.dedent(f"""\
        port={port}
        bind_address="127.0.0.1"
        external_url="http://localhost:{port}"
        login_url="login.html"
        api_prefix="api"
        log_mode="console"
        log_level="WARNING"
        cookie_secure=0
        session_expiration=3600
        session_key="GLEWLWYD2_SESSION_ID"
        admin_scope="g_admin"
        profile_scope="g_profile"
        user_module_path="/usr/lib/glewlwyd/user"
        client_module_path="/usr/lib/glewlwyd/client"
        user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
        plugin_module_path="/usr/lib/glewlwyd/plugin"
        use_secure_connection=false
        secure_connection_key_file="{directory}/none.key"
        secure_connection_pem_file="{directory}/none.pem"
        secure_connection_ca_file="{directory}/none.crt"
        hash_algorithm="SHA512"
        database = {{
          type = "sqlite3"
          path = "{directory}/glewlwyd.db"
        }};
        """)


def _otp_scheme() -> dict[str, Any]:
    parameters = {
        "issuer": "truongxuan.example", "secret-minimum-size": 16, "otp-length": 6, "hotp-allow": False,
        "hotp-window": 0, "totp-allow": True, "totp-window": 1, "totp-start-offset": 0,
    }  # fmt: skip
    return {
        "module": "otp", "name": OTP_SCHEME, "display_name": "Mã dùng một lần", "expiration": 600, "max_use": 0,
        "allow_user_register": True, "parameters": parameters,
    }  # fmt: skip


def _scope(name: str, *, asks_code: bool) -> dict[str, Any]:
    scheme = {"scheme_type": "otp", "scheme_name": OTP_SCHEME}
    return {
        "name": name, "display_name": name, "description": f"Phạm vi {name}", "password_required": True,
        "password_max_age": 0, "scheme": {"2": [scheme]} if asks_code else {},
        "scheme_required": {"2": 1} if asks_code else {},
    }  # fmt: skip


def _openid(issuer: str) -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    parameters = {
        "iss": issuer, "jwt-type": "rsa", "jwt-key-size": "256", "key": private.decode(), "cert": public.decode(),
        "access-token-duration": 600, "refresh-token-duration": 3600, "code-duration": 60,
        "refresh-token-rolling": False, "allow-non-oidc": False, "auth-type-code-enabled": True,
        "auth-type-token-enabled": False, "auth-type-id-token-enabled": True, "auth-type-none-enabled": False,
        "auth-type-password-enabled": False, "auth-type-client-enabled": False, "auth-type-device-enabled": False,
        "auth-type-refresh-enabled": True, "scope": [], "additional-parameters": [], "claims": [],
        "jwks-show": True, "jwks-x5c": [], "secret-type": "pairwise", "address-claim": {"type": "no"},
        "name-claim": "no", "email-claim": "mandatory", "scope-claim": "no",
        "allowed-scope": ["openid", "email", "hai-lop"], "pkce-allowed": True, "pkce-required": True,
        "pkce-method-plain-allowed": False,
    }  # fmt: skip
    return {"module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "parameters": parameters}
