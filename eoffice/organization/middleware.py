"""Puts the actor on the request: the one place where a session becomes an Actor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.core.errors import NotFound
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.errors import DelegationOver, NoPosting

SESSION_POSTING = "posting_id"
ACTING_POST = "acting_post"
"""Form field that says, for one command of a person who works in all his posts, under which of them it is done."""
SESSION_POWERS = "powers_id"
SESSION_DELEGATION = "delegation"
"""`[delegation id, day it was chosen]`: a choice ends with its day."""


class ActorRequest(HttpRequest):
    """A request of a signed-in person; `now` is read once per request."""

    actor: Actor
    now: datetime
    delegation_over: bool
    """The delegation chosen has ended: the person reads as himself, and sends nothing before laying it down."""


class ActorOfRequest:
    """Adds `request.now` always and `request.actor` for signed-in people (None otherwise)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        user = request.user
        actor, over = None, False
        if user.is_authenticated and user.pk:
            try:
                actor = queries.actor_of(user_id=user.pk, now=now, posting_id=request.session.get(SESSION_POSTING))
                actor = queries.with_powers(actor, powers_id=request.session.get(SESSION_POWERS), now=now)
                actor, over = _under_delegation(request, actor, now)
                actor = _at_post_said(request, actor)
            except NoPosting:
                # The person can still sign out; `signed_in` tells them at any other page.
                actor = None
        request.now = now  # type: ignore[attr-defined]  # set for views, which take ActorRequest
        request.actor = actor  # type: ignore[attr-defined]  # as above
        request.delegation_over = over  # type: ignore[attr-defined]  # as above
        return self.get_response(request)


def _at_post_said(request: HttpRequest, actor: Actor) -> Actor:
    """The post said with this very command, once the person was asked (`PostNeeded`)."""
    if not actor.in_all_posts or request.method != "POST":
        return actor
    return actor_at_post(actor, request.POST.get(ACTING_POST, ""))


def actor_at_post(actor: Actor, said: str) -> Actor:
    """The actor at one of his posts; anything that is none of them leaves the question open."""
    if said not in {str(post.posting_id) for post in actor.posts}:
        return actor
    return actor.working_as(int(said))


def _under_delegation(request: HttpRequest, actor: Actor, now: datetime) -> tuple[Actor, bool]:
    """The actor in the name of the giver chosen for this session and day; True when that choice has ended."""
    chosen = request.session.get(SESSION_DELEGATION)
    if not isinstance(chosen, list):
        return actor, False
    delegation_id, day = chosen
    try:
        if day != local_date(now).isoformat():
            raise DelegationOver
        return queries.acting_under(actor, delegation_id=delegation_id, now=now), False
    except (DelegationOver, NotFound):
        # The choice stays until the person lays it down: whatever a page still open sends is refused meanwhile, so
        # that nothing written in another's name ever goes as one's own (`gate.signed_in`).
        return actor, True
