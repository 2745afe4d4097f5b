"""Quên mật khẩu, đặt mật khẩu: pages of people who cannot sign in yet."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from eoffice.accounts import services
from eoffice.accounts.errors import LinkRefused
from eoffice.accounts.forms import ForgottenForm, NewPasswordForm
from eoffice.accounts.models import LinkPurpose
from eoffice.accounts.services import password_links
from eoffice.accounts.services.signing_in import LOCAL
from eoffice.accounts.views import entering
from eoffice.core import clock
from eoffice.core.channels import inbox
from eoffice.core.errors import Invalid

_REFERRER: Final = "strict-origin"
"""The address of the page holds the token: no other page may learn it. `no-referrer` would also send forms with
`Origin: null`, which the check against forged forms refuses."""


@never_cache
@require_http_methods(["GET", "POST"])
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer is the same for every e-mail."""
    form = ForgottenForm(request.POST if request.method == "POST" else None, initial={"email": ""})
    failure: Invalid | None = None
    if request.method == "POST" and form.is_valid():
        try:
            services.request_reset(
                email=form.cleaned_data["email"], address=entering.address_of(request), now=clock.now()
            )
        except Invalid as error:
            failure = error
        else:
            return HttpResponseRedirect(f"{reverse('accounts:password_forgotten')}?sent=1", status=303)
    status = 200 if request.method == "GET" else (failure.status if failure else 422)
    context = {
        "form": form,
        "failure": failure,
        "sent": request.method == "GET" and "sent" in request.GET,
        "inbox_open": inbox.is_open(),
    }
    return render(request, "accounts/password_forgotten.html", context, status=status)


@sensitive_variables("token")
@sensitive_post_parameters("new", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def password_choose(request: HttpRequest, token: str) -> HttpResponse:
    """Set the password a link was sent for. Looking uses nothing up: mail programs open links to test them."""
    now = clock.now()
    try:
        link = password_links.link_of(token, now=now)
    except LinkRefused as refused:
        return _closed(request, refused)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            done = services.set_password(
                token=token, new=form.cleaned_data["new"], now=now, address=entering.address_of(request)
            )
        except LinkRefused as refused:
            return _closed(request, refused)
        except Invalid as error:
            for field, words in error.fields.items():
                form.add_error(field, words)
        else:
            if done.purpose == LinkPurpose.INVITATION:
                # Who was invited goes straight on; the second factor is asked as the rules say.
                return entering.enter(
                    request, user=done.user, door=LOCAL, second_factor_done=False, onward="/", now=now
                )
            return HttpResponseRedirect(f"{reverse('accounts:login')}?password=set", status=303)
    context = {"form": form, "link": link, "is_invitation": link.purpose == LinkPurpose.INVITATION}
    answer = render(request, "accounts/password_choose.html", context, status=422 if form.is_bound else 200)
    answer.headers["Referrer-Policy"] = _REFERRER
    return answer


def _closed(request: HttpRequest, refused: LinkRefused) -> HttpResponse:
    answer = render(request, "accounts/password_link_over.html", {"refused": refused}, status=refused.status)
    answer.headers["Referrer-Policy"] = _REFERRER
    return answer
