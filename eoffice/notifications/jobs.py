"""What lower rooms want told: their events become lines behind the bell."""

from __future__ import annotations

from typing import Any

from eoffice.core import clock, outbox
from eoffice.notifications import services
from eoffice.organization.telling import PEOPLE_TOLD


@outbox.subscribe(PEOPLE_TOLD)
def tell_people(payload: dict[str, Any]) -> None:
    """Somebody's rights change, or wait to be confirmed."""
    services.notify(
        person_ids=payload["person_ids"],
        kind=payload["kind"],
        title=payload["title"],
        text=payload["text"],
        url=payload["url"],
        now=clock.now(),
    )
