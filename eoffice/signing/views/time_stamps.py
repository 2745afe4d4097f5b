"""Pages: time-stamping authorities and the rules of levels, for administrators."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.errors import Invalid
from eoffice.organization.gate import require_powers_of_request, signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import permissions, queries, services
from eoffice.signing.forms import LevelRulesForm, TimeStampAuthorityForm
from eoffice.signing.models import ArchiveAt, TimeStampAuthority
from eoffice.signing.services import AuthorityEntry

_secret = sensitive_post_parameters("password", "client_pem")


@never_cache
@require_GET
@signed_in
@with_powers
def time_stamps(request: ActorRequest) -> HttpResponse:
    """The authorities in their order, and the rules of levels."""
    _require_powers(request)
    return _list(request)


@require_POST
@signed_in
@with_powers
def set_level_rules(request: ActorRequest) -> HttpResponse:
    _require_powers(request)
    form = LevelRulesForm(request.POST)
    if form.is_valid():
        try:
            services.set_level_rules(
                actor=request.actor,
                archive_at=ArchiveAt(form.cleaned_data["archive_at"]),
                archive_after_days=form.cleaned_data["archive_after_days"],
                renew_before_days=form.cleaned_data["renew_before_days"],
                now=request.now,
            )
        except Invalid as failure:
            _mark(form, failure)
        else:
            return HttpResponseRedirect(f"{reverse('signing:time_stamps')}?saved=rules", status=303)
    return _list(request, form)


@_secret
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def time_stamp_authority_add(request: ActorRequest) -> HttpResponse:
    """A new authority, asked after the others."""
    _require_powers(request)
    return _form_page(request, TimeStampAuthorityForm(request.POST or None), None)


@_secret
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def time_stamp_authority(request: ActorRequest, authority_id: int) -> HttpResponse:
    """One authority; what is secret of it is kept when nothing is typed, and never shown."""
    _require_powers(request)
    row = queries.get_time_stamp_authority(authority_id)
    initial = {
        "name": row.name,
        "url": row.url,
        "timeout_s": row.timeout_s,
        "user": row.user,
        "issuer_pem": row.issuer_pem,
        "is_on": row.is_on,
    }
    return _form_page(request, TimeStampAuthorityForm(request.POST or None, initial=initial), row)


@require_POST
@signed_in
@with_powers
def time_stamp_authority_up(request: ActorRequest, authority_id: int) -> HttpResponse:
    _require_powers(request)
    services.move_time_stamp_authority_up(actor=request.actor, authority_id=authority_id, now=request.now)
    return HttpResponseRedirect(reverse("signing:time_stamps"), status=303)


@require_POST
@signed_in
@with_powers
def time_stamp_authority_try(request: ActorRequest, authority_id: int) -> HttpResponse:
    _require_powers(request)
    services.try_time_stamp_authority(actor=request.actor, authority_id=authority_id, now=request.now)
    return HttpResponseRedirect(f"{reverse('signing:time_stamp_authority', args=[authority_id])}?tried=1", status=303)


def _require_powers(request: ActorRequest) -> None:
    """The administrator's timed powers, before a form is filled in. Raises NotPermitted, PowersNeeded."""
    permissions.require_time_stamps_managed(request.actor)
    require_powers_of_request(request)


def _list(request: ActorRequest, form: LevelRulesForm | None = None) -> HttpResponse:
    rules = services.level_rules()
    initial = {
        "archive_at": rules.archive_at,
        "archive_after_days": rules.archive_after_days,
        "renew_before_days": rules.renew_before_days,
    }
    context = {
        "authorities": queries.time_stamp_authorities(),
        "rules_form": form or LevelRulesForm(initial=initial),
        "saved": request.GET.get("saved", ""),
    }
    return render(request, "signing/time_stamps.html", context, status=422 if form else 200)


def _form_page(request: ActorRequest, form: TimeStampAuthorityForm, row: TimeStampAuthority | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_time_stamp_authority(
                actor=request.actor, authority_id=row.pk if row else None, entry=_entry(form), now=request.now
            )
        except Invalid as failure:
            _mark(form, failure)
        else:
            address = reverse("signing:time_stamp_authority", args=[saved.pk])
            return HttpResponseRedirect(f"{address}?saved=1", status=303)
    context = {
        "form": form,
        "authority": row,
        "saved": request.GET.get("saved", ""),
        "tried": request.GET.get("tried", ""),
    }
    return render(request, "signing/time_stamp_authority.html", context, status=422 if form.errors else 200)


def _entry(form: TimeStampAuthorityForm) -> AuthorityEntry:
    typed = form.cleaned_data
    client_pem = "" if typed["clears_client"] else typed["client_pem"] or None
    return AuthorityEntry(
        name=typed["name"],
        url=typed["url"],
        user=typed["user"],
        password=typed["password"] or None,
        client_pem=client_pem,
        issuer_pem=typed["issuer_pem"],
        timeout_s=typed["timeout_s"],
        is_on=typed["is_on"],
    )


def _mark(form: LevelRulesForm | TimeStampAuthorityForm, failure: Invalid) -> None:
    for name, words in failure.fields.items():
        form.add_error(name, words)
    if not failure.fields:
        form.add_error(None, failure.message)
