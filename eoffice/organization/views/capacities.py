"""Thẩm quyền ký: who may sign what for which registry, in which form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.paging import whole_number
from eoffice.organization import queries
from eoffice.organization.forms.capacities import CapacityEndForm, CapacityForm, TermsForm, offer_fields, terms_of
from eoffice.organization.gate import signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import SigningCapacity, SigningForm, Unit
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries import signing_posts
from eoffice.organization.services import capacities as services
from eoffice.organization.views.carrying import add_errors, to

_ONLY_KEEPERS = "Chỉ quản trị, chánh văn phòng của đơn vị này hoặc cấp trên ghi thẩm quyền ký."


@require_GET
@signed_in
def capacity_list(request: ActorRequest) -> HttpResponse:
    """Who signs for one registry: in force, coming, ended; the actor's own registry first."""
    registry = _registry_asked(request)
    context = {
        "registry": registry,
        "registries": signing_posts.registries(),
        "book": signing_posts.capacity_book(registry, on=local_date(request.now)),
        "may_change": permissions.can_keep_capacities(request.actor, registry),
    }
    return render(request, "organization/capacities/list.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def capacity_create(request: ActorRequest, registry_id: int) -> HttpResponse:
    """A new capacity; the block is shown as it will print."""
    registry = _kept_registry(request, registry_id)
    permissions.require_powers(request.actor, registry)
    today = local_date(request.now)
    form = _new_form(request, registry)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.create_capacity(
                actor=request.actor,
                person_id=said["person"],
                registry_id=registry.pk,
                form=SigningForm(said["form"]),
                terms=form.terms(),
                given_by_id=said["given_by"],
                collective=said["collective"],
                now=request.now,
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Đã ghi thẩm quyền ký của {made.person.full_name}.")
            return to("organization:capacities", query=f"registry={registry.pk}")
    context = {"form": form, "registry": registry, "preview": _preview(form, registry), "today": today}
    return render(request, "organization/capacities/create.html", context, status=422 if form.is_bound else 200)


@require_GET
@signed_in
def capacity_preview(request: ActorRequest, registry_id: int) -> HttpResponse:
    """The block for what is chosen so far."""
    registry = _kept_registry(request, registry_id)
    form = CapacityForm(
        request.GET,
        signers=signing_posts.possible_signers(registry, on=local_date(request.now)),
        givers=signing_posts.possible_givers(registry, on=local_date(request.now)),
    )
    return render(request, "organization/capacities/_block.html", {"preview": _preview(form, registry)})


@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def capacity_change(request: ActorRequest, capacity_id: int) -> HttpResponse:
    """Content, basis and days of a capacity; what waits for this signature is listed beside."""
    capacity = _kept_capacity(request, capacity_id)
    form = TermsForm(request.POST if request.method == "POST" else None, initial=terms_of(capacity))
    offer_fields(form, queries.fields_of_work(), kept=capacity.fields_of_work)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_capacity(actor=request.actor, capacity_id=capacity_id, terms=form.terms(), now=request.now)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "Đã lưu thẩm quyền ký.")
            return to("organization:capacities", query=f"registry={capacity.registry_id}")
    context = {"form": form, "capacity": capacity}
    return render(request, "organization/capacities/change.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def capacity_end(request: ActorRequest, capacity_id: int) -> HttpResponse:
    """End a capacity on a day; drafts that wait for this signature are listed before."""
    capacity = _kept_capacity(request, capacity_id)
    posted = request.POST if request.method == "POST" else None
    form = CapacityEndForm(posted, initial={"first_day_without": local_date(request.now)})
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["first_day_without"]
        try:
            services.end_capacity(actor=request.actor, capacity_id=capacity_id, first_day_without=day, now=request.now)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Thẩm quyền ký không còn hiệu lực từ ngày {day:%d/%m/%Y}.")
            return to("organization:capacities", query=f"registry={capacity.registry_id}")
    context = {"form": form, "capacity": capacity}
    return render(request, "organization/capacities/end.html", context, status=422 if form.is_bound else 200)


def _registry_asked(request: ActorRequest) -> Unit:
    asked = whole_number(request.GET.get("registry", "")) or request.actor.registry_id
    if asked is None:
        raise NotFound("Không tìm thấy đơn vị có con dấu.")
    unit = queries.get_unit(asked)
    if not permissions.can_read_capacities(request.actor, unit):
        raise NotFound("Không tìm thấy đơn vị có con dấu này.")
    return unit


def _kept_registry(request: ActorRequest, registry_id: int) -> Unit:
    unit = queries.get_unit(registry_id)
    permissions.require(permissions.can_keep_capacities(request.actor, unit), _ONLY_KEEPERS)
    return unit


def _kept_capacity(request: ActorRequest, capacity_id: int) -> SigningCapacity:
    capacity = queries.get_capacity(capacity_id)
    permissions.require(permissions.can_keep_capacities(request.actor, capacity.registry), _ONLY_KEEPERS)
    permissions.require_powers(request.actor, capacity.registry)
    return capacity


def _new_form(request: ActorRequest, registry: Unit) -> CapacityForm:
    today = local_date(request.now)
    givers = signing_posts.possible_givers(registry, on=today)
    form = CapacityForm(
        request.POST if request.method == "POST" else None,
        signers=signing_posts.possible_signers(registry, on=today),
        givers=givers,
        initial={"starts_on": today, "given_by": givers[0].pk if givers else None},
    )
    offer_fields(form, queries.fields_of_work())
    return form


def _preview(form: CapacityForm, registry: Unit) -> signing_posts.BlockPreview:
    form.is_valid()
    said = form.cleaned_data if form.is_bound else {}
    return signing_posts.preview_block(
        registry=registry,
        person_id=said.get("person"),
        form=said.get("form", ""),
        on=said.get("starts_on"),
        collective=said.get("collective", ""),
    )
