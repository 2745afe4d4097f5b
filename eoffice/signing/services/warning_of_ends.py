"""Holders are told before their certificate ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.core.clock import VIETNAM
from eoffice.notifications import services as notifications
from eoffice.signing.models import HeldCertificate
from eoffice.signing.services.certificates import AT_ONCE, in_use, own_address, people_behind

WARNINGS_DAYS: Final = (30, 7, 1)
"""So many days before the end its holder is told, once each."""


def warn_of_ends(*, now: datetime) -> int:
    """Tell holders 30, 7 and 1 days before their certificate ends, once each; returns how many were told."""
    told = 0
    soon = in_use(now).filter(expires_at__lte=now + timedelta(days=WARNINGS_DAYS[0]))
    pending = [held.pk for held in soon.order_by("expires_at", "pk")[:AT_ONCE] if _warning_due(held, now) is not None]
    for held_id in pending:
        told += _warn(held_id, now)
    return told


def _warning_due(held: HeldCertificate, now: datetime) -> int | None:
    left = held.expires_at - now
    passed = [days for days in WARNINGS_DAYS if left <= timedelta(days=days)]
    threshold = min(passed) if passed else None
    if threshold is None or (held.warned_days is not None and held.warned_days <= threshold):
        return None
    return threshold


@transaction.atomic
def _warn(held_id: int, now: datetime) -> bool:
    row = HeldCertificate.objects.select_for_update(no_key=True).get(pk=held_id)
    threshold = _warning_due(row, now)
    if threshold is None or row.ended_at is not None:
        return False
    row.warned_days = threshold
    row.save(update_fields=["warned_days"])
    until = row.expires_at.astimezone(VIETNAM)
    whose = f"con dấu {row.holder_name}" if row.unit_id is not None else "cá nhân"
    notifications.notify(
        person_ids=people_behind(row, now),
        kind="signing.certificate_ending",
        title=f"Chứng thư số {whose} hết hạn {until:%H:%M %d/%m/%Y}",
        text=f"{row.issuer}, số sê-ri {row.serial}. Gửi đề nghị cấp lại để không gián đoạn việc ký.",
        url=own_address(row),
        now=now,
    )
    return True
