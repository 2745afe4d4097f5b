"""Between the two factors: the page that asks for the second one and opens the session."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.accounts import holders, queries
from eoffice.accounts import second_factor as rules
from eoffice.accounts.services import second_factor_devices
from eoffice.accounts.views import entering, proving, second_factor_asking
from eoffice.accounts.views.entering import HalfSignedIn
from eoffice.accounts.views.second_factor_asking import Question
from eoffice.core import clock
from eoffice.core.errors import Invalid


@sensitive_post_parameters("code", "answer")
@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the second proof of a browser that is half signed in; others go back to the front door."""
    now = clock.now()
    half = entering.half_signed_in(request, now=now)
    question = _question(half) if half is not None else None
    if half is None or question is None:
        return HttpResponseRedirect(reverse("accounts:login"), status=303)
    extra: dict[str, object] = {
        "trusted_days": rules.policy().trusted_days,
        "passkey_url": reverse("accounts:second_factor_passkey"),
    }
    if request.method == "GET":
        return second_factor_asking.page(request, question, extra=extra)
    if request.POST.get("action") == "send":
        return second_factor_asking.send(request, question, now=now)
    try:
        second_factor_asking.check(request, question, now=now)
    except Invalid as failure:
        return second_factor_asking.page(request, question, failure=failure, extra=extra)
    answer = entering.complete(request, half=half, now=now)
    proving.note_proof(request, now=now)
    if request.POST.get("trust"):
        _trust(request, answer, question)
    return answer


@never_cache
@require_POST
def second_factor_passkey(request: HttpRequest) -> JsonResponse:
    """The question for the passkey of a browser that is half signed in."""
    now = clock.now()
    half = entering.half_signed_in(request, now=now)
    question = _question(half) if half is not None else None
    if question is None:
        return JsonResponse({"message": "Phiên đăng nhập dở dang đã hết hạn. Đăng nhập lại từ đầu."}, status=403)
    return second_factor_asking.passkey_options(request, question, now=now)


def _question(half: HalfSignedIn) -> Question | None:
    user = queries.active_user(half.user_id)
    if user is None:
        return None
    return Question(
        user=user,
        holder=holders.holder_of(user.pk, clock.now()),
        mark=half.mark,
        here=reverse("accounts:second_factor"),
        template="accounts/second_factor.html",
        may_enrol=True,
    )


def _trust(request: HttpRequest, answer: HttpResponse, question: Question) -> None:
    value, age_s = second_factor_devices.trust_device(
        actor=question.holder.ref,
        user_id=question.user.pk,
        agent=request.headers.get("User-Agent", ""),
        address=entering.address_of(request),
        cookies=request.COOKIES,
        now=clock.now(),
    )
    if value:
        answer.set_cookie(
            second_factor_devices.COOKIE,
            value,
            max_age=age_s,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
