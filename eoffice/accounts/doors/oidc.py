"""OpenID Connect Core 1.0, as relying party: authorization code with PKCE (RFC 7636), state, nonce, signed ID token."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Final
from urllib.parse import quote, urlencode

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from eoffice.accounts.doors import outgoing
from eoffice.accounts.doors.identity import AnswerRefused, DoorDown, Identity

ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Public-key signatures only: `none` and HMAC are never accepted, whatever the token says."""
SKEW_S: Final = 120
DISCOVERY_AGE_S: Final = 600
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_AGE_S: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What the administrator has set, and our address that the provider sends browsers back to."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: str = "openid email profile"
    trusts_email: bool = False
    """Take the e-mail as verified although the provider does not say `email_verified`."""
    second_factor_amr: frozenset[str] = frozenset()
    second_factor_acr: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What this browser's way to the provider was begun with."""

    state: str
    nonce: str
    verifier: str


def discover(issuer: str, *, now: datetime) -> dict[str, Any]:
    """The provider's own description, at most ten minutes old. Raises DoorDown."""
    known = _known.get(issuer)
    if known is not None and 0 <= (now - known[0]).total_seconds() < DISCOVERY_AGE_S:
        return known[1]
    described = outgoing.get_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    # OpenID Connect Discovery 1.0, 4.3: the issuer found must be the issuer asked for.
    if described.get("issuer") != issuer:
        raise DoorDown(f"Máy chủ tự gọi tên là {described.get('issuer')!r}, không đúng địa chỉ đã khai.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not outgoing.is_acceptable(str(described.get(name, ""))):
            raise DoorDown(f"Mô tả của máy chủ thiếu {name} hợp lệ.")
    with _lock:
        _known[issuer] = (now, described)
    return described


def address_to_begin(provider: Provider, begun: Begun, *, now: datetime, asks_again: bool = False) -> str:
    """Where to send the browser; `asks_again` has the person prove himself whatever session he has there.

    Raises DoorDown.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": provider.scopes,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if provider.second_factor_acr:
        query["acr_values"] = " ".join(sorted(provider.second_factor_acr))
    if asks_again:
        # OpenID Connect Core 1.0, 3.1.2.1: with max_age the answer must say when the person was authenticated.
        query |= {"prompt": "login", "max_age": "0"}
    return _with_query(str(discover(provider.issuer, now=now)["authorization_endpoint"]), query)


def identity_of(provider: Provider, begun: Begun, answer: dict[str, str], *, now: datetime) -> Identity:
    """Turn the provider's answer into somebody. `state` has been matched by the caller.

    Raises AnswerRefused for what is forged, stale or not for us, DoorDown for a provider that fails.
    """
    if answer.get("error"):
        raise AnswerRefused(f"provider says {answer['error'][:60]}")
    described = discover(provider.issuer, now=now)
    # RFC 9207: a provider that names itself in its answers must be the one we asked.
    if answer.get("iss", provider.issuer) != provider.issuer:
        raise AnswerRefused("iss of the answer")
    if described.get("authorization_response_iss_parameter_supported") and "iss" not in answer:
        raise AnswerRefused("iss of the answer is missing")
    tokens = _exchange(provider, described, code=answer.get("code", ""), verifier=begun.verifier)
    claims = _claims(provider, described, str(tokens.get("id_token", "")), now=now)
    if claims.get("nonce") != begun.nonce:
        raise AnswerRefused("nonce")
    _require_audience(provider, claims)
    claims = _with_email(described, claims, access_token=str(tokens.get("access_token", "")))
    return Identity(
        subject=_text(claims, "sub"),
        email=str(claims.get("email") or ""),
        email_is_verified=claims.get("email_verified") in {True, "true"} or provider.trusts_email,
        second_factor_done=_has_second_factor(provider, claims),
        session=str(claims.get("sid") or ""),
        id_token=str(tokens["id_token"]),
        authenticated_s=_moment(claims, "auth_time"),
    )


@dataclass(frozen=True, slots=True)
class SignOut:
    """What a logout token names; `jti` with `until` guards against showing it twice."""

    subject: str
    session: str
    jti: str
    until_s: float


def sign_out_of(provider: Provider, logout_token: str, *, now: datetime) -> SignOut:
    """Check a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). Raises AnswerRefused, DoorDown."""
    claims = _claims(provider, discover(provider.issuer, now=now), logout_token, now=now)
    _require_audience(provider, claims)
    events = claims.get("events")
    if not isinstance(events, dict) or LOGOUT_EVENT not in events:
        raise AnswerRefused("not a logout token")
    if "nonce" in claims:
        raise AnswerRefused("a logout token has no nonce")
    subject, session, jti = (str(claims.get(name) or "") for name in ("sub", "sid", "jti"))
    if not jti or not (subject or session):
        raise AnswerRefused("logout token names nobody")
    issued_s = float(claims["iat"])
    if now.timestamp() - issued_s > LOGOUT_AGE_S:
        raise AnswerRefused("logout token is old")
    return SignOut(subject, session, jti, issued_s + LOGOUT_AGE_S + SKEW_S)


def address_to_sign_out(provider: Provider, *, id_token: str, return_to: str, now: datetime) -> str | None:
    """Where the browser ends the provider's session too (RP-Initiated Logout 1.0); None where it offers none."""
    endpoint = str(discover(provider.issuer, now=now).get("end_session_endpoint") or "")
    if not outgoing.is_acceptable(endpoint):
        return None
    query = {"client_id": provider.client_id, "post_logout_redirect_uri": return_to}
    return _with_query(endpoint, {**query, "id_token_hint": id_token} if id_token else query)


_known: dict[str, tuple[datetime, dict[str, Any]]] = {}
_keys: dict[str, tuple[datetime, KeySet]] = {}
_lock = Lock()


def forget_discovered() -> None:
    """Read descriptions and keys anew, after a door was changed."""
    with _lock:
        _known.clear()
        _keys.clear()


def _exchange(provider: Provider, described: dict[str, Any], *, code: str, verifier: str) -> dict[str, Any]:
    if not code:
        raise AnswerRefused("no code")
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": verifier,
    }
    headers: dict[str, str] = {}
    methods = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if not provider.client_secret:
        fields["client_id"] = provider.client_id
    elif "client_secret_basic" in methods:
        # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        fields |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    status, tokens = outgoing.post_form(str(described["token_endpoint"]), fields, headers=headers)
    if status != 200:
        error = str(tokens.get("error", ""))[:60]
        if status >= 500:
            raise DoorDown(f"Máy chủ đăng nhập trả lời mã {status}.")
        raise AnswerRefused(f"token endpoint says {status} {error}")
    return tokens


def _claims(provider: Provider, described: dict[str, Any], token: str, *, now: datetime) -> dict[str, Any]:
    """The claims of a token signed by the provider, with issuer and times checked."""
    try:
        decoded = _decode(described, token, now=now)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise AnswerRefused(f"signature: {type(error).__name__}") from error
    claims = decoded.claims
    if claims.get("iss") != provider.issuer:
        raise AnswerRefused("iss")
    moment = now.timestamp()
    for name, is_needed in (("exp", "events" not in claims), ("iat", True), ("nbf", False)):
        value = claims.get(name)
        if value is None and not is_needed:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise AnswerRefused(name)
        if (value < moment - SKEW_S) if name == "exp" else (value > moment + SKEW_S):
            raise AnswerRefused(name)
    return claims


def _decode(described: dict[str, Any], token: str, *, now: datetime) -> jwt.Token:
    address = str(described["jwks_uri"])
    try:
        return jwt.decode(token, _key_set(address, now=now, fresher_than_s=DISCOVERY_AGE_S), algorithms=ALGORITHMS)
    except (JoseError, ValueError, KeyError):
        # The provider may have changed its key since: read the set anew, at most every ten seconds, and only when
        # the token names an algorithm we take at all.
        if jws.extract_compact(token.encode()).protected.get("alg") not in ALGORITHMS:
            raise
        return jwt.decode(token, _key_set(address, now=now, fresher_than_s=10), algorithms=ALGORITHMS)


def _key_set(address: str, *, now: datetime, fresher_than_s: int) -> KeySet:
    known = _keys.get(address)
    if known is not None and 0 <= (now - known[0]).total_seconds() < fresher_than_s:
        return known[1]
    described = outgoing.get_json(address)
    usable = [
        key
        for key in described.get("keys", [])
        if isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use", "sig") == "sig"
    ]
    try:
        keys = KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, KeyError) as error:
        raise DoorDown("Bộ khóa của máy chủ đăng nhập không đọc được.") from error
    with _lock:
        _keys[address] = (now, keys)
    return keys


def _require_audience(provider: Provider, claims: dict[str, Any]) -> None:
    """OpenID Connect Core 1.0, 3.1.3.7: meant for us, and asked for by us."""
    named = claims.get("aud")
    audiences = [named] if isinstance(named, str) else named
    if not isinstance(audiences, list) or provider.client_id not in audiences:
        raise AnswerRefused("aud")
    party = claims.get("azp")
    if (len(audiences) > 1 and party is None) or party not in {None, provider.client_id}:
        raise AnswerRefused("azp")


def _with_email(described: dict[str, Any], claims: dict[str, Any], *, access_token: str) -> dict[str, Any]:
    """Ask the provider's userinfo for the e-mail where the token has none; it must speak of the same subject."""
    endpoint = str(described.get("userinfo_endpoint") or "")
    if claims.get("email") or not access_token or not outgoing.is_acceptable(endpoint):
        return claims
    about = outgoing.get_json(endpoint, headers={"Authorization": f"Bearer {access_token}"})
    if about.get("sub") != claims.get("sub"):
        raise AnswerRefused("sub of userinfo")
    return {**claims, **{name: about[name] for name in ("email", "email_verified") if name in about}}


def _moment(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _has_second_factor(provider: Provider, claims: dict[str, Any]) -> bool:
    methods = claims.get("amr")
    said = {str(each) for each in methods} if isinstance(methods, list) else set()
    return bool(said & provider.second_factor_amr) or str(claims.get("acr") or "") in provider.second_factor_acr


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise AnswerRefused(name)
    return value


def _with_query(address: str, query: dict[str, str]) -> str:
    return address + ("&" if "?" in address else "?") + urlencode(query)
