"""What the address of an incoming list says: its box, its filters; and the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from eoffice.core.paging import whole_number
from eoffice.documents.models import SavedFilter
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_lists import Filters
from eoffice.organization import queries as organization
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Role

_SESSION_FILTERS: Final = "incoming_filters"
_SESSION_BOX: Final = "incoming_box"
_MARKS: Final = {"unread": "Chưa đọc", "urgent": "Khẩn", "late": "Quá hạn"}


def box_of(request: ActorRequest) -> Box:
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
        request.session.pop(_SESSION_FILTERS, None)  # or a box would look empty by a filter set in another
    return box


def filters_of(request: ActorRequest) -> Filters:
    """Filters in the address, else those this person used last in the box on the screen."""
    if "filter" not in request.GET:
        return filters_in(request.session.get(_SESSION_FILTERS, {}))
    filters = filters_in(request.GET)
    request.session[_SESSION_FILTERS] = query_of(filters)
    return filters


def filters_in(said: Mapping[str, Any]) -> Filters:
    """Filters as an address, a session or a saved row says them; anything else is left out."""
    return Filters(
        text=str(said.get("text", ""))[:200],
        field_of_work_id=whole_number(str(said.get("field", ""))),
        **{name: said.get(name) == "1" for name in ("unread", "urgent", "late")},
    )


def filters_words(filters: Filters) -> str:
    """What a filter shows, in words: the first proposal for its name."""
    words = [said for name, said in _MARKS.items() if getattr(filters, name)]
    words += [organization.field_name(filters.field_of_work_id), filters.text]
    return ", ".join(each for each in words if each) or "Tất cả"


def chips_of(box: Box, filters: Filters) -> list[tuple[str, str, bool]]:
    """Words, address and state of each quick filter; pressing one keeps the others."""
    chips = [("Tất cả", list_href(box, Filters()), filters == Filters())]
    for name, words in _MARKS.items():
        is_on = bool(getattr(filters, name))
        turned: dict[str, Any] = {each: bool(getattr(filters, each)) != (each == name) for each in _MARKS}
        chips.append((words, list_href(box, replace(filters, **turned)), is_on))
    return chips


def saved_in_use(saved: list[SavedFilter], box: Box, filters: Filters) -> SavedFilter | None:
    """The saved filter that is the list on the screen, if any."""
    return next((each for each in saved if each.box == box and filters_in(each.filters) == filters), None)


def list_href(box: Box, filters: Filters, *, after: str = "") -> str:
    """The address of a list as it is filtered."""
    query = {"box": str(box), "filter": "1"} | query_of(filters)
    query |= {"after": after} if after else {}
    return f"{reverse('documents:incoming_list')}?{urlencode(query)}"


def save_href(box: Box, filters: Filters) -> str:
    """Where a person names the filters in use."""
    query = {"box": str(box)} | query_of(filters)
    return f"{reverse('documents:filter_save')}?{urlencode(query)}"


def query_of(filters: Filters) -> dict[str, str]:
    """The filters as an address says them."""
    marks = {name: "1" for name in _MARKS if getattr(filters, name)}
    field = {} if filters.field_of_work_id is None else {"field": str(filters.field_of_work_id)}
    return ({"text": filters.text} if filters.text else {}) | field | marks
