"""Pages: electronic copies (sao y, sao lục, trích sao): the list, a new scan, one with its seal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from eoffice.core.errors import ExpectedError, Invalid, NotFound, NotPermitted
from eoffice.core.paging import whole_number
from eoffice.documents.forms.copies import PaperCopyForm
from eoffice.documents.queries import copies as queries
from eoffice.documents.services import copying, sealing_copies, voiding_copies
from eoffice.documents.views import files
from eoffice.documents.views.registry_choice import copying_registries, offered_registries, own_registry
from eoffice.documents.views.ways import chosen_way, typed_for
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Role


@never_cache
@require_GET
@signed_in
def copy_list(request: ActorRequest) -> HttpResponse:
    """Bản sao điện tử of the actor's registries."""
    page = queries.copies_page(request.actor, after=whole_number(request.GET.get("after", "")))
    context = {"page": page, "may_copy": request.actor.plays(Role.CLERK)}
    return render(request, "documents/copies/list.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def copy_new(request: ActorRequest) -> HttpResponse:
    """A new copy: the paper and its scan."""
    if not request.actor.plays(Role.CLERK):
        raise NotPermitted("Chỉ văn thư của đơn vị sao y văn bản giấy.")
    registries = offered_registries(request.actor)
    deciders = queries.deciders(copying_registries(request.actor), now=request.now)
    if request.method == "GET":
        incoming_id = whole_number(request.GET.get("incoming", ""))
        initial = queries.copied_letter(request.actor, incoming_id) if incoming_id is not None else {}
        form = PaperCopyForm(initial=initial, registries=registries, deciders=deciders)
        return render(request, "documents/copies/new.html", {"form": form})
    form = PaperCopyForm(request.POST, request.FILES, registries=registries, deciders=deciders)
    if form.is_valid():
        try:
            copy = copying.begin_copy(
                actor=request.actor,
                registry_id=form.cleaned_data["registry"] or own_registry(request.actor),
                entry=form.entry(),
                upload=form.cleaned_data["file"],
                assurance=form.assurance(),
                now=request.now,
                request_key=request.POST.get("idempotency_key", ""),
            )
        except ExpectedError as error:
            _show(form, error)
        else:
            return HttpResponseRedirect(reverse("documents:copy_detail", args=[copy.pk]), status=303)
    return render(request, "documents/copies/new.html", {"form": form}, status=422)


@never_cache
@require_GET
@signed_in
def copy_detail(request: ActorRequest, copy_id: int) -> HttpResponse:
    """One copy: what it is, how its mark looks, its seal."""
    return _detail(request, copy_id)


@sensitive_post_parameters("pin")
@require_http_methods(["POST"])
@signed_in
def copy_seal(request: ActorRequest, copy_id: int) -> HttpResponse:
    """Sign for the organisation, at once or by asking a key elsewhere."""
    way = chosen_way(request)
    try:
        if way:
            request_id = sealing_copies.ask_for_copy_seal(
                actor=request.actor, copy_id=copy_id, method_id=way, typed=typed_for(request, way), now=request.now
            )
            return HttpResponseRedirect(reverse("signing:request", args=[request_id]), status=303)
        sealing_copies.seal_copy(actor=request.actor, copy_id=copy_id, pin=request.POST.get("pin", ""), now=request.now)
    except NotFound:
        raise
    except ExpectedError as error:
        return _detail(request, copy_id, fault=error.message, way=way, status=error.status)
    messages.success(request, "Đã ký số bản sao. Tải bản sao để gửi.")
    return HttpResponseRedirect(reverse("documents:copy_detail", args=[copy_id]), status=303)


@require_http_methods(["POST"])
@signed_in
def copy_void(request: ActorRequest, copy_id: int) -> HttpResponse:
    """Hủy bản sao, with a reason; the register keeps the number of an extract."""
    reason = request.POST.get("reason", "")
    try:
        copy = voiding_copies.void_copy(actor=request.actor, copy_id=copy_id, reason=reason, now=request.now)
    except NotFound:
        raise
    except ExpectedError as error:
        fault = error.fields.get("reason", error.message) if isinstance(error, Invalid) else error.message
        return _detail(request, copy_id, fault=fault, status=error.status)
    kept = f" Số {copy.shown_code} vẫn giữ trong sổ." if copy.is_extract else ""
    messages.success(request, f"Đã hủy {copy.get_form_display().lower()} {copy.code}.{kept}")
    return HttpResponseRedirect(reverse("documents:copy_detail", args=[copy_id]), status=303)


@require_GET
@signed_in
def copy_file(request: ActorRequest, copy_id: int) -> HttpResponseBase:
    """The sealed copy; before it is sealed the scan or the page of an extract, shown in place."""
    found = queries.copy_file(request.actor, copy_id)
    inline = "download" not in request.GET
    return files.stored_file(found.sha256, name=found.name, media_type="application/pdf", inline=inline)


def _detail(
    request: ActorRequest, copy_id: int, *, fault: str = "", way: int | None = None, status: int = 200
) -> HttpResponse:
    page = queries.copy_page(request.actor, copy_id, now=request.now)
    context = {"page": page, "fault": fault, "way": way}
    return render(request, "documents/copies/detail.html", context, status=status)


def _show(form: PaperCopyForm, error: ExpectedError) -> None:
    faults = error.fields if isinstance(error, Invalid) else getattr(error, "fields", {})
    for name, words in (faults or {"": error.message}).items():
        form.add_error(name if name in form.fields else None, words)
