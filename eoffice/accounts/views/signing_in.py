"""Signing in and out."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.accounts import services
from eoffice.accounts.forms import SignInForm
from eoffice.core import clock
from eoffice.core.errors import Invalid

BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The front door. Goes on to `next` when that is a page of ours."""
    onward = _onward(request)
    if request.user.is_authenticated and request.method == "GET":
        return redirect(onward)
    form = SignInForm(request.POST or None)
    failure: Invalid | None = None
    if request.method == "POST" and form.is_valid():
        try:
            user = services.sign_in(
                email=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
                now=clock.now(),
                address=request.META.get("REMOTE_ADDR", ""),
            )
        except Invalid as error:
            failure = error
        else:
            login(request, user, backend=BACKEND)
            return HttpResponseRedirect(onward, status=303)
    status = 200 if request.method == "GET" else (failure.status if failure else 422)
    return render(request, "accounts/login.html", {"form": form, "failure": failure, "next": onward}, status=status)


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    # A path from the root: Django reads anything else as the name of a page.
    return wanted if allowed and wanted.startswith("/") else "/"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(reverse("accounts:login"), status=303)
