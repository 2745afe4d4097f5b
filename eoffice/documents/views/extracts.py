"""Pages of extracts (trích sao): a new one, corrected until it is sealed, seen before anything is kept."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from eoffice.core.errors import ExpectedError, Invalid, NotFound, NotPermitted
from eoffice.core.paging import whole_number
from eoffice.documents.forms.copies import ExtractForm
from eoffice.documents.queries import copies as copy_queries
from eoffice.documents.queries import extracts as queries
from eoffice.documents.services import extracting
from eoffice.documents.views import files
from eoffice.documents.views.registry_choice import copying_registries, offered_registries, own_registry
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Role


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def extract_new(request: ActorRequest) -> HttpResponse:
    """A new extract, from a letter, an issued document, or typed from a paper; `preview` shows the page only."""
    if not request.actor.plays(Role.CLERK):
        raise NotPermitted("Chỉ văn thư của đơn vị trích sao văn bản.")
    registries = offered_registries(request.actor)
    deciders = copy_queries.deciders(copying_registries(request.actor), now=request.now)
    if request.method == "GET":
        return _page(request, ExtractForm(initial=_initial(request), registries=registries, deciders=deciders))
    form = ExtractForm(request.POST, registries=registries, deciders=deciders)
    if form.is_valid():
        registry_id = form.cleaned_data["registry"] or own_registry(request.actor)
        try:
            entry = form.entry()
            if "preview" in request.POST:
                return _preview(request, registry_id, entry)
            copy = extracting.begin_extract(
                actor=request.actor,
                registry_id=registry_id,
                entry=entry,
                now=request.now,
                request_key=request.POST.get("idempotency_key", ""),
            )
        except NotFound:
            raise
        except ExpectedError as error:
            _show(form, error)
        else:
            if copy.is_open:
                messages.success(request, f"Đã lấy số {copy.shown_code}. Xem trang rồi ký số.")
            else:
                ended = "được ký số" if copy.sealed_at else "hủy"
                messages.info(request, f"Biểu mẫu này đã gửi trước đó: bản trích sao {copy.shown_code} đã {ended}.")
            return HttpResponseRedirect(reverse("documents:copy_detail", args=[copy.pk]), status=303)
    return _page(request, form, status=422)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def extract_edit(request: ActorRequest, copy_id: int) -> HttpResponse:
    """An extract that is not sealed yet, corrected under the number it has."""
    copy = copy_queries.get_copy(request.actor, copy_id)
    if not copy.is_extract:
        raise NotFound
    if not copy.is_open:
        ended = "được ký số" if copy.sealed_at else "hủy"
        messages.error(request, f"Bản trích sao này đã {ended} nên không sửa được nữa.")
        return HttpResponseRedirect(reverse("documents:copy_detail", args=[copy_id]), status=303)
    deciders = copy_queries.deciders([copy.registry_id], now=request.now, kept=copy.decider)
    if request.method == "GET":
        return _page(request, ExtractForm(initial=queries.of_extract(copy), deciders=deciders), copy_id=copy_id)
    form = ExtractForm(request.POST, deciders=deciders)
    if form.is_valid():
        try:
            entry = form.entry()
            if "preview" in request.POST:
                return _preview(request, copy.registry_id, entry)
            extracting.revise_extract(actor=request.actor, copy_id=copy_id, entry=entry, now=request.now)
        except NotFound:
            raise
        except ExpectedError as error:
            _show(form, error)
        else:
            messages.success(request, "Đã sửa bản trích sao")
            return HttpResponseRedirect(reverse("documents:copy_detail", args=[copy_id]), status=303)
    return _page(request, form, copy_id=copy_id, status=422)


def _initial(request: ActorRequest) -> dict[str, object]:
    incoming_id = whole_number(request.GET.get("incoming", ""))
    outgoing_id = whole_number(request.GET.get("outgoing", ""))
    if incoming_id is not None:
        return queries.from_incoming(request.actor, incoming_id)
    return queries.from_outgoing(request.actor, outgoing_id) if outgoing_id is not None else {}


def _preview(request: ActorRequest, registry_id: int, entry: extracting.ExtractEntry) -> HttpResponse:
    content = extracting.preview_extract(actor=request.actor, registry_id=registry_id, entry=entry, now=request.now)
    return files.made_pdf(content, name="trich-sao.pdf")


def _page(request: ActorRequest, form: ExtractForm, *, copy_id: int | None = None, status: int = 200) -> HttpResponse:
    context = {"form": form, "copy_id": copy_id}
    return render(request, "documents/copies/extract.html", context, status=status)


def _show(form: ExtractForm, error: ExpectedError) -> None:
    faults = error.fields if isinstance(error, Invalid) else {}
    for name, words in (faults or {"": error.message}).items():
        form.add_error(name if name in form.fields else None, words)
