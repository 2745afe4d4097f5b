"""What the login page says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.organization.models import Installation
from eoffice.organization.models.front_door import FrontDoorContent, SystemNotice

NOTICES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoor:
    """The login page's words; `logo` is the SHA-256 of a checked PNG, or empty."""

    name: str = ""
    logo: str = ""
    hotline: str = ""
    hotline_note: str = ""
    support_email: str = ""
    support_contacts: str = ""
    notices: tuple[SystemNotice, ...] = ()


def front_door(installation: Installation | None, *, now: datetime) -> FrontDoor:
    """What stands on the login page now; in two queries beside the installation's own row."""
    content = front_door_content()
    shown = SystemNotice.objects.filter(starts_at__lte=now, ends_at__gt=now).order_by(
        "-is_important", "-starts_at", "-pk"
    )
    return FrontDoor(
        name=installation.name if installation else "Hệ thống quản lý văn bản và điều hành",
        logo=content.logo_id or "",
        hotline=installation.hotline if installation else "",
        hotline_note=content.hotline_note,
        support_email=installation.support_email if installation else "",
        support_contacts=installation.support_contacts if installation else "",
        notices=tuple(shown[:NOTICES_SHOWN]),
    )


def front_door_content() -> FrontDoorContent:
    return FrontDoorContent.objects.first() or FrontDoorContent()


def notices_to_come(*, now: datetime) -> list[SystemNotice]:
    """Notices that are shown now or later, soonest first; at most fifty."""
    return list(SystemNotice.objects.filter(ends_at__gt=now).order_by("starts_at", "pk")[:50])
