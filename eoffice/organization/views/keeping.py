"""Pages of keeping units and people: the tree, a unit's details, a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.core.paging import newest_first, whole_number
from eoffice.organization import queries
from eoffice.organization.forms.keeping import LastDayForm, NewPersonForm, PersonForm, PostForm, UnitForm
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.permissions import importing as permissions
from eoffice.organization.queries import keeping as kept
from eoffice.organization.services import inviting, keeping_people, keeping_units
from eoffice.organization.services.keeping_units import UnitDetails


@require_GET
@signed_in
def tree(request: ActorRequest) -> HttpResponse:
    """The tree of units, level by level; with `q` what a search finds."""
    permissions.require(permissions.keeps_units(request.actor))
    on, text = local_date(request.now), request.GET.get("q", "")[:100]
    context = {
        "q": text,
        "found": queries.search_recipients(text, on=on, limit=50) if text else [],
        "units": [] if text else kept.branch(None, on=on),
        "can_import": permissions.can_import(request.actor),
    }
    return render(request, "organization/tree.html", context)


@require_GET
@signed_in
def branch(request: ActorRequest, unit_id: int) -> HttpResponse:
    """One level of the tree, when a unit is opened."""
    permissions.require(permissions.keeps_units(request.actor))
    context = {"units": kept.branch(unit_id, on=local_date(request.now)), "above": unit_id}
    return render(request, "organization/_branch.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def unit_add(request: ActorRequest, unit_id: int) -> HttpResponse:
    """Add a unit below `unit_id`."""
    above = queries.get_unit(unit_id)
    permissions.require(permissions.can_keep_unit(request.actor, above))
    form = UnitForm(request.POST if request.method == "POST" else None, initial={"kind": "department"})
    made: list[int] = []

    def add() -> None:
        unit = keeping_units.add_unit(actor=request.actor, parent_id=unit_id, details=form.details(), now=request.now)
        made.append(unit.pk)

    if _carried_out(form, add):
        return _see("keeping:unit_change", made[0])
    return render(request, "organization/unit_form.html", {"form": form, "above": above}, status=_status(form))


@require_http_methods(["GET", "POST"])
@signed_in
def unit_change(request: ActorRequest, unit_id: int) -> HttpResponse:
    """A unit's details, its place in the tree, its closing, and who held which post when."""
    unit = queries.get_unit(unit_id)
    permissions.require(permissions.can_keep_unit(request.actor, unit))
    initial = {each.name: getattr(unit, each.name) for each in fields(UnitDetails)}
    form = UnitForm(request.POST if request.method == "POST" else None, initial=initial)
    if _carried_out(
        form,
        lambda: keeping_units.change_unit(
            actor=request.actor,
            unit_id=unit_id,
            details=form.details(),
            now=request.now,
            mends_spelling=form.cleaned_data["mends_spelling"],
        ),
    ):
        return _see("keeping:unit_change", unit_id)
    context = {
        "form": form,
        "unit": unit,
        "ancestors": queries.units_by_id(unit.ancestor_ids),
        "history": newest_first(
            kept.holders_through_time(unit_id), after=whole_number(request.GET.get("after", "")), size=20
        ),
        "succession": queries.unit_history(unit_id),
        "today": local_date(request.now),
    }
    return render(request, "organization/unit_form.html", context, status=_status(form))


@require_POST
@signed_in
def unit_move(request: ActorRequest, unit_id: int) -> HttpResponse:
    """Hang a unit below another: from the form "Chuyển tới", or from a drag in the tree."""
    target = whole_number(request.POST.get("parent", ""))
    if target is None:
        raise Invalid("Chọn đơn vị cấp trên mới. Cây đơn vị chưa thay đổi.")
    keeping_units.move_unit(actor=request.actor, unit_id=unit_id, parent_id=target, now=request.now)
    return _see("keeping:unit_change", unit_id)


@require_POST
@signed_in
def unit_close(request: ActorRequest, unit_id: int) -> HttpResponse:
    form = LastDayForm(request.POST)
    if not form.is_valid():
        raise Invalid("Ghi ngày đóng dạng dd/mm/yyyy. Đơn vị chưa đóng.")
    keeping_units.close_unit(
        actor=request.actor, unit_id=unit_id, closes_on=form.cleaned_data["last_day"], now=request.now
    )
    return _see("keeping:unit_change", unit_id)


@require_http_methods(["GET", "POST"])
@signed_in
def person_add(request: ActorRequest, unit_id: int) -> HttpResponse:
    """Add a person with a first post in a unit."""
    unit = queries.get_unit(unit_id)
    permissions.require(permissions.can_keep_unit(request.actor, unit))
    initial = {"starts_on": local_date(request.now)}
    form = NewPersonForm(request.POST if request.method == "POST" else None, initial=initial)
    made: list[int] = []

    def add() -> None:
        person = keeping_people.add_person(actor=request.actor, unit_id=unit_id, now=request.now, **form.cleaned_data)
        made.append(person.pk)

    if _carried_out(form, add):
        return _see("keeping:person", made[0])
    return render(request, "organization/person_form.html", {"form": form, "unit": unit}, status=_status(form))


@require_http_methods(["GET", "POST"])
@signed_in
def person(request: ActorRequest, person_id: int) -> HttpResponse:
    """A person: details, posts now and before, roles, capacities, account."""
    page = kept.person_page(person_id, now=request.now)
    permissions.require(permissions.can_keep_person(request.actor, page.units))
    about = page.person
    initial = {"full_name": about.full_name, "phone": about.phone, "code": about.code or ""}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=initial)
    if _carried_out(
        form,
        lambda: keeping_people.change_person(
            actor=request.actor, person_id=person_id, now=request.now, **form.cleaned_data
        ),
    ):
        return _see("keeping:person", person_id)
    post_form = PostForm(initial={"starts_on": local_date(request.now)})
    return render(
        request, "organization/person.html", {"page": page, "form": form, "post_form": post_form}, status=_status(form)
    )


@require_POST
@signed_in
def post_give(request: ActorRequest, person_id: int) -> HttpResponse:
    page = kept.person_page(person_id, now=request.now)
    permissions.require(permissions.can_keep_person(request.actor, page.units))
    form = PostForm(request.POST)

    def give() -> None:
        values = {**form.cleaned_data}
        keeping_people.give_post(
            actor=request.actor, person_id=person_id, unit_id=values.pop("unit"), now=request.now, **values
        )

    if _carried_out(form, give):
        return _see("keeping:person", person_id)
    about = page.person
    kept_form = PersonForm(initial={"full_name": about.full_name, "phone": about.phone, "code": about.code or ""})
    context = {"page": page, "form": kept_form, "post_form": form}
    return render(request, "organization/person.html", context, status=422)


@require_POST
@signed_in
def post_end(request: ActorRequest, posting_id: int) -> HttpResponse:
    form = LastDayForm(request.POST)
    if not form.is_valid():
        raise Invalid("Ghi ngày cuối dạng dd/mm/yyyy. Chức danh chưa thay đổi.")
    posting = keeping_people.end_posting(
        actor=request.actor, posting_id=posting_id, last_day=form.cleaned_data["last_day"], now=request.now
    )
    return _see("keeping:person", posting.person_id)


@require_POST
@signed_in
def account_switch(request: ActorRequest, person_id: int) -> HttpResponse:
    keeping_people.set_account_open(
        actor=request.actor, person_id=person_id, is_open=request.POST.get("open") == "on", now=request.now
    )
    return _see("keeping:person", person_id)


@require_POST
@signed_in
def person_invite(request: ActorRequest, person_id: int) -> HttpResponse:
    """Mail a person the link to set a password."""
    about = inviting.invite_person(actor=request.actor, person_id=person_id, now=request.now)
    messages.success(request, f"Đã gửi thư có liên kết đặt mật khẩu cho {about.full_name}.")
    return _see("keeping:person", person_id)


def _carried_out(form: forms.Form, command: Callable[[], object]) -> bool:
    """Run the command of a valid form; what it finds wrong is said at the fields, and what was typed stays."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        command()
    except Invalid as invalid:
        for name, words in (invalid.fields or {"": invalid.message}).items():
            form.add_error(name if name in form.fields else None, words)
        return False
    return True


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound else 200


def _see(route: str, key: int) -> HttpResponse:
    return HttpResponseRedirect(reverse(route, args=[key]), status=303)
