"""The report on the signatures of a file of an incoming letter: as a page, as PDF, as JSON, and once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries import signature_papers
from eoffice.documents.views import files
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import services as signing


@never_cache
@require_GET
@signed_in
def incoming_signatures(request: ActorRequest, incoming_id: int, file_id: int) -> HttpResponse:
    """Báo cáo kiểm tra chữ ký số."""
    page = signature_papers.signature_page(request.actor, incoming_id, file_id)
    return render(request, "documents/incoming/signatures.html", {"page": page})


@never_cache
@require_GET
@signed_in
def incoming_signatures_pdf(request: ActorRequest, incoming_id: int, file_id: int) -> HttpResponse:
    """The same report to file."""
    page = signature_papers.signature_page(request.actor, incoming_id, file_id)
    return files.made_pdf(page.report.to_pdf(), name=f"kiem-tra-chu-ky-{incoming_id}-{file_id}.pdf")


@never_cache
@require_GET
@signed_in
def incoming_signatures_json(request: ActorRequest, incoming_id: int, file_id: int) -> HttpResponse:
    """The same report for programs."""
    page = signature_papers.signature_page(request.actor, incoming_id, file_id)
    answer = JsonResponse(page.report.to_json(), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="kiem-tra-chu-ky-{incoming_id}-{file_id}.json"'
    return answer


@require_POST
@signed_in
def incoming_signatures_check(request: ActorRequest, incoming_id: int, file_id: int) -> HttpResponse:
    """Check once more, with revocation asked anew; a job does it, since others may be slow to answer."""
    version = queries.get_file(request.actor, incoming_id, file_id)
    signing.request_check(sha256=version.file_id, fresh=True)
    messages.success(request, "Đang kiểm tra lại; tải lại trang sau ít giây để xem kết quả mới.")
    return HttpResponseRedirect(reverse("documents:incoming_signatures", args=[incoming_id, file_id]), status=303)
