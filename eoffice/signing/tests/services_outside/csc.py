"""A service by the Cloud Signature Consortium, v2 and v1 (digital-signature D.3): OAuth code flow with PKCE, 202 and
handle, challenges, codes that are sent, SAD that expires or is extended, refusal, lock."""

from __future__ import annotations

import base64
import hashlib
import html
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from eoffice.signing.tests.services_outside.frame import CONFIRMED, EXPIRED, REFUSED, Answer, Holder, Job, Service

CLIENT_ID, CLIENT_SECRET, PIN = "txg-eoffice", "bi-mat-thu", "739155"
SHA256 = "2.16.840.1.101.3.4.2.1"
CHALLENGE = "7431"


@dataclass
class Grant:
    """A code, or the token it was changed for; `hashes` for the scope credential."""

    scope: str
    holder: Holder
    challenge: str
    redirect_uri: str
    hashes: frozenset[bytes]
    used: bool = False


@dataclass
class Sad:
    holder: Holder
    hashes: frozenset[bytes]
    until: float
    is_used: bool = False


class CscService(Service):
    """`mode` is oauth2code (confirmed in the browser), phone (202 and handle) or pin (authData; v1: PIN); `signs_later`
    answers signHash with a responseID first. `code` is none, sent (it goes to the person's phone) or challenge (a
    question in the answer, answered by its digits reversed). `one_at_a_time` signs one hash for each SAD."""

    version = 2
    mode = "oauth2code"
    code = "none"
    one_at_a_time = False
    extensions_left = 100
    signs_later = False
    sad_lasts_s = 300.0

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.codes: dict[str, Grant] = {}
        self.tokens: dict[str, Grant] = {}
        self.sads: dict[str, Sad] = {}
        self.later: dict[str, list[str]] = {}
        self.sent_codes: dict[str, str] = {}

    @property
    def base_url(self) -> str:
        return f"{self.url}/csc/v{self.version}"

    def page(self, path: str, query: Mapping[str, str]) -> tuple[int, str, str]:
        if path == "/oauth2/authorize":
            return self._consent(query)
        if path in {"/oauth2/yes", "/oauth2/no"}:
            return self._decided_in_browser(path.endswith("yes"), query)
        return super().page(path, query)

    def _consent(self, query: Mapping[str, str]) -> tuple[int, str, str]:
        good = query.get("response_type") == "code" and query.get("client_id") == CLIENT_ID
        if (
            not good
            or query.get("code_challenge_method") != "S256"
            or query.get("scope") not in {"service", "credential"}
        ):
            return 400, "", "bad request"
        if query["scope"] == "credential":
            hashes = query.get("hashes", "").split(",")
            if query.get("hashAlgorithmOID") != SHA256 or len(hashes) != int(query.get("numSignatures") or 0):
                return 400, "", "bad request"
        rest = html.escape(urlencode(query))
        words = html.escape(query.get("description", "Đăng nhập"))
        page = f"<!doctype html><html lang='vi'><title>Đồng ý</title><h1>{words}</h1>"
        return 200, "", f"{page}<a href='/oauth2/yes?{rest}'>Đồng ý</a> <a href='/oauth2/no?{rest}'>Từ chối</a>"

    def _decided_in_browser(self, agreed: bool, query: Mapping[str, str]) -> tuple[int, str, str]:
        back = query["redirect_uri"]
        if not agreed:
            return 302, f"{back}?{urlencode({'error': 'access_denied', 'state': query['state']})}", ""
        credential = query.get("credentialID", "")
        holder = next((h for h in self.holders.values() if h.account == credential or not credential), None)
        if holder is None:
            return 400, "", "no such credential"
        hashes = frozenset(_from_url64(text) for text in query.get("hashes", "").split(",") if text)
        code = secrets.token_urlsafe(16)
        self.codes[code] = Grant(query["scope"], holder, query["code_challenge"], back, hashes)
        return 302, f"{back}?{urlencode({'code': code, 'state': query['state']})}", ""

    def answer(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> Answer:
        if path == "/oauth2/token":
            return self._token(body, headers)
        path = path.removeprefix(f"/csc/v{self.version}")
        if path == "/info":
            return 200, self._info()
        grant = self.tokens.get((headers.get("Authorization") or "").removeprefix("Bearer "))
        if grant is None:
            return 401, {"error": "invalid_token", "error_description": "no such token"}
        answers = {
            "/credentials/list": lambda: (200, {"credentialIDs": list(self.holders)}),
            "/credentials/info": lambda: self._credential(body),
            "/credentials/authorize": lambda: self._authorize(body),
            "/credentials/authorizeCheck": lambda: self._check(body),
            "/credentials/extendTransaction": lambda: self._extend(body),
            "/credentials/sendOTP" if self.version == 1 else "/credentials/getChallenge": lambda: self._send_code(body),
            "/signatures/signHash": lambda: self._sign(grant, body),
            "/signatures/signPolling": lambda: (200, {"signatures": self.later[body["responseID"]]}),
        }
        return answers[path]() if path in answers else (501, {"error": "invalid_request"})

    def _info(self) -> dict[str, Any]:
        types = ["oauth2code"] if self.mode == "oauth2code" else ["oauth2client"]
        return {
            "specs": "2.0.0.0" if self.version > 1 else "1.0.4.0",
            "name": "Dịch vụ CSC mô phỏng",
            "logo": "",
            "region": "VN",
            "lang": "vi-VN",
            "description": "",
            "authType": types,
            "oauth2": self.url,
            "methods": ["credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"],
            "signAlgorithms": {"algos": ["1.2.840.113549.1.1.11"], "algoParams": []},
            "signature_formats": {"formats": ["P"], "envelope_properties": [["Detached"]]},
            "conformance_levels": ["AdES-B-B"],
        }

    def _token(self, body: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if headers.get("Authorization") != f"Basic {pair}":
            return 401, {"error": "invalid_client"}
        if body.get("grant_type") == "client_credentials" and self.mode != "oauth2code":
            return self._give(Grant("service", next(iter(self.holders.values())), "", "", frozenset()))
        if body.get("grant_type") == "refresh_token" and body.get("refresh_token") in self.tokens:
            return self._give(self.tokens[body["refresh_token"]])
        grant = self.codes.get(body.get("code", ""))
        challenge = _url64(hashlib.sha256(body.get("code_verifier", "").encode()).digest())
        if (
            grant is None
            or grant.used
            or grant.challenge != challenge
            or grant.redirect_uri != body.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant"}
        grant.used = True
        return self._give(grant)

    def _give(self, grant: Grant) -> Answer:
        token, refresh = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.tokens[token] = self.tokens[refresh] = grant
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh}

    def _credential(self, body: Mapping[str, Any]) -> Answer:
        holder = self.holders.get(str(body.get("credentialID")))
        if holder is None:
            return 400, {"error": "invalid_request", "error_description": "Invalid parameter credentialID"}
        chain = [base64.b64encode(der).decode() for der in (holder.der, self.issuing.der)]
        mode = "oauth2code" if self.mode == "oauth2code" else "explicit"
        auth: dict[str, Any] = {"authMode": mode}
        if self.version > 1:
            pin = {"type": "Password", "id": "PIN", "format": "A", "label": "Mật mã"}
            code = {"type": "ChallengeResponse", "id": "cauhoi", "format": "N", "label": "Câu hỏi"}
            objects = [pin, code] if self.code != "none" else [pin]
            names = " AND ".join(each["id"] for each in objects)
            auth = {"auth": {"mode": mode, "expression": names, "objects": objects}}
        return 200, {
            "key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.11"], "len": 2048},
            "cert": {"status": "valid", "certificates": chain if body.get("certificates") == "chain" else []},
            **auth,
            "SCAL": "2",
            "multisign": 50,
        }

    def _authorize(self, body: Mapping[str, Any]) -> Answer:
        holder = self.holders[str(body["credentialID"])]
        hashes = self._hashes(body)
        named = body.get("hashAlgorithmOID") == SHA256 if self.version > 1 else "hashAlgo" not in body
        if not named or body.get("numSignatures") != len(hashes):
            return 400, {"error": "invalid_request"}
        if holder.is_locked:
            return 400, {"error": "invalid_request", "error_description": "credential is locked"}
        if self.mode == "pin":
            return self._by_pin(holder, hashes, body)
        job = Job(secrets.token_hex(8), holder, [("", each) for each in hashes], str(body.get("description") or ""))
        job.expires_at = job.made + self.lasts_s
        self.jobs[job.id] = job
        return 202, {"handle": job.id}

    def _by_pin(self, holder: Holder, hashes: list[bytes], body: Mapping[str, Any]) -> Answer:
        typed = {each["id"]: each["value"] for each in body.get("authData") or []}
        pin, code = typed.get("PIN"), typed.get("cauhoi", "")
        if self.version == 1:
            pin, code = body.get("PIN"), body.get("OTP", "")
        right = pin == PIN and (self.code == "none" or code == self.sent_codes.pop(holder.account, None))
        if not right:
            holder.wrong_tries += 1
            holder.is_locked = holder.wrong_tries >= 3
            fault = (
                "invalid_authentication_data" if self.version > 1 else "invalid_otp" if pin == PIN else "invalid_pin"
            )
            return 400, {"error": fault, "error_description": "wrong PIN or code"}
        return self._give_sad(holder, hashes)

    def _send_code(self, body: Mapping[str, Any]) -> Answer:
        """To the person's phone, or a question in the answer."""
        account = str(body["credentialID"])
        if self.version > 1 and body.get("authObjectID") != "cauhoi":
            return 400, {"error": "invalid_request", "error_description": "Invalid parameter authObjectID"}
        self.sent_codes[account] = CHALLENGE[::-1] if self.code == "challenge" else secrets.token_hex(3)
        return (200, {"challenge": CHALLENGE}) if self.code == "challenge" else (204, None)

    def _extend(self, body: Mapping[str, Any]) -> Answer:
        """A new SAD for the next hash of the same order; the one before is over."""
        sad = self.sads.pop(str(body.get("SAD")), None)
        self.extensions_left -= 1
        if sad is None or time.monotonic() > sad.until or self.extensions_left < 0:
            return 400, {"error": "expired_token", "error_description": "SAD expired"}
        if not set(self._hashes(body)) <= sad.hashes:
            return 400, {"error": "invalid_request", "error_description": "hash is not authorized by the SAD"}
        return self._give_sad(sad.holder, list(sad.hashes))

    def _hashes(self, body: Mapping[str, Any]) -> list[bytes]:
        return [base64.b64decode(text) for text in body["hash" if self.version == 1 else "hashes"]]

    def _check(self, body: Mapping[str, Any]) -> Answer:
        job = self.jobs.get(str(body.get("handle")))
        if job is None:
            return 400, {"error": "invalid_request"}
        state = job.now_is()
        if state == CONFIRMED:
            return self._give_sad(job.holder, [digest for _, digest in job.documents])
        if state == REFUSED:
            return 400, {"error": "access_denied", "error_description": "the user refused"}
        if state == EXPIRED:
            return 400, {"error": "expired_token", "error_description": "the handle is over"}
        return 202, {"handle": job.id}

    def _give_sad(self, holder: Holder, hashes: list[bytes]) -> Answer:
        sad = secrets.token_urlsafe(16)
        self.sads[sad] = Sad(holder, frozenset(hashes), time.monotonic() + self.sad_lasts_s)
        return 200, {"SAD": sad, "expiresIn": max(1, int(self.sad_lasts_s))}

    def _sign(self, grant: Grant, body: Mapping[str, Any]) -> Answer:
        hashes = self._hashes(body)
        if body.get("hashAlgo" if self.version == 1 else "hashAlgorithmOID") != SHA256:
            return 400, {"error": "invalid_request"}
        holder, allowed = grant.holder, grant.hashes
        if grant.scope == "service":
            sad = self.sads.get(str(body.get("SAD")))
            if sad is None or time.monotonic() > sad.until:
                return 400, {"error": "expired_token", "error_description": "SAD expired"}
            holder, allowed = sad.holder, sad.hashes
            if self.one_at_a_time and (len(hashes) > 1 or sad.is_used):
                return 400, {"error": "invalid_request", "error_description": "one hash for each SAD"}
            sad.is_used = True
        elif "SAD" in body:
            return 400, {"error": "invalid_request"}
        if not set(hashes) <= allowed or body.get("signAlgo") != "1.2.840.113549.1.1.11":
            return 400, {"error": "invalid_request", "error_description": "hash is not authorized by the SAD"}
        values = [base64.b64encode(holder.sign(each)).decode() for each in hashes]
        if self.signs_later:
            response = secrets.token_hex(8)
            self.later[response] = values
            return 200, {"responseID": response}
        return 200, {"signatures": values}


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _from_url64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
