"""What lower rooms want told: their events become lines behind the bell."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.urls import reverse
from procrastinate.contrib.django import app

from eoffice.accounts import holders, password_events, second_factor_events
from eoffice.core import clock, outbox
from eoffice.notifications import services
from eoffice.notifications.services.texting import WANTED
from eoffice.notifications.sms_kinds import NoticeWanted
from eoffice.organization.telling import PEOPLE_TOLD


@outbox.subscribe(PEOPLE_TOLD)
def tell_people(payload: dict[str, Any]) -> None:
    """Somebody's rights change, or wait to be confirmed."""
    services.notify(
        person_ids=payload["person_ids"],
        kind=payload["kind"],
        title=payload["title"],
        text=payload["text"],
        url=payload["url"],
        now=clock.now(),
    )


@outbox.subscribe(WANTED)
def send_wanted_sms(payload: dict[str, Any]) -> None:
    """Tell by SMS who chose it."""
    services.send_sms(wanted=NoticeWanted(**payload), now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="notifications.send_due_mail", queue="messages", queueing_lock="notifications.send_due_mail")
def send_due_mail(timestamp: int) -> None:
    """Order the mails that are due, every minute."""
    services.send_due_mail(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="notifications.close_sent_mail", queue="messages", queueing_lock="notifications.close_sent_mail")
def close_sent_mail(timestamp: int) -> None:
    """Notice dead addresses, forget what was sent."""
    services.close_sent_mail(now=clock.now())


_FACTORS: Final = {
    "app_removed": "Đã xóa ứng dụng xác thực của tài khoản",
    "passkey_removed": "Đã xóa một khóa đăng nhập của tài khoản",
    "reset": "Quản trị đã đặt lại mọi yếu tố thứ hai của tài khoản",
}
_NOT_ME: Final = "Nếu không phải do anh/chị yêu cầu, đổi mật khẩu và gọi bộ phận hỗ trợ ngay."


@outbox.subscribe(second_factor_events.FACTORS_CHANGED)
def tell_of_factors(payload: dict[str, Any]) -> None:
    """A way of proving oneself is gone: the owner learns of it even when somebody else did it."""
    _tell_owner(payload["user_id"], _FACTORS[payload["what"]])


@outbox.subscribe(second_factor_events.PHONE_CHANGED)
def tell_of_phone(payload: dict[str, Any]) -> None:
    """Codes go to another phone from now on."""
    if payload["by"] == "registration":
        _tell_owner(payload["user_id"], "Đã ghi nhận số điện thoại nhận mã xác thực", "Xem số ở Bảo mật đăng nhập.")
        return
    by = "Quản trị đã đổi" if payload["by"] == "administrator" else "Đã đổi"
    _tell_owner(payload["user_id"], f"{by} số điện thoại nhận mã xác thực")


@outbox.subscribe(password_events.PASSWORD_CHANGED)
def tell_of_password(payload: dict[str, Any]) -> None:
    """Another password counts; the owner hears of it on every device."""
    done = "đặt lại qua thư" if payload["by"] == "reset" else "đổi"
    _tell_owner(payload["user_id"], f"Mật khẩu tài khoản vừa được {done}", kind="accounts.password")


@outbox.subscribe(password_events.TOKEN_ENDING)
def tell_of_ending_token(payload: dict[str, Any]) -> None:
    """A token for programs ends within a week."""
    ends_on = date.fromisoformat(payload["ends_on"])
    _tell_owner(
        payload["user_id"],
        f"Khóa truy cập «{payload['name']}» hết hạn ngày {ends_on:%d/%m/%Y}",
        "Phần mềm dùng khóa này sẽ dừng vào ngày đó. Tạo khóa mới, đổi trong phần mềm, rồi thu hồi khóa cũ.",
        kind="accounts.token",
        page="accounts:account",
    )


@outbox.subscribe(password_events.TOKEN_REVOKED)
def tell_of_revoked_token(payload: dict[str, Any]) -> None:
    """An administrator ended a token: the owner knows why a program stopped."""
    _tell_owner(
        payload["user_id"],
        f"Quản trị đã thu hồi khóa truy cập «{payload['name']}»",
        "Phần mềm dùng khóa này không vào được nữa. Hỏi quản trị trước khi tạo khóa khác.",
        kind="accounts.token",
        page="accounts:account",
    )


def _tell_owner(
    user_id: int,
    title: str,
    text: str = _NOT_ME,
    *,
    kind: str = "accounts.second_factor",
    page: str = "accounts:second_factor_own",
) -> None:
    now = clock.now()
    person_id = holders.holder_of(user_id, now).person_id
    if person_id is not None:
        services.notify(
            person_ids=[person_id],
            kind=kind,
            title=title,
            text=text,
            url=reverse(page),
            now=now,
        )
