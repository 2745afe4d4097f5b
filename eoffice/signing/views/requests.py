"""Pages: what became of the signatures I asked for; and the address where a service tells that something is new."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from eoffice.core import clock
from eoffice.core.middleware import content_policy
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import queries, services

_HINT_BYTES = 64 * 1024


@never_cache
@require_GET
@signed_in
def request_list(request: ActorRequest) -> HttpResponse:
    """My requests, newest first."""
    return render(request, "signing/requests.html", {"requests": queries.requests_of(request.actor)})


@never_cache
@require_GET
@signed_in
def request_page(request: ActorRequest, request_id: int) -> HttpResponse:
    """One request, followed live; the fragment of it for htmx."""
    page = queries.request_page(request.actor, request_id)
    template = "signing/_request.html" if request.headers.get("HX-Request") else "signing/request.html"
    answer = render(request, template, {"page": page, "asked": page.request, "agent": settings.DESK_AGENT})
    answer.headers["Vary"] = "HX-Request"
    method = page.request.method
    if page.request.is_open and method is not None and method.signs_files and method.provider is not None:
        answer.headers["Content-Security-Policy"] = content_policy(request, also=method.provider.base_url)
    return answer


@require_POST
@signed_in
def request_cancel(request: ActorRequest, request_id: int) -> HttpResponse:
    """Give a request up."""
    services.cancel_request(actor=request.actor, request_id=request_id, now=request.now)
    messages.success(request, "Đã hủy yêu cầu ký. Xác nhận trên điện thoại sau lúc này không còn tác dụng.")
    return HttpResponseRedirect(reverse("signing:request", args=[request_id]), status=303)


@csrf_exempt
@require_POST
def hook(request: HttpRequest, hook: str) -> HttpResponse:
    """A service says that something is new: a reason to ask it, and nothing else. Always answered the same."""
    content = request.read(_HINT_BYTES)
    try:
        told = json.loads(content)
    except ValueError:
        told = {}
    reference = told.get("transaction_id") if isinstance(told, dict) else None
    if isinstance(reference, str):
        services.hint(hook=hook[:64], reference=reference[:40], now=clock.now())
    return JsonResponse({"status_code": 200, "message": "OK"})
