"""Pages of the organisation: choosing one's post, looking up units and people."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import NotFound
from eoffice.organization import queries
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import SESSION_POSTING, ActorRequest

ALL_POSTS: Final = "all"


@require_POST
@signed_in
def choose_posting(request: ActorRequest) -> HttpResponse:
    """Work in one of one's posts, or in `all`, from now on. Raises NotFound for a post that is not one's own."""
    wanted = request.POST.get("posting", "")
    if wanted == ALL_POSTS:
        request.session.pop(SESSION_POSTING, None)
    elif wanted in {str(post.posting_id) for post in request.actor.posts}:
        request.session[SESSION_POSTING] = int(wanted)
    else:
        raise NotFound("Không tìm thấy chức danh này.")
    onward = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(onward if allowed else "/", status=303)


@require_GET
@signed_in
def units(request: ActorRequest) -> HttpResponse:
    """The tree of units, or what a search finds."""
    text = request.GET.get("q", "")[:100]
    context = {
        "q": text,
        "units": queries.active_units() if not text else [],
        "found": queries.search_recipients(text, on=local_date(request.now), limit=50) if text else [],
    }
    return render(request, "organization/units.html", context)


@require_GET
@signed_in
def unit(request: ActorRequest, unit_id: int) -> HttpResponse:
    """One unit: its people today, its registry, its signing capacities."""
    return render(request, "organization/unit.html", {"page": queries.unit_page(unit_id, on=local_date(request.now))})
