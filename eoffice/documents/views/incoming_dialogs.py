"""What the dialogs of a letter share: its name, its address, a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from eoffice.documents.forms import incoming as forms
from eoffice.documents.queries import incoming as queries
from eoffice.documents.views.carrying import DIALOG, carried, dialog, posted
from eoffice.organization.middleware import ActorRequest


def with_reason(
    request: ActorRequest,
    incoming_id: int,
    service: Callable[..., object],
    *,
    title: str,
    text: str,
    verb: str,
    done: str,
    kind: str = "red",
    reason: str = "",
) -> HttpResponse:
    """The dialog of a command that needs a reason and nothing else; `reason` is proposed."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    form = forms.ReasonForm(posted(request), initial={"reason": reason})

    def carry_out() -> str:
        service(actor=request.actor, incoming_id=incoming_id, reason=form.cleaned_data["reason"], now=request.now)
        return done

    context = dialog(title, verb, named(incoming), text=text, kind=kind)
    return carried(request, form, DIALOG, context, carry_out, href_of(incoming_id))


def named(incoming: Any) -> str:  # noqa: ANN401 - a letter, or a line's letter
    """Number and subject, as a dialog's second line."""
    return " · ".join(part for part in (incoming.shown_code, incoming.subject) if part)


def href_of(incoming_id: int) -> str:
    """The letter's own page."""
    return reverse("documents:incoming_detail", args=[incoming_id])


def to_detail(incoming_id: int) -> HttpResponseRedirect:
    """Back to the letter after a command sent by POST."""
    return HttpResponseRedirect(href_of(incoming_id), status=303)
