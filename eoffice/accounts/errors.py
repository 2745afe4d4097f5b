"""What can go wrong at the door."""

from __future__ import annotations

from eoffice.core.errors import ExpectedError, Invalid


class SignInRefused(Invalid):
    """Wrong e-mail or password; `tries_left` counts down to the lock."""

    code = "sign_in_refused"

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            f"E-mail hoặc mật khẩu chưa đúng. Còn {tries_left} lần thử trước khi tạm khóa 15 phút.",
            tries_left=tries_left,
        )


class AccountLocked(Invalid):
    """Too many wrong tries; the account opens again by itself."""

    code = "account_locked"
    status = 429
    default_message = "Tài khoản tạm khóa 15 phút vì nhập sai nhiều lần. Thử lại sau, hoặc gọi bộ phận hỗ trợ."


class AddressRefused(Invalid):
    """Too many refused tries from one address."""

    code = "address_refused"
    status = 429
    default_message = "Quá nhiều lần đăng nhập sai từ máy này. Thử lại sau 10 phút."


class TokenRefused(ExpectedError):
    """The token is unknown, ended or lacks the scope."""

    code = "token_refused"
    status = 401
    default_message = "Khóa truy cập không đúng, đã hết hạn hoặc không có quyền này."
