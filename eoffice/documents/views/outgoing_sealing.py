"""The page on which a clerk seals many numbered documents under one PIN or one confirmation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from eoffice.core.errors import ExpectedError, Invalid, NotFound
from eoffice.core.paging import whole_number
from eoffice.documents.forms.outgoing import SealForm
from eoffice.documents.queries.outgoing_sealing import SealingView, sealing_view
from eoffice.documents.services import sealing_many
from eoffice.documents.services.sealing_many import SealResult
from eoffice.documents.views.ways import chosen_way, typed_for
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing.errors import CertificateUnusable, KeyLocked, NoKey, PinWrong

_MOST_TOLD = 5


@require_http_methods(["GET", "POST"])
@signed_in
def seal_many(request: ActorRequest, unit_id: int) -> HttpResponse:
    """What waits for the seal of one registry; POST seals the ticked ones, or asks the chosen key elsewhere."""
    if request.method == "GET":
        return _page(request, unit_id, SealForm(), _numbers(request.GET.getlist("ids")))
    # The clerk of this registry, before anything is done.
    waiting = sealing_view(request.actor, unit_id=unit_id, now=request.now)
    form, way = SealForm(request.POST), chosen_way(request)
    chosen = _numbers(request.POST.getlist("ids"))
    if way:
        form.fields["pin"].required = False
    if not form.is_valid():
        return _page(request, unit_id, form, chosen, status=422)
    try:
        if way:
            return _ask(request, waiting, chosen, way)
        results = sealing_many.seal_many(
            actor=request.actor, unit_id=unit_id, outgoing_ids=chosen, pin=form.cleaned_data["pin"], now=request.now
        )
    except (PinWrong, KeyLocked) as error:
        return _refused(request, unit_id, form, chosen, error, field="pin")
    except (Invalid, CertificateUnusable, NoKey, NotFound) as error:
        return _refused(request, unit_id, form, chosen, error)
    failed = [result.outgoing_id for result in results if not result.is_sealed]
    return _page(request, unit_id, SealForm(), failed, results=results)


def _ask(request: ActorRequest, waiting: SealingView, chosen: list[int], method_id: int) -> HttpResponse:
    """Follow the request on its own page; of what it does not hold each document is told there by its number."""
    asked = sealing_many.ask_for_seals(
        actor=request.actor,
        unit_id=waiting.registry.pk,
        outgoing_ids=chosen,
        method_id=method_id,
        typed=typed_for(request, method_id),
        now=request.now,
    )
    if asked.request_id is None:
        failed = [result.outgoing_id for result in asked.results if not result.is_sealed]
        return _page(request, waiting.registry.pk, SealForm(), failed, results=asked.results)
    codes = {line.id: line.code for line in waiting.lines}
    for result in asked.results[:_MOST_TOLD]:
        code = codes.get(result.outgoing_id, "Văn bản")
        if result.error is not None:
            messages.warning(request, f"{code}: {result.error.message}")
        else:
            messages.success(request, f"Đã đóng dấu {code}")
    return HttpResponseRedirect(reverse("signing:request", args=[asked.request_id]), status=303)


def _refused(
    request: ActorRequest, unit_id: int, form: SealForm, chosen: list[int], error: ExpectedError, *, field: str = ""
) -> HttpResponse:
    form.add_error(field or None, error.message)
    return _page(request, unit_id, form, chosen, status=error.status)


def _page(
    request: ActorRequest,
    unit_id: int,
    form: SealForm,
    chosen: list[int],
    *,
    results: tuple[SealResult, ...] | list[SealResult] = (),
    status: int = 200,
) -> HttpResponse:
    view = sealing_view(
        request.actor, unit_id=unit_id, now=request.now, results={each.outgoing_id: each for each in results}
    )
    way = chosen_way(request) if request.POST.get("way") else None
    context = {"view": view, "form": form, "chosen": set(chosen), "way": way, "has_results": bool(results)}
    return render(request, "documents/outgoing/seal_many.html", context, status=status)


def _numbers(texts: list[str]) -> list[int]:
    return [number for number in map(whole_number, texts) if number is not None]
