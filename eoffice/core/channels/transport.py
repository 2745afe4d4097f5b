"""What every gateway is given and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

SEND_TIMEOUT_S: Final = 10.0
"""A gateway answers within this time, or the next one is tried."""


@dataclass(frozen=True, slots=True)
class Content:
    """One message: `recipient` is an E.164 number or a mail address; `key` stays the same over every try."""

    key: str
    recipient: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway took the message. `provider_ids` name its parts in delivery receipts; empty where there are none."""

    provider_ids: tuple[str, ...] = ()


class Carrier(Protocol):
    """Sends through one kind of gateway. Raises NotAccepted; nothing else may escape it."""

    def __call__(self, content: Content) -> Accepted: ...
