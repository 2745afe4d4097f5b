"""Choosing how notifications come by mail: each for himself, the administrator for who chose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Invalid
from eoffice.notifications import permissions
from eoffice.notifications.models import MailChoice, MailMode, MailRules, MailSchedule
from eoffice.notifications.topics import TOPICS
from eoffice.organization.actor import Actor

_HOURS = range(24)


@dataclass(frozen=True, kw_only=True)
class MailWish:
    """Modes by topic; hours of the day by the clock of Vietnam, None for the installation's or for no quiet hours."""

    modes: Mapping[str, str]
    digest_hour: int | None = None
    quiet_from: int | None = None
    quiet_until: int | None = None


@transaction.atomic
def set_mail_choices(*, actor: Actor, wish: MailWish, now: datetime) -> MailSchedule:
    """Keep how the actor wants mail from now on; what waits already keeps its mode. Raises Invalid."""
    _check(wish)
    for topic, mode in wish.modes.items():
        MailChoice.objects.update_or_create(person_id=actor.person_id, topic=topic, defaults={"mode": mode})
    hours = {"digest_hour": wish.digest_hour, "quiet_from": wish.quiet_from, "quiet_until": wish.quiet_until}
    schedule, _ = MailSchedule.objects.update_or_create(person_id=actor.person_id, defaults=hours)
    audit.record(
        actor=actor.ref, action="notifications.mail_choices.set", object_kind="person", object_id=actor.person_id,
        now=now, detail={"modes": dict(wish.modes), **hours},
    )  # fmt: skip
    return schedule


@transaction.atomic
def try_address_again(*, actor: Actor, now: datetime) -> None:
    """Send mail again to the actor's address, which had refused it."""
    changed = MailSchedule.objects.filter(person_id=actor.person_id).exclude(dead_address="")
    if changed.update(dead_address="", dead_since=None):
        audit.record(
            actor=actor.ref, action="notifications.mail_address.tried_again", object_kind="person",
            object_id=actor.person_id, now=now,
        )  # fmt: skip


@transaction.atomic
def set_mail_rules(*, actor: Actor, is_on: bool, tells_titles: bool, wish: MailWish, now: datetime) -> MailRules:
    """Switch mail on or off, and set what holds for who chose nothing. Raises NotPermitted, Invalid."""
    permissions.require_mail_rules(actor)
    _check(wish)
    rules, _ = MailRules.objects.update_or_create(
        pk=1,
        defaults={
            "is_on": is_on,
            "tells_titles": tells_titles,
            "defaults": dict(wish.modes),
            "digest_hour": 7 if wish.digest_hour is None else wish.digest_hour,
        },
    )
    audit.record(
        actor=actor.ref, action="notifications.mail_rules.set", object_kind="mail_rules", object_id=1, now=now,
        detail={"is_on": is_on, "tells_titles": tells_titles, "defaults": dict(wish.modes)},
    )  # fmt: skip
    return rules


def _check(wish: MailWish) -> None:
    known = {topic.code for topic in TOPICS}
    if not set(wish.modes) <= known or not set(wish.modes.values()) <= set(MailMode.values):
        raise Invalid("Chọn cách gửi thư trong danh sách.")
    if wish.digest_hour is not None and wish.digest_hour not in _HOURS:
        raise Invalid(fields={"digest_hour": "Chọn giờ từ 0 đến 23."})
    if (wish.quiet_from is None) != (wish.quiet_until is None):
        words = "Chọn cả giờ bắt đầu và giờ kết thúc, hoặc bỏ trống cả hai."
        raise Invalid(words, fields={"quiet_until": words})
    if wish.quiet_from is not None and wish.quiet_from == wish.quiet_until:
        words = "Giờ kết thúc phải khác giờ bắt đầu."
        raise Invalid(words, fields={"quiet_until": words})
