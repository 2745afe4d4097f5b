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
from eoffice.organization.middleware import ActorRequest, actor_at_post
from eoffice.organization.services import powers

P = ParamSpec("P")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
DELEGATION_HEADER = "X-Delegation"
POST_HEADER = "X-Posting"
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
    if not getattr(request, "delegation_over", False) or request.method in READING:
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
            return _to_powers(request)

    return cast("Callable[Concatenate[ActorRequest, P], HttpResponseBase]", guarded)


def require_powers_of_request(request: HttpRequest) -> None:
    """The guard of administration pages in the room below: powers are on, and each change made with them is noted.

    Raises NoPosting, PowersNeeded; `LeadsToPowers` turns the latter into the way to the page that switches them on.
    """
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise NoPosting
    if not actor.has_powers:
        raise PowersNeeded
    if request.method not in READING and request.resolver_match is not None:
        powers.use_powers(actor=actor, for_what=request.resolver_match.view_name, now=clock.now())


class LeadsToPowers:
    """Where a page of a room below needs special powers, the browser is led to the page that switches them on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        is_page_below = match is not None and match.namespace == "accounts"
        return _to_powers(request) if isinstance(exception, PowersNeeded) and is_page_below else None


def _to_powers(request: HttpRequest) -> HttpResponse:
    back = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "")
    return HttpResponseRedirect(f"{reverse('organization:powers')}?{urlencode({'next': _path_of(back)})}")


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}{'?' + parts.query if parts.query else ''}"


def api_actor(request: HttpRequest) -> Actor:
    """The actor behind an API call: of the account whose token was shown, else of the session.

    The header `X-Delegation` with the id of a delegation acts under it; `X-Posting` with the id of one of his posts
    records a command under that post. Raises NoPosting, DelegationOver.
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
        return actor_at_post(actor, request.headers.get(POST_HEADER, "")) if actor.in_all_posts else actor
    return queries.acting_under(actor, delegation_id=whole_number(asked) or 0, now=clock.now())
