"""The gate of every page: signed in, and with a post today."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from eoffice.core import clock
from eoffice.core.paging import whole_number
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.errors import DelegationOver, NoPosting, PowersNeeded
from eoffice.organization.middleware import ActorRequest

P = ParamSpec("P")
DELEGATION_HEADER = "X-Delegation"
_LAYS_DOWN = frozenset({"organization:leave_delegation", "organization:use_delegation"})


def signed_in(
    view: Callable[Concatenate[ActorRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let a view assume `request.actor`. Others are sent to the login page (htmx: 401 with the address).

    Raises NoPosting for an account without a post in force.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):
                response = HttpResponse(status=401)
                response.headers["HX-Trigger"] = "web:signed-out"
                return response
            return redirect_to_login(request.get_full_path())
        if getattr(request, "actor", None) is None:
            raise NoPosting
        refuse_after_delegation(request)
        return view(cast("ActorRequest", request), *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", guarded)


def refuse_after_delegation(request: HttpRequest) -> None:
    """Raise DelegationOver for what was written under a delegation that has ended meanwhile: it must not go as own."""
    if not getattr(request, "delegation_over", False) or request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.resolver_match is None or request.resolver_match.view_name not in _LAYS_DOWN:
        raise DelegationOver


def with_powers(
    view: Callable[Concatenate[ActorRequest, P], HttpResponseBase],
) -> Callable[Concatenate[ActorRequest, P], HttpResponseBase]:
    """Lead an administrator who needs his special powers to the page that switches them on, and back.

    The rule itself stands in the services (`permissions.changes.require_powers`); this only spares the reader an error.
    """

    @wraps(view)
    def guarded(request: ActorRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except PowersNeeded:
            back = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "")
            return HttpResponseRedirect(f"{reverse('organization:powers')}?{urlencode({'next': _path_of(back)})}")

    return cast("Callable[Concatenate[ActorRequest, P], HttpResponseBase]", guarded)


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}{'?' + parts.query if parts.query else ''}"


def api_actor(request: HttpRequest) -> Actor:
    """The actor behind an API call: of the account whose token was shown, else of the session.

    The header `X-Delegation` with the id of a delegation acts under it. Raises NoPosting, DelegationOver.
    """
    actor: Actor | None = getattr(request, "actor", None)
    # A token replaces `request.user`; a session of someone else in the same request does not count then.
    if actor is not None and actor.user_id == request.user.pk:
        refuse_after_delegation(request)
        return _under_header(request, actor) if actor.is_himself else actor
    if request.user.pk is None:
        raise NoPosting
    return _under_header(request, queries.actor_of(user_id=request.user.pk, now=clock.now(), source="api"))


def _under_header(request: HttpRequest, actor: Actor) -> Actor:
    """A program acts under a delegation only when it says so in every call."""
    asked = request.headers.get(DELEGATION_HEADER, "")
    if not asked:
        return actor
    return queries.acting_under(actor, delegation_id=whole_number(asked) or 0, now=clock.now())
