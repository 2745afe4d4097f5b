"""A form carried out as a command: dialog by htmx or page without, errors beside their fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render

from eoffice.core.errors import Invalid
from eoffice.documents.queries.incoming_following import DeadlineChoice
from eoffice.documents.services.distributing import Recipient
from eoffice.organization import queries as organization
from eoffice.organization.middleware import ActorRequest

DIALOG: Final = "documents/incoming/form_dialog.html"


def carried(
    request: ActorRequest,
    form: Form,
    template: str,
    context: Mapping[str, object],
    carry_out: Callable[[], str],
    href: str,
    *,
    undo: str = "",
) -> HttpResponse:
    """Show a form, or carry out its command and go to `href`; what was typed stays when it is refused.

    `carry_out` returns the words of the toast, `undo` is where the toast takes it back. By htmx the
    form is a dialog, else a page.
    """
    shown = {"form": form, "action": request.get_full_path(), "back": href, **context}
    if request.method != "POST":
        return render(request, template, shown)
    if form.is_valid():
        try:
            words = carry_out()
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, words, extra_tags=undo)
            if is_fragment(request):
                return HttpResponse(status=204, headers={"HX-Redirect": href})
            return HttpResponseRedirect(href, status=303)
    return render(request, template, shown, status=422)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent; a form sent empty is still bound."""
    return request.POST if request.method == "POST" else None


def add_errors(form: Form, error: Invalid) -> None:
    """Put a service's refusal beside the fields it names, else above the form."""
    placed = False
    renamed = {"due_at": "due_on"}
    for name, text in error.fields.items():
        field = renamed.get(name, name)
        if field in form.fields:
            form.add_error(field, text)
            placed = True
    if not placed:
        form.add_error(None, error.message)


def day_choices(found: list[DeadlineChoice]) -> list[tuple[str, str]]:
    """Quick deadlines as the form takes them, each day once."""
    days: dict[str, str] = {}
    for each in found:
        days.setdefault(each.day.isoformat(), f"{each.words} ({each.day:%d/%m})")
    return list(days.items())


def dialog(title: str, verb: str, subtitle: str = "", *, text: str = "", kind: str = "primary") -> dict[str, object]:
    """The words of a plain dialog."""
    return {"title": title, "verb": verb, "subtitle": subtitle, "text": text, "kind": kind}


def chosen_json(form: Form, name: str) -> str:
    """What the picker starts with: the recipients sent before, or those the form began with, with their names."""
    recipients: list[Recipient] = form.fields[name].clean(form.initial.get(name, "")) if not form.is_bound else []
    if form.is_bound:
        form.is_valid()
        recipients = form.cleaned_data.get(name) or []
    units = organization.units_by_id([each.id for each in recipients if each.kind == "unit"])
    people = organization.persons_by_id([each.id for each in recipients if each.kind == "person"])
    found: list[dict[str, Any]] = []
    for each in recipients:
        unit, person = (units.get(each.id), None) if each.kind == "unit" else (None, people.get(each.id))
        name, mark = (unit.name, unit.symbol) if unit else (person.full_name, person.initials) if person else ("", "")
        if name:
            shown = {"name": name, "mark": mark, "detail": "", "path": ""}
            found.append({"kind": each.kind, "id": each.id, "role": str(each.role)} | shown)
    return json.dumps(found, ensure_ascii=False)


def is_fragment(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))
