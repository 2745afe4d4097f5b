"""Pages of letting somebody go: what ends and what is given, the hand-over's progress, what is left."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.documents.forms.handing_over import PEOPLE, UNITS, LeavingForm, SuccessorForm
from eoffice.documents.models import HandOver, Work
from eoffice.documents.queries import handing_over as queries
from eoffice.documents.services import handing_over
from eoffice.documents.views.carrying import add_errors, posted
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest

_WITHOUT_SUCCESSOR: Final = frozenset({Work.SIGNATURES})


@require_http_methods(["GET", "POST"])
@signed_in
def leaving(request: ActorRequest, person_id: int) -> HttpResponse:
    """One screen: what the person holds, what happens to it, who takes the work."""
    today = local_date(request.now)
    page = queries.leaving_page(request.actor, person_id, on=today)
    works = [work for work, count in page.counts.items() if count and work not in _WITHOUT_SUCCESSOR]
    form = LeavingForm(posted(request), works=works, initial={"first_day": today})
    if form.is_bound and form.is_valid():
        try:
            row = handing_over.start_hand_over(
                actor=request.actor, person_id=person_id, terms=form.terms(), now=request.now
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            return HttpResponseRedirect(reverse("documents:hand_over", args=[row.pk]), status=303)
    if form.is_bound:
        form.show_picked()
    context = {
        "page": page,
        "form": form,
        "people": PEOPLE,
        "units": UNITS,
        "works": [(work, page.counts[work], form[f"to_{work}"]) for work in works],
        "unsigned": page.counts[Work.SIGNATURES],
    }
    return render(request, "documents/hand_over/leaving.html", context, status=422 if form.is_bound else 200)


@require_GET
@signed_in
def hand_over(request: ActorRequest, hand_over_id: int) -> HttpResponse:
    """How far one hand-over has come, who got what, and what is left with the reasons."""
    return _shown(request, queries.get_hand_over(request.actor, hand_over_id), SuccessorForm())


@require_GET
@signed_in
def hand_over_progress(request: ActorRequest, hand_over_id: int) -> HttpResponse:
    """The bar alone, asked for every second; once the work is given, htmx loads the page anew."""
    row = queries.get_hand_over(request.actor, hand_over_id)
    response = render(request, "documents/hand_over/_progress.html", {"row": row})
    if not row.is_busy:
        response.headers["HX-Redirect"] = reverse("documents:hand_over", args=[hand_over_id])
    return response


@require_POST
@signed_in
def hand_over_rest(request: ActorRequest, hand_over_id: int) -> HttpResponse:
    """Give what is left to one more person."""
    row = queries.get_hand_over(request.actor, hand_over_id)
    form = SuccessorForm(request.POST)
    if form.is_valid():
        try:
            handing_over.give_rest(
                actor=request.actor,
                hand_over_id=hand_over_id,
                successor_id=form.cleaned_data["successor"],
                now=request.now,
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, "Đang giao phần việc còn lại.")
            return HttpResponseRedirect(reverse("documents:hand_over", args=[hand_over_id]), status=303)
    return _shown(request, row, form)


def _shown(request: ActorRequest, row: HandOver, form: SuccessorForm) -> HttpResponse:
    context = {
        "row": row,
        "form": form,
        "people": PEOPLE,
        "parts": queries.parts_given(row),
        "kept": [(Work(each["work"]).label, each["name"], each["why"]) for each in row.kept],
    }
    return render(request, "documents/hand_over/detail.html", context, status=422 if form.is_bound else 200)
