"""Pages: my ways of signing, and a seal's; connecting one is choosing a service, an account, a certificate."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.errors import ExpectedError, Invalid, NotFound
from eoffice.core.paging import whole_number
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import queries, services
from eoffice.signing.errors import TooManyCodes
from eoffice.signing.forms import AddMethodForm, KeyFileForm, NewPinForm
from eoffice.signing.providers.csc import Csc
from eoffice.signing.providers.signer import SignerDown, SignerRefuses
from eoffice.signing.services import Offer
from eoffice.signing.services.signers import signer_at
from eoffice.signing.views.adding_methods import adding, asked_by_account, let_programs, unit_of
from eoffice.signing.views.keys import onward, seal_page

_LOGIN = "signing_login"
"""In the session: the service a browser was sent to, with state and verifier; afterwards what it gave."""


@never_cache
@require_GET
@signed_in
def method_list(request: ActorRequest) -> HttpResponse:
    """Cách ký của tôi."""
    return methods_page(request)


@require_POST
@signed_in
def method_certificates(request: ActorRequest) -> HttpResponse:
    """Show what the chosen service offers for the account; nothing is changed yet."""
    form = AddMethodForm(request.POST, providers=asked_by_account(queries.providers(only_on=True)))
    unit_id = unit_of(request)
    if not form.is_valid():
        return _again(request, form, unit_id)
    provider_id, account = int(form.cleaned_data["provider"]), form.cleaned_data["account"]
    try:
        offers = services.offered_certificates(
            actor=request.actor, provider_id=provider_id, account=account, unit_id=unit_id, now=request.now
        )
    except Invalid as error:
        form.add_error("account", error.message)
        return _again(request, form, unit_id)
    return _offers_page(request, provider_id, account, offers, unit_id)


def _again(request: ActorRequest, form: AddMethodForm, unit_id: int | None) -> HttpResponse:
    if unit_id is not None:
        return seal_page(request, unit_id, method_form=form)
    return methods_page(request, form=form, status=422)


@require_POST
@signed_in
def method_add(request: ActorRequest) -> HttpResponse:
    """Take one of the offered certificates."""
    provider_id = whole_number(request.POST.get("provider", ""))
    if provider_id is None:
        raise NotFound
    try:
        services.add_method(
            actor=request.actor,
            provider_id=provider_id,
            account=request.POST.get("account", "")[:100],
            serial=request.POST.get("serial", "")[:64],
            secrets=_given(request, provider_id),
            unit_id=unit_of(request),
            now=request.now,
        )
    except ExpectedError as error:
        messages.error(request, error.message)
    else:
        request.session.pop(_LOGIN, None)
        messages.success(request, "Đã thêm cách ký.")
    return back_to_ways(unit_of(request))


@require_POST
@signed_in
def method_choose(request: ActorRequest) -> HttpResponse:
    """Make one way of signing the default; 0 is the key kept here."""
    method_id = whole_number(request.POST.get("method", ""))
    unit_id = unit_of(request)
    services.choose_method(actor=request.actor, method_id=method_id or None, unit_id=unit_id, now=request.now)
    messages.success(request, "Đã đổi cách ký mặc định.")
    return back_to_ways(unit_id)


@require_POST
@signed_in
def method_test(request: ActorRequest, method_id: int) -> HttpResponse:
    """Ask the service whether the certificate is still there."""
    method = services.test_method(actor=request.actor, method_id=method_id, now=request.now)
    (messages.success if method.test_passed else messages.error)(request, method.test_words)
    return back_to_ways(method.unit_id)


@require_POST
@signed_in
def method_code(request: ActorRequest, method_id: int) -> HttpResponse:
    """Have a code sent; the line beside the field where it is typed."""
    try:
        words, is_fault = services.send_code(actor=request.actor, method_id=method_id, now=request.now), False
    except (Invalid, TooManyCodes) as error:
        words, is_fault = error.message, True
    return render(request, "signing/_code_sent.html", {"words": words, "is_fault": is_fault})


@require_POST
@signed_in
def method_remove(request: ActorRequest, method_id: int) -> HttpResponse:
    """Sign this way no longer."""
    method = services.remove_method(actor=request.actor, method_id=method_id, now=request.now)
    messages.success(request, "Đã bỏ cách ký. Văn bản đã ký bằng cách này không bị ảnh hưởng.")
    return back_to_ways(method.unit_id)


@require_POST
@signed_in
def method_login(request: ActorRequest, provider_id: int) -> HttpResponse:
    """The way to a service that shows a person's certificates only with his consent: a link, not a redirect.

    Our policy keeps forms on our own pages, and browsers hold the answer to a form to it as well.
    """
    provider = queries.get_provider(provider_id)
    signer, unit_id = signer_at(provider), unit_of(request)
    if not provider.is_on or not isinstance(signer, Csc):
        raise NotFound
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    try:
        address = signer.begin_login(state, verifier)
    except (SignerDown, SignerRefuses) as error:
        messages.error(request, error.words)
        return back_to_ways(unit_id)
    request.session[_LOGIN] = {"provider": provider_id, "state": state, "verifier": verifier, "unit": unit_id}
    context = {"provider": provider, "address": address, "unit_id": unit_id, "back": back_to_ways(unit_id).url}
    return render(request, "signing/method_login.html", context)


@never_cache
@require_GET
@signed_in
def came_back(request: ActorRequest) -> HttpResponse:
    """A service sends the browser back: with the consent to see certificates, or to sign.

    What is remembered is the browser's own: nothing of the house changes by this address but the order it belongs to.
    """
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    known = request.session.get(_LOGIN) or {}
    if state and secrets.compare_digest(str(known.get("state", "")), state):
        return _logged_in(request, known, code)
    asked = services.bring_back(
        actor=request.actor, state=state, code=code, is_refused="error" in request.GET or not code, now=request.now
    )
    if asked is None:
        raise NotFound
    return HttpResponseRedirect(reverse("signing:request", args=[asked.pk]), status=303)


def _logged_in(request: ActorRequest, known: dict[str, Any], code: str) -> HttpResponse:
    provider_id, unit_id = int(known["provider"]), known.get("unit")
    signer = signer_at(queries.get_provider(provider_id))
    request.session.pop(_LOGIN)
    if not code or not isinstance(signer, Csc):
        messages.error(request, "Chưa thêm cách ký: việc đăng nhập ở dịch vụ đã bị hủy.")
        return back_to_ways(unit_id)
    try:
        given = signer.finish_login(code, known["verifier"])
        offers = services.offered_certificates(
            actor=request.actor, provider_id=provider_id, account="", secrets=given, unit_id=unit_id, now=request.now
        )
    except (SignerDown, SignerRefuses) as error:
        messages.error(request, error.words)
        return back_to_ways(unit_id)
    except Invalid as error:
        messages.error(request, error.message)
        return back_to_ways(unit_id)
    request.session[_LOGIN] = {"provider": provider_id, "given": given}
    return _offers_page(request, provider_id, "", offers, unit_id)


def _given(request: ActorRequest, provider_id: int) -> dict[str, str]:
    known = request.session.get(_LOGIN) or {}
    return dict(known.get("given") or {}) if known.get("provider") == provider_id else {}


def _offers_page(
    request: ActorRequest, provider_id: int, account: str, offers: list[Offer], unit_id: int | None
) -> HttpResponse:
    context = {
        "provider": queries.get_provider(provider_id),
        "account": account,
        "offers": offers,
        "unit": organization.get_unit(unit_id) if unit_id is not None else None,
    }
    return render(request, "signing/method_certificates.html", context)


def methods_page(
    request: ActorRequest,
    *,
    form: AddMethodForm | None = None,
    key_file_form: KeyFileForm | None = None,
    take_form: NewPinForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Every way one signs, and what there is to add one."""
    page = queries.key_page(request.actor.person_id)
    context: dict[str, Any] = {
        "choices": queries.choices_of(request.actor.person_id, now=request.now),
        "certificate": queries.certificate_view(page.key, now=request.now) if page.key else None,
        "waiting": page.waiting,
        "can_make_keys": services.can_make_keys(),
        "key_file_form": key_file_form or KeyFileForm(prefix="key"),
        "take_form": take_form or NewPinForm(prefix="hsm"),
        "onward": onward(request),
        "requests": queries.requests_of(request.actor)[:5],
    }
    context |= {"unit": None, **adding(form)}
    answer = render(request, "signing/methods.html", context, status=status)
    return let_programs(request, answer, context["programs"])


def back_to_ways(unit_id: int | None) -> HttpResponseRedirect:
    """The page where a person's ways stand, or those of the seal of a unit."""
    address = reverse("signing:methods") if unit_id is None else reverse("signing:seal", args=[unit_id])
    return HttpResponseRedirect(address, status=303)
