"""The first factor at a provider: what happens before the browser leaves and after it is back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.accounts.doors import oidc, saml
from eoffice.accounts.doors.identity import AnswerRefused, DoorDown, Identity
from eoffice.accounts.doors.oidc import Begun
from eoffice.accounts.doors.settings import provider_of, saml_provider_of
from eoffice.accounts.errors import DoorUnreachable, ForeignRefused
from eoffice.accounts.models import Door, DoorKind
from eoffice.accounts.services import handshakes
from eoffice.accounts.services.foreign_sign_in import account_of
from eoffice.accounts.services.sessions import end_sessions_at_provider
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Our addresses that a provider has to know."""

    redirect_uri: str
    acs_url: str
    entity_id: str
    back_channel: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody who is back from a provider and has an account."""

    identity: Identity
    user_id: int
    onward: str
    proves_user_id: int | None = None
    """The signed-in account that went to prove itself again; None for a sign-in."""


def begin(*, door: Door, places: Places, browser: str, onward: str, now: datetime) -> str:
    """Write down that this browser goes to the provider; the address to send it to. Raises DoorUnreachable."""
    try:
        if door.kind == DoorKind.SAML:
            provider = saml_provider_of(door, entity_id=places.entity_id, acs_url=places.acs_url)
            address, request_id = saml.begin(provider)
            handshakes.begin_handshake(door=door, browser=browser, onward=onward, now=now, state=request_id)
            return address
        _require_kind(door, DoorKind.OIDC)
        provider_oidc = provider_of(door, redirect_uri=places.redirect_uri)
        # Asked first: a provider that is down leaves no handshake behind.
        oidc.discover(provider_oidc.issuer, now=now)
        begun = handshakes.begin_handshake(door=door, browser=browser, onward=onward, now=now)
        return oidc.address_to_begin(
            provider_oidc, Begun(state=begun.state, nonce=begun.nonce, verifier=begun.verifier), now=now
        )
    except DoorDown as error:
        raise DoorUnreachable(why=str(error)) from error


def begin_again(*, door: Door, places: Places, browser: str, onward: str, user_id: int, now: datetime) -> str:
    """Send a signed-in account to prove itself anew; the address. OpenID Connect alone. Raises DoorUnreachable."""
    _require_kind(door, DoorKind.OIDC)
    provider = provider_of(door, redirect_uri=places.redirect_uri)
    try:
        oidc.discover(provider.issuer, now=now)
        row = handshakes.begin_handshake(door=door, browser=browser, onward=onward, now=now, proves_user_id=user_id)
        begun = Begun(state=row.state, nonce=row.nonce, verifier=row.verifier)
        return oidc.address_to_begin(provider, begun, now=now, asks_again=True)
    except DoorDown as error:
        raise DoorUnreachable(why=str(error)) from error


def come_back_with_code(
    *, door: Door, places: Places, answer: dict[str, str], browser: str, address: str, now: datetime
) -> Arrived:
    """Turn the answer of OpenID Connect into an account. The handshake is used up before the code is exchanged.

    Raises ForeignRefused, DoorUnreachable, UnknownPerson, IdentityTaken; each refusal is in the audit trail.
    """
    _require_kind(door, DoorKind.OIDC)
    try:
        row = handshakes.use_handshake(door=door, state=answer.get("state", ""), browser=browser, now=now)
        begun = Begun(state=row.state, nonce=row.nonce, verifier=row.verifier)
        identity = oidc.identity_of(provider_of(door, redirect_uri=places.redirect_uri), begun, answer, now=now)
        user = account_of(door=door, identity=identity, now=now)
        if row.proves_user_id is not None:
            _require_asked_again(identity, began_at=row.began_at, is_same=user.pk == row.proves_user_id)
        return Arrived(identity, user.pk, row.onward, row.proves_user_id)
    except DoorDown as error:
        raise DoorUnreachable(why=str(error)) from error
    except Invalid as refusal:
        handshakes.note_refusal(door=door, why=_why(refusal), address=address, now=now)
        raise


def _require_asked_again(identity: Identity, *, began_at: datetime, is_same: bool) -> None:
    """A provider that let an old session count, or does not say when it asked, has proved nothing new."""
    if not is_same:
        raise AnswerRefused("somebody else proved himself")
    if identity.authenticated_s < began_at.timestamp() - oidc.SKEW_S:
        raise AnswerRefused("auth_time: not asked again")


def keep_saml_answer(*, door: Door, places: Places, encoded: str, address: str, now: datetime) -> str:
    """Check a SAML answer and keep it; the ticket its browser fetches the session with.

    Raises ForeignRefused, DoorUnreachable. An assertion counts once, for the request that is still open.
    """
    _require_kind(door, DoorKind.SAML)
    provider = saml_provider_of(door, entity_id=places.entity_id, acs_url=places.acs_url)
    try:
        request_id = saml.request_id_in(encoded)
        row_id = handshakes.open_handshake_id(door=door, state=request_id, now=now)
        answer = saml.answer_of(provider, encoded, request_id=request_id, now=now)
        handshakes.see_message(door=door, name=answer.assertion_id, until_s=answer.until_s)
        handshakes.use_handshake(door=door, state=request_id, browser=None, now=now)
        return handshakes.keep_answer(handshake_id=row_id, identity=answer.identity, now=now)
    except DoorDown as error:
        raise DoorUnreachable(why=str(error)) from error
    except Invalid as refusal:
        handshakes.note_refusal(door=door, why=_why(refusal), address=address, now=now)
        raise


def come_back_with_ticket(*, door: Door, ticket: str, browser: str, address: str, now: datetime) -> Arrived:
    """Turn a kept SAML answer into an account, in the browser that began. Raises ForeignRefused, UnknownPerson."""
    _require_kind(door, DoorKind.SAML)
    try:
        row, identity = handshakes.take_answer(door=door, ticket=ticket, browser=browser, now=now)
        return Arrived(identity, account_of(door=door, identity=identity, now=now).pk, row.onward)
    except Invalid as refusal:
        handshakes.note_refusal(door=door, why=_why(refusal), address=address, now=now)
        raise


def own_metadata(*, door: Door, places: Places) -> bytes:
    """Our description for the provider of a SAML door. Raises DoorUnreachable, NotFound."""
    _require_kind(door, DoorKind.SAML)
    try:
        return saml.metadata_of(saml_provider_of(door, entity_id=places.entity_id, acs_url=places.acs_url))
    except DoorDown as error:
        raise DoorUnreachable(why=str(error)) from error


def sign_out_from_provider(*, door: Door, places: Places, logout_token: str, now: datetime) -> int:
    """End our sessions that a provider's logout token names; how many. Raises ForeignRefused, DoorUnreachable."""
    _require_kind(door, DoorKind.OIDC)
    try:
        named = oidc.sign_out_of(provider_of(door, redirect_uri=places.redirect_uri), logout_token, now=now)
    except DoorDown as error:
        raise DoorUnreachable(why=str(error)) from error
    handshakes.see_message(door=door, name=named.jti, until_s=named.until_s)
    return end_sessions_at_provider(
        actor=ActorRef(person_id=None),
        door=door,
        provider_session=named.session,
        provider_subject=named.subject,
        now=now,
    )


def sign_out_address(*, code: str, id_token: str, return_to: str, now: datetime) -> str:
    """Where a browser ends its session at the provider; empty when it offers none, is off or does not answer."""
    door = Door.objects.filter(code=code, kind=DoorKind.OIDC, is_on=True).first()
    if door is None:
        return ""
    try:
        provider = provider_of(door, redirect_uri="")
        return oidc.address_to_sign_out(provider, id_token=id_token, return_to=return_to, now=now) or ""
    except DoorDown:
        # Our own session has ended whatever the provider does.
        return ""


def _require_kind(door: Door, kind: DoorKind) -> None:
    if door.kind != kind:
        raise NotFound("Cửa đăng nhập này dùng cách khác.")


def _why(refusal: Invalid) -> str:
    if isinstance(refusal, AnswerRefused):
        return refusal.why
    return str(refusal.details.get("why") or refusal.code) if isinstance(refusal, ForeignRefused) else refusal.code
