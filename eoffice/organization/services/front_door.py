"""Editing the login page."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from PIL import Image, UnidentifiedImageError

from eoffice.audit import services as audit
from eoffice.core import files
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.vietnamese import tidy
from eoffice.organization.actor import Actor
from eoffice.organization.errors import AdministratorOnly
from eoffice.organization.models import Installation, Role
from eoffice.organization.models.front_door import FrontDoorContent, SystemNotice

LOGO_LIMIT_BYTES: Final = 512 * 1024
LOGO_LIMIT_PIXELS: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoorEntry:
    """What was typed. `logo` is the bytes of a new picture, None leaves the one there is."""

    name: str
    hotline: str
    hotline_note: str
    support_email: str
    support_contacts: str
    logo: bytes | None = None
    removes_logo: bool = False


def can_edit_front_door(actor: Actor) -> bool:
    return actor.plays(Role.ADMINISTRATOR)


@transaction.atomic
def edit_front_door(*, actor: Actor, entry: FrontDoorEntry, now: datetime) -> None:
    """Put new words and a logo on the login page. Raises AdministratorOnly, Invalid, NotFound."""
    installation = Installation.objects.select_for_update(no_key=True).first()
    _require(actor)
    if installation is None:
        raise NotFound
    if not tidy(entry.name):
        raise Invalid(fields={"name": "Nhập tên cơ quan."})
    installation.name, installation.hotline = tidy(entry.name), entry.hotline
    installation.support_email, installation.support_contacts = entry.support_email, entry.support_contacts
    # The one free text of before; notices with dates have taken its place.
    installation.notice = ""
    installation.save(update_fields=["name", "hotline", "support_email", "support_contacts", "notice"])
    changed: dict[str, object] = {"hotline_note": entry.hotline_note}
    if entry.logo is not None:
        changed["logo"] = files.store(clean_logo(entry.logo), media_type="image/png")
    elif entry.removes_logo:
        changed["logo"] = None
    FrontDoorContent.objects.update_or_create(singleton=True, defaults=changed)
    audit.record(
        actor=actor.ref, action="organization.front_door.changed", object_kind="installation", object_id=1, now=now
    )


@transaction.atomic
def add_notice(
    *, actor: Actor, text: str, is_important: bool, starts_at: datetime, ends_at: datetime, now: datetime
) -> SystemNotice:
    """Show a notice on the login page from one moment to another. Raises AdministratorOnly, Invalid."""
    _require(actor)
    if not tidy(text):
        raise Invalid(fields={"text": "Nhập nội dung thông báo."})
    if not (starts_at < ends_at and now < ends_at):
        raise Invalid(fields={"ends_at": "Thời điểm kết thúc phải sau lúc bắt đầu và sau bây giờ."})
    notice = SystemNotice.objects.create(
        text=tidy(text), is_important=is_important, starts_at=starts_at, ends_at=ends_at
    )
    audit.record(
        actor=actor.ref, action="organization.notice.added", object_kind="notice", object_id=notice.pk, now=now
    )
    return notice


@transaction.atomic
def end_notice(*, actor: Actor, notice_id: int, now: datetime) -> None:
    """Take a notice off the login page; one that has not begun is deleted. Raises AdministratorOnly, NotFound."""
    notice = SystemNotice.objects.select_for_update().filter(pk=notice_id, ends_at__gt=now).first()
    _require(actor)
    if notice is None:
        raise NotFound("Thông báo này đã hết hạn.")
    if notice.starts_at < now:
        notice.ends_at = now
        notice.save(update_fields=["ends_at"])
    else:
        notice.delete()
    audit.record(
        actor=actor.ref, action="organization.notice.ended", object_kind="notice", object_id=notice_id, now=now
    )


def clean_logo(content: bytes) -> bytes:
    """The picture drawn anew as PNG: what else a file may carry stays behind. Raises Invalid."""
    if len(content) > LOGO_LIMIT_BYTES:
        raise Invalid(fields={"logo": "Logo lớn hơn 512 KB. Chọn tệp nhỏ hơn."})
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP"]) as picture:
            if max(picture.size) > LOGO_LIMIT_PIXELS or min(picture.size) < 16:
                raise Invalid(fields={"logo": "Mỗi cạnh của logo từ 16 đến 2000 điểm ảnh."})
            drawn = io.BytesIO()
            picture.convert("RGBA").save(drawn, "PNG")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Invalid(fields={"logo": "Tệp không phải ảnh PNG, JPEG hay WebP đọc được."}) from error
    return drawn.getvalue()


def _require(actor: Actor) -> None:
    if not can_edit_front_door(actor):
        raise AdministratorOnly
