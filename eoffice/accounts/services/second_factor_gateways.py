"""Gateways as the administrator keeps them: adding, changing, ordering, trying out."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from eoffice.accounts.holders import Holder
from eoffice.accounts.services.second_factor_policy import require_administrator
from eoffice.audit import services as audit
from eoffice.core.channels import gateways, numbers
from eoffice.core.channels.errors import NotAccepted
from eoffice.core.channels.gateways import GatewayEntry
from eoffice.core.channels.transport import Content
from eoffice.core.errors import Invalid
from eoffice.core.models import Channel, Gateway


@transaction.atomic
def save_gateway(*, actor: Holder, gateway_id: int | None, entry: GatewayEntry, now: datetime) -> Gateway:
    """Add a gateway, or change the one named. Raises AdministratorOfFactorsOnly, NotFound, Invalid."""
    require_administrator(actor)
    if gateway_id is None:
        gateway = gateways.add_gateway(entry=entry, now=now)
    else:
        gateway = gateways.change_gateway(gateway_id=gateway_id, entry=entry, now=now)
    _record(actor, "saved", gateway, now)
    return gateway


@transaction.atomic
def move_gateway_up(*, actor: Holder, gateway_id: int, now: datetime) -> Gateway:
    """Try this gateway before the one above it. Raises AdministratorOfFactorsOnly, NotFound."""
    require_administrator(actor)
    gateway = gateways.move_gateway_up(gateway_id=gateway_id, now=now)
    _record(actor, "moved", gateway, now)
    return gateway


def try_gateway(*, actor: Holder, gateway_id: int, recipient: str, now: datetime) -> Gateway:
    """Send a trial message through one gateway, whether it is on or off, and keep what it answered.

    Waits for the outside system, so it opens no transaction until the answer is there. Raises
    AdministratorOfFactorsOnly, NotFound, Invalid for a recipient that is none.
    """
    require_administrator(actor)
    gateway = gateways.get_gateway(gateway_id)
    content = Content(
        key=f"trial:{secrets.token_hex(8)}",
        recipient=_recipient(gateway, recipient),
        text="Tin thử của eOffice: cổng gửi tin đã nối được.",
        subject="Thư thử của eOffice",
    )
    try:
        gateways.send_once(gateway, content)
    except NotAccepted as failure:
        return _keep_result(actor, gateway, passed=False, words=failure.message, now=now)
    return _keep_result(actor, gateway, passed=True, words="Cổng đã nhận tin thử.", now=now)


@transaction.atomic
def _keep_result(actor: Holder, gateway: Gateway, *, passed: bool, words: str, now: datetime) -> Gateway:
    gateway = gateways.note_test(gateway_id=gateway.pk, passed=passed, words=words, now=now)
    _record(actor, "tried", gateway, now)
    return gateway


def _recipient(gateway: Gateway, typed: str) -> str:
    if gateway.channel != Channel.MAIL:
        return numbers.normalised(typed)
    if "@" not in typed or any(letter.isspace() for letter in typed.strip()):
        raise Invalid("Nhập một địa chỉ e-mail để nhận thư thử.")
    return typed.strip()


def _record(actor: Holder, what: str, gateway: Gateway, now: datetime) -> None:
    audit.record(
        actor=actor.ref,
        action=f"accounts.gateway.{what}",
        object_kind="gateway",
        object_id=gateway.pk,
        now=now,
        detail={"kind": gateway.kind, "on": gateway.is_on},
    )
