"""Pages: whom we believe, and whom we ask about revocation."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.clock import VIETNAM
from eoffice.core.errors import Invalid
from eoffice.organization.gate import require_powers_of_request, signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import permissions, queries, services
from eoffice.signing.forms import AnchorForm, RevocationRulesForm
from eoffice.signing.models import AnchorPurpose


@never_cache
@require_GET
@signed_in
def trust(request: ActorRequest) -> HttpResponse:
    """The trust list: anchors and intermediates, who added them and why, and how revocation is asked."""
    return _page(request)


@require_GET
@signed_in
def anchor_file(request: ActorRequest, anchor_id: int) -> HttpResponse:
    """The certificate itself (DER)."""
    anchor = queries.anchor_certificate(request.actor, anchor_id)
    name = f'attachment; filename="{anchor.fingerprint[:16]}.cer"'
    content_type = "application/pkix-cert"
    return HttpResponse(bytes(anchor.certificate), content_type=content_type, headers={"Content-Disposition": name})


@require_POST
@signed_in
@with_powers
def add_anchor(request: ActorRequest) -> HttpResponse:
    _require_powers(request)
    form = AnchorForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        entry = services.AnchorEntry(
            certificate=given["certificate"].read(64 * 1024),
            purpose=AnchorPurpose(given["purpose"]),
            is_intermediate=given["kind"] == "intermediate",
            trusted_from=_midnight(given["trusted_from"]),
            trusted_until=_midnight(given["trusted_until"], days=1),
            basis=given["basis"],
        )
        try:
            services.add_trust_anchor(actor=request.actor, entry=entry, now=request.now)
        except Invalid as error:
            for name, text in (error.fields or {"certificate": error.message}).items():
                form.add_error(name, text)
        else:
            return _back("added")
    return _page(request, anchor_form=form)


@require_POST
@signed_in
@with_powers
def withdraw_anchor(request: ActorRequest, anchor_id: int) -> HttpResponse:
    _require_powers(request)
    services.withdraw_trust_anchor(
        actor=request.actor, anchor_id=anchor_id, reason=request.POST.get("reason", ""), now=request.now
    )
    return _back("withdrawn")


@require_POST
@signed_in
@with_powers
def set_revocation_rules(request: ActorRequest) -> HttpResponse:
    _require_powers(request)
    form = RevocationRulesForm(request.POST)
    if form.is_valid():
        try:
            services.set_revocation_rules(actor=request.actor, now=request.now, **form.cleaned_data)
        except Invalid as error:
            for name, text in (error.fields or {"inside_hosts": error.message}).items():
                form.add_error(name, text)
        else:
            return _back("rules")
    return _page(request, rules_form=form)


def _require_powers(request: ActorRequest) -> None:
    permissions.require_trust_managed(request.actor)
    require_powers_of_request(request)


def _page(request: ActorRequest, **forms: Any) -> HttpResponse:  # noqa: ANN401 - forms by name
    page = queries.trust_page(request.actor)
    rules = {
        "asks_online": page.rules.asks_online,
        "inside_hosts": page.rules.inside_hosts,
        "list_age_minutes": page.rules.list_age_minutes,
    }
    context = {
        "page": page,
        "anchor_form": AnchorForm(initial={"purpose": AnchorPurpose.PUBLIC, "kind": "anchor"}),
        "rules_form": RevocationRulesForm(initial=rules),
        "saved": request.GET.get("saved", ""),
    } | forms
    return render(request, "signing/trust.html", context, status=422 if forms else 200)


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=days), time.min, VIETNAM) if day else None


def _back(saved: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('signing:trust')}?saved={saved}", status=303)
