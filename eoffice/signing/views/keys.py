"""Pages: check any PDF, my own key, the key of a unit's seal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core import clock
from eoffice.core.client_address import address_of
from eoffice.core.errors import ExpectedError, NotFound
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import permissions, queries, services
from eoffice.signing.errors import ChecksBusy, TooManyChecks
from eoffice.signing.forms import (
    AddMethodForm,
    ChangePinForm,
    KeyFileForm,
    NewPinForm,
    SealImageForm,
    SignatureImageForm,
    VerifyForm,
)
from eoffice.signing.views.adding_methods import adding, let_programs

_secret = sensitive_post_parameters("old", "pin", "again")


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Check any PDF, signed in or not; the file is not kept."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    context: dict[str, Any] = {"form": form, "verdict": None, "file_name": "", "checked_at": None}
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        if upload.size > settings.UPLOAD_LIMIT_BYTES:
            form.add_error("file", "Tệp lớn hơn 100 MB. Tách tệp hoặc nén lại rồi kiểm tra.")
        else:
            now = clock.now()
            try:
                verdict = services.check_shown(
                    content=upload.read(),
                    is_signed_in=request.user.is_authenticated,
                    address=address_of(request),
                    now=now,
                )
            except (TooManyChecks, ChecksBusy) as error:
                form.add_error("file", error.message)
                return render(request, "signing/verify.html", context, status=error.status)
            context |= {"verdict": verdict, "file_name": upload.name, "checked_at": now}
    return render(request, "signing/verify.html", context, status=422 if form.errors else 200)


@never_cache
@require_GET
@signed_in
def key(request: ActorRequest) -> HttpResponse:
    """Chữ ký của tôi: certificate, PIN, picture."""
    return key_page(request)


@_secret
@require_POST
@signed_in
def set_pin(request: ActorRequest) -> HttpResponse:
    form = NewPinForm(request.POST)
    return change_key(
        request,
        form,
        "new_form",
        lambda: services.set_pin(actor=request.actor, pin=form.cleaned_data["pin"], now=request.now),
    )


@_secret
@require_POST
@signed_in
def change_pin(request: ActorRequest) -> HttpResponse:
    form = ChangePinForm(request.POST, prefix="change")
    return change_key(
        request,
        form,
        "change_form",
        lambda: services.change_pin(
            actor=request.actor, old=form.cleaned_data["old"], new=form.cleaned_data["pin"], now=request.now
        ),
    )


@_secret
@require_POST
@signed_in
def reset_forgotten_pin(request: ActorRequest) -> HttpResponse:
    form = NewPinForm(request.POST, prefix="forgot")
    return change_key(
        request,
        form,
        "forgot_form",
        lambda: services.reset_forgotten_pin(actor=request.actor, pin=form.cleaned_data["pin"], now=request.now),
    )


@never_cache
@require_GET
@signed_in
def seal(request: ActorRequest, unit_id: int) -> HttpResponse:
    """The seal of a unit, for its clerk."""
    return seal_page(request, unit_id)


@_secret
@require_POST
@signed_in
def set_seal_pin(request: ActorRequest, unit_id: int) -> HttpResponse:
    form = NewPinForm(request.POST)
    return change_seal(
        request,
        unit_id,
        form,
        "new_form",
        lambda: services.set_seal_pin(
            actor=request.actor, unit_id=unit_id, pin=form.cleaned_data["pin"], now=request.now
        ),
    )


@_secret
@require_POST
@signed_in
def change_seal_pin(request: ActorRequest, unit_id: int) -> HttpResponse:
    form = ChangePinForm(request.POST, prefix="change")
    return change_seal(
        request,
        unit_id,
        form,
        "change_form",
        lambda: services.change_seal_pin(
            actor=request.actor,
            unit_id=unit_id,
            old=form.cleaned_data["old"],
            new=form.cleaned_data["pin"],
            now=request.now,
        ),
    )


@_secret
@require_POST
@signed_in
def reset_forgotten_seal_pin(request: ActorRequest, unit_id: int) -> HttpResponse:
    form = NewPinForm(request.POST, prefix="forgot")
    return change_seal(
        request,
        unit_id,
        form,
        "forgot_form",
        lambda: services.reset_forgotten_seal_pin(
            actor=request.actor, unit_id=unit_id, pin=form.cleaned_data["pin"], now=request.now
        ),
    )


def change_key(request: ActorRequest, form: Form, name: str, change: Callable[[], object]) -> HttpResponse:
    """Change something of one's own signature, and come back to its page or to where one came from."""
    if not succeeds(form, change):
        return key_page(request, **{name: form})
    back = onward(request)
    if back and name in _OPENS_SIGNING:
        messages.success(request, _OPENS_SIGNING[name])
        return HttpResponseRedirect(back, status=303)
    return HttpResponseRedirect(f"{reverse('signing:key')}?saved={name}", status=303)


_OPENS_SIGNING = {
    "new_form": "Đã tạo chữ ký số. Nhập mã PIN vừa đặt để ký.",
    "change_form": "Đã đổi mã PIN. Nhập mã PIN mới để ký.",
    "forgot_form": "Đã thu hồi chứng thư cũ và tạo chữ ký số mới. Nhập mã PIN mới để ký.",
}
"""After these the signer goes back to the paper he came from."""


def onward(request: HttpRequest) -> str:
    """The page of ours to go back to; empty for any other address."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""


def change_seal(
    request: ActorRequest, unit_id: int, form: Form, name: str, change: Callable[[], object]
) -> HttpResponse:
    """Change something of a unit's seal, and come back to its page or to where one came from."""
    if not succeeds(form, change):
        return seal_page(request, unit_id, **{name: form})
    back = onward(request)
    if back and name in _OPENS_SEALING:
        messages.success(request, _OPENS_SEALING[name])
        return HttpResponseRedirect(back, status=303)
    return HttpResponseRedirect(f"{reverse('signing:seal', args=[unit_id])}?saved={name}", status=303)


_OPENS_SEALING = {
    "new_form": "Đã tạo chữ ký số cơ quan. Nhập mã PIN vừa đặt để đóng dấu.",
    "change_form": "Đã đổi mã PIN chữ ký số cơ quan. Nhập mã PIN mới để đóng dấu.",
    "forgot_form": "Đã thu hồi chứng thư cũ và tạo chữ ký số cơ quan mới. Nhập mã PIN mới để đóng dấu.",
}


def succeeds(form: Form, change: Callable[[], object]) -> bool:
    """Run the one service call; what it refuses is said in the form, at the first field."""
    if not form.is_valid():
        return False
    try:
        change()
    except ExpectedError as error:
        form.add_error(next(iter(form.fields)), error.message)
        return False
    return True


def key_page(request: ActorRequest, **forms: Form) -> HttpResponse:
    page = queries.key_page(request.actor.person_id)
    context = _forms(forms) | {
        "page": page,
        "images": queries.images_of_person(request.actor.person_id),
        "certificate": queries.certificate_view(page.key, now=request.now) if page.key else None,
        "waiting": page.waiting,
        "can_make_keys": services.can_make_keys(),
        "signer_title": request.actor.position_name.upper(),
        "signer_name": request.actor.name,
        "saved": request.GET.get("saved", ""),
        "onward": onward(request),
    }
    return render(request, "signing/key.html", context, status=422 if forms else 200)


def seal_page(request: ActorRequest, unit_id: int, **forms: Form) -> HttpResponse:
    if not permissions.can_keep_seal(request.actor, unit_id):
        raise NotFound
    key = queries.key_of_unit(unit_id)
    context = _forms(forms) | {
        "unit": organization.get_unit(unit_id),
        "key": key,
        "certificate": queries.certificate_view(key, now=request.now) if key else None,
        "waiting": queries.waiting_key_of(unit_id=unit_id),
        "can_make_keys": services.can_make_keys(),
        "images": queries.images_of_unit(unit_id),
        "rules": queries.image_rules(),
        "saved": request.GET.get("saved", ""),
        "onward": onward(request),
        "choices": queries.choices_of_seal(unit_id, now=request.now),
    }
    context |= adding(cast("AddMethodForm | None", forms.get("method_form")))
    answer = render(request, "signing/seal.html", context, status=422 if forms else 200)
    return let_programs(request, answer, context["programs"])


def _forms(bound: dict[str, Form]) -> dict[str, Any]:
    return {
        "new_form": NewPinForm(),
        "change_form": ChangePinForm(prefix="change"),
        "forgot_form": NewPinForm(prefix="forgot"),
        "image_form": SignatureImageForm(),
        "seal_image_form": SealImageForm(),
        "key_file_form": KeyFileForm(prefix="key"),
        "take_form": NewPinForm(prefix="hsm"),
    } | bound
