"""The demo's second factor: simulated phones and mailboxes, and one part of the cast that is asked for a code."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from eoffice.accounts.holders import Holder
from eoffice.accounts.services.second_factor_phones import set_phone
from eoffice.accounts.services.second_factor_policy import ADMINISTRATOR, PolicyEntry, set_policy
from eoffice.core.channels.gateways import GatewayEntry, add_gateway
from eoffice.core.models import Channel, GatewayKind
from eoffice.organization.models import Person, Role

ASKED: Final = Role.SECRETARY
"""Everybody else comes in with the password alone, and may add a factor of their own."""
INBOX_PATH: Final = "/tai-khoan/hop-thu-thu-nghiem/"
_MAKER: Final = Holder(roles=frozenset({ADMINISTRATOR}))


def furnish(people: list[Person], *, now: datetime) -> None:
    """Add the test inbox as gateway for SMS and mail, give these people phones, and ask the secretary for a code."""
    for channel in (Channel.SMS, Channel.MAIL):
        entry = GatewayEntry(name="Hộp thư thử nghiệm", channel=channel, kind=GatewayKind.INBOX, settings={})
        add_gateway(entry=entry, now=now)
    set_policy(actor=_MAKER, entry=PolicyEntry(always_roles=(str(ASKED),)), now=now)
    for number, person in enumerate(people, start=1):
        if person.user_id is not None:
            set_phone(
                actor=_MAKER,
                user_id=person.user_id,
                typed=f"0900 000 {number:03d}",
                reason="Số điện thoại giả của bản dùng thử",
                now=now,
            )
