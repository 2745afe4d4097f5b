"""Phân quyền: who holds which role, who audits what, and the proposals that change it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.paging import newest_first, whole_number
from eoffice.organization import queries
from eoffice.organization.errors import RightChangeWaiting
from eoffice.organization.forms.rights import EndForm, MandateForm, RoleForm, first_day
from eoffice.organization.gate import signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Person, RightChange, Role, Unit
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries import changes as change_queries
from eoffice.organization.queries import mandates as mandate_queries
from eoffice.organization.queries import roles as role_queries
from eoffice.organization.services import deciding_rights, proposing_rights
from eoffice.organization.views.carrying import add_errors, to

_ONLY_KEEPERS = "Chỉ quản trị, chánh văn phòng xem và đề nghị thay đổi quyền."


@require_GET
@signed_in
def role_list(request: ActorRequest) -> HttpResponse:
    """Roles in force in the units whose rights the actor keeps; by role, unit or name."""
    permissions.require(permissions.keeps_any_rights(request.actor), _ONLY_KEEPERS)
    asked, text = request.GET.get("role", ""), request.GET.get("q", "")[:100]
    role = Role(asked) if asked in Role.values else None
    rows = role_queries.roles_kept_by(request.actor, on=local_date(request.now), role=role, text=text)
    context = {
        "tab": "roles",
        "page": newest_first(rows, after=whole_number(request.GET.get("after", ""))),
        "roles": Role.choices,
        "role": asked,
        "q": text,
        "waiting": change_queries.waiting_count(request.actor),
    }
    return render(request, "organization/rights/roles.html", context)


@require_GET
@signed_in
def mandate_list(request: ActorRequest) -> HttpResponse:
    """Who audits what: over the units whose rights the actor keeps, and his own."""
    may_read = permissions.keeps_any_rights(request.actor) or request.actor.plays(Role.AUDITOR)
    permissions.require(may_read, _ONLY_KEEPERS)
    rows = mandate_queries.mandates_kept_by(request.actor)
    context = {
        "tab": "mandates",
        "page": newest_first(rows, after=whole_number(request.GET.get("after", ""))),
        "today": local_date(request.now),
        "may_change": permissions.keeps_any_rights(request.actor),
        "waiting": change_queries.waiting_count(request.actor),
    }
    return render(request, "organization/rights/mandates.html", context)


@require_GET
@signed_in
def change_list(request: ActorRequest) -> HttpResponse:
    """Proposals that wait, or the history of those decided."""
    history = request.GET.get("box") == "history"
    rows = change_queries.changes_of(request.actor, waiting=not history)
    context = {
        "tab": "history" if history else "waiting",
        "page": newest_first(rows, after=whole_number(request.GET.get("after", ""))),
        "is_keeper": permissions.keeps_any_rights(request.actor),
        "waiting": change_queries.waiting_count(request.actor),
        "alone": change_queries.lone_administrator_allowed(),
    }
    return render(request, "organization/rights/changes.html", context)


@require_GET
@signed_in
def right_change(request: ActorRequest, change_id: int) -> HttpResponse:
    """One proposal: what changes, why, who decided."""
    change = change_queries.get_change(request.actor, change_id)
    return _shown(request, change)


@require_POST
@signed_in
@with_powers
def confirm(request: ActorRequest, change_id: int) -> HttpResponse:
    """Let the change take effect."""
    change = deciding_rights.confirm_change(
        actor=request.actor, change_id=change_id, note=request.POST.get("note", ""), now=request.now
    )
    messages.success(request, f"Đã xác nhận: {change.get_kind_display().lower()} cho {change.person.full_name}.")
    return to("organization:right_changes")


@require_POST
@signed_in
@with_powers
def refuse(request: ActorRequest, change_id: int) -> HttpResponse:
    """Leave the rights as they are."""
    try:
        deciding_rights.refuse_change(
            actor=request.actor, change_id=change_id, note=request.POST.get("note", ""), now=request.now
        )
    except Invalid as error:
        change = change_queries.get_change(request.actor, change_id)
        return _shown(request, change, fault=error.fields.get("note", error.message))
    messages.success(request, "Đã ghi không xác nhận. Người đề nghị được báo.")
    return to("organization:right_changes")


@require_POST
@signed_in
def withdraw(request: ActorRequest, change_id: int) -> HttpResponse:
    """Take one's own proposal back."""
    proposing_rights.withdraw_change(actor=request.actor, change_id=change_id, now=request.now)
    messages.success(request, "Đã rút đề nghị.")
    return to("organization:right_changes")


@require_POST
@signed_in
@with_powers
def require_two_people(request: ActorRequest) -> HttpResponse:
    """From now on a second person always confirms."""
    deciding_rights.require_two_people(actor=request.actor, now=request.now)
    messages.success(request, "Từ nay mọi thay đổi quyền do người thứ hai xác nhận.")
    return to("organization:right_changes")


@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def role_propose(request: ActorRequest) -> HttpResponse:
    """Đề nghị giao vai trò."""
    permissions.require(permissions.keeps_any_rights(request.actor), _ONLY_KEEPERS)
    permissions.require_powers_somewhere(request.actor)
    start = {key: request.GET.get(key, "") for key in ("person", "unit", "role")}
    form = RoleForm(request.POST or None, initial=first_day(local_date(request.now)) | start)

    def save() -> RightChange:
        said = form.cleaned_data
        return proposing_rights.propose_role(
            actor=request.actor,
            person_id=said["person"],
            unit_id=said["unit"],
            role=Role(said["role"]),
            terms=form.terms(),
            now=request.now,
        )

    return _proposed(request, form, save, title="Đề nghị giao vai trò")


@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def role_end(request: ActorRequest, grant_id: int) -> HttpResponse:
    """Đề nghị thôi giao vai trò."""
    grant = role_queries.get_role(request.actor, grant_id)
    permissions.require_powers(request.actor, grant.unit)
    form = EndForm(request.POST or None, initial=first_day(local_date(request.now)))

    def save() -> RightChange:
        return proposing_rights.propose_end_of_role(
            actor=request.actor, grant_id=grant_id, terms=form.terms(), now=request.now
        )

    subject = f"{grant.person.full_name}: {grant.get_role_display()}, {grant.unit.name}"
    return _proposed(request, form, save, title="Đề nghị thôi giao vai trò", subject=subject)


@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def mandate_propose(request: ActorRequest) -> HttpResponse:
    """Đề nghị giao phạm vi kiểm tra."""
    permissions.require(permissions.keeps_any_rights(request.actor), _ONLY_KEEPERS)
    permissions.require_powers_somewhere(request.actor)
    form = MandateForm(request.POST or None, initial=first_day(local_date(request.now)))

    def save() -> RightChange:
        said = form.cleaned_data
        return proposing_rights.propose_mandate(
            actor=request.actor,
            person_id=said["person"],
            unit_id=said["unit"],
            documents_from=said["documents_from"],
            documents_to=said["documents_to"],
            terms=form.terms(),
            now=request.now,
        )

    return _proposed(request, form, save, title="Đề nghị giao phạm vi kiểm tra")


@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def mandate_end(request: ActorRequest, mandate_id: int) -> HttpResponse:
    """Đề nghị kết thúc phạm vi kiểm tra."""
    permissions.require(permissions.keeps_any_rights(request.actor), _ONLY_KEEPERS)
    mandate = mandate_queries.get_mandate(request.actor, mandate_id)
    permissions.require_powers(request.actor, mandate.unit)
    form = EndForm(request.POST or None, initial=first_day(local_date(request.now)))

    def save() -> RightChange:
        return proposing_rights.propose_end_of_mandate(
            actor=request.actor, mandate_id=mandate_id, terms=form.terms(), now=request.now
        )

    subject = f"{mandate.person.full_name}: {mandate.unit.name}"
    return _proposed(request, form, save, title="Đề nghị kết thúc phạm vi kiểm tra", subject=subject)


@require_http_methods(["GET", "POST"])
@signed_in
def sight_end(request: ActorRequest, change_id: int) -> HttpResponse:
    """Đề nghị thu hồi quyền xem một văn bản."""
    change = change_queries.get_change(request.actor, change_id)
    form = EndForm(request.POST or None, initial=first_day(local_date(request.now)))

    def save() -> RightChange:
        return proposing_rights.propose_end_of_sight(
            actor=request.actor, change_id=change_id, terms=form.terms(), now=request.now
        )

    subject = f"{change.person.full_name}: {change.object_code}"
    return _proposed(request, form, save, title="Đề nghị thu hồi quyền xem", subject=subject)


def _shown(request: ActorRequest, change: RightChange, *, fault: str = "") -> HttpResponse:
    actor, today = request.actor, local_date(request.now)
    alone = change_queries.may_confirm_alone(actor, change, on=today)
    context = {
        "change": change,
        "may_confirm": permissions.can_confirm(actor, change) or alone,
        "alone": alone,
        "may_withdraw": permissions.can_withdraw(actor, change),
        "may_end_sight": permissions.can_end_sight(actor, change),
        "fault": fault,
    }
    return render(request, "organization/rights/change.html", context, status=422 if fault else 200)


def _proposed(
    request: ActorRequest,
    form: RoleForm | MandateForm | EndForm,
    save: Callable[[], RightChange],
    *,
    title: str,
    subject: str = "",
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            change = save()
        except Invalid as error:
            add_errors(form, error)
        except RightChangeWaiting as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Đã gửi đề nghị. Quyền chỉ thay đổi khi người có thẩm quyền xác nhận.")
            return to("organization:right_change", change.pk)
    form.show_picked(person=_picked_person(form.picked("person")), unit=_picked_unit(form.picked("unit")))
    context = {"form": form, "title": title, "subject": subject}
    return render(request, "organization/rights/propose.html", context, status=422 if form.is_bound else 200)


def _picked_person(person_id: int | None) -> Person | None:
    return queries.persons_by_id([person_id]).get(person_id) if person_id else None


def _picked_unit(unit_id: int | None) -> Unit | None:
    try:
        return queries.get_unit(unit_id) if unit_id else None
    except NotFound:
        return None
