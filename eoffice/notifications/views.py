"""The bell and the list behind it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.paging import whole_number
from eoffice.notifications import queries, services
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_GET
@signed_in
def notification_list(request: ActorRequest) -> HttpResponse:
    """All notifications of the person, newest first."""
    after = request.GET.get("after", "")
    page = queries.page(request.actor, after=whole_number(after))
    context = {"page": page, "unread": queries.unread_count(request.actor), "after": after}
    return render(request, "notifications/list.html", context)


@require_GET
@signed_in
def bell(request: ActorRequest) -> HttpResponse:
    """The fragment that drops from the bell."""
    return _bell(request)


@require_POST
@signed_in
def mark_read(request: ActorRequest, notification_id: int) -> HttpResponse:
    """Mark one as read and go where it points."""
    row = services.mark_read(actor=request.actor, notification_id=notification_id, now=request.now)
    return HttpResponseRedirect(row.url or "/notifications/", status=303)


@require_POST
@signed_in
def mark_all_read(request: ActorRequest) -> HttpResponse:
    """Mark as read everything up to the newest one the page showed."""
    up_to = request.POST.get("up_to", "")
    services.mark_all_read(actor=request.actor, up_to_id=whole_number(up_to) or 0, now=request.now)
    if request.headers.get("HX-Request"):
        return _bell(request)
    answer = redirect("notifications:list")
    answer.status_code = 303
    return answer


def _bell(request: ActorRequest) -> HttpResponse:
    context = {"notifications": queries.newest(request.actor), "unread": queries.unread_count(request.actor)}
    return render(request, "notifications/_bell.html", context)
