"""Lĩnh vực: the list that delegations and signing capacities are bound by."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.organization import queries
from eoffice.organization.forms.fields_of_work import FieldOfWorkForm
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.permissions import fields_of_work as permissions
from eoffice.organization.queries.fields_of_work import bounds
from eoffice.organization.services import fields_of_work as services
from eoffice.organization.views.carrying import add_errors, to

_LIST = "organization:fields_of_work"


@require_http_methods(["GET", "POST"])
@signed_in
def field_list(request: ActorRequest) -> HttpResponse:
    """The list with what is bound by each field; its keeper adds one here."""
    permissions.require(permissions.can_see_fields(request.actor), permissions.ONLY_KEEPERS)
    form = FieldOfWorkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_field(actor=request.actor, name=form.cleaned_data["name"], now=request.now)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Đã thêm lĩnh vực {made.name}.")
            return to(_LIST)
    context = {
        "form": form,
        "fields": queries.fields_of_work(),
        "bounds": bounds(on=local_date(request.now)),
        "may_keep": permissions.can_keep_fields(request.actor),
    }
    return render(request, "organization/fields_of_work/list.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def field_rename(request: ActorRequest, field_id: int) -> HttpResponse:
    """Mend the name of a field."""
    permissions.require(permissions.can_keep_fields(request.actor), permissions.ONLY_KEEPERS)
    row = queries.get_field_of_work(field_id)
    form = FieldOfWorkForm(request.POST if request.method == "POST" else None, initial={"name": row.name})
    if request.method == "POST" and form.is_valid():
        try:
            services.rename_field(
                actor=request.actor, field_id=field_id, name=form.cleaned_data["name"], now=request.now
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "Đã đổi tên lĩnh vực.")
            return to(_LIST)
    context = {"form": form, "row": row}
    return render(request, "organization/fields_of_work/rename.html", context, status=422 if form.is_bound else 200)


@require_POST
@signed_in
def field_close(request: ActorRequest, field_id: int) -> HttpResponse:
    """Offer the field to no new paper."""
    row = services.close_field(actor=request.actor, field_id=field_id, now=request.now)
    messages.success(request, f"Đã đóng lĩnh vực {row.name}. Văn bản thuộc lĩnh vực này giữ nguyên.")
    return to(_LIST)


@require_POST
@signed_in
def field_reopen(request: ActorRequest, field_id: int) -> HttpResponse:
    """Offer the field again."""
    row = services.reopen_field(actor=request.actor, field_id=field_id, now=request.now)
    messages.success(request, f"Đã mở lại lĩnh vực {row.name}.")
    return to(_LIST)
