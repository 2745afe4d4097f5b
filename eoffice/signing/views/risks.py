"""Pages: signatures whose validity will end, why, and when they are renewed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.paging import whole_number
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import permissions, queries, services
from eoffice.signing.models import Risk


@never_cache
@require_GET
@signed_in
def risks(request: ActorRequest) -> HttpResponse:
    """Chữ ký có nguy cơ: the board, by reason, newest first."""
    permissions.require_risks_seen(request.actor)
    risk = request.GET.get("risk", "")
    chosen = risk if risk in Risk.values else ""
    page = queries.risks_page(request.actor, risk=chosen, after=whole_number(request.GET.get("after", "")))
    context = {
        "page": page,
        "counts": queries.risk_counts(request.actor),
        "chosen": chosen,
        "choices": [(code, words) for code, words in Risk.choices if code],
        "has_authority": bool(queries.time_stamp_authorities()),
        "manages": permissions.can_manage_time_stamps(request.actor),
    }
    return render(request, "signing/risks.html", context)


@require_POST
@signed_in
def retry_completion(request: ActorRequest, lasting_id: int) -> HttpResponse:
    """Look at one file now."""
    services.retry_completion(actor=request.actor, lasting_id=lasting_id, now=request.now)
    messages.success(request, "Đã đưa vào hàng chờ. Kết quả hiện ở đây sau ít phút.")
    return HttpResponseRedirect(reverse("signing:risks"), status=303)
