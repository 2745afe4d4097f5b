"""What can be expected to go wrong. Every room's errors descend from these; the edge maps them to pages."""

from __future__ import annotations

from typing import ClassVar


class ExpectedError(Exception):
    """Something a user can be told about.

    `code` is stable and machine-readable; `status` is the HTTP status; `message` is Vietnamese:
    what happened, what is safe, what to do.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    default_message: ClassVar[str] = "Không thực hiện được. Dữ liệu chưa thay đổi."

    def __init__(self, message: str | None = None, **details: object) -> None:
        self.message = message or self.default_message
        self.details = details
        super().__init__(self.message)


class NotFound(ExpectedError):
    """Not there, or not visible to this person: the two are never told apart."""

    code = "not_found"
    status = 404
    default_message = "Không tìm thấy. Đường dẫn sai, đã thu hồi, hoặc không nằm trong phạm vi được xem."


class NotPermitted(ExpectedError):
    """Visible, but this person may not do this."""

    code = "not_permitted"
    status = 403
    default_message = "Xem được nhưng chưa được giao việc này."


class Invalid(ExpectedError):
    """Input that cannot be accepted. `fields` maps a form field to its message."""

    code = "invalid"
    status = 422
    default_message = "Thông tin chưa hợp lệ."

    def __init__(self, message: str | None = None, *, fields: dict[str, str] | None = None, **details: object) -> None:
        super().__init__(message, **details)
        self.fields = fields or {}


class Conflict(ExpectedError):
    """The thing has changed since it was read, or was done already."""

    code = "conflict"
    status = 409
    default_message = "Nội dung đã thay đổi sau lần xem gần nhất. Tải lại trang rồi làm tiếp."


class IllegalTransition(Conflict):
    """The life cycle does not allow `action` from `state`."""

    code = "illegal_transition"
    default_message = (
        "Việc này đã được làm, hoặc không làm được ở trạng thái hiện tại. Tải lại trang để xem trạng thái mới."
    )

    def __init__(self, state: str, action: str, message: str | None = None) -> None:
        super().__init__(message, state=state, action=action)
