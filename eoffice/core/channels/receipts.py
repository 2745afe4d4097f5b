"""Delivery receipts: a report can come before the row it belongs to, so each is noted by a job."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app

from eoffice.core.models import MessagePart, MessageState, OutboundMessage

QUEUE: Final = "messages"
TASK: Final = "core.note_receipt"
TRIES: Final = 4
PAUSE_S: Final = 5
"""The sender commits the row right after the gateway's answer; a report about another system's message is dropped."""


def note_later(*, gateway_id: int, provider_id: str, delivered: bool | None, attempt: int = 1) -> None:
    """Have a job note a report; one that says nothing final (`delivered` None) is not kept."""
    if delivered is None:
        return
    pause = {"seconds": PAUSE_S} if attempt > 1 else None
    # By name: the task stands in `core.jobs`, which calls this module.
    app.configure_task(TASK, queue=QUEUE, schedule_in=pause).defer(
        gateway_id=gateway_id, provider_id=provider_id, delivered=delivered, attempt=attempt
    )


@transaction.atomic
def record_receipt(*, gateway_id: int, provider_id: str, delivered: bool, now: datetime) -> bool:
    """Note what a gateway reports about a part; a message has arrived when all its parts have.

    False for a part nobody knows (yet). Some centres name a part in hexadecimal when they take it and in decimal when
    they report: both are looked for.
    """
    part = (
        MessagePart.objects.filter(gateway_id=gateway_id, provider_id__in=_spellings(provider_id))
        .order_by("-pk")
        .first()
    )
    if part is None:
        return False
    message = OutboundMessage.objects.select_for_update(no_key=True).get(pk=part.message_id)
    part.state = MessageState.DELIVERED if delivered else MessageState.UNDELIVERED
    part.save(update_fields=["state"])
    states = set(MessagePart.objects.filter(message=message).values_list("state", flat=True))
    if MessageState.UNDELIVERED in states:
        message.state = MessageState.UNDELIVERED
    elif states == {MessageState.DELIVERED}:
        message.state = MessageState.DELIVERED
    message.reported_at = now
    message.save(update_fields=["state", "reported_at"])
    return True


def _spellings(provider_id: str) -> list[str]:
    spellings = {provider_id, provider_id.lower(), provider_id.upper()}
    if provider_id.isdecimal():
        spellings |= {f"{int(provider_id):x}", f"{int(provider_id):X}"}
    if len(provider_id) <= 20 and all(letter in "0123456789abcdefABCDEF" for letter in provider_id):
        spellings.add(str(int(provider_id, 16)))
    return sorted(spellings)
