"""The gate of every page: signed in, and with a post today."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from eoffice.core import clock
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.errors import NoPosting
from eoffice.organization.middleware import ActorRequest

P = ParamSpec("P")


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
        return view(cast("ActorRequest", request), *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", guarded)


def api_actor(request: HttpRequest) -> Actor:
    """The actor behind an API call: of the account whose token was shown, else of the session. Raises NoPosting."""
    actor: Actor | None = getattr(request, "actor", None)
    # A token replaces `request.user`; a session of someone else in the same request does not count then.
    if actor is not None and actor.user_id == request.user.pk:
        return actor
    if request.user.pk is None:
        raise NoPosting
    return queries.actor_of(user_id=request.user.pk, now=clock.now(), source="api")
