"""Signing in and out."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.accounts import services
from eoffice.accounts.forms import SignInForm
from eoffice.accounts.views import entering
from eoffice.core import clock
from eoffice.core.errors import Invalid


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
            user = services.sign_in(
                email=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
                now=now,
                address=request.META.get("REMOTE_ADDR", ""),
            )
        except Invalid as error:
            failure = error
        else:
            return entering.enter(request, user=user, door="local", second_factor_done=False, onward=onward, now=now)
    status = 200 if request.method == "GET" else (failure.status if failure else 422)
    return render(request, "accounts/login.html", {"form": form, "failure": failure, "next": onward}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(reverse("accounts:login"), status=303)
