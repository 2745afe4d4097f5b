"""Field of work of a paper, and lists filtered by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from eoffice.documents.forms.incoming import FieldOfWorkForm
from eoffice.documents.permissions import incoming as incoming_rules
from eoffice.documents.permissions import outgoing as outgoing_rules
from eoffice.documents.queries import incoming as incoming_queries
from eoffice.documents.queries import outgoing as outgoing_queries
from eoffice.documents.services import classifying
from eoffice.documents.views.carrying import DIALOG, carried, dialog, posted
from eoffice.documents.views.incoming_dialogs import href_of, named
from eoffice.documents.views.incoming_lists import box_of, filters_in, list_href
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_GET
@signed_in
def incoming_fields(request: ActorRequest) -> HttpResponse:
    """The fields by which the incoming list on the screen may be filtered; its other filters stay."""
    box, filters = box_of(request), filters_in(request.GET)
    hrefs: dict[int | None, str] = {None: list_href(box, replace(filters, field_of_work_id=None))}
    hrefs |= {
        each.pk: list_href(box, replace(filters, field_of_work_id=each.pk)) for each in organization.fields_of_work()
    }
    return _choice(request, hrefs, filters.field_of_work_id, list_href(box, filters))


@require_GET
@signed_in
def outgoing_fields(request: ActorRequest) -> HttpResponse:
    """The same for outgoing documents."""
    return _plain_choice(request, reverse("documents:outgoing_list"), ("box", "q"))


@require_GET
@signed_in
def draft_fields(request: ActorRequest) -> HttpResponse:
    """The same for drafts."""
    return _plain_choice(request, reverse("documents:draft_list"), ("box", "q", "state"))


def _plain_choice(request: ActorRequest, base: str, kept: tuple[str, ...]) -> HttpResponse:
    said = {name: request.GET[name][:200] for name in kept if request.GET.get(name)}
    hrefs: dict[int | None, str] = {None: f"{base}?{urlencode(said)}"}
    hrefs |= {each.pk: f"{base}?{urlencode(said | {'field': each.pk})}" for each in organization.fields_of_work()}
    chosen = next((key for key in hrefs if str(key) == request.GET.get("field", "")), None)
    return _choice(request, hrefs, chosen, hrefs[chosen])


def _choice(request: ActorRequest, hrefs: Mapping[int | None, str], chosen: int | None, back: str) -> HttpResponse:
    context = {"fields": organization.fields_of_work(), "hrefs": hrefs, "chosen": chosen, "back": back}
    return render(request, "documents/fields_of_work.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_field(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Put an internal copy in its field."""
    incoming = incoming_queries.get_incoming(request.actor, incoming_id)
    incoming_rules.require(incoming_rules.can_set_field(request.actor, incoming))
    form = _form(request, incoming.field_of_work_id)

    def carry_out() -> str:
        classifying.set_field_of_letter(
            actor=request.actor,
            incoming_id=incoming_id,
            field_of_work_id=form.cleaned_data["field_of_work_id"],
            now=request.now,
        )
        return "Đã ghi lĩnh vực."

    context = dialog("Ghi lĩnh vực", "Ghi lĩnh vực", named(incoming))
    return carried(request, form, DIALOG, context, carry_out, href_of(incoming_id))


@require_http_methods(["GET", "POST"])
@signed_in
def outgoing_field(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Put an outgoing document in its field."""
    outgoing = outgoing_queries.get_outgoing(request.actor, outgoing_id)
    outgoing_rules.require(outgoing_rules.can_set_field(request.actor, outgoing))
    form = _form(request, outgoing.field_of_work_id)

    def carry_out() -> str:
        classifying.set_field_of_outgoing(
            actor=request.actor,
            outgoing_id=outgoing_id,
            field_of_work_id=form.cleaned_data["field_of_work_id"],
            now=request.now,
        )
        return "Đã ghi lĩnh vực."

    context = dialog("Ghi lĩnh vực", "Ghi lĩnh vực", named(outgoing))
    return carried(request, form, DIALOG, context, carry_out, reverse("documents:outgoing_detail", args=[outgoing_id]))


def _form(request: ActorRequest, present: int | None) -> django_forms.Form:
    return FieldOfWorkForm(
        posted(request),
        initial={"field_of_work_id": present},
        fields_of_work=organization.offered_fields(besides=present),
    )
