"""Asking for a second proof on a page: which ways are shown, sending a code, checking what was given.

The same question is put between the two factors of a sign-in and before grave changes of one's own account.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render

from eoffice.accounts import second_factor
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import CodePurpose, User
from eoffice.accounts.second_factor import Ways
from eoffice.accounts.second_factor_errors import PasskeyRefused
from eoffice.accounts.services import (
    rechecking,
    second_factor_app,
    second_factor_codes,
    second_factor_passkeys,
    second_factor_recovery,
)
from eoffice.accounts.services.second_factor_codes import Wish
from eoffice.accounts.services.second_factor_passkeys import Origin
from eoffice.accounts.views import entering
from eoffice.core.channels import inbox, numbers, sending
from eoffice.core.errors import Invalid
from eoffice.core.models import Channel

CODE_WAYS = {"sms": Channel.SMS, "voice": Channel.VOICE, "mail": Channel.MAIL}
ISSUER = "eOffice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who is asked, under which mark, on which page; `password_counts` where the account has no way of its own."""

    user: User
    holder: Holder
    mark: str
    here: str
    template: str
    password_counts: bool = False
    may_enrol: bool = False


def origin_of(request: HttpRequest) -> Origin:
    """Where the browser sees this page; Django has checked the host against those of this installation."""
    host = request.get_host()
    return Origin(f"{request.scheme}://{host}", host.rsplit(":", 1)[0] if not host.endswith("]") else host)


def page(
    request: HttpRequest, question: Question, *, failure: Invalid | None = None, extra: dict[str, object] | None = None
) -> HttpResponse:
    """The page with the way asked for in the address, else the best one the account has."""
    ways = second_factor.ways_of(question.user, question.holder)
    way = chosen_way(request, question, ways)
    code = second_factor_codes.newest_code(user_id=question.user.pk, purpose=CodePurpose.SIGN_IN, mark=question.mark)
    context: dict[str, object] = {
        "question": question,
        "ways": ways,
        "way": way,
        "way_names": names_of(question, ways),
        "failure": failure,
        "number": numbers.masked(ways.number) if ways.number else "",
        "code": code if code is not None and way in CODE_WAYS and code.channel == CODE_WAYS[way] else None,
        "sending": sending.state_of(code.message_id) if code is not None else "",
        "inbox_open": inbox.is_open(),
        "host_is_number": host_is_number(origin_of(request).host),
        "enrolment": second_factor_app.open_enrolment(user=question.user, issuer=ISSUER) if way == "enrol" else None,
        "qr": qr_picture,
        "trusted_days": 0,
        **(extra or {}),
    }
    status = failure.status if failure is not None else 200
    return render(request, question.template, context, status=status)


def names_of(question: Question, ways: Ways) -> list[tuple[str, str]]:
    """The ways this account has, in the order they are offered."""
    offered = [
        ("passkey", "Khóa đăng nhập (passkey)", ways.passkeys > 0),
        ("app", "Ứng dụng xác thực", ways.app),
        ("sms", "Tin nhắn SMS", bool(ways.number)),
        ("voice", "Cuộc gọi thoại", ways.voice),
        ("mail", "E-mail", bool(ways.mail)),
        ("recovery", "Mã khôi phục", ways.recovery_codes > 0),
        ("enrol", "Đăng ký ứng dụng xác thực", ways.is_empty and question.may_enrol),
        ("password", "Mật khẩu", ways.is_empty and question.password_counts),
    ]
    return [(way, words) for way, words, is_there in offered if is_there]


def chosen_way(request: HttpRequest, question: Question, ways: Ways) -> str:
    """The way named in the address or form where the account has it, else its first one; empty where it has none."""
    names = [way for way, _ in names_of(question, ways)]
    wanted = request.POST.get("way") or request.GET.get("way") or ""
    return wanted if wanted in names else names[0] if names else ""


def back_to(question: Question, way: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(
        f"{question.here}{'&' if '?' in question.here else '?'}{urlencode({'way': way})}", status=303
    )


def send(request: HttpRequest, question: Question, *, now: datetime) -> HttpResponse:
    """Send a code by the way chosen and come back to the page."""
    ways = second_factor.ways_of(question.user, question.holder)
    way = chosen_way(request, question, ways)
    if way == "enrol":
        second_factor_app.begin_app(actor=question.holder.ref, user_id=question.user.pk, issuer=ISSUER, now=now)
        return back_to(question, way)
    if way not in CODE_WAYS:
        return page(request, question)
    try:
        send_by(question, ways, way, address=entering.address_of(request), now=now)
    except Invalid as failure:
        return page(request, question, failure=failure)
    return back_to(question, way)


def send_by(question: Question, ways: Ways, way: str, *, address: str, now: datetime) -> None:
    """Order the message of a new code. Raises what `send_code` raises."""
    wish = Wish(
        user_id=question.user.pk,
        purpose=CodePurpose.SIGN_IN,
        mark=question.mark,
        recipient=ways.mail if way == "mail" else ways.number,
        channel=CODE_WAYS[way],
        address=address,
    )
    second_factor_codes.send_code(actor=question.holder.ref, wish=wish, now=now)


def check(request: HttpRequest, question: Question, *, now: datetime) -> None:
    """Use up what was given. Raises Invalid when it proves nothing."""
    ways = second_factor.ways_of(question.user, question.holder)
    way = chosen_way(request, question, ways)
    user_id, address, typed = question.user.pk, entering.address_of(request), request.POST.get("code", "")
    if way in CODE_WAYS:
        second_factor_codes.use_code(
            user_id=user_id, purpose=CodePurpose.SIGN_IN, mark=question.mark, code=typed, now=now, address=address
        )
    elif way == "app":
        second_factor_app.use_app_code(user_id=user_id, code=typed, now=now, address=address)
    elif way == "recovery":
        second_factor_recovery.use_recovery_code(user_id=user_id, code=typed, now=now, address=address)
    elif way == "passkey":
        answer = json_of(request.POST.get("answer", ""))
        second_factor_passkeys.use_passkey(
            user_id=user_id, mark=question.mark, origin=origin_of(request), answer=answer, now=now
        )
    elif way == "enrol":
        second_factor_app.confirm_app(actor=question.holder.ref, user_id=user_id, code=typed, now=now, address=address)
    elif way == "password" and rechecking.is_password_of(user_id=user_id, password=request.POST.get("password", "")):
        return
    else:
        raise Invalid("Chưa xác thực được. Chọn một cách rồi thử lại.")


def passkey_options(request: HttpRequest, question: Question, *, now: datetime) -> JsonResponse:
    """The question for the browser's passkey."""
    return JsonResponse(
        second_factor_passkeys.ask_for_passkey(
            user_id=question.user.pk, mark=question.mark, origin=origin_of(request), now=now
        )
    )


def json_of(text: str) -> dict[str, Any]:
    """What the browser's passkey answered. Raises PasskeyRefused for anything but a JSON object."""
    try:
        answer = json.loads(text[:20_000])
    except ValueError as error:
        raise PasskeyRefused from error
    if not isinstance(answer, dict):
        raise PasskeyRefused
    return answer


def qr_picture(uri: str) -> str:
    """The picture an authenticator app reads, made here, as a data address."""
    picture: str = segno.make(uri, error="m").png_data_uri(scale=4, border=4)
    return picture


def host_is_number(host: str) -> bool:
    """Browsers give passkeys to names, never to numeric addresses."""
    return host.startswith("[") or host.replace(".", "").isdecimal()
