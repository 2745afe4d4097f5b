"""Ordering a message, and carrying it out: reserve, do, confirm; gateway after gateway, until it arrives or expires."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Q
from procrastinate.contrib.django import app

from eoffice.core import secret_text
from eoffice.core.channels import gateways, links, numbers
from eoffice.core.channels.errors import NotAccepted, TooManyMessages
from eoffice.core.channels.transport import Accepted, Content
from eoffice.core.models import Channel, Gateway, MessagePart, MessageState, OutboundMessage

logger = logging.getLogger(__name__)

QUEUE: Final = "messages"
NOTICE: Final = "notice"
"""Purpose of messages nobody waits for. They and all others are limited apart: notices never use up the codes."""
TASK: Final = "core.send_message"
LEASE: Final = timedelta(seconds=60)
"""A try that has not ended by then is taken for dead and made again."""
_FIRST_PAUSE_S: Final = 2
_LONGEST_PAUSE_S: Final = 60
_BODY: Final = "core_outbound_message.body"
_OPEN: Final = (MessageState.WAITING, MessageState.SENDING)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` messages within `span`."""

    most: int
    span: timedelta


@dataclass(frozen=True, kw_only=True)
class Order:
    """One message to send. The same `key` twice is one message; after `expires_at` nothing is sent any more."""

    key: str
    channel: str
    purpose: str
    """Short and stable (`sign_in_code`), for the administrator's list."""
    recipient: str
    """E.164 number, or mail address."""
    text: str
    subject: str = ""
    expires_at: datetime
    client_address: str | None = None
    """Who asked for it, by network address; counted against `per_client`."""


@transaction.atomic
def order_message(
    *, order: Order, now: datetime, per_recipient: Sequence[Limit] = (), per_client: Sequence[Limit] = ()
) -> OutboundMessage:
    """Note a message and have a job send it after commit; returns the first one for a known key.

    Orders to one recipient, and orders asked from one address, wait for each other, so that limits hold at once too.
    Notices count among notices alone, everything else among the rest. Raises TooManyMessages.
    """
    _take_turns(order)
    known = OutboundMessage.objects.filter(key=order.key).first()
    if known is not None:
        return known
    _require_within(per_recipient, now, order, recipient=order.recipient)
    if order.client_address:
        _require_within(per_client, now, order, client_address=order.client_address)
    message = OutboundMessage.objects.create(
        key=order.key,
        channel=order.channel,
        purpose=order.purpose,
        recipient=order.recipient,
        subject=order.subject,
        body=secret_text.encrypt(order.text, context=_BODY),
        client_address=order.client_address or None,
        created_at=now,
        expires_at=order.expires_at,
    )
    _try_later(message.pk)
    return message


def try_to_send(*, message_id: int, now: datetime) -> None:
    """Make one try with every gateway in order. What fails everywhere is tried again later, with growing pauses.

    May run twice, also at once: only one run holds a message, for `LEASE`.
    """
    message = _reserve(message_id, now)
    if message is None:
        return
    content = Content(
        key=message.key,
        recipient=message.recipient,
        text=secret_text.decrypt(message.body, context=_BODY),
        subject=message.subject,
    )
    ways = gateways.gateways_in_use(message.channel)
    failures = [NotAccepted("Kênh này chưa có cổng gửi nào đang bật.")] if not ways else []
    for gateway in ways:
        try:
            accepted = links.send_over(gateway, content)
        except NotAccepted as failure:
            logger.warning("message.refused id=%s gateway=%s to=%s", message.pk, gateway.pk, _mask(message))
            failures.append(NotAccepted(f"{gateway.name}: {failure.message}", is_final=failure.is_final))
            if failure.is_final:
                break
        else:
            _confirm(message, gateway, accepted, now)
            return
    _give_back(message, failures, now)


def ordered_since(since: datetime, *, purpose: str, channel: str) -> int:
    """How many messages of a purpose were ordered on a channel from a moment on."""
    return OutboundMessage.objects.filter(purpose=purpose, channel=channel, created_at__gte=since).count()


def state_of(message_id: int) -> str:
    """How far a message has come, as a MessageState."""
    return OutboundMessage.objects.values_list("state", flat=True).get(pk=message_id)


def refused_for_good(message_ids: Iterable[int]) -> dict[int, str]:
    """Those of the messages that were given up long before they ran out of time, with their recipients."""
    failed = OutboundMessage.objects.filter(pk__in=list(message_ids), state=MessageState.FAILED)
    early = failed.filter(reserved_at__lt=F("expires_at") - timedelta(seconds=2 * _LONGEST_PAUSE_S))
    return dict(early.values_list("pk", "recipient"))


def settled(message_ids: Iterable[int]) -> list[int]:
    """Those of the messages with which no more tries are made."""
    done = OutboundMessage.objects.filter(pk__in=list(message_ids)).exclude(state__in=_OPEN)
    return list(done.values_list("pk", flat=True))


def newest_messages() -> list[OutboundMessage]:
    """The last hundred messages, newest first, for the administrator."""
    return list(OutboundMessage.objects.select_related("gateway").order_by("-pk")[:100])


@transaction.atomic
def _reserve(message_id: int, now: datetime) -> OutboundMessage | None:
    message = OutboundMessage.objects.select_for_update(no_key=True).filter(pk=message_id, state__in=_OPEN).first()
    if message is None:
        return None
    if message.state == MessageState.SENDING and message.reserved_at is not None and now < message.reserved_at + LEASE:
        # Another run holds it, or died holding it: look again when its time is over.
        _try_later(message.pk, at=message.reserved_at + LEASE)
        return None
    if now >= message.expires_at:
        _close(message, message.failure or "Quá hạn gửi.")
        return None
    message.state = MessageState.SENDING
    message.reserved_at = now
    message.attempts += 1
    message.save(update_fields=["state", "reserved_at", "attempts"])
    return message


@transaction.atomic
def _confirm(message: OutboundMessage, gateway: Gateway, accepted: Accepted, now: datetime) -> None:
    held = _still_held(message)
    if held is None:
        return
    held.state = MessageState.SENT
    held.gateway = gateway
    held.sent_at = now
    held.body = ""
    held.failure = ""
    held.save(update_fields=["state", "gateway", "sent_at", "body", "failure"])
    MessagePart.objects.bulk_create(
        MessagePart(message=held, gateway=gateway, provider_id=provider_id) for provider_id in accepted.provider_ids
    )


@transaction.atomic
def _give_back(message: OutboundMessage, failures: Sequence[NotAccepted], now: datetime) -> None:
    held = _still_held(message)
    if held is None:
        return
    words = " ".join(failure.message for failure in failures)
    again_at = now + timedelta(seconds=min(_FIRST_PAUSE_S * 2 ** (held.attempts - 1), _LONGEST_PAUSE_S))
    if any(failure.is_final for failure in failures) or again_at >= held.expires_at:
        _close(held, words)
        return
    held.state = MessageState.WAITING
    held.failure = words[:300]
    held.save(update_fields=["state", "failure"])
    _try_later(held.pk, at=again_at)


def _still_held(message: OutboundMessage) -> OutboundMessage | None:
    """The row, unless a later run took it over in the meantime."""
    return (
        OutboundMessage.objects.select_for_update(no_key=True)
        .filter(pk=message.pk, state=MessageState.SENDING, attempts=message.attempts)
        .first()
    )


def _close(message: OutboundMessage, words: str) -> None:
    message.state = MessageState.FAILED
    message.failure = words[:300]
    message.body = ""
    message.save(update_fields=["state", "failure", "body"])


def _try_later(message_id: int, *, at: datetime | None = None) -> None:
    # By name: the task stands in `core.jobs`, which calls this module.
    app.configure_task(TASK, queue=QUEUE, schedule_at=at).defer(message_id=message_id)


def _take_turns(order: Order) -> None:
    """Hold, until commit, the turn of this recipient and of this client; always in the same order."""
    names = sorted({f"message:{order.recipient}", f"message:{order.client_address or order.recipient}"})
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _require_within(limits: Sequence[Limit], now: datetime, order: Order, **who: str) -> None:
    alike = Q(purpose=NOTICE) if order.purpose == NOTICE else ~Q(purpose=NOTICE)
    for limit in limits:
        times = list(
            OutboundMessage.objects.filter(alike, **who, created_at__gt=now - limit.span)
            .order_by("-created_at")
            .values_list("created_at", flat=True)[: limit.most]
        )
        if len(times) >= limit.most:
            raise TooManyMessages(int((times[-1] + limit.span - now).total_seconds()) + 1)


def _mask(message: OutboundMessage) -> str:
    if message.channel == Channel.MAIL:
        name, _, domain = message.recipient.partition("@")
        return f"{name[:2]}****@{domain}"
    return numbers.masked(message.recipient)
