"""Addresses that only take forms, when somebody opens them: after signing in again, by reload or by the back button."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def posted_from(page: str, *, parameter: str) -> Callable[[View[P]], View[P]]:
    """Take POST; lead a GET on to `page`, the named address its form stands on, with the same `parameter`.

    The login page goes on to the address that was asked for, so a session that ended under a form ends up here.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method in {"GET", "HEAD"}:
                return HttpResponseRedirect(reverse(page, args=[kwargs[parameter]]), status=303)
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            return view(request, *args, **kwargs)

        return cast("View[P]", guarded)

    return decorate


posted_from_draft = posted_from("documents:draft_detail", parameter="draft_id")
posted_from_outgoing = posted_from("documents:outgoing_detail", parameter="outgoing_id")
