"""To a provider and back: OpenID Connect and SAML, as far as HTTP goes."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from eoffice.accounts import queries
from eoffice.accounts.doors.identity import Identity
from eoffice.accounts.errors import DoorUnreachable, ForeignRefused
from eoffice.accounts.forms import SignInForm
from eoffice.accounts.models import Door, User
from eoffice.accounts.services import provider_sign_in
from eoffice.accounts.services.provider_sign_in import Arrived, Places
from eoffice.accounts.views import entering, proving
from eoffice.core import clock
from eoffice.core.errors import ExpectedError, Invalid

BROWSER: Final = "going_to_provider"
"""In the session of a browser on its way: random, so that another browser cannot use its answer."""


@never_cache
@require_POST
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Send the browser to the provider."""
    now, door = clock.now(), queries.get_open_door(code)
    onward = entering.onward_of(request, request.POST.get("next") or "")
    browser = request.session.get(BROWSER) or secrets.token_urlsafe(32)
    try:
        address = provider_sign_in.begin(
            door=door, places=_places(request, door), browser=browser, onward=onward, now=now
        )
    except DoorUnreachable as failure:
        return _back_at_the_door(request, failure, onward)
    request.session[BROWSER] = browser
    return leave_for(request, address, title="Đang chuyển đến nơi đăng nhập", name=door.name)


@never_cache
@require_GET
def oidc_answer(request: HttpRequest, code: str) -> HttpResponse:
    """Where the provider sends the browser back to. A GET that signs in, as OpenID Connect has it (docs/adr/0020)."""
    now, door = clock.now(), queries.get_open_door(code)
    answer = {name: request.GET.get(name, "") for name in ("code", "state", "error", "iss") if name in request.GET}
    try:
        arrived = provider_sign_in.come_back_with_code(
            door=door, places=_places(request, door), answer=answer, browser=_browser(request),
            address=entering.address_of(request), now=now,
        )  # fmt: skip
    except Invalid as failure:
        return _back_at_the_door(request, failure, "/")
    if arrived.proves_user_id is not None:
        return _proved(request, arrived, now)
    return _enter(request, door, arrived.identity, arrived.user_id, arrived.onward, now)


@never_cache
@require_POST
def begin_again(request: HttpRequest, code: str) -> HttpResponse:
    """Send a signed-in person to the provider to prove himself anew; he comes back to `next`."""
    now, door = clock.now(), queries.get_open_door(code)
    if not isinstance(request.user, User):
        return HttpResponseRedirect(reverse("accounts:login"), status=303)
    onward = entering.onward_of(request, request.POST.get("next") or "")
    browser = request.session.get(BROWSER) or secrets.token_urlsafe(32)
    address = provider_sign_in.begin_again(
        door=door, places=_places(request, door), browser=browser, onward=onward, user_id=request.user.pk, now=now
    )
    request.session[BROWSER] = browser
    return leave_for(request, address, title="Đang chuyển đến nơi đăng nhập", name=door.name)


def _proved(request: HttpRequest, arrived: Arrived, now: datetime) -> HttpResponse:
    """The account is signed in here, and its provider has just asked it again."""
    if request.user.pk != arrived.user_id:
        return _back_at_the_door(request, ForeignRefused(), "/")
    proving.note_proof(request, now=now)
    return HttpResponseRedirect(entering.onward_of(request, arrived.onward), status=303)


@csrf_exempt
@never_cache
@require_POST
def saml_answer(request: HttpRequest, code: str) -> HttpResponse:
    """The provider's POST through the browser: signed by the provider, and without a cookie of ours."""
    now, door = clock.now(), queries.get_open_door(code)
    try:
        ticket = provider_sign_in.keep_saml_answer(
            door=door, places=_places(request, door), encoded=request.POST.get("SAMLResponse", ""),
            address=entering.address_of(request), now=now,
        )  # fmt: skip
    except Invalid as failure:
        return _back_at_the_door(request, failure, "/")
    return HttpResponseRedirect(f"{reverse('accounts:saml_entry', args=[code])}?ve={ticket}", status=303)


@never_cache
@require_GET
def saml_entry(request: HttpRequest, code: str) -> HttpResponse:
    """Open the session a checked answer belongs to, in the browser that began (docs/adr/0020)."""
    now, door = clock.now(), queries.get_open_door(code)
    try:
        arrived = provider_sign_in.come_back_with_ticket(
            door=door, ticket=request.GET.get("ve", ""), browser=_browser(request),
            address=entering.address_of(request), now=now,
        )  # fmt: skip
    except Invalid as failure:
        return _back_at_the_door(request, failure, "/")
    return _enter(request, door, arrived.identity, arrived.user_id, arrived.onward, now)


@require_GET
def saml_metadata(request: HttpRequest, code: str) -> HttpResponse:
    """Our own description, to be given to the provider; needed before the door is on."""
    door = queries.get_door(code)
    try:
        described = provider_sign_in.own_metadata(door=door, places=_places(request, door))
    except DoorUnreachable as failure:
        return _back_at_the_door(request, failure, "/")
    return HttpResponse(described, content_type="application/samlmetadata+xml")


@csrf_exempt
@never_cache
@require_POST
def signed_out_there(request: HttpRequest, code: str) -> HttpResponse:
    """Back-channel logout: the provider's server tells that a session of it has ended."""
    now, door = clock.now(), queries.get_open_door(code)
    try:
        provider_sign_in.sign_out_from_provider(
            door=door, places=_places(request, door), logout_token=request.POST.get("logout_token", ""), now=now
        )
    except ForeignRefused:
        # OpenID Connect Back-Channel Logout 1.0, 2.8: 400 for a token that is not valid.
        return HttpResponse(status=400)
    except DoorUnreachable:
        return HttpResponse(status=503)
    return HttpResponse(status=200)


def leave_for(request: HttpRequest, address: str, *, title: str, name: str) -> HttpResponse:
    """A page that goes on to another site by itself.

    Not a redirect: a form's answer may not lead the browser off our site (`form-action` of our policy).
    """
    return render(request, "accounts/leaving.html", {"address": address, "title": title, "name": name})


def address_of_sign_out(request: HttpRequest) -> str:
    """Where this browser ends its session at the provider it came from; empty when there is none or it is down."""
    kept = request.session.get(entering.PROVIDER)
    if not request.user.is_authenticated or not isinstance(kept, dict):
        return ""
    return provider_sign_in.sign_out_address(
        code=str(kept.get("door", "")),
        id_token=str(kept.get("id_token", "")),
        return_to=request.build_absolute_uri(reverse("accounts:login")),
        now=clock.now(),
    )


def places_of(request: HttpRequest, code: str) -> Places:
    """Our addresses that a door's provider has to know."""
    return Places(
        redirect_uri=request.build_absolute_uri(reverse("accounts:oidc_answer", args=[code])),
        acs_url=request.build_absolute_uri(reverse("accounts:saml_answer", args=[code])),
        entity_id=request.build_absolute_uri(reverse("accounts:saml_metadata", args=[code])),
        back_channel=request.build_absolute_uri(reverse("accounts:signed_out_there", args=[code])),
    )


def _places(request: HttpRequest, door: Door) -> Places:
    return places_of(request, door.code)


def _browser(request: HttpRequest) -> str:
    return str(request.session.get(BROWSER, ""))


def _enter(
    request: HttpRequest, door: Door, identity: Identity, user_id: int, onward: str, now: datetime
) -> HttpResponse:
    user = queries.active_user(user_id)
    if user is None:
        return _back_at_the_door(request, ForeignRefused(), "/")
    return entering.enter(
        request,
        user=user,
        door=door.code,
        second_factor_done=identity.second_factor_done,
        onward=onward,
        now=now,
        identity=identity,
    )


def _back_at_the_door(request: HttpRequest, failure: ExpectedError, onward: str) -> HttpResponse:
    context = {"form": SignInForm(), "failure": failure, "next": onward, "doors": queries.provider_doors()}
    return render(request, "accounts/login.html", context, status=failure.status)
