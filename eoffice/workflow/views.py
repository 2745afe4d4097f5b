"""Pages of the administrator: which flow holds where, its steps, and who would be asked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import ExpectedError, Invalid
from eoffice.core.paging import whole_number
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Role
from eoffice.workflow import forms, queries, services
from eoffice.workflow.definitions import StepKind, default_steps
from eoffice.workflow.models import FlowDefinition
from eoffice.workflow.queries import RunView


@require_GET
@signed_in
def flows(request: ActorRequest) -> HttpResponse:
    """Flows in force, and the default where none is set."""
    context = {
        "definitions": queries.definitions(request.actor),
        "default": default_steps(),
        "may_edit": request.actor.plays(Role.ADMINISTRATOR),
    }
    return render(request, "workflow/flows.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def flow_create(request: ActorRequest) -> HttpResponse:
    """A flow for a unit and type that has none yet; begins with the default steps."""
    return _edit(request, initial={"name": "Quy trình mới"}, rows=forms.rows_of(default_steps()), title="Quy trình mới")


@require_http_methods(["GET", "POST"])
@signed_in
def flow_edit(request: ActorRequest, flow_id: int) -> HttpResponse:
    """The steps of a flow; saving makes a new version, running papers keep theirs."""
    flow = queries.get_definition(request.actor, flow_id)
    initial = {
        "unit": flow.unit_id, "document_type": flow.document_type, "name": flow.name,
        "keeps_initials": flow.keeps_initials,
    }  # fmt: skip
    return _edit(
        request,
        initial=initial,
        rows=forms.rows_of(flow.step_list),
        title=flow.name,
        flow=flow,
        versions=queries.versions_of(flow),
        running=queries.running_count(flow),
    )


def _edit(
    request: ActorRequest, *, initial: dict[str, Any], rows: list[dict[str, Any]], title: str, **more: object
) -> HttpResponse:
    units = queries.editable_units(request.actor)
    # Without a choice the tree's first unit stands in the field, so the preview shows it too.
    initial.setdefault("unit", units[0].pk if units else None)
    form = forms.FlowForm(request.POST or None, initial=initial, units=units)
    fault = ""
    if request.method == "POST":
        rows = forms.steps_of(request.POST)
        if not request.POST.get("do") and form.is_valid():
            saved, fault = _saved(request, form, rows)
            if saved is not None:
                messages.success(request, f"Đã lưu bản {saved.version}. Dự thảo đang chạy giữ quy trình cũ.")
                return HttpResponseRedirect(reverse("workflow:flow", args=[saved.pk]), status=303)
    context = {
        "form": form,
        "rows": rows,
        "title": title,
        "fault": fault,
        "units": units,
        "kinds": StepKind.choices,
        "rules": forms.WHO_CHOICES,
        "roles": Role.choices,
        "people": organization.persons_by_id(row["person"] for row in rows if row["person"]),
        "preview": _preview(request, form, rows),
        "flow": None,
        "versions": [],
        "running": 0,
        **more,
    }
    failed = request.method == "POST" and (bool(fault) or bool(form.errors))
    return render(request, "workflow/flow.html", context, status=422 if failed else 200)


def _saved(
    request: ActorRequest, form: forms.FlowForm, rows: list[dict[str, Any]]
) -> tuple[FlowDefinition | None, str]:
    try:
        saved = services.save_definition(
            actor=request.actor,
            unit=organization.get_unit(form.cleaned_data["unit"]),
            document_type=form.cleaned_data["document_type"],
            name=form.cleaned_data["name"],
            steps=forms.checked_rows(rows),
            keeps_initials=form.cleaned_data["keeps_initials"],
            now=request.now,
        )
    except Invalid as error:
        return None, error.message
    return saved, ""


def _preview(request: ActorRequest, form: forms.FlowForm, rows: list[dict[str, Any]]) -> RunView | ExpectedError | None:
    """Who would be asked about a paper of the chosen unit, or why the steps cannot run yet."""
    unit_id = whole_number(str(form["unit"].value() or ""))
    if unit_id is None:
        return None
    try:
        return queries.preview_in_unit(forms.checked_rows(rows), unit_id=unit_id, name="", on=local_date(request.now))
    except ExpectedError as error:
        return error


@require_POST
@signed_in
def flow_retire(request: ActorRequest, flow_id: int) -> HttpResponse:
    """Stop using a flow."""
    services.retire_definition(actor=request.actor, definition_id=flow_id, now=request.now)
    messages.success(request, "Đã ngừng dùng quy trình. Dự thảo mới theo quy trình của cấp trên hoặc mặc định.")
    return HttpResponseRedirect(reverse("workflow:flows"), status=303)
