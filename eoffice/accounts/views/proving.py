"""When the person at this browser last proved himself again, and where else than here he can."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.http import HttpRequest

from eoffice.accounts import queries
from eoffice.accounts.models import Door, DoorKind

PROVED_AT: Final = "proved_at"
"""In the session: when a second proof was given last, in seconds since 1970."""


def note_proof(request: HttpRequest, *, now: datetime) -> None:
    """Call it only after the service that used up the code, or checked the provider's answer."""
    request.session[PROVED_AT] = int(now.timestamp())


def proved_at(request: HttpRequest) -> datetime | None:
    """The last proof of this browser's session."""
    kept = request.session.get(PROVED_AT)
    return datetime.fromtimestamp(kept, UTC) if isinstance(kept, int) else None


def provers() -> list[Door]:
    """Doors whose provider can ask somebody again and say that it did."""
    return [door for door in queries.provider_doors() if door.kind == DoorKind.OIDC]
