"""Hồ sơ của tôi: what the house knows about me, and whom to ask where it is wrong."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.queries.profile import profile_of


@never_cache
@require_GET
@signed_in
def profile(request: ActorRequest) -> HttpResponse:
    """Name, posts and roles, read-only: lists, directories and administrators keep them."""
    return render(request, "organization/profile.html", {"profile": profile_of(request.actor, now=request.now)})
