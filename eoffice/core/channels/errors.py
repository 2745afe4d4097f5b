"""What can go wrong on the way to a phone or a mailbox."""

from __future__ import annotations

from eoffice.core.errors import ExpectedError, Invalid


class NotAPhoneNumber(Invalid):
    """The text is no number a message can be sent to."""

    code = "not_a_phone_number"
    default_message = "Số điện thoại chưa đúng. Nhập số di động, ví dụ 0901 234 567 hoặc +84 901 234 567."


class TooManyMessages(Invalid):
    """A number or an address has asked for more messages than allowed; `wait_s` until the next one."""

    code = "too_many_messages"
    status = 429

    def __init__(self, wait_s: int) -> None:
        minutes = max(1, -(-wait_s // 60))
        super().__init__(f"Đã gửi nhiều tin trong thời gian ngắn. Chờ {minutes} phút rồi gửi lại.", wait_s=wait_s)
        self.wait_s = wait_s


class NotAccepted(ExpectedError):
    """A gateway did not take the message; `is_final` when no other try can help (a number that does not exist).

    The words are shown to administrators: never the message, a secret or a whole number.
    """

    code = "message_not_accepted"
    status = 502
    default_message = "Cổng gửi tin không nhận tin."

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final
