"""The phone that receives codes: changing it with codes to the old and the new number, or by an administrator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.accounts import second_factor_events as events
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import CodePurpose, ConfirmedPhone, OneTimeCode, User
from eoffice.accounts.second_factor_errors import NoWayForCode
from eoffice.accounts.services.second_factor_codes import Wish, send_code, use_code
from eoffice.accounts.services.second_factor_policy import require_administrator
from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.channels import numbers
from eoffice.core.channels.errors import NotAPhoneNumber
from eoffice.core.errors import Invalid


def number_of(user_id: int, holder: Holder) -> str:
    """Where codes for this account go, in E.164: the confirmed number, else the registered one; empty where none is."""
    confirmed = ConfirmedPhone.objects.filter(user_id=user_id).values_list("number", flat=True).first()
    if confirmed:
        return confirmed
    try:
        return numbers.normalised(holder.phone) if holder.phone else ""
    except NotAPhoneNumber:
        return ""


@transaction.atomic
def begin_phone_change(
    *, actor: Holder, user_id: int, mark: str, typed: str, address: str, now: datetime
) -> OneTimeCode:
    """Send a code to the new number, and one to the old where there is one.

    Raises NotAPhoneNumber, Invalid, ResendTooSoon, NoWayForCode, TooManyMessages.
    """
    new = _new_number(user_id, actor, typed)
    old = number_of(user_id, actor)
    if old:
        wish = Wish(user_id=user_id, purpose=CodePurpose.OLD_PHONE, mark=mark, recipient=old, address=address)
        send_code(actor=actor.ref, wish=wish, now=now)
    wish = Wish(user_id=user_id, purpose=CodePurpose.NEW_PHONE, mark=mark, recipient=new, address=address)
    return send_code(actor=actor.ref, wish=wish, now=now)


def confirm_phone_change(
    *, actor: Holder, user_id: int, mark: str, old_code: str, new_code: str, address: str, now: datetime
) -> ConfirmedPhone:
    """Use up both codes and send codes to the new number from now on.

    The old number's code is checked first: without it nothing is tried with the new one. Raises CodeRefused,
    CodeUsedUp, GuessingSlowed, NoWayForCode.
    """
    pending = _pending(user_id, CodePurpose.NEW_PHONE, mark)
    if pending is None:
        raise NoWayForCode("Chưa có số mới nào chờ xác nhận. Nhập lại số mới.")
    old = number_of(user_id, actor)
    if old and not _is_confirmed(user_id, mark, old, now):
        _use(user_id, CodePurpose.OLD_PHONE, mark, old_code, address, now, field="old_code", recipient=old)
    _use(user_id, CodePurpose.NEW_PHONE, mark, new_code, address, now, field="new_code", recipient=pending.recipient)
    return _keep(actor=actor, user_id=user_id, number=pending.recipient, by="owner", reason="", now=now)


@transaction.atomic
def set_phone(*, actor: Holder, user_id: int, typed: str, reason: str, now: datetime) -> ConfirmedPhone:
    """Set the number of a person who lost the old phone, after identification. The administrator's; with a reason."""
    require_administrator(actor)
    reason = require_reason(reason)
    number = _new_number(user_id, actor, typed, own=False)
    return _keep(actor=actor, user_id=user_id, number=number, by="administrator", reason=reason, now=now)


def require_reason(text: str) -> str:
    """The reason, tidied. Raises Invalid for none."""
    reason = " ".join(text.split())[:500]
    if len(reason) < 10:
        raise Invalid(fields={"reason": "Ghi lý do và cách đã nhận diện người này, từ 10 ký tự."})
    return reason


@transaction.atomic
def _keep(*, actor: Holder, user_id: int, number: str, by: str, reason: str, now: datetime) -> ConfirmedPhone:
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    phone, is_first = ConfirmedPhone.objects.update_or_create(
        user_id=user_id, defaults={"number": number, "confirmed_at": now}
    )
    audit.record(
        actor=actor.ref,
        action="accounts.second_factor.phone_changed",
        object_kind="user",
        object_id=user_id,
        now=now,
        detail={"by": by, "to": numbers.masked(number), "reason": reason},
    )
    told = "registration" if is_first and by == "administrator" else by
    outbox.publish(events.PhoneChanged(user_id, number, told), name=events.PHONE_CHANGED, now=now)
    return phone


def _new_number(user_id: int, holder: Holder, typed: str, *, own: bool = True) -> str:
    try:
        number = numbers.normalised(typed)
    except NotAPhoneNumber as error:
        raise Invalid(fields={"number": error.message}) from error
    if own and number == number_of(user_id, holder):
        raise Invalid(fields={"number": "Đây là số đang dùng."})
    return number


def _pending(user_id: int, purpose: str, mark: str) -> OneTimeCode | None:
    return OneTimeCode.objects.filter(user_id=user_id, purpose=purpose, mark=mark).order_by("-pk").first()


def _is_confirmed(user_id: int, mark: str, old: str, now: datetime) -> bool:
    """The old number's code was right a moment ago and only the new number's was wrong: it is not asked twice."""
    row = _pending(user_id, CodePurpose.OLD_PHONE, mark)
    return row is not None and row.recipient == old and row.used_at is not None and now < row.expires_at


def _use(
    user_id: int, purpose: str, mark: str, code: str, address: str, now: datetime, *, field: str, recipient: str
) -> None:
    try:
        use_code(user_id=user_id, purpose=purpose, mark=mark, code=code, now=now, address=address, recipient=recipient)
    except Invalid as error:
        error.fields[field] = error.message
        raise
