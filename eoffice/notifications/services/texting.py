"""Notices by SMS: who chose them, within the month's ceiling and the limits of one number."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.accounts import queries as accounts
from eoffice.accounts.services.second_factor_policy import current_policy
from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.channels import sending
from eoffice.core.channels.errors import TooManyMessages
from eoffice.core.clock import VIETNAM
from eoffice.core.errors import Invalid
from eoffice.core.models import Channel
from eoffice.notifications import permissions
from eoffice.notifications.models import SmsChoice, SmsRules
from eoffice.notifications.sms_kinds import NoticeWanted, SmsKind
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor

logger = logging.getLogger(__name__)

WANTED: Final = "notifications.sms_wanted"
MONTHLY_LIMIT: Final = 1_000_000
_TRIED_FOR: Final = timedelta(hours=6)
"""A notice that comes later tells nobody anything."""


@transaction.atomic
def set_sms_choices(*, actor: Actor, kinds: Collection[str], now: datetime) -> None:
    """Keep which notices the actor wants on his confirmed phone. Raises Invalid without one, or for another kind."""
    if not set(kinds) <= set(SmsKind):
        raise Invalid(fields={"kinds": "Chọn loại tin nhắn trong danh sách."})
    if kinds and accounts.confirmed_numbers([actor.user_id]).get(actor.user_id) is None:
        words = "Chưa có số điện thoại đã xác nhận. Xác nhận số ở Bảo mật đăng nhập rồi chọn lại."
        raise Invalid(words, fields={"kinds": words})
    SmsChoice.objects.filter(person_id=actor.person_id).exclude(kind__in=kinds).delete()
    for kind in sorted(kinds):
        SmsChoice.objects.get_or_create(person_id=actor.person_id, kind=kind)
    audit.record(
        actor=actor.ref, action="notifications.sms_choices.set", object_kind="person", object_id=actor.person_id,
        now=now, detail={"kinds": sorted(kinds)},
    )  # fmt: skip


@transaction.atomic
def set_sms_rules(*, actor: Actor, is_on: bool, monthly_most: int, now: datetime) -> SmsRules:
    """Switch SMS notices on or off and set the month's ceiling. Raises NotPermitted, Invalid."""
    permissions.require_mail_rules(actor)
    if not 0 < monthly_most <= MONTHLY_LIMIT:
        raise Invalid(fields={"monthly_most": f"Ghi số tin mỗi tháng từ 1 đến {MONTHLY_LIMIT:,}.".replace(",", ".")})
    rules, _ = SmsRules.objects.update_or_create(pk=1, defaults={"is_on": is_on, "monthly_most": monthly_most})
    audit.record(
        actor=actor.ref, action="notifications.sms_rules.set", object_kind="sms_rules", object_id=1, now=now,
        detail={"is_on": is_on, "monthly_most": monthly_most},
    )  # fmt: skip
    return rules


def want_sms(*, person_ids: Iterable[int], kind: SmsKind, words: str, key: str, now: datetime) -> None:
    """Note, in the caller's transaction, that these persons may be told; a job finds out who wants to be."""
    ids = sorted(set(person_ids))
    if ids and SmsRules.objects.filter(pk=1, is_on=True).exists():
        outbox.publish(NoticeWanted(ids, str(kind), words, key), name=WANTED, now=now)


@transaction.atomic
def send_sms(*, wanted: NoticeWanted, now: datetime) -> int:
    """Order a notice for each of the persons who chose its kind; how many were ordered. May run twice.

    Locks the rules, so that the month's ceiling holds; a number that had too many is passed over.
    """
    rules = SmsRules.objects.select_for_update(no_key=True).filter(pk=1, is_on=True).first()
    if rules is None:
        return 0
    rows = SmsChoice.objects.filter(kind=wanted.kind, person_id__in=wanted.person_ids)
    persons = organization.persons_by_id(rows.values_list("person_id", flat=True))
    accounts_of = {person.user_id: pk for pk, person in persons.items() if person.user_id and person.left_on is None}
    numbers = accounts.confirmed_numbers(list(accounts_of))
    left = rules.monthly_most - used_this_month(now)
    ordered = 0
    for user_id, number in sorted(numbers.items(), key=lambda item: item[1]):
        if ordered >= left:
            logger.warning("sms_notice.ceiling month=%s most=%s", f"{now:%Y-%m}", rules.monthly_most)
            break
        ordered += _order(f"notice:{wanted.kind}:{wanted.key}:{accounts_of[user_id]}", number, wanted.words, now)
    return ordered


def used_this_month(now: datetime) -> int:
    """Notices ordered since the first of the month in Vietnam."""
    first = now.astimezone(VIETNAM).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return sending.ordered_since(first, purpose=sending.NOTICE, channel=Channel.SMS)


def _order(key: str, number: str, words: str, now: datetime) -> int:
    policy = current_policy()
    order = sending.Order(
        key=key,
        channel=Channel.SMS,
        purpose=sending.NOTICE,
        recipient=number,
        text=words,
        expires_at=now + _TRIED_FOR,
    )
    limits = (
        sending.Limit(policy.codes_per_number, timedelta(minutes=10)),
        sending.Limit(policy.codes_per_number * 4, timedelta(days=1)),
    )
    try:
        message = sending.order_message(order=order, now=now, per_recipient=limits)
    except TooManyMessages:
        return 0
    return int(message.created_at == now)
