"""Pages: my ways of signing; connecting one is choosing a service, an account, a certificate."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.errors import ExpectedError, Invalid, NotFound
from eoffice.core.middleware import content_policy
from eoffice.core.paging import whole_number
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import queries, services
from eoffice.signing.errors import TooManyCodes
from eoffice.signing.forms import AddMethodForm, KeyFileForm, NewPinForm
from eoffice.signing.models import SigningProvider
from eoffice.signing.providers.csc import Csc
from eoffice.signing.providers.kinds import KINDS
from eoffice.signing.providers.signer import SignerDown, SignerRefuses
from eoffice.signing.services.methods import Offer
from eoffice.signing.services.signers import signer_at
from eoffice.signing.views.keys import onward

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
    form = AddMethodForm(request.POST, providers=_asked_by_account(queries.providers(only_on=True)))
    if not form.is_valid():
        return methods_page(request, form=form, status=422)
    provider_id, account = int(form.cleaned_data["provider"]), form.cleaned_data["account"]
    try:
        offers = _offers(request, provider_id, account)
    except Invalid as error:
        form.add_error("account", error.message)
        return methods_page(request, form=form, status=422)
    return _offers_page(request, provider_id, account, offers)


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
            now=request.now,
        )
    except ExpectedError as error:
        messages.error(request, error.message)
    else:
        request.session.pop(_LOGIN, None)
        messages.success(request, "Đã thêm cách ký.")
    return _back()


@require_POST
@signed_in
def method_choose(request: ActorRequest) -> HttpResponse:
    """Make one way of signing the default; 0 is the key kept here."""
    method_id = whole_number(request.POST.get("method", ""))
    services.choose_method(actor=request.actor, method_id=method_id or None, now=request.now)
    messages.success(request, "Đã đổi cách ký mặc định.")
    return _back()


@require_POST
@signed_in
def method_test(request: ActorRequest, method_id: int) -> HttpResponse:
    """Ask the service whether the certificate is still there."""
    method = services.test_method(actor=request.actor, method_id=method_id, now=request.now)
    (messages.success if method.test_passed else messages.error)(request, method.test_words)
    return _back()


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
    services.remove_method(actor=request.actor, method_id=method_id, now=request.now)
    messages.success(request, "Đã bỏ cách ký. Văn bản đã ký bằng cách này không bị ảnh hưởng.")
    return _back()


@require_POST
@signed_in
def method_login(request: ActorRequest, provider_id: int) -> HttpResponse:
    """The way to a service that shows a person's certificates only with his consent: a link, not a redirect.

    Our policy keeps forms on our own pages, and browsers hold the answer to a form to it as well.
    """
    provider = queries.get_provider(provider_id)
    signer = signer_at(provider)
    if not provider.is_on or not isinstance(signer, Csc):
        raise NotFound
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    try:
        address = signer.begin_login(state, verifier)
    except (SignerDown, SignerRefuses) as error:
        messages.error(request, error.words)
        return _back()
    request.session[_LOGIN] = {"provider": provider_id, "state": state, "verifier": verifier}
    return render(request, "signing/method_login.html", {"provider": provider, "address": address})


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


def _logged_in(request: ActorRequest, known: dict[str, str], code: str) -> HttpResponse:
    provider_id = int(known["provider"])
    signer = signer_at(queries.get_provider(provider_id))
    request.session.pop(_LOGIN)
    if not code or not isinstance(signer, Csc):
        messages.error(request, "Chưa thêm cách ký: việc đăng nhập ở dịch vụ đã bị hủy.")
        return _back()
    try:
        given = signer.finish_login(code, known["verifier"])
        offers = services.offered_certificates(
            actor=request.actor, provider_id=provider_id, account="", secrets=given, now=request.now
        )
    except (SignerDown, SignerRefuses) as error:
        messages.error(request, error.words)
        return _back()
    except Invalid as error:
        messages.error(request, error.message)
        return _back()
    request.session[_LOGIN] = {"provider": provider_id, "given": given}
    return _offers_page(request, provider_id, "", offers)


def _given(request: ActorRequest, provider_id: int) -> dict[str, str]:
    known = request.session.get(_LOGIN) or {}
    return dict(known.get("given") or {}) if known.get("provider") == provider_id else {}


def _offers(request: ActorRequest, provider_id: int, account: str) -> list[Offer]:
    return services.offered_certificates(actor=request.actor, provider_id=provider_id, account=account, now=request.now)


def _offers_page(request: ActorRequest, provider_id: int, account: str, offers: list[Offer]) -> HttpResponse:
    context = {"provider": queries.get_provider(provider_id), "account": account, "offers": offers}
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
    providers = queries.providers(only_on=True)
    programs = [each for each in providers if KINDS[each.kind].is_on_desk]
    page = queries.key_page(request.actor.person_id)
    context = {
        "choices": queries.choices_of(request.actor.person_id, now=request.now),
        "certificate": queries.certificate_view(page.key, now=request.now) if page.key else None,
        "waiting": page.waiting,
        "can_make_keys": services.can_make_keys(),
        "key_file_form": key_file_form or KeyFileForm(prefix="key"),
        "take_form": take_form or NewPinForm(prefix="hsm"),
        "agent": settings.DESK_AGENT,
        "onward": onward(request),
        "form": form or AddMethodForm(providers=_asked_by_account(providers)),
        "by_browser": [each for each in providers if KINDS[each.kind].logs_in_by_browser],
        "programs": programs,
        "requests": queries.requests_of(request.actor)[:5],
    }
    answer = render(request, "signing/methods.html", context, status=status)
    if programs:
        addresses = " ".join(sorted({each.base_url for each in programs}))
        answer.headers["Content-Security-Policy"] = content_policy(request, also=addresses)
    return answer


def _asked_by_account(providers: list[SigningProvider]) -> list[SigningProvider]:
    """Those that are asked for certificates with what the person types here."""
    return [each for each in providers if not KINDS[each.kind].logs_in_by_browser and not KINDS[each.kind].is_on_desk]


def _back() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("signing:methods"), status=303)
