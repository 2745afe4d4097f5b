"""What can go wrong with the second proof."""

from __future__ import annotations

from eoffice.core.errors import Conflict, Invalid, NotPermitted


class CodeRefused(Invalid):
    """The code is wrong, late, used, or of somebody else: the four are never told apart."""

    code = "code_refused"
    default_message = "Mã chưa đúng, đã dùng hoặc đã hết hạn. Kiểm tra lại, hoặc lấy mã mới."

    def __init__(self, tries_left: int | None = None) -> None:
        words = "" if tries_left is None else f" Còn {tries_left} lần thử với mã này."
        super().__init__(f"{self.default_message}{words}" if tries_left else self.default_message)
        self.tries_left = tries_left


class CodeUsedUp(Invalid):
    """Five wrong tries: this code counts no more."""

    code = "code_used_up"
    default_message = "Đã nhập sai 5 lần nên mã này không dùng được nữa. Lấy mã mới rồi nhập lại."


class GuessingSlowed(Invalid):
    """Too many wrong codes on this account from this address, or on this account at all."""

    code = "guessing_slowed"
    status = 429
    default_message = (
        "Nhập sai mã nhiều lần. Chờ 15 phút rồi thử lại, hoặc dùng khóa đăng nhập (passkey) nếu đã đăng ký."
        " Cần gấp thì gọi bộ phận hỗ trợ."
    )


class ResendTooSoon(Invalid):
    """A code went out less than a minute ago."""

    code = "resend_too_soon"
    status = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Mã vừa được gửi. Chờ {wait_s} giây rồi gửi lại nếu vẫn chưa nhận được.", wait_s=wait_s)
        self.wait_s = wait_s


class NoWayForCode(Invalid):
    """There is no phone or mailbox to send to, or no gateway to send with."""

    code = "no_way_for_code"
    default_message = "Chưa gửi được mã theo cách này. Chọn cách khác, hoặc gọi bộ phận hỗ trợ."


class PasskeyRefused(Invalid):
    """The passkey's answer is not right: another origin, an old question, a copied key, a wrong signature."""

    code = "passkey_refused"
    default_message = "Khóa đăng nhập không được chấp nhận. Thử lại từ đầu, hoặc chọn cách xác thực khác."


class LastSecondFactor(Conflict):
    """The rules ask this account for a second proof: its last own one cannot be removed."""

    code = "last_second_factor"
    default_message = "Tài khoản này bắt buộc có yếu tố thứ hai. Thêm một cách khác trước khi xóa cách này."


class AppInUse(Conflict):
    """There is an authenticator app already: it is removed before another one is added."""

    code = "app_in_use"
    default_message = "Tài khoản đã có ứng dụng xác thực. Xóa ứng dụng đó trước khi thêm ứng dụng khác."


class AdministratorOfFactorsOnly(NotPermitted):
    """Rules, gateways and resets are the administrator's."""

    code = "administrator_only"
    default_message = "Chỉ quản trị hệ thống làm được việc này."
