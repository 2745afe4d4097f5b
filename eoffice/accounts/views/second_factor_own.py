"""Bảo mật đăng nhập: one's own second factors, phone and trusted devices. Every change needs a fresh proof."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, Final, ParamSpec, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.accounts import agents, holders, second_factor
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import CodePurpose, User
from eoffice.accounts.services import (
    second_factor_app,
    second_factor_codes,
    second_factor_devices,
    second_factor_keeping,
    second_factor_passkeys,
    second_factor_phones,
    second_factor_recovery,
)
from eoffice.accounts.views import entering, second_factor_asking
from eoffice.accounts.views.entering import ENTERED
from eoffice.accounts.views.proving import PROVED_AT
from eoffice.accounts.views.second_factor_asking import ISSUER, Question
from eoffice.core import clock
from eoffice.core.channels import inbox, numbers
from eoffice.core.errors import ExpectedError, Invalid

FRESH_FOR: Final = timedelta(minutes=10)
_SAVED: Final = {
    "phone": "Đã đổi số điện thoại nhận mã.",
    "app": "Đã thêm ứng dụng xác thực.",
    "app_removed": "Đã xóa ứng dụng xác thực.",
    "passkey": "Đã thêm khóa đăng nhập.",
    "passkey_removed": "Đã xóa khóa đăng nhập.",
    "trusted": "Thiết bị đó sẽ bị hỏi lại khi đăng nhập.",
}
P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose page this is, now; `mark` ties codes and questions to this very session."""

    user: User
    holder: Holder
    mark: str
    now: datetime


def _owner(request: HttpRequest) -> Owner | None:
    user = request.user
    if not isinstance(user, User):
        return None
    now = clock.now()
    mark = hashlib.sha256(f"own:{request.session.session_key}".encode()).hexdigest()[:40]
    return Owner(user=user, holder=holders.holder_of(user.pk, now), mark=mark, now=now)


def _changing(
    view: Callable[Concatenate[HttpRequest, Owner, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A POST of the owner with a fresh proof; without one that is asked first. Faults come back on the page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        owner = _owner(request)
        if owner is None:
            return redirect("accounts:login")
        if not _is_fresh(request, owner):
            return HttpResponseRedirect(_again_url(), status=303)
        try:
            return view(request, owner, *args, **kwargs)
        except ExpectedError as failure:
            return _page(request, owner, failure=failure)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", never_cache(require_POST(guarded)))


@never_cache
@require_GET
def second_factor_own(request: HttpRequest) -> HttpResponse:
    """My factors, phone, recovery codes and trusted devices."""
    owner = _owner(request)
    return redirect("accounts:login") if owner is None else _page(request, owner)


@sensitive_post_parameters("code", "answer", "password")
@never_cache
@require_http_methods(["GET", "POST"])
def second_factor_again(request: HttpRequest) -> HttpResponse:
    """Prove oneself again before changing something; goes on to `next` when that is a page of ours."""
    owner = _owner(request)
    if owner is None:
        return redirect("accounts:login")
    onward = entering.onward_of(request, request.GET.get("next") or reverse("accounts:second_factor_own"))
    question = _question(owner, onward)
    extra: dict[str, object] = {"passkey_url": reverse("accounts:again_passkey")}
    if request.method == "GET":
        return second_factor_asking.page(request, question, extra=extra)
    if request.POST.get("action") == "send":
        return second_factor_asking.send(request, question, now=owner.now)
    try:
        second_factor_asking.check(request, question, now=owner.now)
    except Invalid as failure:
        return second_factor_asking.page(request, question, failure=failure, extra=extra)
    request.session[PROVED_AT] = int(owner.now.timestamp())
    return HttpResponseRedirect(onward, status=303)


@never_cache
@require_POST
def again_passkey(request: HttpRequest) -> HttpResponse:
    """The question for the passkey of the signed-in owner."""
    owner = _owner(request)
    if owner is None:
        return JsonResponse({"message": "Phiên đăng nhập đã hết. Đăng nhập lại."}, status=403)
    return second_factor_asking.passkey_options(request, _question(owner, "/"), now=owner.now)


@_changing
def app_begin(request: HttpRequest, owner: Owner) -> HttpResponse:
    second_factor_app.begin_app(actor=owner.holder.ref, user_id=owner.user.pk, issuer=ISSUER, now=owner.now)
    return _back()


@_changing
def app_confirm(request: HttpRequest, owner: Owner) -> HttpResponse:
    second_factor_app.confirm_app(
        actor=owner.holder.ref,
        user_id=owner.user.pk,
        code=request.POST.get("code", ""),
        now=owner.now,
        address=entering.address_of(request),
    )
    return _back("app")


@_changing
def app_remove(request: HttpRequest, owner: Owner) -> HttpResponse:
    second_factor_keeping.remove_app(actor=owner.holder, user_id=owner.user.pk, now=owner.now)
    return _back("app_removed")


@_changing
def passkey_begin(request: HttpRequest, owner: Owner) -> HttpResponse:
    """The question for a new passkey, as JSON."""
    try:
        options = second_factor_passkeys.begin_passkey(
            actor=owner.holder.ref,
            user_id=owner.user.pk,
            mark=owner.mark,
            origin=second_factor_asking.origin_of(request),
            now=owner.now,
        )
    except Invalid as failure:
        return JsonResponse({"message": failure.message}, status=failure.status)
    return JsonResponse(options)


@_changing
def passkey_add(request: HttpRequest, owner: Owner) -> HttpResponse:
    second_factor_passkeys.finish_passkey(
        actor=owner.holder.ref,
        user_id=owner.user.pk,
        mark=owner.mark,
        origin=second_factor_asking.origin_of(request),
        name=request.POST.get("name", ""),
        answer=second_factor_asking.json_of(request.POST.get("answer", "")),
        now=owner.now,
    )
    return _back("passkey")


@_changing
def passkey_remove(request: HttpRequest, owner: Owner, passkey_id: int) -> HttpResponse:
    second_factor_keeping.remove_passkey(
        actor=owner.holder, user_id=owner.user.pk, passkey_id=passkey_id, now=owner.now
    )
    return _back("passkey_removed")


@_changing
def recovery_make(request: HttpRequest, owner: Owner) -> HttpResponse:
    """Make ten codes and show them, this once."""
    codes = second_factor_recovery.make_recovery_codes(actor=owner.holder.ref, user_id=owner.user.pk, now=owner.now)
    return _page(request, owner, fresh_codes=codes)


@_changing
def phone_change(request: HttpRequest, owner: Owner) -> HttpResponse:
    second_factor_phones.begin_phone_change(
        actor=owner.holder,
        user_id=owner.user.pk,
        mark=owner.mark,
        typed=request.POST.get("number", ""),
        address=entering.address_of(request),
        now=owner.now,
    )
    return _back()


@_changing
def phone_confirm(request: HttpRequest, owner: Owner) -> HttpResponse:
    second_factor_phones.confirm_phone_change(
        actor=owner.holder,
        user_id=owner.user.pk,
        mark=owner.mark,
        old_code=request.POST.get("old_code", ""),
        new_code=request.POST.get("new_code", ""),
        address=entering.address_of(request),
        now=owner.now,
    )
    return _back("phone")


@never_cache
@require_POST
def trusted_revoke(request: HttpRequest, device_id: int) -> HttpResponse:
    """End the trust in one device: always allowed, since it opens nothing."""
    owner = _owner(request)
    if owner is None:
        return redirect("accounts:login")
    second_factor_devices.revoke_trusted_devices(
        actor=owner.holder.ref, user_id=owner.user.pk, device_id=device_id, now=owner.now
    )
    return _back("trusted")


def _page(
    request: HttpRequest, owner: Owner, *, failure: ExpectedError | None = None, fresh_codes: list[str] | None = None
) -> HttpResponse:
    user = owner.user
    ways = second_factor.ways_of(user, owner.holder)
    number = second_factor_phones.number_of(user.pk, owner.holder)
    pending = second_factor_codes.newest_code(user_id=user.pk, purpose=CodePurpose.NEW_PHONE, mark=owner.mark)
    is_open = pending is not None and pending.used_at is None and owner.now < pending.expires_at
    is_fresh = _is_fresh(request, owner)
    context = {
        "ways": ways,
        "asked_by_rules": second_factor.is_asked_by_rules(user, owner.holder, entering.address_of(request)),
        "saved": _SAVED.get(request.GET.get("saved", ""), "") if failure is None else "",
        "failure": failure,
        "is_fresh": is_fresh,
        "again_url": _again_url(),
        "number": numbers.masked(number) if number else "",
        "phone_confirmed": second_factor.confirmed_phone_of(user.pk) is not None,
        "pending_number": numbers.shown(pending.recipient) if pending is not None and is_open else "",
        "typed_number": request.POST.get("number", "") if failure is not None else "",
        "inbox_open": inbox.is_open(),
        "app": second_factor.app_of(user.pk),
        "enrolment": second_factor_app.open_enrolment(user=user, issuer=ISSUER) if is_fresh else None,
        "qr": second_factor_asking.qr_picture,
        "passkeys": second_factor.passkeys_of(user.pk),
        "host_is_number": second_factor_asking.host_is_number(second_factor_asking.origin_of(request).host),
        "trusted": [(row, agents.words_for(row.agent)) for row in second_factor.trusted_devices_of(user.pk, owner.now)],
        "fresh_codes": fresh_codes or [],
        "codes_text": "\n".join([f"Mã khôi phục eOffice của {user.email}", *(fresh_codes or [])]),
    }
    status = failure.status if failure is not None else 200
    return render(request, "accounts/second_factor_own.html", context, status=status)


def _is_fresh(request: HttpRequest, owner: Owner) -> bool:
    """Proved within ten minutes; an account without any way of proving, by a sign-in within ten minutes."""
    proved = request.session.get(PROVED_AT)
    if proved is None and second_factor.ways_of(owner.user, owner.holder).is_empty:
        entered = request.session.get(ENTERED)
        proved = entered["at"] if isinstance(entered, dict) else None
    age_s = owner.now.timestamp() - proved if isinstance(proved, int) else None
    return age_s is not None and 0 <= age_s + 1 < FRESH_FOR.total_seconds()


def _question(owner: Owner, onward: str) -> Question:
    return Question(
        user=owner.user,
        holder=owner.holder,
        mark=owner.mark,
        here=f"{reverse('accounts:second_factor_again')}?{urlencode({'next': onward})}",
        template="accounts/second_factor_again.html",
        password_counts=True,
    )


def _again_url() -> str:
    onward = urlencode({"next": reverse("accounts:second_factor_own")})
    return f"{reverse('accounts:second_factor_again')}?{onward}"


def _back(saved: str = "") -> HttpResponseRedirect:
    query = f"?saved={saved}" if saved else ""
    return HttpResponseRedirect(f"{reverse('accounts:second_factor_own')}{query}", status=303)
