"""What may be told by SMS: two kinds that cannot wait until somebody looks. Never on unless chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class SmsKind(StrEnum):
    """Loại tin nhắn."""

    LATE = "late"
    URGENT = "urgent"


KIND_WORDS: Final = {
    SmsKind.LATE: "Việc của tôi vừa quá hạn",
    SmsKind.URGENT: "Văn bản khẩn chờ tôi xử lý, cho ý kiến",
}


@dataclass(frozen=True, slots=True)
class NoticeWanted:
    """`notifications.sms_wanted`: who may be told, of what; who has chosen it is looked up when it is delivered.

    `words` name numbers and days, never what a paper is about. The same `key` reaches a person once.
    """

    person_ids: list[int]
    kind: str
    words: str
    key: str
