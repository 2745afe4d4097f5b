"""Pages of sổ gửi bưu điện: one recipient, or a whole round to the post at once."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.documents.forms.outgoing import DispatchForm, DispatchRoundForm
from eoffice.documents.models import Delivery
from eoffice.documents.queries import dispatch_round as queries
from eoffice.documents.queries.outgoing import get_delivery
from eoffice.documents.services import dispatching
from eoffice.documents.views.carrying import add_errors
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_http_methods(["GET", "POST"])
@signed_in
def record_dispatch(request: ActorRequest, delivery_id: int) -> HttpResponse:
    """One line of the postal register."""
    delivery = get_delivery(request.actor, delivery_id)
    if request.method == "GET":
        return _dispatch_page(request, delivery, DispatchForm(initial=_today(request)))
    form = DispatchForm(request.POST)
    if not form.is_valid():
        return _dispatch_page(request, delivery, form, status=422)
    try:
        dispatching.record_dispatch(actor=request.actor, delivery_id=delivery_id, entry=form.entry(), now=request.now)
    except Invalid as error:
        add_errors(form, error)
        return _dispatch_page(request, delivery, form, status=422)
    messages.success(request, f"Đã ghi sổ gửi: {delivery.name}")
    return _to(delivery.outgoing_id)


def _dispatch_page(request: ActorRequest, delivery: Delivery, form: DispatchForm, status: int = 200) -> HttpResponse:
    return render(request, "documents/outgoing/dispatch.html", {"delivery": delivery, "form": form}, status=status)


@require_http_methods(["GET", "POST"])
@signed_in
def dispatch_round(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Every recipient outside on one page: way and day once, the postal number beside each."""
    if request.method == "GET":
        return _round_page(request, outgoing_id, DispatchRoundForm(initial=_today(request)))
    form = DispatchRoundForm(request.POST)
    if not form.is_valid():
        return _round_page(request, outgoing_id, form, typed=request.POST)
    try:
        rows = dispatching.record_dispatches(
            actor=request.actor,
            outgoing_id=outgoing_id,
            entries=form.entries(request.POST),
            request_key=request.POST.get("idempotency_key", ""),
            now=request.now,
        )
    except Invalid as error:
        beside = {name: words for name, words in error.fields.items() if "-" in name}
        # The day is one for all: said once, beside its field.
        shared = {name.partition("-")[0]: words for name, words in beside.items() if name.startswith("sent_on")}
        plain = {name: words for name, words in error.fields.items() if "-" not in name}
        if plain or shared or not beside:
            add_errors(form, Invalid(" ".join(plain.values()) or error.message, fields=plain | shared))
        rest = {name: words for name, words in beside.items() if not name.startswith("sent_on")}
        return _round_page(request, outgoing_id, form, typed=request.POST, beside=rest)
    messages.success(request, f"Đã ghi sổ gửi {len(rows)} nơi nhận.")
    return _to(outgoing_id)


def _round_page(
    request: ActorRequest,
    outgoing_id: int,
    form: DispatchRoundForm,
    *,
    typed: QueryDict | None = None,
    beside: Mapping[str, str] | None = None,
) -> HttpResponse:
    outgoing, lines = queries.dispatch_round(request.actor, outgoing_id)
    picked = set(typed.getlist("picked")) if typed is not None else {str(line.id) for line in lines if not line.earlier}
    context = {
        "outgoing": outgoing,
        "lines": lines,
        "form": form,
        "typed": typed or {},
        "picked": picked,
        "beside": beside or {},
    }
    return render(request, "documents/outgoing/dispatch_round.html", context, status=200 if typed is None else 422)


def _today(request: ActorRequest) -> dict[str, str]:
    return {"sent_on": f"{local_date(request.now):%d/%m/%Y}"}


def _to(outgoing_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("documents:outgoing_detail", args=[outgoing_id]), status=303)
