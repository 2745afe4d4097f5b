"""The installation and its calendar."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.vietnamese import tidy
from eoffice.organization.errors import AlreadyInstalled
from eoffice.organization.models import Holiday, Installation


@transaction.atomic
def install(
    *, actor: ActorRef, name: str, is_demo: bool, now: datetime, hotline: str = "", support_email: str = ""
) -> Installation:
    """Write the one row about this installation. Raises AlreadyInstalled."""
    if Installation.objects.exists():
        raise AlreadyInstalled
    row = Installation.objects.create(name=tidy(name), is_demo=is_demo, hotline=hotline, support_email=support_email)
    audit.record(
        actor=actor,
        action="organization.installed",
        object_kind="installation",
        object_id=1,
        now=now,
        detail={"demo": is_demo},
    )
    return row


@transaction.atomic
def set_holiday(*, actor: ActorRef, day: date, name: str, now: datetime, is_working: bool = False) -> Holiday:
    """Mark a day off, or a compensatory working day."""
    holiday, _ = Holiday.objects.update_or_create(day=day, defaults={"name": tidy(name), "is_working": is_working})
    audit.record(
        actor=actor, action="organization.holiday.set", object_kind="holiday", object_id=day.isoformat(), now=now
    )
    return holiday
