"""Telling open pages that something changed for a person: PostgreSQL NOTIFY down to server-sent events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

CHANNEL: Final = "eoffice_counters"
_IDS_PER_NOTICE: Final = 400  # a payload may hold 8,000 bytes; ids have at most 19 digits


def counters_changed(person_ids: Iterable[int]) -> None:
    """Let the open pages of these persons fetch their counters again.

    Called inside the transaction of the change: PostgreSQL sends the notice at commit and drops it at rollback.
    """
    ids = sorted(set(person_ids))
    with connection.cursor() as cursor:
        for start in range(0, len(ids), _IDS_PER_NOTICE):
            payload = ",".join(map(str, ids[start : start + _IDS_PER_NOTICE]))
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def events_origin(request: HttpRequest) -> str:
    """Scheme, host and port where the events process answers this browser; empty when it is our own origin.

    Behind a proxy (EOFFICE_URL) it is our own origin, where the proxy routes /events; else the port after ours, on the
    host name the browser used, so that its session cookie goes along.
    """
    if settings.ENVIRONMENT.public_url:
        return ""
    host = request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    return f"{request.scheme}://{host}:{settings.ENVIRONMENT.events_port}"


def events_url(request: HttpRequest) -> str:
    """Address for `data-events-url`; the page opens it with credentials and expects `event: counters`."""
    return f"{events_origin(request)}/events"
