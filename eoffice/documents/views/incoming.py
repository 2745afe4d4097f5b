"""Pages of incoming documents: the boxes, the reading pane, who sees a letter and why."""

from __future__ import annotations

import dataclasses
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from eoffice.documents.models import QueueRank
from eoffice.documents.queries import arrival_papers, incoming_lists, saved_filters
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries.incoming_boxes import BOX_WORDS, Box
from eoffice.documents.queries.incoming_lists import Filters
from eoffice.documents.services import (
    reading,
)
from eoffice.documents.services.incoming_entry import LABELS
from eoffice.documents.views.carrying import (
    is_fragment,
)
from eoffice.documents.views.incoming_lists import (
    box_of,
    chips_of,
    filters_of,
    list_href,
    query_of,
    save_href,
    saved_in_use,
)
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Role


@require_GET
@signed_in
def incoming_list(request: ActorRequest) -> HttpResponse:
    """One box: the list, and an empty reading pane."""
    return render(request, "documents/incoming/list.html", _list_context(request) | {"detail": None})


@require_GET
@signed_in
def incoming_detail(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """One letter: by htmx the reading pane alone, else the list with it."""
    detail = reading.open_incoming(actor=request.actor, incoming_id=incoming_id, now=request.now)
    context = {
        "detail": detail,
        "signatures": arrival_papers.signature_reports(detail.files),
        "labels": LABELS,
        "ranks": QueueRank.choices,
    }
    if is_fragment(request):
        return render(request, "documents/incoming/_reading.html", context)
    return render(request, "documents/incoming/list.html", _list_context(request) | context)


def _list_context(request: ActorRequest) -> dict[str, object]:
    box = box_of(request)
    filters = filters_of(request)
    page = incoming_lists.box_page(
        request.actor, box=box, now=request.now, filters=filters, after=request.GET.get("after", "")
    )
    saved = saved_filters.filters_of(request.actor)
    return {
        "box": box,
        "box_words": BOX_WORDS[box],
        "page": page,
        "is_filtered": filters != Filters(),
        "chips": chips_of(box, filters),
        "saved": saved,
        "saved_in_use": saved_in_use(saved, box, filters),
        "save_href": save_href(box, filters),
        "text": filters.text,
        "without_text_href": list_href(box, dataclasses.replace(filters, text="")),
        "field_name": organization.field_name(filters.field_of_work_id),
        "field_href": f"{reverse('documents:incoming_fields')}?{urlencode({'box': str(box)} | query_of(filters))}",
        "without_field_href": list_href(box, dataclasses.replace(filters, field_of_work_id=None)),
        "next_href": list_href(box, filters, after=page.next_after) if page.next_after else "",
        "leaders": _bulk_leaders(request, box),
        "may_receive": box == Box.TO_REGISTER and bool(request.actor.units_with(Role.CLERK)),
    }


def _bulk_leaders(request: ActorRequest, box: Box) -> list[tuple[int, str]]:
    if box not in {Box.TO_FORWARD, Box.RETURNED} or request.actor.registry_id is None:
        return []
    return [(each.pk, each.full_name) for each in queries.leaders_of(request.actor.registry_id, now=request.now)]


@require_POST
@signed_in
def incoming_read(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The reading mark of an opened letter."""
    reading.mark_read(actor=request.actor, incoming_id=incoming_id, now=request.now)
    return HttpResponse(status=204)
