"""Cloud Signature Consortium API, v2.0 and v1 (1.0.4.0), base ending in /csc/v2 or /csc/v1 (digital-signature D.3)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from eoffice.signing.providers.https import JsonService, Reply, is_acceptable
from eoffice.signing.providers.signer import (
    WAITING,
    Account,
    Answer,
    AnswerState,
    AskedField,
    HashToSign,
    OfferedCertificate,
    Order,
    SignerDown,
    SignerRefuses,
)

SHA256: Final = "2.16.840.1.101.3.4.2.1"
_RSA_WITH_SHA256: Final = "1.2.840.113549.1.1.11"
_ECDSA_WITH_SHA256: Final = "1.2.840.10045.4.3.2"
_WRONG: Final = frozenset({"invalid_otp", "invalid_pin", "invalid_authentication_data"})
_OVER: Final = frozenset({"expired_token", "invalid_token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Csc:
    """A client of one service; `version` is 1 or 2. `redirect_uri` is where it sends browsers back to us.

    What each step needs of the one before is kept in the order's memory: `step` is visit, code, handle or response.
    """

    service: JsonService
    version: int
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    asks_pin: bool = False
    asks_otp: bool = False
    sends_otp: bool = False
    """The code is sent by the service when asked for: v1 `sendOTP`, v2 `getChallenge`."""
    extends: bool = False
    """Signs paper by paper and has the right renewed for the next one (`extendTransaction`)."""

    @property
    def can_ask_again(self) -> bool:
        return False

    @property
    def asks(self) -> tuple[AskedField, ...]:
        pin = (AskedField("pin", "Mã PIN của chứng thư từ xa"),) if self.asks_pin else ()
        return (*pin, AskedField("otp", "Mã OTP", is_sent=self.sends_otp)) if self.asks_otp else pin

    def check(self, account: str) -> str:
        """Read what the service says of itself. Raises SignerDown, SignerRefuses."""
        info = self._info()
        methods = ", ".join(str(each) for each in info.get("methods") or [])
        return f"Đọc được mô tả của {info.get('name') or self.service.base_url}: {methods}."[:300]

    def certificates(self, account: Account) -> list[OfferedCertificate]:
        info = self._info()
        token = self._service_token(info, account)
        body = {"userID": account.account} if account.account and "refresh_token" not in account.secrets else {}
        listed = _good(self.service.post("/credentials/list", body, bearer=token, again=True))
        offers = []
        for credential in listed.get("credentialIDs") or []:
            asked = {"credentialID": credential, "certificates": "chain", "certInfo": True, "authInfo": True}
            told = _good(self.service.post("/credentials/info", asked, bearer=token, again=True))
            offers.append(_offered(str(credential), told))
        return [offer for offer in offers if offer.certificate]

    def begin_login(self, state: str, verifier: str) -> str:
        """Where a person lets us see his credentials (scope service). Raises SignerDown, SignerRefuses."""
        return self._authorize_address(self._info(), {"scope": "service", "state": state}, verifier)

    def finish_login(self, code: str, verifier: str) -> dict[str, str]:
        """What to keep of a person's consent, for `Account.secrets`. Raises SignerDown, SignerRefuses."""
        tokens = self._tokens(self._info(), _code_grant(code, verifier, self.redirect_uri))
        return {name: str(tokens[name]) for name in ("access_token", "refresh_token") if tokens.get(name)}

    def send_code(self, account: Account) -> str:
        """Implements `SendsCodes`. Raises SignerDown, SignerRefuses."""
        token = self._service_token(self._info(), account)
        if self.version == 1:
            _good(self.service.post("/credentials/sendOTP", {"credentialID": account.credential}, bearer=token))
            return ""
        body = {"credentialID": account.credential, "authObjectID": _auth_ids(self._credential(account, token))["otp"]}
        return str(_good(self.service.post("/credentials/getChallenge", body, bearer=token)).get("challenge") or "")

    def start(self, order: Order, *, now: datetime) -> Answer:
        info = self._info()
        if self._asks_browser(info, order.account):
            return self._send_browser(info, order)
        token = self._service_token(info, order.account)
        told = self._credential(order.account, token)
        most = _number(told.get("multisign"), 1)
        if most < len(order.papers):
            raise SignerRefuses(
                f"Dịch vụ này ký tối đa {most} văn bản một lần. Chưa có gì được ký; chọn ít hơn rồi ký."
            )
        if _auth_mode(told) == "oauth2code":
            return self._send_browser(info, order)
        answer = self.service.post("/credentials/authorize", self._authorize_body(order, told), bearer=token)
        return self._authorized(order, token, answer, now)

    def poll(self, order: Order, *, now: datetime) -> Answer:
        step = order.memory.get("step", "")
        if step == "visit":
            return WAITING
        if step == "code":
            return self._with_code(order, now)
        if step == "handle":
            body = {"handle": order.memory.get("handle", "")}
            token = order.memory.get("token", "")
            answer = self.service.post("/credentials/authorizeCheck", body, bearer=token, again=True)
            return self._authorized(order, token, answer, now)
        if step == "response":
            body = {"responseID": order.memory.get("response", "")}
            answer = self.service.post(
                "/signatures/signPolling", body, bearer=order.memory.get("token", ""), again=True
            )
            return self._signed(order, answer, order.memory.get("token", ""))
        raise SignerRefuses("Không rõ dịch vụ đã nhận yêu cầu ký hay chưa. Chưa có gì được ký; ký lại.")

    def _info(self) -> Mapping[str, Any]:
        return _good(self.service.post("/info", {}, again=True))

    def _asks_browser(self, info: Mapping[str, Any], account: Account) -> bool:
        """Without any token of ours the browser is the only way; the credential token then also signs."""
        return "oauth2code" in _auth_types(info) and not _has_client_grant(info) and not account.secrets

    def _credential(self, account: Account, token: str) -> Mapping[str, Any]:
        body = {"credentialID": account.credential, "certificates": "none", "authInfo": True}
        return _good(self.service.post("/credentials/info", body, bearer=token, again=True))

    def _send_browser(self, info: Mapping[str, Any], order: Order) -> Answer:
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        asked = {
            "scope": "credential",
            "state": state,
            "credentialID": order.account.credential,
            "numSignatures": str(len(order.papers)),
            "hash" if self.version == 1 else "hashes": ",".join(_url64(paper.digest) for paper in order.papers),
            "description": order.description,
        }
        if self.version > 1:
            asked["hashAlgorithmOID"] = SHA256
        visit = self._authorize_address(info, asked, verifier)
        memory = {"step": "visit", "state": state, "verifier": verifier}
        return Answer(state=AnswerState.WAITING, memory=memory, visit=visit)

    def _authorize_address(self, info: Mapping[str, Any], asked: Mapping[str, str], verifier: str) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **asked,
        }
        return f"{_oauth_base(info)}/oauth2/authorize?{urlencode(query)}"

    def _with_code(self, order: Order, now: datetime) -> Answer:
        grant = _code_grant(order.memory.get("code", ""), order.memory.get("verifier", ""), self.redirect_uri)
        tokens = self._tokens(self._info(), grant)
        return self._sign(order, token=str(tokens.get("access_token") or ""), sad="")

    def _authorize_body(self, order: Order, told: Mapping[str, Any]) -> dict[str, Any]:
        hashes = [base64.b64encode(paper.digest).decode() for paper in order.papers]
        body: dict[str, Any] = {
            "credentialID": order.account.credential,
            "numSignatures": len(order.papers),
            "description": order.description,
        }
        typed = {name: value for name, value in order.typed.items() if value}
        if self.version == 1:
            named = {"pin": "PIN", "otp": "OTP"}
            return {**body, "hash": hashes, **{named[name]: typed[name] for name in named if name in typed}}
        body |= {"hashes": hashes, "hashAlgorithmOID": SHA256}
        if typed:
            ids = _auth_ids(told)
            body["authData"] = [{"id": ids.get(name, name.upper()), "value": value} for name, value in typed.items()]
        return body

    def _authorized(self, order: Order, token: str, answer: Reply, now: datetime) -> Answer:
        if answer.status == 202:
            handle = str(answer.object.get("handle") or order.memory.get("handle") or "")
            return Answer(state=AnswerState.WAITING, memory={"step": "handle", "handle": handle, "token": token})
        ending = _ending(answer)
        if ending is not None:
            return ending
        told = _good(answer)
        sad, lasts = str(told.get("SAD") or ""), _number(told.get("expiresIn"), 3600)
        if not sad:
            raise SignerRefuses("Dịch vụ ký số không cho quyền ký. Chưa có gì được ký; ký lại.")
        if timedelta(seconds=lasts) <= timedelta(0):
            return Answer(state=AnswerState.EXPIRED)
        if self.extends:
            return self._sign_one_by_one(order, token=token, sad=sad)
        return self._sign(order, token=token, sad=sad)

    def _sign_one_by_one(self, order: Order, *, token: str, sad: str) -> Answer:
        """Each paper under a right renewed for it; what was signed before the right ended is kept, the rest is not."""
        values: dict[str, bytes] = {}
        for paper in order.papers:
            try:
                if values:
                    sad = self._extended(order, paper, token, sad)
                answer = self._sign(replace(order, papers=(paper,)), token=token, sad=sad)
            except (SignerDown, SignerRefuses):
                if not values:
                    raise
                break
            if answer.state is not AnswerState.SIGNED:
                if not values:
                    return answer
                break
            values |= answer.values
        return Answer(state=AnswerState.SIGNED, values=values)

    def _extended(self, order: Order, paper: HashToSign, token: str, sad: str) -> str:
        body = {"credentialID": order.account.credential, "SAD": sad, **self._hashes([paper])}
        if self.version == 1:
            del body["hashAlgo"]
        answer = self.service.post("/credentials/extendTransaction", body, bearer=token)
        return str(_good(answer).get("SAD") or "")

    def _hashes(self, papers: Sequence[HashToSign]) -> dict[str, Any]:
        hashes = [base64.b64encode(paper.digest).decode() for paper in papers]
        if self.version == 1:
            return {"hash": hashes, "hashAlgo": SHA256}
        return {"hashes": hashes, "hashAlgorithmOID": SHA256}

    def _sign(self, order: Order, *, token: str, sad: str) -> Answer:
        body: dict[str, Any] = {"credentialID": order.account.credential, "signAlgo": _algorithm(order.account)}
        body |= self._hashes(order.papers)
        if sad:
            body["SAD"] = sad
        return self._signed(order, self.service.post("/signatures/signHash", body, bearer=token), token)

    def _signed(self, order: Order, answer: Reply, token: str) -> Answer:
        if answer.status == 202:
            return WAITING
        ending = _ending(answer)
        if ending is not None:
            return ending
        told = _good(answer)
        response = str(told.get("responseID") or "")
        if response:
            return Answer(state=AnswerState.WAITING, memory={"step": "response", "response": response, "token": token})
        values = told.get("signatures")
        if not isinstance(values, list) or len(values) != len(order.papers):
            raise SignerRefuses("Dịch vụ ký số trả số chữ ký không khớp số văn bản. Chưa có gì được ký; ký lại.")
        signed = {paper.doc_id: _bytes(text) for paper, text in zip(order.papers, values, strict=True)}
        return Answer(state=AnswerState.SIGNED, values=signed)

    def _service_token(self, info: Mapping[str, Any], account: Account) -> str:
        if account.secrets.get("refresh_token"):
            grant = {"grant_type": "refresh_token", "refresh_token": account.secrets["refresh_token"]}
            return str(self._tokens(info, grant).get("access_token") or "")
        if account.secrets.get("access_token"):
            return account.secrets["access_token"]
        return str(self._tokens(info, {"grant_type": "client_credentials"}).get("access_token") or "")

    def _tokens(self, info: Mapping[str, Any], grant: Mapping[str, str]) -> Mapping[str, Any]:
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        at = JsonService(base_url=_oauth_base(info), timeout_s=self.service.timeout_s)
        return _good(at.post_form("/oauth2/token", {**grant, "client_id": self.client_id}, headers=headers))


def state_in(memory: Mapping[str, str]) -> str:
    """The `state` an order's browser was sent away with; empty where it was not."""
    return memory.get("state", "") if memory.get("step") == "visit" else ""


def with_return(memory: Mapping[str, str], code: str) -> dict[str, str]:
    """The memory of an order whose browser came back with a code."""
    return {"step": "code", "code": code, "verifier": memory.get("verifier", "")}


def _code_grant(code: str, verifier: str, redirect_uri: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }


def _oauth_base(info: Mapping[str, Any]) -> str:
    base = str(info.get("oauth2") or info.get("oauth2Issuer") or "").rstrip("/")
    if not is_acceptable(base):
        raise SignerRefuses("Dịch vụ ký số không khai địa chỉ cấp quyền (oauth2) hợp lệ. Quản trị kiểm tra lại.")
    return base


def _auth_types(info: Mapping[str, Any]) -> set[str]:
    return {str(each) for each in info.get("authType") or []}


def _has_client_grant(info: Mapping[str, Any]) -> bool:
    return "oauth2client" in _auth_types(info)


def _auth_mode(told: Mapping[str, Any]) -> str:
    nested = told.get("auth")
    return str((nested.get("mode") if isinstance(nested, dict) else None) or told.get("authMode") or "")


def _auth_ids(told: Mapping[str, Any]) -> dict[str, str]:
    """How the credential calls what is typed (v2 `auth.objects`): a code is generated, asked, or named so."""
    nested = told.get("auth")
    listed = nested.get("objects") if isinstance(nested, dict) else None
    found: dict[str, str] = {}
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and each.get("id"):
            name = str(each["id"])
            is_code = each.get("type") == "ChallengeResponse" or each.get("generator") or "otp" in name.lower()
            found.setdefault("otp" if is_code else "pin", name)
    return {"pin": "PIN", "otp": "OTP", **found}


def _ending(answer: Reply) -> Answer | None:
    """An answer that ends the order without a fault of ours; None for all others."""
    if answer.status < 400:
        return None
    error = str(answer.object.get("error") or "")
    if error == "access_denied":
        return Answer(state=AnswerState.REFUSED)
    if error in _OVER:
        return Answer(state=AnswerState.EXPIRED)
    return None


def _good(answer: Reply) -> Mapping[str, Any]:
    """The object of a good answer. Raises SignerRefuses with what the service said, in words."""
    if answer.status < 400:
        return answer.object
    error = str(answer.object.get("error") or "")
    told = str(answer.object.get("error_description") or "")[:160]
    if error in _WRONG:
        raise SignerRefuses(
            "Mã PIN hoặc OTP không đúng. Chưa có gì được ký; hệ thống không tự thử lại, nhập lại cẩn thận."
        )
    if "lock" in f"{error} {told}".lower():
        raise SignerRefuses("Chứng thư từ xa này đang bị khóa. Chưa có gì được ký; liên hệ nhà cung cấp để mở khóa.")
    raise SignerRefuses(f"Dịch vụ ký số không nhận yêu cầu ({error or answer.status}{': ' + told if told else ''}).")


def _offered(credential: str, told: Mapping[str, Any]) -> OfferedCertificate:
    cert, key = told.get("cert"), told.get("key")
    cert, key = (cert if isinstance(cert, dict) else {}), (key if isinstance(key, dict) else {})
    certificates = [_bytes(text) for text in cert.get("certificates") or []]
    status = str(cert.get("status") or "valid")
    enabled = str(key.get("status") or "enabled")
    return OfferedCertificate(
        credential=credential,
        certificate=certificates[0] if certificates else b"",
        chain=tuple(certificates[1:]),
        is_usable=status == "valid" and enabled == "enabled",
        words=status if status != "valid" else enabled,
    )


def _algorithm(account: Account) -> str:
    if not account.certificate:
        return _RSA_WITH_SHA256
    key = x509.load_der_x509_certificate(account.certificate).public_key()
    return _RSA_WITH_SHA256 if isinstance(key, rsa.RSAPublicKey) else _ECDSA_WITH_SHA256


def _number(value: object, without: int) -> int:
    text = str(value if value is not None else "").strip()
    return int(text) if text.lstrip("-").isdecimal() else without


def _url64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode("".join(str(text or "").split()), validate=True)
    except binascii.Error:
        return b""
