"""Bật quyền quản trị: the reason page, the bar's end button."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.accounts.services import rechecking
from eoffice.accounts.views import proving
from eoffice.core.errors import Invalid
from eoffice.organization.forms.rights import PowersForm
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import SESSION_POWERS, ActorRequest
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries.powers import powers_sessions_of
from eoffice.organization.services import powers as services
from eoffice.organization.views.carrying import add_errors

_SHOWN = 20


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@signed_in
def powers(request: ActorRequest) -> HttpResponse:
    """Why special powers are needed, with the password again; past sessions below."""
    permissions.require(permissions.can_switch_powers_on(request.actor), "Chỉ quản trị bật được quyền quản trị.")
    has_password = rechecking.has_password(user_id=request.actor.user_id)
    form = PowersForm(request.POST if request.method == "POST" else None, has_password=has_password)
    proved_at = proving.proved_at(request)
    onward = _onward(request)
    if request.method == "POST" and form.is_valid():
        try:
            session = services.start_powers(
                actor=request.actor,
                reason=form.cleaned_data["reason"],
                password=form.cleaned_data.get("password", ""),
                now=request.now,
                proved_at=proved_at,
                address=str(request.META.get("REMOTE_ADDR", "")),
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            request.session[SESSION_POWERS] = session.pk
            messages.success(request, "Đã bật quyền quản trị trong 30 phút.")
            return HttpResponseRedirect(onward or "/", status=303)
    context = {
        "form": form,
        "next": onward,
        "has_password": has_password,
        "is_proved": proved_at is not None and request.now < proved_at + services.PROOF_SPAN,
        "provers": proving.provers(),
        "sessions": powers_sessions_of(request.actor)[:_SHOWN],
        "minutes": int(services.POWERS_SPAN.total_seconds() // 60),
    }
    return render(request, "organization/rights/powers.html", context, status=422 if form.is_bound else 200)


@require_POST
@signed_in
def end_powers(request: ActorRequest) -> HttpResponse:
    """Switch the special powers off."""
    services.end_powers(actor=request.actor, now=request.now)
    request.session.pop(SESSION_POWERS, None)
    messages.success(request, "Đã kết thúc quyền quản trị.")
    return HttpResponseRedirect("/", status=303)


def _onward(request: ActorRequest) -> str:
    onward = request.POST.get("next", "") or request.GET.get("next", "")
    allowed = url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()})
    return onward if allowed and onward.startswith("/") else ""
