"""Thư ký lãnh đạo: who serves whom, naming one, ending it."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.paging import newest_first, whole_number
from eoffice.organization import queries
from eoffice.organization.errors import RightChangeWaiting
from eoffice.organization.forms.secretaries import ProposedSecretaryForm, SecretaryForm
from eoffice.organization.gate import signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import SecretaryService
from eoffice.organization.permissions import changes as change_rules
from eoffice.organization.permissions import secretaries as permissions
from eoffice.organization.queries import secretaries as secretary_queries
from eoffice.organization.services import proposing_rights
from eoffice.organization.services import secretaries as services
from eoffice.organization.views.carrying import add_errors, to


@require_GET
@signed_in
def secretary_list(request: ActorRequest) -> HttpResponse:
    """My secretaries, whom I serve; for who keeps rights all of them."""
    return _listed(request)


def _listed(request: ActorRequest, *, fault: str = "", fault_of: int | None = None) -> HttpResponse:
    actor, today = request.actor, local_date(request.now)
    page = newest_first(secretary_queries.services_seen(actor), after=whole_number(request.GET.get("after", "")))
    context = {
        "page": page,
        "today": today,
        "may_name": permissions.can_name_own(actor),
        "may_propose": permissions.can_propose(actor),
        "may_end": {row.pk for row in page.rows if permissions.can_end(actor, row) and _runs(row, today)},
        "fault": fault,
        "fault_of": fault_of,
    }
    return render(request, "organization/secretaries/list.html", context, status=422 if fault else 200)


def _runs(row: SecretaryService, today: date) -> bool:
    return row.ended_at is None and (row.ends_on is None or row.ends_on >= today)


@require_http_methods(["GET", "POST"])
@signed_in
def secretary_name(request: ActorRequest) -> HttpResponse:
    """The leader names his own secretary."""
    permissions.require(permissions.can_name_own(request.actor), "Chỉ lãnh đạo tự chọn được thư ký của mình.")
    form = SecretaryForm(request.POST or None, initial={"starts_on": local_date(request.now)})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.name_secretary(
                actor=request.actor, secretary_id=form.cleaned_data["secretary"], terms=form.terms(), now=request.now
            )
        except Invalid as error:
            add_errors(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(
                request, f"{made.secretary.full_name} chuẩn bị văn bản cho ông/bà từ {made.starts_on:%d/%m/%Y}."
            )
            return to("organization:secretaries")
    return _form(request, form, title="Chọn thư ký", verb="Phân công", is_proposal=False)


@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def secretary_propose(request: ActorRequest) -> HttpResponse:
    """Who keeps rights proposes a secretary for a leader; a second person confirms."""
    permissions.require(permissions.can_propose(request.actor), "Chỉ quản trị, chánh văn phòng đề nghị được.")
    change_rules.require_powers_somewhere(request.actor)
    today = local_date(request.now)
    form = ProposedSecretaryForm(
        request.POST or None, initial={"starts_on": today}, leaders=list(secretary_queries.leaders_on(today))
    )
    if request.method == "POST" and form.is_valid():
        try:
            change = proposing_rights.propose_secretary(
                actor=request.actor,
                leader_id=form.cleaned_data["leader"],
                secretary_id=form.cleaned_data["secretary"],
                terms=form.proposal(),
                now=request.now,
            )
        except Invalid as error:
            add_errors(form, error)
        except RightChangeWaiting as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Đã gửi đề nghị. Thư ký chỉ bắt đầu khi người có thẩm quyền xác nhận.")
            return to("organization:right_change", change.pk)
    return _form(request, form, title="Đề nghị phân công thư ký", verb="Gửi đề nghị", is_proposal=True)


def _form(request: ActorRequest, form: SecretaryForm, *, title: str, verb: str, is_proposal: bool) -> HttpResponse:
    picked = whole_number(str(form.data.get("secretary", "")))
    person = queries.persons_by_id([picked]).get(picked) if picked else None
    form.show_picked(person.full_name if person else "")
    context = {"form": form, "title": title, "verb": verb, "is_proposal": is_proposal}
    return render(request, "organization/secretaries/form.html", context, status=422 if form.is_bound else 200)


@require_POST
@signed_in
def secretary_end(request: ActorRequest, service_id: int) -> HttpResponse:
    """End it at once."""
    try:
        services.end_service(
            actor=request.actor, service_id=service_id, reason=request.POST.get("reason", ""), now=request.now
        )
    except Invalid as error:
        return _listed(request, fault=error.fields.get("reason", error.message), fault_of=service_id)
    messages.success(request, "Đã kết thúc. Thư ký không còn thấy văn bản chờ lãnh đạo.")
    return to("organization:secretaries")
