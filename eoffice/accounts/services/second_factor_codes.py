"""One-time codes by SMS, voice or mail: sending one, and using it up."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from eoffice.accounts.models import CodePurpose, OneTimeCode, User
from eoffice.accounts.second_factor_errors import CodeRefused, CodeUsedUp, NoWayForCode, ResendTooSoon
from eoffice.accounts.services.second_factor_policy import current_policy
from eoffice.accounts.services.second_factor_slowing import count_wrong_code, forget_wrong_codes, require_calm_codes
from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways, sending
from eoffice.core.channels.sending import Limit, Order
from eoffice.core.models import Channel

LIFE: Final = timedelta(minutes=5)
TRIES: Final = 5
RESEND_AFTER: Final = timedelta(seconds=60)
_DIGITS: Final = 6
_WORDS: Final[Mapping[str, str]] = {
    CodePurpose.SIGN_IN: "{code} là mã xác thực eOffice, có hiệu lực 5 phút. Không đưa mã này cho bất kỳ ai.",
    CodePurpose.OLD_PHONE: "{code} là mã đồng ý đổi số nhận mã của eOffice sang số khác. Nếu không phải do anh/chị, gọi"
    " bộ phận hỗ trợ ngay.",
    CodePurpose.NEW_PHONE: "{code} là mã xác nhận số điện thoại này nhận mã của eOffice, có hiệu lực 5 phút.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A code somebody asks for: for which purpose and mark, to which number or mailbox, from which address."""

    user_id: int
    purpose: str
    mark: str
    recipient: str
    channel: str = Channel.SMS
    address: str = ""


@transaction.atomic
def send_code(*, actor: ActorRef, wish: Wish, now: datetime) -> OneTimeCode:
    """Make a code, void the ones before it for the same mark, and order its message.

    The account's row is locked: two requests at once send one code. Raises ResendTooSoon, NoWayForCode,
    TooManyMessages.
    """
    User.objects.select_for_update(no_key=True).get(pk=wish.user_id)
    before = _newest(wish.user_id, wish.purpose, wish.mark)
    if before is not None and before.recipient == wish.recipient and before.channel == wish.channel:
        wait = before.sent_at + RESEND_AFTER - now
        if wait > timedelta(0):
            raise ResendTooSoon(int(wait.total_seconds()) + (wait.microseconds > 0))
    if not gateways.has_way(wish.channel):
        raise NoWayForCode
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    salt = secrets.token_hex(16)
    message_id = _order(wish, code, salt, now)
    row = OneTimeCode.objects.create(
        user_id=wish.user_id,
        purpose=wish.purpose,
        mark=wish.mark,
        salt=salt,
        digest=_digest(salt, code),
        channel=wish.channel,
        recipient=wish.recipient,
        message_id=message_id,
        sent_at=now,
        expires_at=now + LIFE,
    )
    audit.record(
        actor=actor,
        action="accounts.second_factor.code_sent",
        object_kind="user",
        object_id=wish.user_id,
        now=now,
        detail={"purpose": wish.purpose, "channel": wish.channel},
        address=wish.address,
    )
    return row


def use_code(
    *, user_id: int, purpose: str, mark: str, code: str, now: datetime, address: str = "", recipient: str = ""
) -> OneTimeCode:
    """Use up the newest code of this purpose and mark; `recipient`, when given, must be where it was sent.

    Two requests at once with the right code: one succeeds. A wrong try is committed before its error is raised. Raises
    CodeRefused, CodeUsedUp, GuessingSlowed.
    """
    with transaction.atomic():
        require_calm_codes(user_id=user_id, address=address, now=now)
        row = _newest(user_id, purpose, mark, lock=True)
        failure = _fault_of(row, code, recipient, now)
        if failure is not None:
            count_wrong_code(user_id=user_id, address=address, now=now)
            if row is not None:
                row.tries += 1
                row.save(update_fields=["tries"])
        elif row is not None:
            row.used_at = now
            row.save(update_fields=["used_at"])
            forget_wrong_codes(user_id=user_id, address=address)
    if failure is not None:
        raise failure
    if row is None:  # pragma: no cover - a missing row is a failure above
        raise CodeRefused
    return row


def newest_code(*, user_id: int, purpose: str, mark: str) -> OneTimeCode | None:
    """The last code sent for this purpose and mark, whatever became of it."""
    return _newest(user_id, purpose, mark)


def _fault_of(row: OneTimeCode | None, code: str, recipient: str, now: datetime) -> CodeRefused | CodeUsedUp | None:
    if row is None:
        return CodeRefused()
    if row.tries >= TRIES:
        return CodeUsedUp()
    is_right = constant_time_compare(row.digest, _digest(row.salt, digits_of(code)))
    if is_right and row.used_at is None and now < row.expires_at and (not recipient or recipient == row.recipient):
        return None
    if row.tries + 1 >= TRIES:
        return CodeUsedUp()
    return CodeRefused(TRIES - row.tries - 1)


def digits_of(text: str) -> str:
    """What was typed, without the blanks and dashes people put between digits."""
    return "".join(letter for letter in text if letter.isdecimal() and letter.isascii())[:12]


def _newest(user_id: int, purpose: str, mark: str, *, lock: bool = False) -> OneTimeCode | None:
    rows = OneTimeCode.objects.select_for_update(no_key=True) if lock else OneTimeCode.objects.all()
    return rows.filter(user_id=user_id, purpose=purpose, mark=mark).order_by("-pk").first()


def _order(wish: Wish, code: str, salt: str, now: datetime) -> int:
    policy = current_policy()
    short, day = timedelta(minutes=10), timedelta(days=1)
    text = _WORDS[wish.purpose].format(code=code)
    if wish.channel == Channel.VOICE:
        text = f"Mã eOffice là: {', '.join(code)}. Xin nhắc lại: {', '.join(code)}."
    order = Order(
        key=f"code:{salt}",
        channel=wish.channel,
        purpose=f"code_{wish.purpose}",
        recipient=wish.recipient,
        text=text,
        subject="Mã eOffice",
        expires_at=now + LIFE,
        client_address=wish.address or None,
    )
    message = sending.order_message(
        order=order,
        now=now,
        per_recipient=(Limit(policy.codes_per_number, short), Limit(policy.codes_per_number * 4, day)),
        per_client=(Limit(policy.codes_per_address, short),),
    )
    return message.pk


def _digest(salt: str, code: str) -> str:
    """Keyed with the installation's secret: six digits could be guessed from a plain hash."""
    return salted_hmac("accounts.one_time_code", f"{salt}:{code}", algorithm="sha256").hexdigest()
