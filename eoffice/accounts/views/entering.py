"""From the first factor to an open session: the only place that signs a browser in.

After the first factor the browser is at most *half signed in*: its session holds who, by which door, since when and
where to go on, and nothing else. `request.user` stays anonymous, so no page opens. The key of the session changes at
both steps.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from eoffice.accounts import holders, queries, second_factor, services
from eoffice.accounts.doors.identity import Identity
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import EntryPolicy, User
from eoffice.accounts.services import Arrival
from eoffice.core import client_address

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
HALF_WAY: Final = "half_signed_in"
HALF_WAY_SPAN: Final = timedelta(minutes=10)
ENTERED: Final = "entered"
"""In the session: since when, last seen, and its limits; read by `middleware.SessionLimits`."""
PROVIDER: Final = "provider"
"""In the session: the provider's names for this session, needed to sign out there too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfSignedIn:
    """A browser whose first factor was right. `mark` is random and new for each such sign-in."""

    user_id: int
    door: str
    since: datetime
    onward: str
    mark: str
    provider: dict[str, str]


def enter(
    request: HttpRequest,
    *,
    user: User,
    door: str,
    second_factor_done: bool,
    onward: str,
    now: datetime,
    identity: Identity | None = None,
    policy: EntryPolicy | None = None,
) -> HttpResponseRedirect:
    """Open the session of an account whose first factor was right, or go and ask for the second one.

    `door` names how it came in (`local`, or the door's code); `second_factor_done` that the door has asked already;
    `identity` whom a provider has vouched for; `policy` how people come in, where it has just been read.
    """
    provider = _names_at_provider(identity)
    address = address_of(request)
    holder = holders.holder_of(user.pk, now)
    if not second_factor_done and second_factor.required_for(
        user=user, holder=holder, door=door, address=address, cookies=request.COOKIES, now=now
    ):
        mark = _leave_half_way(request, user=user, door=door, onward=onward, provider=provider, now=now)
        second_factor.send_first_code(user=user, holder=holder, mark=mark, address=address, now=now)
        return HttpResponseRedirect(reverse("accounts:second_factor"), status=303)
    return _open(request, user=user, door=door, onward=onward, provider=provider, holder=holder, now=now, policy=policy)


def half_signed_in(request: HttpRequest, *, now: datetime) -> HalfSignedIn | None:
    """Who stands between the two factors in this browser; None when nobody does, or it took longer than ten minutes."""
    kept = request.session.get(HALF_WAY)
    if not isinstance(kept, dict):
        return None
    since = datetime.fromisoformat(kept["since"])
    if not since <= now < since + HALF_WAY_SPAN:
        return None
    user = queries.active_user(kept["user_id"])
    # A password changed meanwhile, or an account closed, ends the half-way state too.
    if user is None or not constant_time_compare(kept["proof"], user.get_session_auth_hash()):
        return None
    return HalfSignedIn(
        user_id=user.pk,
        door=kept["door"],
        since=since,
        onward=onward_of(request, kept["onward"]),
        mark=kept["mark"],
        provider=kept["provider"],
    )


def complete(request: HttpRequest, *, half: HalfSignedIn, now: datetime) -> HttpResponseRedirect:
    """Open the session after a right second factor. Call it only after the service that used up the code."""
    user = queries.active_user(half.user_id)
    if user is None:
        request.session.flush()
        return HttpResponseRedirect(reverse("accounts:login"), status=303)
    holder = holders.holder_of(user.pk, now)
    return _open(request, user=user, door=half.door, onward=half.onward, provider=half.provider, holder=holder, now=now)


def onward_of(request: HttpRequest, wanted: str) -> str:
    """Where to go after signing in: `wanted` when it is a path of ours, else the home page."""
    allowed = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    # A path from the root: Django reads anything else as the name of a page.
    return wanted if allowed and wanted.startswith("/") else "/"


def address_of(request: HttpRequest) -> str:
    """The network address the browser comes from; empty where the server does not know one."""
    return client_address.address_of(request)


def _names_at_provider(identity: Identity | None) -> dict[str, str]:
    if identity is None:
        return {}
    return {"subject": identity.subject, "session": identity.session, "id_token": identity.id_token}


def _leave_half_way(
    request: HttpRequest, *, user: User, door: str, onward: str, provider: dict[str, str], now: datetime
) -> str:
    request.session.flush()
    mark = secrets.token_urlsafe(16)
    half = HalfSignedIn(user_id=user.pk, door=door, since=now, onward=onward, mark=mark, provider=provider)
    request.session[HALF_WAY] = {
        **asdict(half),
        "since": now.isoformat(),
        "proof": user.get_session_auth_hash(),
    }
    request.session.set_expiry(int(HALF_WAY_SPAN.total_seconds()))
    return mark


def _open(
    request: HttpRequest,
    *,
    user: User,
    door: str,
    onward: str,
    provider: dict[str, str],
    holder: Holder,
    now: datetime,
    policy: EntryPolicy | None = None,
) -> HttpResponseRedirect:
    # Nothing of a session from before is carried in, and its key is not reused (session fixation).
    request.session.flush()
    login(request, user, backend=BACKEND)
    arrival = Arrival(
        session_key=str(request.session.session_key),
        address=address_of(request),
        agent=request.headers.get("User-Agent", ""),
        door_code=door,
        provider_session=provider.get("session", ""),
        provider_subject=provider.get("subject", ""),
    )
    limits = services.open_session(
        actor=holder.ref, user_id=user.pk, arrival=arrival, holder=holder, now=now, policy=policy
    )
    moment = int(now.timestamp())
    request.session[ENTERED] = {"at": moment, "seen": moment, "idle": limits.idle_s, "absolute": limits.absolute_s}
    if provider:
        request.session[PROVIDER] = {"door": door, "id_token": provider["id_token"]}
    request.session.set_expiry(limits.absolute_s)
    return HttpResponseRedirect(onward, status=303)
