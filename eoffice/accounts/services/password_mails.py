"""The mails about passwords, in words for people who get few mails from programs and many from thieves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from eoffice.accounts.models import LinkPurpose, User
from eoffice.core.channels import gateways, sending
from eoffice.core.clock import VIETNAM
from eoffice.core.models import Channel

SUBJECTS: Final[Mapping[str, str]] = {
    LinkPurpose.INVITATION: "Mời sử dụng eOffice: đặt mật khẩu lần đầu",
    LinkPurpose.RESET: "Đặt lại mật khẩu eOffice",
}
_TRIED_FOR: Final = timedelta(days=1)
_NEVER: Final = (
    "eOffice không bao giờ hỏi mật khẩu hay mã xác thực qua thư, tin nhắn, điện thoại."
    " Thư tự động, không trả lời thư này."
)


def invitation(*, name: str, address: str, expires_at: datetime) -> str:
    """The mail to somebody who has an account and no password yet."""
    return "\n\n".join(
        (
            _greeting(name),
            f"Anh/chị đã được cấp tài khoản eOffice, hệ thống quản lý văn bản và điều hành, tại {_house()}."
            " Để bắt đầu, mở liên kết sau và đặt mật khẩu:",
            address,
            f"Liên kết dùng được một lần, đến {_moment(expires_at)}. Quá hạn thì nhờ quản trị đơn vị gửi lại thư mời.",
            "Sau khi đặt mật khẩu, hệ thống có thể hỏi thêm mã gửi đến điện thoại đã đăng ký.",
            _NEVER,
        )
    )


def way_back(*, name: str, address: str, expires_at: datetime) -> str:
    """The mail to somebody who asked to set the password anew."""
    return "\n\n".join(
        (
            _greeting(name),
            f"Có yêu cầu đặt lại mật khẩu tài khoản eOffice của anh/chị tại {_house()}."
            " Nếu đúng là anh/chị, mở liên kết sau và đặt mật khẩu mới:",
            address,
            f"Liên kết dùng được một lần, đến {_moment(expires_at)}.",
            "Nếu anh/chị không yêu cầu, bỏ qua thư này: mật khẩu hiện tại vẫn như cũ. Nhận nhiều thư như vậy thì báo"
            " bộ phận hỗ trợ.",
            _NEVER,
        )
    )


def tell_of_reset(*, user: User, key: str, now: datetime) -> None:
    """Tell the owner that a new password counts, wherever he reads his mail."""
    text = (
        f"Mật khẩu tài khoản eOffice {user.email} vừa được đặt lại lúc {_moment(now)}."
        " Mọi thiết bị đang đăng nhập đã bị đăng xuất.",
        "Nếu không phải do anh/chị, gọi bộ phận hỗ trợ ngay: số điện thoại hỗ trợ có ở trang đăng nhập"
        f" {settings.ENVIRONMENT.base_url}.",
        _NEVER,
    )
    _order(user, key, "Mật khẩu eOffice vừa được đặt lại", text, now)


def tell_of_other_door(*, user: User, key: str, now: datetime) -> None:
    """Tell somebody who has no password here where his password is kept."""
    text = (
        f"Có yêu cầu đặt lại mật khẩu eOffice cho {user.email}. Tài khoản này không dùng mật khẩu riêng của eOffice:"
        " anh/chị đăng nhập bằng tài khoản chung của cơ quan, và đổi mật khẩu ở nơi cấp tài khoản đó.",
        f"Trang đăng nhập: {settings.ENVIRONMENT.base_url}. Nếu anh/chị không yêu cầu, bỏ qua thư này.",
        _NEVER,
    )
    _order(user, key, "Tài khoản eOffice dùng đăng nhập chung", text, now)


def _order(user: User, key: str, subject: str, text: tuple[str, ...], now: datetime) -> None:
    if not gateways.has_way(Channel.MAIL):
        return
    order = sending.Order(
        key=key,
        channel=Channel.MAIL,
        purpose="password_told",
        recipient=user.email,
        subject=subject,
        text="\n\n".join(text),
        expires_at=now + _TRIED_FOR,
    )
    sending.order_message(order=order, now=now)


def _greeting(name: str) -> str:
    return f"Kính gửi {name}," if name else "Kính gửi anh/chị,"


def _house() -> str:
    return urlsplit(settings.ENVIRONMENT.base_url).netloc


def _moment(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"
