"""Pages of the register entry: register, put right, cancel, refuse; the warning of duplicates."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from eoffice.core.errors import ExpectedError, Invalid
from eoffice.documents.errors import PossibleDuplicate
from eoffice.documents.forms import incoming as forms
from eoffice.documents.queries import arrival_papers, duplicates, signature_papers
from eoffice.documents.queries import incoming as queries
from eoffice.documents.services import (
    registering,
)
from eoffice.documents.states import IncomingState
from eoffice.documents.views.carrying import (
    add_errors,
    carried,
    posted,
)
from eoffice.documents.views.incoming_dialogs import href_of, to_detail, with_reason
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_register(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The registration page: page left, form right; afterwards the next letter of the queue."""
    page = arrival_papers.registration_page(request.actor, incoming_id, now=request.now)
    leaders = [(each.pk, each.full_name) for each in page.leaders]
    if request.method == "GET" and page.incoming.state != IncomingState.RECEIVED:
        return to_detail(incoming_id)  # by the browser's back button: it is done
    if request.method == "GET":
        form = forms.RegisterForm(initial=page.initial, leaders=leaders, fields_of_work=page.fields_of_work)
        return _registration(request, page, form, earlier=page.earlier)
    form = forms.RegisterForm(request.POST, leaders=leaders, fields_of_work=page.fields_of_work)
    if not form.is_valid():
        return _registration(request, page, form, earlier=page.earlier, status=422)
    try:
        letter = registering.register_incoming(
            actor=request.actor,
            incoming_id=incoming_id,
            entry=form.entry(),
            now=request.now,
            forward_to=form.cleaned_data["forward_to"],
            not_duplicate=form.cleaned_data["not_duplicate"],
        )
    except PossibleDuplicate as error:
        return _registration(request, page, form, earlier=_earlier_of(request, page, form), error=error, status=409)
    except Invalid as error:
        add_errors(form, error)
        return _registration(request, page, form, earlier=page.earlier, status=422)
    by_rule = ", chuyển đơn vị chủ trì theo quy tắc phân phối" if letter.state == IncomingState.IN_PROGRESS else ""
    messages.success(request, f"Đã đăng ký, số đến {letter.shown_arrival}{by_rule}.")
    if request.POST.get("then") == "next" and page.following is not None:
        return HttpResponseRedirect(reverse("documents:incoming_register", args=[page.following]))
    return to_detail(incoming_id)


def _registration(
    request: ActorRequest,
    page: arrival_papers.RegistrationPage,
    form: forms.RegisterForm,
    *,
    earlier: list[duplicates.EarlierLetter],
    error: ExpectedError | None = None,
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        "documents/incoming/register.html",
        {"page": page, "form": form, "earlier": earlier, "error": error},
        status=status,
    )


@require_GET
@signed_in
def incoming_duplicates(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The duplicate warning, while the clerk types."""
    page = arrival_papers.registration_page(request.actor, incoming_id, now=request.now)
    form = forms.RegisterForm(request.GET, leaders=[], fields_of_work=page.fields_of_work)
    form.is_valid()
    return render(
        request, "documents/incoming/_duplicates.html", {"earlier": _earlier_of(request, page, form), "page": page}
    )


def _earlier_of(
    request: ActorRequest, page: arrival_papers.RegistrationPage, form: forms.RegisterForm
) -> list[duplicates.EarlierLetter]:
    said = form.cleaned_data
    return duplicates.duplicates_of(
        registry_id=page.incoming.registry_id,
        number=said.get("number", ""),
        symbol=said.get("symbol", ""),
        issuing_body=said.get("issuing_body", ""),
        sha256s=page.original_hashes,
        besides=page.incoming.pk,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_correct(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Put a registered entry right."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    form = forms.CorrectForm(
        posted(request),
        initial=forms.initial_of(incoming),
        fields_of_work=organization.offered_fields(besides=incoming.field_of_work_id),
    )

    def carry_out() -> str:
        registering.correct_entry(
            actor=request.actor,
            incoming_id=incoming_id,
            entry=form.entry(),
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
        return "Đã sửa dòng sổ; giá trị cũ được giữ."

    context = {"incoming": incoming, "number": incoming.shown_arrival}
    return carried(request, form, "documents/incoming/correct.html", context, carry_out, href_of(incoming_id))


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_refuse(request: ActorRequest, incoming_id: int) -> HttpResponse:
    return with_reason(
        request,
        incoming_id,
        registering.refuse_incoming,
        title="Trả lại nơi gửi",
        text="Văn bản không được cấp số đến. Nơi gửi thấy lý do ngay.",
        verb="Trả lại nơi gửi",
        done="Đã trả lại nơi gửi.",
        reason=signature_papers.reason_to_return(request.actor, incoming_id) if "signatures" in request.GET else "",
    )


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_cancel(request: ActorRequest, incoming_id: int) -> HttpResponse:
    return with_reason(
        request,
        incoming_id,
        registering.cancel_registration,
        title="Hủy đăng ký",
        text="Số đến đã cấp được giữ và giải trình trong sổ; không cấp lại cho văn bản khác.",
        verb="Hủy đăng ký",
        done="Đã hủy đăng ký; số được giữ trong sổ.",
    )
