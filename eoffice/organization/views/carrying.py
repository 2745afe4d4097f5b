"""What the organization's pages share: refusals beside their fields, answers after a press."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpResponseRedirect
from django.urls import reverse

from eoffice.core.errors import Invalid


def add_errors(form: Form, error: Invalid) -> None:
    """Put a service's refusal beside the fields it names, else above the form."""
    placed = False
    for name, text in error.fields.items():
        if name in form.fields:
            form.add_error(name, text)
            placed = True
    if not placed:
        form.add_error(None, " ".join([*error.fields.values()]) or error.message)


def to(route: str, *args: object, query: str = "") -> HttpResponseRedirect:
    """303 to one of the installation's own pages."""
    return HttpResponseRedirect(f"{reverse(route, args=args)}{f'?{query}' if query else ''}", status=303)
