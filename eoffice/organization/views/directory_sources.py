"""Pages of directories: which are read, when, with what result."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.errors import Invalid, NotFound
from eoffice.organization import jobs
from eoffice.organization.forms.directory_sources import FORMS, SourceForm, initial_of
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.permissions import importing as permissions
from eoffice.organization.queries import imports
from eoffice.organization.services import directory_sources


@require_GET
@signed_in
def source_list(request: ActorRequest) -> HttpResponse:
    permissions.require(permissions.can_import(request.actor))
    return render(request, "organization/sources.html", {"sources": imports.directory_sources()})


@require_http_methods(["GET", "POST"])
@signed_in
def source_add(request: ActorRequest, kind: str) -> HttpResponse:
    permissions.require(permissions.can_import(request.actor))
    if kind not in FORMS:
        raise NotFound
    form = FORMS[kind](request.POST if request.method == "POST" else None)
    return _answer(request, form, source_id=None)


@require_http_methods(["GET", "POST"])
@signed_in
def source_change(request: ActorRequest, source_id: int) -> HttpResponse:
    permissions.require(permissions.can_import(request.actor))
    source = imports.get_directory_source(source_id)
    form = FORMS[source.kind](request.POST if request.method == "POST" else None, initial=initial_of(source))
    return _answer(request, form, source_id=source_id)


@require_POST
@signed_in
def source_read(request: ActorRequest, source_id: int) -> HttpResponse:
    """Read now; `trial`: look only."""
    permissions.require(permissions.can_import(request.actor))
    imports.get_directory_source(source_id)
    jobs.put_read(source_id, is_trial=request.POST.get("trial") == "on", person_id=request.actor.person_id)
    return HttpResponseRedirect(reverse("keeping:import_list"), status=303)


def _answer(request: ActorRequest, form: SourceForm, *, source_id: int | None) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            directory_sources.save_source(actor=request.actor, source_id=source_id, terms=form.terms(), now=request.now)
        except Invalid as invalid:
            for name, words in invalid.fields.items():
                form.add_error(name, words)
        else:
            return HttpResponseRedirect(reverse("keeping:source_list"), status=303)
    context = {"form": form, "source_id": source_id, "kind_words": form.kind.label}
    return render(request, "organization/source_form.html", context, status=422 if form.is_bound else 200)
