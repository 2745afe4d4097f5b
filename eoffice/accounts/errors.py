"""What can go wrong at the door."""

from __future__ import annotations

from eoffice.core.errors import Conflict, ExpectedError, Invalid, NotFound, NotPermitted


class SignInRefused(Invalid):
    """Wrong e-mail or password; `tries_left` counts down to the wait."""

    code = "sign_in_refused"

    def __init__(self, tries_left: int) -> None:
        words = f"Còn {tries_left} lần thử trước khi phải chờ 15 phút." if tries_left else "Chờ 15 phút rồi thử lại."
        super().__init__(f"E-mail hoặc mật khẩu chưa đúng. {words}", tries_left=tries_left)


class SlowedDown(Invalid):
    """Too many wrong tries on this account by this device or address; other devices of the account are not stopped."""

    code = "slowed_down"
    status = 429
    default_message = (
        "Nhập sai nhiều lần. Chờ 15 phút rồi thử lại, hoặc đăng nhập trên thiết bị đã dùng trước đây."
        " Cần gấp thì gọi bộ phận hỗ trợ."
    )


class AddressRefused(Invalid):
    """Too many refused tries from one address."""

    code = "address_refused"
    status = 429
    default_message = "Quá nhiều lần đăng nhập sai từ mạng này. Thử lại sau 10 phút."


class UnknownPerson(Invalid):
    """The provider knows the person, eOffice does not: nobody is made an account by signing in."""

    code = "unknown_person"
    status = 403
    default_message = (
        "Đã nhận ra danh tính ở nơi đăng nhập chung, nhưng chưa có tài khoản eOffice đang dùng nào khớp."
        " Liên hệ quản trị đơn vị hoặc số hỗ trợ trên trang này để được cấp tài khoản."
    )


class IdentityTaken(Invalid):
    """The e-mail's account belongs to another identity of the door: an address given to a new person?"""

    code = "identity_taken"
    status = 403
    default_message = (
        "Tài khoản có e-mail này đã gắn với một danh tính khác ở nơi đăng nhập chung."
        " Chưa có gì thay đổi. Gọi bộ phận hỗ trợ để quản trị kiểm tra."
    )


class DoorUnreachable(Invalid):
    """The provider does not answer; emergency accounts still get in with their password here."""

    code = "door_unreachable"
    status = 503
    default_message = (
        "Nơi kiểm tra đăng nhập chưa trả lời. Thử lại sau ít phút; nếu vẫn vậy, gọi bộ phận hỗ trợ."
        " Quản trị khẩn cấp vẫn đăng nhập được bằng mật khẩu riêng."
    )


class ForeignRefused(Invalid):
    """The way to the provider and back did not end well."""

    code = "foreign_refused"
    status = 403
    default_message = "Đăng nhập chung không thành. Bắt đầu lại từ trang đăng nhập; nếu vẫn vậy, gọi bộ phận hỗ trợ."


class AdministratorOfDoorsOnly(NotPermitted):
    code = "administrator_only"
    default_message = "Chỉ quản trị hệ thống làm được việc này."


class LastWayIn(Conflict):
    """The change would leave no administrator a way in."""

    code = "last_way_in"
    default_message = (
        "Chưa có tài khoản khẩn cấp nào đang dùng. Đặt ít nhất một tài khoản quản trị làm tài khoản khẩn cấp"
        " trước khi tắt mật khẩu riêng."
    )


class LinkRefused(ExpectedError):
    """The link is unknown, used, too old, or of an account that has no password here: the four are never told apart."""

    code = "link_refused"
    status = 404
    default_message = (
        "Liên kết này đã dùng, đã hết hạn hoặc đã có liên kết mới hơn. Mật khẩu chưa thay đổi."
        " Chọn «Quên mật khẩu» ở trang đăng nhập để nhận liên kết mới, hoặc nhờ quản trị gửi lại thư mời."
    )


class TooManyResets(Invalid):
    """Too many requests from one network."""

    code = "too_many_resets"
    status = 429
    default_message = "Mạng này đã gửi quá nhiều yêu cầu. Chờ 15 phút rồi thử lại, hoặc gọi bộ phận hỗ trợ."


class AccountUnknown(NotFound):
    """The operator names an e-mail that no active account has."""

    code = "account_unknown"
    default_message = "Không có tài khoản nào đang dùng với e-mail này."


class NoMail(Invalid):
    """There is no gateway for mail, so nobody could be written to."""

    code = "no_mail"
    status = 503
    default_message = "Hệ thống chưa có cổng gửi thư nên chưa gửi được liên kết. Gọi bộ phận hỗ trợ."


class NoLocalDoor(Conflict):
    """The account does not come in with a password kept here."""

    code = "no_local_door"
    default_message = (
        "Tài khoản này không đăng nhập bằng mật khẩu riêng của eOffice (đã khóa, hoặc dùng nơi đăng nhập chung)."
        " Chưa gửi thư nào."
    )


class TokenRefused(ExpectedError):
    """The token is unknown or ended."""

    code = "token_refused"
    status = 401
    default_message = "Khóa truy cập không đúng, đã hết hạn hoặc đã thu hồi. Tạo khóa khác ở Tài khoản của tôi."


class TokenScopeMissing(TokenRefused):
    """The token is good, but not for this: not the same as not being signed in."""

    code = "token_scope"
    status = 403
    default_message = "Khóa truy cập này không có phạm vi cần cho việc này. Tạo khóa có phạm vi đó."
