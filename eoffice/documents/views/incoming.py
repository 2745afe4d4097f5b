"""Pages of incoming documents: the boxes, the reading pane, who sees a letter and why."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from eoffice.documents.queries import arrival_papers, incoming_lists
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
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Role

_SESSION_FILTERS: Final = "incoming_filters"
_SESSION_BOX: Final = "incoming_box"


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
    context = {"detail": detail, "signatures": arrival_papers.signature_reports(detail.files), "labels": LABELS}
    if is_fragment(request):
        return render(request, "documents/incoming/_reading.html", context)
    return render(request, "documents/incoming/list.html", _list_context(request) | context)


def _list_context(request: ActorRequest) -> dict[str, object]:
    box = _box_of(request)
    filters = _filters_of(request)
    page = incoming_lists.box_page(
        request.actor, box=box, now=request.now, filters=filters, after=request.GET.get("after", "")
    )
    return {
        "box": box,
        "box_words": BOX_WORDS[box],
        "page": page,
        "is_filtered": filters != Filters(),
        "chips": _chips(box, filters),
        "next_href": _list_href(box, filters, after=page.next_after) if page.next_after else "",
        "leaders": _bulk_leaders(request, box),
        "may_receive": box == Box.TO_REGISTER and bool(request.actor.units_with(Role.CLERK)),
    }


def _box_of(request: ActorRequest) -> Box:
    """The box asked for, else the last one looked at, else the first of the actor's roles."""
    asked = request.GET.get("box") or request.session.get(_SESSION_BOX, "")
    if asked in set(Box):
        box = Box(asked)
    elif request.actor.plays(Role.LEADER):
        box = Box.TO_DIRECT
    else:
        box = Box.TO_REGISTER if request.actor.plays(Role.CLERK) else Box.TO_HANDLE
    if request.session.get(_SESSION_BOX) != box:
        request.session[_SESSION_BOX] = str(box)
    return box


def _filters_of(request: ActorRequest) -> Filters:
    """Filters in the address, else those this person used last."""
    asked = request.GET if "filter" in request.GET else request.session.get(_SESSION_FILTERS, {})
    filters = Filters(
        text=str(asked.get("text", ""))[:200],
        unread=asked.get("unread") == "1",
        urgent=asked.get("urgent") == "1",
        late=asked.get("late") == "1",
    )
    if "filter" in request.GET:
        request.session[_SESSION_FILTERS] = {
            "text": filters.text,
            **{name: "1" for name in ("unread", "urgent", "late") if getattr(filters, name)},
        }
    return filters


def _chips(box: Box, filters: Filters) -> list[tuple[str, str, bool]]:
    """Words, address and state of each quick filter; pressing one keeps the others."""
    chips = [("Tất cả", _list_href(box, Filters()), filters == Filters())]
    for name, words in (("unread", "Chưa đọc"), ("urgent", "Khẩn"), ("late", "Quá hạn")):
        is_on = bool(getattr(filters, name))
        turned = {each: bool(getattr(filters, each)) != (each == name) for each in ("unread", "urgent", "late")}
        chips.append((words, _list_href(box, Filters(text=filters.text, **turned)), is_on))
    return chips


def _list_href(box: Box, filters: Filters, *, after: str = "") -> str:
    query = {"box": str(box), "filter": "1"}
    query |= {"text": filters.text} if filters.text else {}
    query |= {name: "1" for name in ("unread", "urgent", "late") if getattr(filters, name)}
    query |= {"after": after} if after else {}
    return f"{reverse('documents:incoming_list')}?{urlencode(query)}"


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


@require_GET
@signed_in
def incoming_access(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Who can see this letter, and why."""
    incoming, lines, whole = queries.who_sees(request.actor, incoming_id)
    return render(request, "documents/incoming/access.html", {"incoming": incoming, "lines": lines, "whole": whole})
