"""Pages: keys from PKCS#12 files, whose they are, and the office's own authority."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.errors import ExpectedError, Invalid, NotFound
from eoffice.organization.gate import signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import permissions, queries, services
from eoffice.signing.engine.key_files import LARGEST_BYTES
from eoffice.signing.forms import AuthorityForm, KeyFileForm
from eoffice.signing.models import SigningKey
from eoffice.signing.views.keys import onward, seal_page
from eoffice.signing.views.methods import methods_page
from eoffice.signing.views.providers import providers_page, require_provider_powers

_secret = sensitive_post_parameters("password", "key-password", "key-pin", "key-again")


@_secret
@require_POST
@signed_in
def key_file(request: ActorRequest) -> HttpResponse:
    """Take one's own key from a file; then back to the paper one came from."""
    form = KeyFileForm(request.POST, request.FILES, prefix="key")
    brought, status = _brought(
        form,
        lambda content: services.bring_key(
            actor=request.actor,
            content=content,
            password=form.cleaned_data["password"],
            pin=form.cleaned_data["pin"],
            now=request.now,
        ),
    )
    if brought is None:
        return methods_page(request, key_file_form=form, status=status)
    _tell(request, brought, "Đã lưu khóa. Nhập mã PIN vừa đặt để ký.")
    return HttpResponseRedirect(onward(request) or reverse("signing:methods"), status=303)


@_secret
@require_POST
@signed_in
def seal_key_file(request: ActorRequest, unit_id: int) -> HttpResponse:
    """Take the key of a unit's seal from a file."""
    form = KeyFileForm(request.POST, request.FILES, prefix="key")
    if not permissions.can_keep_seal(request.actor, unit_id):
        raise NotFound
    brought, status = _brought(
        form,
        lambda content: services.bring_seal_key(
            actor=request.actor,
            unit_id=unit_id,
            content=content,
            password=form.cleaned_data["password"],
            pin=form.cleaned_data["pin"],
            now=request.now,
        ),
    )
    if brought is None:
        answer = seal_page(request, unit_id, key_file_form=form)
        answer.status_code = status
        return answer
    _tell(request, brought, "Đã lưu khóa con dấu. Nhập mã PIN vừa đặt để đóng dấu.")
    return HttpResponseRedirect(onward(request) or reverse("signing:seal", args=[unit_id]), status=303)


@require_POST
@signed_in
def key_remove(request: ActorRequest) -> HttpResponse:
    services.remove_key(actor=request.actor, now=request.now)
    messages.success(request, _REMOVED)
    return HttpResponseRedirect(reverse("signing:methods"), status=303)


@require_POST
@signed_in
def seal_key_remove(request: ActorRequest, unit_id: int) -> HttpResponse:
    services.remove_seal_key(actor=request.actor, unit_id=unit_id, now=request.now)
    messages.success(request, _REMOVED)
    return HttpResponseRedirect(reverse("signing:seal", args=[unit_id]), status=303)


@require_POST
@signed_in
@with_powers
def key_confirm(request: ActorRequest, key_id: int) -> HttpResponse:
    """Say that a certificate with another name is its holder's."""
    require_provider_powers(request)
    services.confirm_key(actor=request.actor, key_id=key_id, now=request.now)
    messages.success(request, "Đã xác nhận. Chứng thư được dùng để ký từ bây giờ.")
    return HttpResponseRedirect(reverse("signing:providers"), status=303)


@require_POST
@signed_in
@with_powers
def key_refuse(request: ActorRequest, key_id: int) -> HttpResponse:
    require_provider_powers(request)
    services.refuse_key(actor=request.actor, key_id=key_id, now=request.now)
    messages.success(request, "Đã từ chối. Khóa đã bị xóa khỏi hệ thống.")
    return HttpResponseRedirect(reverse("signing:providers"), status=303)


@require_POST
@signed_in
@with_powers
def authority_found(request: ActorRequest) -> HttpResponse:
    """Let this installation certify keys for use inside the office."""
    require_provider_powers(request)
    form = AuthorityForm(request.POST)
    if form.is_valid():
        try:
            services.found_authority(actor=request.actor, basis=form.cleaned_data["basis"], now=request.now)
        except ExpectedError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Đã lập nơi cấp chứng thư nội bộ. Mọi người đặt mã PIN ở trang “Chữ ký của tôi”.")
            return HttpResponseRedirect(reverse("signing:providers"), status=303)
    return providers_page(request, authority_form=form, status=422)


@never_cache
@require_GET
@signed_in
def authority_file(request: ActorRequest) -> HttpResponse:
    """The root certificate, for partners who want to believe it and for the record."""
    authority = queries.own_authority()
    if authority is None:
        raise NotFound
    return HttpResponse(
        bytes(authority.certificate),
        content_type="application/pkix-cert",
        headers={"Content-Disposition": 'attachment; filename="ca-noi-bo.cer"'},
    )


_REMOVED = "Đã bỏ khóa; khóa bị xóa khỏi hệ thống. Văn bản đã ký không bị ảnh hưởng."


def _brought(form: KeyFileForm, bring: Callable[[bytes], SigningKey]) -> tuple[SigningKey | None, int]:
    """The key, or None with the status of the answer; what was wrong stands at its field."""
    if not form.is_valid():
        return None, 422
    upload = form.cleaned_data["file"]
    try:
        return bring(upload.read(LARGEST_BYTES + 1)), 303
    except ExpectedError as error:
        fields = error.fields if isinstance(error, Invalid) and error.fields else {"file": error.message}
        for name, words in fields.items():
            form.add_error(name if name in form.fields else None, words)
        return None, error.status


def _tell(request: ActorRequest, key: SigningKey, words: str) -> None:
    if key.is_waiting:
        messages.warning(request, f"Đã lưu khóa nhưng chưa dùng được: {key.mismatch} Chờ quản trị viên xác nhận.")
    else:
        messages.success(request, words)
