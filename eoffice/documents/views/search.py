"""The page behind the search box of the top bar."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from eoffice.documents.queries import search as queries
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_GET
@signed_in
def search(request: ActorRequest) -> HttpResponse:
    """What the words typed find, newest first."""
    text = request.GET.get("q", "").strip()[:200]
    return render(request, "documents/search.html", {"result": queries.find(request.actor, text)})
