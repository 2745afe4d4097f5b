"""The rows that describe gateways: checked settings, secrets never shown again, order of trial."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from eoffice.core import secret_text
from eoffice.core.channels.http_gateway import HttpSettings, send_by_http
from eoffice.core.channels.inbox import keep_in_inbox
from eoffice.core.channels.mail_gateway import SmtpSettings, send_by_smtp
from eoffice.core.channels.smpp_gateway import SmppSettings, send_by_smpp
from eoffice.core.channels.transport import Accepted, Content
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.models import Channel, Gateway, GatewayKind

KINDS_OF: Final[Mapping[str, tuple[GatewayKind, ...]]] = {
    Channel.SMS: (GatewayKind.HTTP, GatewayKind.SMPP, GatewayKind.INBOX),
    Channel.VOICE: (GatewayKind.HTTP, GatewayKind.INBOX),
    Channel.MAIL: (GatewayKind.SMTP, GatewayKind.INBOX),
}
_CONTEXT: Final = "core_gateway.secrets"


@dataclasses.dataclass(frozen=True, slots=True)
class InboxSettings:
    """A demo's inbox needs nothing."""

    def check(self) -> None:
        """Nothing can be wrong."""


Settings = HttpSettings | SmppSettings | SmtpSettings | InboxSettings
_SETTINGS: Final[Mapping[str, type[Settings]]] = {
    GatewayKind.HTTP: HttpSettings,
    GatewayKind.SMPP: SmppSettings,
    GatewayKind.SMTP: SmtpSettings,
    GatewayKind.INBOX: InboxSettings,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class GatewayEntry:
    """What an administrator fills in. `secret` None keeps the stored one."""

    name: str
    channel: str
    kind: str
    settings: Mapping[str, Any]
    secret: str | None = None
    is_on: bool = True


def gateways() -> list[Gateway]:
    """Every gateway, by channel and order of trial."""
    return list(Gateway.objects.order_by("channel", "position", "pk"))


def gateways_in_use(channel: str) -> list[Gateway]:
    """The gateways of a channel that are switched on, in order of trial."""
    return list(Gateway.objects.filter(channel=channel, is_on=True).order_by("position", "pk"))


def get_gateway(gateway_id: int) -> Gateway:
    """One gateway. Raises NotFound."""
    gateway = Gateway.objects.filter(pk=gateway_id).first()
    if gateway is None:
        raise NotFound
    return gateway


def has_way(channel: str) -> bool:
    """Whether anything can be sent by this channel at all."""
    return Gateway.objects.filter(channel=channel, is_on=True).exists()


@transaction.atomic
def add_gateway(*, entry: GatewayEntry, now: datetime) -> Gateway:
    """Add a gateway behind the others of its channel. Raises Invalid."""
    settings = _checked(entry)
    last = Gateway.objects.filter(channel=entry.channel).aggregate(last=Max("position"))["last"]
    gateway = Gateway(
        name=entry.name,
        channel=entry.channel,
        kind=entry.kind,
        position=0 if last is None else last + 1,
        is_on=entry.is_on,
        settings=dataclasses.asdict(settings),
        secrets=_hidden(entry.secret or ""),
        updated_at=now,
    )
    gateway.save(force_insert=True)
    return gateway


@transaction.atomic
def change_gateway(*, gateway_id: int, entry: GatewayEntry, now: datetime) -> Gateway:
    """Replace a gateway's settings; channel and kind stay. Raises NotFound, Invalid."""
    gateway = _locked(gateway_id)
    settings = _checked(dataclasses.replace(entry, channel=gateway.channel, kind=gateway.kind))
    gateway.name = entry.name
    gateway.is_on = entry.is_on
    gateway.settings = dataclasses.asdict(settings)
    if entry.secret is not None:
        gateway.secrets = _hidden(entry.secret)
    gateway.tested_at = None
    gateway.test_passed = None
    gateway.test_words = ""
    gateway.updated_at = now
    gateway.save(
        update_fields=[
            "name", "is_on", "settings", "secrets", "tested_at", "test_passed", "test_words", "updated_at",
        ]
    )  # fmt: skip
    return gateway


@transaction.atomic
def move_gateway_up(*, gateway_id: int, now: datetime) -> Gateway:
    """Try this gateway before the one that stood above it; the first stays the first."""
    gateway = _locked(gateway_id)
    row = list(
        Gateway.objects.select_for_update(no_key=True).filter(channel=gateway.channel).order_by("position", "pk")
    )
    place = row.index(gateway)
    row.insert(max(place - 1, 0), row.pop(place))
    for position, each in enumerate(row):
        each.position = position
        each.save(update_fields=["position"])
    return gateway


@transaction.atomic
def note_test(*, gateway_id: int, passed: bool, words: str, now: datetime) -> Gateway:
    """Keep the result of a trial message."""
    gateway = _locked(gateway_id)
    gateway.tested_at = now
    gateway.test_passed = passed
    gateway.test_words = words[:300]
    gateway.save(update_fields=["tested_at", "test_passed", "test_words"])
    return gateway


def settings_of(gateway: Gateway) -> Settings:
    """The stored settings; what a newer release added has its default, what it dropped is passed over."""
    kind = _SETTINGS[gateway.kind]
    names = {each.name for each in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in gateway.settings.items() if name in names})


def secret_of(gateway: Gateway) -> str:
    """The password or key of the outside system. For sending alone; never shown."""
    if not gateway.secrets:
        return ""
    stored: str = json.loads(secret_text.decrypt(gateway.secrets, context=_CONTEXT))["secret"]
    return stored


def send_once(gateway: Gateway, content: Content) -> Accepted:
    """Send through this gateway with a connection of its own, waiting for the answer. Raises NotAccepted."""
    settings = settings_of(gateway)
    if isinstance(settings, HttpSettings):
        return send_by_http(settings, secret=secret_of(gateway), content=content)
    if isinstance(settings, SmppSettings):
        return send_by_smpp(settings, secret=secret_of(gateway), content=content)
    if isinstance(settings, SmtpSettings):
        return send_by_smtp(settings, secret=secret_of(gateway), content=content)
    return keep_in_inbox(gateway.channel, content)


def _checked(entry: GatewayEntry) -> Settings:
    if entry.channel not in KINDS_OF or entry.kind not in KINDS_OF[entry.channel]:
        raise Invalid(fields={"kind": "Kênh này không dùng được loại cổng đã chọn."})
    kind = _SETTINGS[entry.kind]
    names = {each.name for each in dataclasses.fields(kind)}
    settings = kind(**{name: value for name, value in entry.settings.items() if name in names})
    settings.check()
    return settings


def _hidden(secret: str) -> str:
    return secret_text.encrypt(json.dumps({"secret": secret}), context=_CONTEXT) if secret else ""


def _locked(gateway_id: int) -> Gateway:
    gateway = Gateway.objects.select_for_update(no_key=True).filter(pk=gateway_id).first()
    if gateway is None:
        raise NotFound
    return gateway
