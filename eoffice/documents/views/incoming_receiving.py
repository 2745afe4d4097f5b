"""Pages that take files in: new letters, and attachments of one."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from eoffice.core.errors import Invalid
from eoffice.documents.forms import incoming as forms
from eoffice.documents.queries import incoming as queries
from eoffice.documents.services import (
    receiving,
)
from eoffice.documents.services.receiving import Assurance, Upload
from eoffice.documents.views.carrying import (
    posted,
)
from eoffice.documents.views.incoming_dialogs import to_detail
from eoffice.documents.views.registry_choice import offered_registries, own_registry
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_receive(request: ActorRequest) -> HttpResponse:
    """Take files in: one request for each file from the drop zone (JSON), or a form with several."""
    form = forms.ReceiveForm(posted(request), registries=offered_registries(request.actor))
    if request.method == "GET":
        return render(request, "documents/incoming/receive.html", {"form": form, "receipts": []})
    if not form.is_valid() and "registry" in form.errors:
        if _wants_json(request):
            return JsonResponse({"message": form.errors["registry"][0]}, status=422)
        return render(request, "documents/incoming/receive.html", {"form": form, "receipts": []}, status=422)
    said = form.cleaned_data
    receipts = receiving.receive_incoming(
        actor=request.actor,
        registry_id=said.get("registry") or own_registry(request.actor),
        uploads=cast("list[Upload]", request.FILES.getlist("files")),
        now=request.now,
        assurance=Assurance(
            seen_no_mark=said.get("seen_no_mark", False), not_secret_basis=said.get("not_secret_basis", "")
        ),
        as_one=said.get("as_one", False),
        request_key=request.POST.get("idempotency_key", ""),
    )
    if _wants_json(request):
        return _upload_answer(receipts[0])
    kept = [each for each in receipts if each.incoming_id is not None]
    if len(kept) == len(receipts):
        messages.success(request, f"Đã tiếp nhận {len(kept)} văn bản, chờ đăng ký.")
        return HttpResponseRedirect(reverse("documents:incoming_register", args=[kept[0].incoming_id]))
    return render(request, "documents/incoming/receive.html", {"form": form, "receipts": receipts}, status=422)


def _upload_answer(receipt: receiving.Receipt) -> JsonResponse:
    if receipt.error is not None:
        return JsonResponse({"message": receipt.error.message}, status=receipt.error.status)
    href = reverse("documents:incoming_register", args=[receipt.incoming_id])
    return JsonResponse({"href": href, "message": " ".join(["Đã tiếp nhận.", *receipt.warnings])})


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_attach(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Attachments of a letter."""
    form = forms.ReceiveForm(posted(request))
    context = {"form": form, "incoming": queries.get_incoming(request.actor, incoming_id), "error": None}
    if request.method == "GET":
        return render(request, "documents/incoming/attach.html", context)
    form.is_valid()
    try:
        receiving.attach_files(
            actor=request.actor,
            incoming_id=incoming_id,
            uploads=cast("list[Upload]", request.FILES.getlist("files")),
            now=request.now,
            assurance=Assurance(
                seen_no_mark=form.cleaned_data.get("seen_no_mark", False),
                not_secret_basis=form.cleaned_data.get("not_secret_basis", ""),
            ),
        )
    except Invalid as error:
        return render(request, "documents/incoming/attach.html", context | {"error": error}, status=422)
    messages.success(request, "Đã thêm tệp kèm theo.")
    return to_detail(incoming_id)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")
