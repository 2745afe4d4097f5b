"""Pages "ai xem được, vì sao" and "cấp quyền xem", for every kind of document; drafts that wait for a capacity."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.paging import whole_number
from eoffice.documents.forms.sight import SightForm
from eoffice.documents.permissions.registers import require
from eoffice.documents.queries import capacity_drafts as capacity_queries
from eoffice.documents.queries import sight as queries
from eoffice.documents.services import granting_sight
from eoffice.documents.views.carrying import add_errors
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest

_DETAILS: Final = {
    "incoming": "documents:incoming_detail",
    "outgoing": "documents:outgoing_detail",
    "draft": "documents:draft_detail",
}


@require_GET
@signed_in
def incoming_access(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Who can see this letter, and why."""
    return _access(request, "incoming", incoming_id)


@require_GET
@signed_in
def outgoing_access(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Who can see this document, and why."""
    return _access(request, "outgoing", outgoing_id)


@require_GET
@signed_in
def draft_access(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Who can see this draft, and why."""
    return _access(request, "draft", draft_id)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_sight(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Ask that somebody may see this letter."""
    return _propose(request, "incoming", incoming_id)


@require_http_methods(["GET", "POST"])
@signed_in
def outgoing_sight(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Ask that somebody may see this document."""
    return _propose(request, "outgoing", outgoing_id)


@require_http_methods(["GET", "POST"])
@signed_in
def draft_sight(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Ask that somebody may see this draft."""
    return _propose(request, "draft", draft_id)


@require_GET
@signed_in
def capacity_drafts(request: ActorRequest, capacity_id: int) -> HttpResponse:
    """Drafts that wait for a signature in one capacity; those out of sight are only counted."""
    found = capacity_queries.drafts_waiting_on(request.actor, capacity_id)
    return render(request, "documents/sight/capacity_drafts.html", {"found": found})


def _access(request: ActorRequest, kind: str, object_id: int) -> HttpResponse:
    today = local_date(request.now)
    after = whole_number(request.GET.get("after", ""))
    line = whole_number(request.GET.get("line", ""))
    address = reverse(f"documents:{kind}_access", args=[object_id])
    shared = {"kind": kind, "detail": _DETAILS[kind], "access_url": address}
    if line is not None:
        document, people = queries.people_page(request.actor, kind, object_id, line, on=today, after=after)
        context = {"document": document, "people": people, "line": line}
        return render(request, "documents/sight/people.html", context | shared)
    page = queries.access_page(request.actor, kind, object_id, on=today, after=after)
    return render(request, "documents/sight/access.html", {"page": page, "document": page.document} | shared)


def _propose(request: ActorRequest, kind: str, object_id: int) -> HttpResponse:
    document = queries.sighted(request.actor, kind, object_id)
    require(document.may_ask, "Chỉ văn thư, chánh văn phòng, lãnh đạo của đơn vị giữ văn bản đề nghị cấp quyền xem.")
    posted = request.POST if request.method == "POST" else None
    form = SightForm(posted, initial={"starts_on": local_date(request.now)})
    if posted is not None and form.is_valid():
        try:
            change = granting_sight.propose_sight(
                actor=request.actor,
                kind=kind,
                object_id=object_id,
                person_id=form.cleaned_data["person"],
                terms=form.terms(),
                now=request.now,
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "Đã gửi đề nghị. Quyền xem có hiệu lực khi được xác nhận.")
            return HttpResponseRedirect(reverse("organization:right_change", args=[change.pk]), status=303)
    picked = form.picked("person")
    form.show_picked(person=organization.persons_by_id([picked]).get(picked) if picked else None)
    context = {
        "form": form,
        "document": document,
        "access_url": reverse(f"documents:{kind}_access", args=[object_id]),
    }
    return render(request, "documents/sight/propose.html", context, status=422 if form.is_bound else 200)
