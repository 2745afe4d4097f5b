"""What notifications are about, in a few topics a person can choose by; every kind belongs to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """Loại thông báo. `parts` are beginnings of kinds; the first topic with a fitting one has the kind."""

    code: str
    words: str
    parts: tuple[str, ...]
    default_mode: str


TOPICS: Final = (
    Topic(
        "approval",
        "Chờ duyệt, chờ ký",
        ("draft_", "documents.draft.", "documents.draft_"),
        "at_once",
    ),
    Topic(
        "arrivals", "Văn bản đến mới, văn bản phát hành", ("documents.incoming.arrived", "documents.outgoing."), "daily"
    ),
    Topic(
        "account",
        "Tài khoản, quyền, ảnh chữ ký",
        ("accounts.", "organization.", "signing.", "right_change", "notifications."),
        "at_once",
    ),
    Topic("work", "Việc được giao, nhắc việc, ý kiến", ("",), "at_once"),
)
"""The last one has what fits no other: nothing is left without a choice."""
_BY_CODE: Final = {topic.code: topic for topic in TOPICS}


def topic_of(kind: str) -> Topic:
    """The topic of a kind."""
    return next(topic for topic in TOPICS if kind.startswith(topic.parts))


def topic_words(code: str) -> str:
    """What a topic is called on screen."""
    return _BY_CODE[code].words
