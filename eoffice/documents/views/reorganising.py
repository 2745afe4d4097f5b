"""Pages of reorganising: the list, the decision, its steps, where people go, the preview, the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.paging import newest_first, whole_number
from eoffice.documents.forms.reorganising import UNITS, DecisionForm, PeopleForm, ReasonForm, StepForm
from eoffice.documents.models import UnitWork
from eoffice.documents.queries import reorganisation_preview as previews
from eoffice.documents.services import reorganising
from eoffice.documents.views.carrying import add_errors, posted
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Reorganisation, ReorganisationState, Role, StepKind
from eoffice.organization.permissions import reorganising as permissions
from eoffice.organization.queries import reorganisations
from eoffice.organization.services import deciding_reorganisation, preparing_reorganisation
from eoffice.organization.services.preparing_reorganisation import DecisionTerms

_ONLY_KEEPERS = "Chỉ quản trị, chánh văn phòng xem được sắp xếp tổ chức."


@require_GET
@signed_in
def reorganisation_list(request: ActorRequest) -> HttpResponse:
    """Reorganisations of the units whose rights the actor keeps, newest first."""
    permissions.require(permissions.sees_any(request.actor), _ONLY_KEEPERS)
    rows = reorganisations.reorganisations_of(request.actor)
    context = {
        "page": newest_first(rows, after=whole_number(request.GET.get("after", ""))),
        "may_prepare": permissions.prepares_any(request.actor),
    }
    return render(request, "documents/reorganisation/list.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def reorganisation_create(request: ActorRequest) -> HttpResponse:
    """Begin one, for the highest unit that the administrator keeps and everything below it."""
    permissions.require(permissions.prepares_any(request.actor), "Chỉ quản trị lập được sắp xếp tổ chức.")
    kept = organization.units_by_id(request.actor.units_with(Role.ADMINISTRATOR)).values()
    unit = min(kept, key=lambda each: (len(each.path), each.pk))
    form = DecisionForm(posted(request))

    def save() -> Reorganisation:
        return preparing_reorganisation.prepare(
            actor=request.actor, terms=form.terms(), unit_id=unit.pk, now=request.now
        )

    return _saved(request, form, save) or _decision_page(request, form, unit.name)


@require_http_methods(["GET", "POST"])
@signed_in
def reorganisation_change(request: ActorRequest, reorganisation_id: int) -> HttpResponse:
    """Change number, days and title while it is prepared."""
    row = reorganisations.get_reorganisation(request.actor, reorganisation_id)
    permissions.require(permissions.can_edit(request.actor, row), "Chỉ sửa được khi đang soạn.")
    form = DecisionForm(posted(request), initial=asdict(_terms_of(row)))

    def save() -> Reorganisation:
        return preparing_reorganisation.change_decision(
            actor=request.actor, reorganisation_id=row.pk, terms=form.terms(), now=request.now
        )

    return _saved(request, form, save) or _decision_page(request, form, row.unit.name, row)


def _terms_of(row: Reorganisation) -> DecisionTerms:
    return DecisionTerms(
        title=row.title,
        decision_number=row.decision_number,
        decided_on=row.decided_on,
        effective_on=row.effective_on,
        note=row.note,
    )


def _decision_page(
    request: ActorRequest, form: DecisionForm, unit_name: str, row: Reorganisation | None = None
) -> HttpResponse:
    context = {"form": form, "unit_name": unit_name, "row": row}
    return render(request, "documents/reorganisation/decision.html", context, status=422 if form.is_bound else 200)


@require_GET
@signed_in
def reorganisation(request: ActorRequest, reorganisation_id: int) -> HttpResponse:
    """One reorganisation: before its day what it touches, after it what was done."""
    return _shown(request, reorganisations.get_reorganisation(request.actor, reorganisation_id), ReasonForm())


def _shown(
    request: ActorRequest, row: Reorganisation, form: ReasonForm, fault: str = "", *, status: int = 200
) -> HttpResponse:
    actor, today = request.actor, local_date(request.now)
    alone = reorganisations.may_confirm_alone(actor, row, on=today)
    steps = list(row.steps.select_related("target").order_by("position"))
    is_ahead = row.state not in {ReorganisationState.RUNNING, ReorganisationState.DONE}
    context = {
        "row": row,
        "form": form,
        "fault": fault,
        "kinds": StepKind.choices,
        "steps": previews.preview(row) if is_ahead else [],
        "step_words": [previews.step_words(step, reorganisations.names_of_units(steps)) for step in steps],
        "is_ahead": is_ahead,
        "moved": previews.moved_words(row),
        "kept": [(UnitWork(each["work"]).label, each["name"], each["why"]) for each in row.kept],
        "may_edit": permissions.can_edit(actor, row),
        "may_confirm": permissions.can_confirm(actor, row) or alone,
        "alone": alone,
        "may_withdraw": permissions.can_withdraw(actor, row),
        "may_reopen": row.state == ReorganisationState.FAILED and permissions.can_prepare_for(actor, [row.unit]),
    }
    return render(request, "documents/reorganisation/detail.html", context, status=status)


@require_GET
@signed_in
def progress(request: ActorRequest, reorganisation_id: int) -> HttpResponse:
    """The bar alone, asked for every second; once the work is moved, htmx loads the page anew."""
    row = reorganisations.get_reorganisation(request.actor, reorganisation_id)
    response = render(request, "documents/reorganisation/_progress.html", {"row": row})
    if not row.is_busy:
        response.headers["HX-Redirect"] = reverse("documents:reorganisation", args=[row.pk])
    return response


@require_http_methods(["GET", "POST"])
@signed_in
def step_add(request: ActorRequest, reorganisation_id: int, kind: str) -> HttpResponse:
    """Add a step of one kind."""
    row = reorganisations.get_reorganisation(request.actor, reorganisation_id)
    permissions.require(permissions.can_edit(request.actor, row), "Chỉ sửa được khi đang soạn.")
    if kind not in StepKind.values:
        raise NotFound("Không có loại sắp xếp này.")
    form = StepForm(posted(request), kind=StepKind(kind))

    def save() -> Reorganisation:
        preparing_reorganisation.add_step(
            actor=request.actor, reorganisation_id=row.pk, terms=form.terms(), now=request.now
        )
        return row

    answer = _saved(request, form, save)
    if answer is not None:
        return answer
    if form.is_bound:
        form.show_picked()
    context = {"row": row, "form": form, "kind": StepKind(kind), "units": UNITS}
    return render(request, "documents/reorganisation/step.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def step_people(request: ActorRequest, step_id: int) -> HttpResponse:
    """Where each person of a step goes, in which post, with or without the roles held."""
    step = reorganisations.get_step(request.actor, step_id)
    row = step.reorganisation
    permissions.require(permissions.can_edit(request.actor, row), "Chỉ sửa được khi đang soạn.")
    posts = reorganisations.placed_posts(step, on=row.effective_on)
    form = PeopleForm(posted(request), posts=posts, choices=reorganisations.choices_of(step))

    def save() -> Reorganisation:
        preparing_reorganisation.place_people(
            actor=request.actor, step_id=step.pk, places=form.places(), now=request.now
        )
        return row

    answer = _saved(request, form, save)
    if answer is not None:
        return answer
    words = previews.step_words(step, reorganisations.names_of_units([step]))
    context = {"row": row, "step": step, "words": words, "form": form}
    return render(request, "documents/reorganisation/people.html", context, status=422 if form.is_bound else 200)


@require_POST
@signed_in
def step_remove(request: ActorRequest, step_id: int) -> HttpResponse:
    row = preparing_reorganisation.remove_step(actor=request.actor, step_id=step_id, now=request.now)
    return _to(row)


@require_POST
@signed_in
@with_powers
def submit(request: ActorRequest, reorganisation_id: int) -> HttpResponse:
    row = reorganisations.get_reorganisation(request.actor, reorganisation_id)
    try:
        reorganising.submit(actor=request.actor, reorganisation_id=row.pk, now=request.now)
    except Invalid as error:
        return _shown(request, row, ReasonForm(), error.message, status=422)
    messages.success(request, "Đã gửi. Tổ chức chỉ thay đổi khi người thứ hai xác nhận và đến ngày hiệu lực.")
    return _to(row)


@require_POST
@signed_in
@with_powers
def confirm(request: ActorRequest, reorganisation_id: int) -> HttpResponse:
    row = reorganisations.get_reorganisation(request.actor, reorganisation_id)
    try:
        row = reorganising.confirm(actor=request.actor, reorganisation_id=row.pk, now=request.now)
    except Invalid as error:
        return _shown(request, row, ReasonForm(), error.message, status=422)
    messages.success(request, f"Đã xác nhận. Thực hiện lúc 00:00 ngày {row.effective_on:%d/%m/%Y}.")
    return _to(row)


@require_POST
@signed_in
@with_powers
def give_back(request: ActorRequest, reorganisation_id: int) -> HttpResponse:
    row = reorganisations.get_reorganisation(request.actor, reorganisation_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, form, status=422)
    deciding_reorganisation.give_back(
        actor=request.actor, reorganisation_id=row.pk, remark=form.cleaned_data["remark"],
        page=reorganising.page_of(row.pk), now=request.now,
    )  # fmt: skip
    messages.success(request, "Đã trả lại người lập để sửa.")
    return _to(row)


@require_POST
@signed_in
def withdraw(request: ActorRequest, reorganisation_id: int) -> HttpResponse:
    row = deciding_reorganisation.withdraw(
        actor=request.actor, reorganisation_id=reorganisation_id, page=reorganising.page_of(reorganisation_id),
        now=request.now,
    )  # fmt: skip
    messages.success(request, "Đã rút. Tổ chức không thay đổi.")
    return _to(row)


@require_POST
@signed_in
def reopen(request: ActorRequest, reorganisation_id: int) -> HttpResponse:
    row = deciding_reorganisation.reopen(actor=request.actor, reorganisation_id=reorganisation_id, now=request.now)
    return _to(row)


def _saved(request: ActorRequest, form: Form, save: Callable[[], Reorganisation]) -> HttpResponse | None:
    """Carry out a valid form and go to the reorganisation; None shows the form, with what was refused."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return _to(save())
    except Invalid as error:
        add_errors(form, error)
        return None


def _to(row: Reorganisation) -> HttpResponse:
    return HttpResponseRedirect(reverse("documents:reorganisation", args=[row.pk]), status=303)
