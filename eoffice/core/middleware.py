"""Headers every answer carries, and the way from names of before to the name of today."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from eoffice.core.live import events_origin

_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self' {agent} {events} {also}",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)


def content_policy(request: HttpRequest, *, also: str = "") -> str:
    """The Content-Security-Policy of a page; `also` is an address that this one page may speak with beside our own."""
    # The event stream is one port away unless a proxy joins both under one address (docs/adr/0002).
    places = {"{agent}": settings.DESK_AGENT, "{events}": events_origin(request), "{also}": also}
    policy = _POLICY
    for place, origin in places.items():
        policy = policy.replace(place, origin)
    return "; ".join(" ".join(line.split()) for line in policy.split(";"))


class FormerHosts:
    """Leads links of a name this installation once had to the same page at its name of today, for ever.

    Papers carry the name of their day in print. Only names of `EOFFICE_FORMER_HOSTS`; the proxy still answers them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        environment = settings.ENVIRONMENT
        if environment.former_hosts and request.method in {"GET", "HEAD"}:
            name = request.get_host().rsplit(":", 1)[0].lower()
            if name in environment.former_hosts:
                return HttpResponsePermanentRedirect(environment.base_url + request.get_full_path())
        return self.get_response(request)


class SecurityHeaders:
    """Content-Security-Policy without inline script, nothing kept by caches, and no access to the device's sensors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", content_policy(request))
        # What a person sees is kept by no cache between, and asked for again after a sign-out; files say no-store.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response
