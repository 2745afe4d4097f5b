"""The login page, and signing out."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.accounts import queries, services
from eoffice.accounts.forms import SignInForm
from eoffice.accounts.models import SessionEnd
from eoffice.accounts.services import FirstFactor
from eoffice.accounts.views import entering, providers
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import ExpectedError, Invalid

DEVICE_COOKIE: Final = "eo_device"
DEVICE_COOKIE_AGE_S: Final = 400 * 24 * 3600


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The front door. Goes on to `next` when that is a page of ours."""
    onward = entering.onward_of(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.user.is_authenticated and request.method == "GET":
        return redirect(onward)
    form = SignInForm(request.POST or None)
    failure: Invalid | None = None
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        try:
            first = services.sign_in(
                email=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
                now=now,
                address=entering.address_of(request),
                device_token=request.COOKIES.get(DEVICE_COOKIE, ""),
            )
        except Invalid as error:
            failure = error
        else:
            answer = entering.enter(
                request,
                user=first.user,
                door=first.door,
                second_factor_done=False,
                onward=onward,
                now=now,
                policy=first.policy,
            )
            _remember(answer, first)
            return answer
    status = 200 if request.method == "GET" else (failure.status if failure else 422)
    return login_page(request, form=form, failure=failure, onward=onward, status=status)


def login_page(
    request: HttpRequest, *, form: SignInForm, failure: ExpectedError | None, onward: str, status: int
) -> HttpResponse:
    """The login page, with the reason when a way in did not end well."""
    context: dict[str, object] = {"form": form, "failure": failure, "next": onward, "doors": queries.provider_doors()}
    context["password_set"] = request.GET.get("password") == "set"
    return render(request, "accounts/login.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session, and the provider's where it came from one."""
    if request.user.is_authenticated:
        services.end_session(
            actor=ActorRef(person_id=None),
            session_key=str(request.session.session_key),
            because=SessionEnd.SIGNED_OUT,
            now=clock.now(),
        )
    onward = providers.address_of_sign_out(request)
    logout(request)
    if onward:
        return providers.leave_for(request, onward, title="Đang đăng xuất", name="nơi đăng nhập chung")
    return HttpResponseRedirect(reverse("accounts:login"), status=303)


def _remember(answer: HttpResponse, first: FirstFactor) -> None:
    """The device's cookie: it has a count of wrong tries of its own from now on, and opens nothing."""
    answer.set_cookie(
        DEVICE_COOKIE,
        first.device_token,
        max_age=DEVICE_COOKIE_AGE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
