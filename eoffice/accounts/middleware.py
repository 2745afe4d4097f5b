"""Ends a session that was left alone too long, or is too old; notes, once a minute, that one is in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from eoffice.accounts import services
from eoffice.accounts.models import SessionEnd
from eoffice.accounts.views.entering import ENTERED, address_of
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef

NOTED_EVERY_S: Final = 60


class SessionLimits:
    """Reads the limits that were written into the session when it opened: watching them costs no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        entered = request.session.get(ENTERED) if request.user.is_authenticated else None
        if isinstance(entered, dict):
            self._watch(request, entered)
        return self.get_response(request)

    def _watch(self, request: HttpRequest, entered: dict[str, int]) -> None:
        now = clock.now()
        moment, key = int(now.timestamp()), str(request.session.session_key)
        if moment - entered["at"] >= entered["absolute"] or moment - entered["seen"] >= entered["idle"]:
            is_old = moment - entered["at"] >= entered["absolute"]
            because = SessionEnd.TOO_LONG if is_old else SessionEnd.IDLE
            services.end_session(actor=ActorRef(person_id=None), session_key=key, because=because, now=now)
            logout(request)
        elif moment - entered["seen"] >= NOTED_EVERY_S:
            request.session[ENTERED] = {**entered, "seen": moment}
            services.see_session(session_key=key, address=address_of(request), now=now)
