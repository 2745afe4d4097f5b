"""Puts the actor on the request: the one place where a session becomes an Actor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from eoffice.core import clock
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.errors import NoPosting

SESSION_POSTING = "posting_id"
SESSION_POWERS = "powers_id"


class ActorRequest(HttpRequest):
    """A request of a signed-in person; `now` is read once per request."""

    actor: Actor
    now: datetime


class ActorOfRequest:
    """Adds `request.now` always and `request.actor` for signed-in people (None otherwise)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        user = request.user
        actor = None
        if user.is_authenticated and user.pk:
            try:
                actor = queries.actor_of(user_id=user.pk, now=now, posting_id=request.session.get(SESSION_POSTING))
                actor = queries.with_powers(actor, powers_id=request.session.get(SESSION_POWERS), now=now)
            except NoPosting:
                # The person can still sign out; `signed_in` tells them at any other page.
                actor = None
        request.now = now  # type: ignore[attr-defined]  # set for views, which take ActorRequest
        request.actor = actor  # type: ignore[attr-defined]  # as above
        return self.get_response(request)
