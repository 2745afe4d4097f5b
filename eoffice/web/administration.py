"""Pages of administration: background jobs, the matrix of rights."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from eoffice.core import job_board
from eoffice.core.paging import whole_number
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Role
from eoffice.organization.permissions import changes as keeping
from eoffice.organization.queries import changes
from eoffice.web import permissions, services
from eoffice.web.rights_matrix import matrix

_LISTS = {"failed": job_board.failed_jobs, "running": job_board.running_jobs, "waiting": job_board.waiting_jobs}


@require_GET
@signed_in
def jobs(request: ActorRequest) -> HttpResponse:
    """Background work: what failed for good, what runs, what waits."""
    permissions.require(permissions.can_run_jobs_again(request.actor))
    state = request.GET.get("state", "failed")
    state = state if state in _LISTS else "failed"
    below = _number(request.GET.get("below"))
    rows = _LISTS[state](below=below)
    context = {
        "state": state,
        "counts": job_board.counts(),
        "rows": rows,
        "next_below": rows[-1].id if len(rows) == job_board.PAGE_SIZE else None,
    }
    return render(request, "web/jobs.html", context)


@require_POST
@signed_in
def run_job_again(request: ActorRequest, job_id: int) -> HttpResponse:
    services.run_job_again(actor=request.actor, job_id=job_id, now=request.now)
    return HttpResponseRedirect(reverse("web:jobs"), status=303)


@require_GET
@signed_in
def rights_matrix(request: ActorRequest) -> HttpResponse:
    """Which role may do what, read from the rules themselves."""
    permissions.require(permissions.can_read_matrix(request.actor))
    context = {
        "tab": "matrix",
        "parts": matrix(),
        "roles": Role.choices,
        "is_keeper": keeping.keeps_any_rights(request.actor),
        "waiting": changes.waiting_count(request.actor),
    }
    return render(request, "web/rights_matrix.html", context)


def _number(text: str | None) -> int | None:
    return whole_number(text or "")
