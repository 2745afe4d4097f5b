"""Pages: the HSM for administrators, and a given key taken by its holder."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.core.errors import ExpectedError, NotFound
from eoffice.organization.gate import signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.queries import signing_posts
from eoffice.signing import permissions, services
from eoffice.signing.forms import GiveKeyForm, NewPinForm
from eoffice.signing.services.hsm import TokenReport
from eoffice.signing.views.keys import onward, seal_page
from eoffice.signing.views.methods import methods_page
from eoffice.signing.views.providers import require_provider_powers

_secret = sensitive_post_parameters("hsm-pin", "hsm-again")


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def hsm(request: ActorRequest) -> HttpResponse:
    """What is set up; POST looks at the tokens and shows what they hold."""
    require_provider_powers(request)
    return _page(request) if request.method == "GET" else _checked(request)


@require_POST
@signed_in
@with_powers
def hsm_give(request: ActorRequest) -> HttpResponse:
    """Give a key to a person or a seal."""
    require_provider_powers(request)
    form = GiveKeyForm(request.POST)
    if not form.is_valid():
        words = " ".join(str(line) for lines in form.errors.values() for line in lines)
        return _checked(request, refusal=f"Chưa giao khóa. {words}", status=422)
    try:
        services.give_key(
            actor=request.actor,
            token=form.cleaned_data["token"],
            key_id=form.cleaned_data["key_id"],
            email=form.cleaned_data["email"],
            unit_id=form.cleaned_data["unit"],
            now=request.now,
        )
    except ExpectedError as error:
        return _checked(request, refusal=error.message, status=error.status)
    messages.success(request, "Đã giao khóa. Người giữ đặt mã PIN ở trang “Cách ký của tôi” hoặc “Chữ ký số cơ quan”.")
    return HttpResponseRedirect(reverse("signing:hsm"), status=303)


@_secret
@require_POST
@signed_in
def key_take(request: ActorRequest) -> HttpResponse:
    """Set the PIN of the HSM key one was given."""
    form = NewPinForm(request.POST, prefix="hsm")
    try:
        if form.is_valid():
            services.take_key(actor=request.actor, pin=form.cleaned_data["pin"], now=request.now)
            messages.success(request, "Đã nhận khóa HSM. Nhập mã PIN vừa đặt để ký.")
            return HttpResponseRedirect(onward(request) or reverse("signing:methods"), status=303)
    except ExpectedError as error:
        form.add_error("pin", error.message)
    return methods_page(request, take_form=form, status=422)


@_secret
@require_POST
@signed_in
def seal_key_take(request: ActorRequest, unit_id: int) -> HttpResponse:
    """Set the PIN of the HSM key a seal was given."""
    if not permissions.can_keep_seal(request.actor, unit_id):
        raise NotFound
    form = NewPinForm(request.POST, prefix="hsm")
    try:
        if form.is_valid():
            services.take_seal_key(actor=request.actor, unit_id=unit_id, pin=form.cleaned_data["pin"], now=request.now)
            messages.success(request, "Đã nhận khóa HSM của con dấu. Nhập mã PIN vừa đặt để đóng dấu.")
            return HttpResponseRedirect(reverse("signing:seal", args=[unit_id]), status=303)
    except ExpectedError as error:
        form.add_error("pin", error.message)
    return seal_page(request, unit_id, take_form=form)


def _checked(request: ActorRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    try:
        reports = services.check_hsm(actor=request.actor, now=request.now)
    except ExpectedError as error:
        return _page(request, refusal=refusal or error.message, status=error.status if not refusal else status)
    return _page(request, reports=reports, refusal=refusal, status=status)


def _page(
    request: ActorRequest, *, reports: list[TokenReport] | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "module": settings.ENVIRONMENT.hsm_module,
        "pin_file": settings.ENVIRONMENT.hsm_pin_file,
        "reports": reports,
        "refusal": refusal,
        "typed": {name: request.POST.get(name, "") for name in GiveKeyForm.base_fields},
        "registries": signing_posts.registries() if reports else [],
    }
    return render(request, "signing/hsm.html", context, status=status)
