"""A small OpenID provider on loopback whose answers can be bent in one way each: what no honest provider will send."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from eoffice.accounts.doors import oidc
from eoffice.core import clock

CLIENT_ID = "eoffice"
CLIENT_SECRET = "mot bi mat & dai"


@cache
def own_key() -> RSAKey:
    """Made once: what the tests bend is what is signed with it, and what the world is told."""
    return RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class ForgingProvider:
    """`claims` and `header` are laid over what is right; `key` signs; `jwks` is what the world is told."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    key: Any = field(default_factory=own_key)
    published: list[Any] = field(default_factory=list)
    told_issuer: str = ""
    nonce: str = ""
    token: str = ""
    userinfo: dict[str, Any] = field(default_factory=dict)
    token_status: int = 200
    exchanged: list[dict[str, str]] = field(default_factory=list)
    redirects_token_to: str = ""

    def id_token(self, **more: Any) -> str:
        moment = int(clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": "u-1",
            "aud": CLIENT_ID,
            "iat": moment,
            "exp": moment + 300,
            "nonce": self.nonce,
            "email": "huong@truongxuan.example",
            "email_verified": True,
            "sid": "s-1",
            **self.claims,
            **more,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.header["alg"] == "none":
            return by_hand(self.header, claims, secret=None)
        if self.header["alg"] == "HS256":
            # The old confusion of algorithms: the public key, known to all, used as an HMAC secret.
            return by_hand(self.header, claims, secret=self.key.as_pem(private=False))
        return jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])

    def logout_token(self, **more: Any) -> str:
        events: dict[str, Any] = {oidc.LOGOUT_EVENT: {}}
        base: dict[str, Any] = {"nonce": None, "exp": None, "email": None, "events": events, "jti": "j-1"}
        return self.id_token(**{**base, **more})


def by_hand(header: dict[str, Any], claims: dict[str, Any], *, secret: bytes | None) -> str:
    """A token no library would make."""
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = hmac.digest(secret, signed, "sha256") if secret else b""
    return (signed + b"." + _encoded(signature)).decode()


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


@contextmanager
def running() -> Iterator[ForgingProvider]:
    provider = ForgingProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self.say(
                    200,
                    {
                        "issuer": provider.told_issuer or provider.issuer,
                        "authorization_endpoint": f"{provider.issuer}/authorize",
                        "token_endpoint": f"{provider.issuer}/token",
                        "userinfo_endpoint": f"{provider.issuer}/userinfo",
                        "end_session_endpoint": f"{provider.issuer}/end",
                        "jwks_uri": f"{provider.issuer}/jwks",
                    },
                )
            elif self.path.startswith("/authorize?"):
                # Whoever comes is taken for the one person this provider knows.
                asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                provider.nonce = asked["nonce"]
                self.send_response(302)
                back = urlencode({"code": "c", "state": asked["state"]})
                self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                self.end_headers()
            elif self.path == "/jwks":
                keys = provider.published or [provider.key]
                self.say(200, {"keys": [key.as_dict(private=False) for key in keys]})
            elif self.path == "/userinfo":
                self.say(200, provider.userinfo)
            else:
                self.say(404, {})

        def do_POST(self) -> None:
            if provider.redirects_token_to:
                self.send_response(307)
                self.send_header("Location", provider.redirects_token_to)
                self.end_headers()
                return
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            asked = {name: values[0] for name, values in sent.items()}
            provider.exchanged.append({**asked, "authorization": self.headers.get("Authorization", "")})
            answer = {"access_token": "a", "token_type": "Bearer", "id_token": provider.token or provider.id_token()}
            self.say(provider.token_status, answer)

        def say(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    oidc.forget_discovered()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
