"""Pages of drafts: lists, reading, writing, versions."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from eoffice.documents.queries import drafts as queries
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_GET
@signed_in
def draft_list(request: ActorRequest) -> HttpResponse:
    """One box of drafts, newest first; htmx gets the next rows only."""
    after = request.GET.get("after", "")
    found = queries.draft_list(
        request.actor,
        box=request.GET.get("box", queries.MINE),
        now=request.now,
        after=int(after) if after.isdecimal() else None,
        search=request.GET.get("q", "")[:200],
        state=request.GET.get("state", ""),
    )
    return render(request, "documents/draft/list.html", {"list": found})


@require_GET
@signed_in
def draft_detail(request: ActorRequest, draft_id: int) -> HttpResponse:
    """One draft with its page, slip, steps and history."""
    page = queries.draft_page(request.actor, draft_id, now=request.now)
    return render(request, "documents/draft/detail.html", {"page": page, "draft": page.draft})
