"""Pages of registers: which are open, their ledger of numbers, opening, keeping and closing."""

from __future__ import annotations

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import ExpectedError
from eoffice.documents.forms.registers import ExplainGapForm, KeepNumbersForm, OpenRegisterForm
from eoffice.documents.models import RegisterKind
from eoffice.documents.queries import registers as queries
from eoffice.documents.services import numbering
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_GET
@signed_in
def register_list(request: ActorRequest) -> HttpResponse:
    """Every register the actor may read, by year."""
    found = queries.registers_of(request.actor)
    may_open = queries.manageable_registry(request.actor) is not None
    return render(request, "documents/register/list.html", {"registers": found, "may_open": may_open})


@require_http_methods(["GET", "POST"])
@signed_in
def register_open(request: ActorRequest) -> HttpResponse:
    """Mở sổ, on any date."""
    registry = queries.get_manageable_registry(request.actor)
    posted = request.method == "POST"
    form = OpenRegisterForm(request.POST) if posted else OpenRegisterForm.for_day(local_date(request.now))
    if posted and form.is_valid():
        values = form.cleaned_data
        try:
            register = numbering.open_register(
                actor=request.actor,
                registry=registry,
                kind=RegisterKind(values["kind"]),
                year=values["year"],
                now=request.now,
                name=values["name"],
                series=form.series(),
                document_types=values["document_types"],
                first_number=values["first_number"],
                opening_basis=values["opening_basis"],
            )
        except ExpectedError as error:
            _show(form, error)
        else:
            messages.success(request, f"Đã mở {register}")
            return _to(register.pk)
    status = 422 if posted else 200
    return render(request, "documents/register/open.html", {"form": form, "registry": registry}, status=status)


@require_GET
@signed_in
def register_detail(request: ActorRequest, register_id: int) -> HttpResponse:
    """One register: its numbers, kept blocks, gaps and corrections."""
    return _detail(request, register_id, KeepNumbersForm(), ExplainGapForm())


@require_POST
@signed_in
def register_keep(request: ActorRequest, register_id: int) -> HttpResponse:
    """Giữ số for papers on their way, or for the old system."""
    form = KeepNumbersForm(request.POST)
    if form.is_valid():
        try:
            block = numbering.keep_numbers(
                actor=request.actor, register_id=register_id, now=request.now, **form.cleaned_data
            )
        except ExpectedError as error:
            _show(form, error)
        else:
            messages.success(request, f"Đã giữ số {block.first}–{block.last}")
            return _to(register_id)
    return _detail(request, register_id, form, ExplainGapForm(), status=422)


@require_POST
@signed_in
def register_explain(request: ActorRequest, register_id: int) -> HttpResponse:
    """Giải trình a kept number that was not used."""
    form = ExplainGapForm(request.POST)
    if form.is_valid():
        try:
            numbering.explain_gap(actor=request.actor, register_id=register_id, now=request.now, **form.cleaned_data)
        except ExpectedError as error:
            _show(form, error)
        else:
            messages.success(request, "Đã ghi lý do vào sổ")
            return _to(register_id)
    return _detail(request, register_id, KeepNumbersForm(), form, status=422)


@require_POST
@signed_in
def register_close(request: ActorRequest, register_id: int) -> HttpResponse:
    """Khóa sổ: no number leaves it any more."""
    register = numbering.close_register(actor=request.actor, register_id=register_id, now=request.now)
    messages.success(request, f"Đã khóa {register}")
    return _to(register_id)


def _detail(
    request: ActorRequest, register_id: int, keep: KeepNumbersForm, explain: ExplainGapForm, status: int = 200
) -> HttpResponse:
    page = queries.register_page(request.actor, register_id)
    context = {"page": page, "register": page.register, "keep": keep, "explain": explain}
    return render(request, "documents/register/detail.html", context, status=status)


def _show(form: django_forms.Form, error: ExpectedError) -> None:
    """Put a refusal beside its field, or at the top where it has none. Refusals of rights are no matter of the form."""
    if error.status in {403, 404}:
        raise error
    faults: dict[str, str] = getattr(error, "fields", {})
    shown = {name: words for name, words in faults.items() if name in form.fields}
    for name, words in shown.items():
        form.add_error(name, words)
    if not shown:
        form.add_error(None, " ".join(faults.values()) or error.message)


def _to(register_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("documents:register_detail", args=[register_id]), status=303)
