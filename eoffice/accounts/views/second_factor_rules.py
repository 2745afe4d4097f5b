"""Administration of the second proof: rules, gateways and their messages, help for a person who lost everything."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.accounts import holders, queries, second_factor, special_powers
from eoffice.accounts.forms.second_factor import FORMS, GatewayForm, RulesForm
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import User
from eoffice.accounts.services import (
    second_factor_gateways,
    second_factor_keeping,
    second_factor_phones,
    second_factor_policy,
)
from eoffice.accounts.services.second_factor_policy import PolicyEntry
from eoffice.core import clock
from eoffice.core.channels import gateways, inbox, numbers, sending
from eoffice.core.channels.gateways import KINDS_OF, GatewayEntry
from eoffice.core.errors import Invalid, NotFound
from eoffice.core.models import Channel, Gateway, GatewayKind

P = ParamSpec("P")
ROLES: Final = [
    ("leader", "Lãnh đạo"),
    ("clerk", "Văn thư"),
    ("chief_of_office", "Chánh văn phòng"),
    ("unit_head", "Trưởng đơn vị"),
    ("secretary", "Thư ký"),
    ("officer", "Chuyên viên"),
    ("administrator", "Quản trị"),
    ("archivist", "Lưu trữ"),
    ("helpdesk", "Hỗ trợ"),
    ("auditor", "Kiểm tra"),
]
"""Stable codes of `organization`, which stands above this room and fills `Holder.roles` with them."""


def _administrators(
    view: Callable[Concatenate[HttpRequest, Holder, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Pages of the administrator; everybody else who is signed in is refused. Raises AdministratorOfFactorsOnly."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect("accounts:login")
        holder = holders.holder_of(user.pk, clock.now())
        second_factor_policy.require_administrator(holder)
        special_powers.require_powers(request)
        return view(request, holder, *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", never_cache(guarded))


@require_http_methods(["GET", "POST"])
@_administrators
def second_factor_rules(request: HttpRequest, holder: Holder) -> HttpResponse:
    """Who is asked, where, how often; the gateways; a person to help."""
    policy = second_factor.policy()
    initial = {
        "always_roles": policy.always_roles,
        "everybody_else": policy.everybody_else,
        "networks": "\n".join(policy.office_networks),
        "trusted_days": policy.trusted_days,
        "code_channels": policy.code_channels,
        "codes_per_number": policy.codes_per_number,
        "codes_per_address": policy.codes_per_address,
    }
    form = RulesForm(request.POST or None, initial=initial, roles=ROLES)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor_policy.change_policy(actor=holder, entry=_policy_entry(form), now=clock.now())
        except Invalid as failure:
            _mark(form, failure)
        else:
            return HttpResponseRedirect(f"{reverse('accounts:second_factor_rules')}?saved=rules", status=303)
    context = {
        "form": form,
        "saved": request.GET.get("saved", ""),
        "kinds": [
            (channel, Channel(channel).label, [(kind, kind.label) for kind in kinds if _is_offered(kind)])
            for channel, kinds in KINDS_OF.items()
        ],
        "gateways": gateways.gateways(),
        "messages_sent": [(row, _masked(row.channel, row.recipient)) for row in sending.newest_messages()[:30]],
        "email": request.GET.get("email", ""),
    }
    return render(request, "accounts/second_factor_rules.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
@_administrators
def gateway_add(request: HttpRequest, holder: Holder, channel: str, kind: str) -> HttpResponse:
    """A new gateway of one kind. Raises NotFound for a kind the channel has not."""
    if channel not in KINDS_OF or kind not in KINDS_OF[channel] or not _is_offered(kind):
        raise NotFound
    form = FORMS[kind](request.POST or None)
    return _gateway_page(request, holder, form, channel=channel, kind=kind)


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
@_administrators
def gateway_edit(request: HttpRequest, holder: Holder, gateway_id: int) -> HttpResponse:
    """Settings of one gateway; its secret is kept when none is typed, and never shown."""
    gateway = gateways.get_gateway(gateway_id)
    form = FORMS[gateway.kind](request.POST or None, initial=_initial_of(gateway))
    return _gateway_page(request, holder, form, channel=gateway.channel, kind=gateway.kind, gateway=gateway)


def _initial_of(gateway: Gateway) -> dict[str, object]:
    headers = gateway.settings.get("headers", {})
    return {
        **gateway.settings,
        "name": gateway.name,
        "is_on": gateway.is_on,
        "header_lines": "\n".join(f"{name}: {value}" for name, value in headers.items()),
    }


@require_POST
@_administrators
def gateway_move(request: HttpRequest, holder: Holder, gateway_id: int) -> HttpResponse:
    second_factor_gateways.move_gateway_up(actor=holder, gateway_id=gateway_id, now=clock.now())
    return HttpResponseRedirect(reverse("accounts:second_factor_rules"), status=303)


@require_POST
@_administrators
def gateway_try(request: HttpRequest, holder: Holder, gateway_id: int) -> HttpResponse:
    """Send a trial message and come back with what the gateway answered."""
    recipient = request.POST.get("recipient", "")[:254]
    try:
        second_factor_gateways.try_gateway(actor=holder, gateway_id=gateway_id, recipient=recipient, now=clock.now())
    except Invalid:
        gateway = gateways.get_gateway(gateway_id)
        context = _gateway_context(FORMS[gateway.kind](initial=_initial_of(gateway)), gateway.channel, gateway.kind)
        context |= {"gateway": gateway, "recipient": recipient, "fault": "recipient"}
        return render(request, "accounts/gateway.html", context, status=422)
    return HttpResponseRedirect(f"{reverse('accounts:gateway_edit', args=[gateway_id])}?tried=1", status=303)


@require_GET
@_administrators
def person_find(request: HttpRequest, holder: Holder) -> HttpResponse:
    """Lead from an e-mail to the page of that account."""
    email = request.GET.get("email", "").strip()
    user = queries.user_by_email(email) if email else None
    if user is None:
        raise NotFound(f"Không có tài khoản nào có e-mail {email[:100]}. Quay lại để nhập e-mail khác.")
    return HttpResponseRedirect(reverse("accounts:person_factors", args=[user.pk]), status=303)


@require_http_methods(["GET", "POST"])
@_administrators
def person_factors(request: HttpRequest, holder: Holder, user_id: int) -> HttpResponse:
    """One person's factors: set the phone, or reset everything, with a reason."""
    user = queries.active_user(user_id)
    if user is None:
        raise NotFound
    person = holders.holder_of(user.pk, clock.now())
    failure: Invalid | None = None
    if request.method == "POST":
        reason, now = request.POST.get("reason", ""), clock.now()
        try:
            if request.POST.get("action") == "phone":
                second_factor_phones.set_phone(
                    actor=holder, user_id=user.pk, typed=request.POST.get("number", ""), reason=reason, now=now
                )
            else:
                second_factor_keeping.reset_factors(actor=holder, user_id=user.pk, reason=reason, now=now)
        except Invalid as error:
            failure = error
        else:
            return HttpResponseRedirect(f"{request.path}?saved=1", status=303)
    number = second_factor_phones.number_of(user.pk, person)
    context = {
        "account": user,
        "person": person,
        "ways": second_factor.ways_of(user, person),
        "number": numbers.masked(number) if number else "",
        "failure": failure,
        "typed": {name: request.POST.get(name, "") for name in ("number", "reason", "action")},
        "saved": request.GET.get("saved", ""),
    }
    return render(request, "accounts/person_factors.html", context, status=failure.status if failure else 200)


def _gateway_page(
    request: HttpRequest,
    holder: Holder,
    form: GatewayForm,
    *,
    channel: str,
    kind: str,
    gateway: Gateway | None = None,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            entry = GatewayEntry(
                name=form.cleaned_data["name"],
                channel=channel,
                kind=kind,
                settings=form.settings(),
                secret=form.cleaned_data["secret"] or None,
                is_on=form.cleaned_data["is_on"],
            )
            saved = second_factor_gateways.save_gateway(
                actor=holder, gateway_id=gateway.pk if gateway else None, entry=entry, now=clock.now()
            )
        except Invalid as failure:
            _mark(form, failure)
        else:
            address = reverse("accounts:gateway_edit", args=[saved.pk])
            return HttpResponseRedirect(f"{address}?saved=1", status=303)
    context = _gateway_context(form, channel, kind) | {
        "gateway": gateway,
        "saved": request.GET.get("saved", ""),
        "tried": request.GET.get("tried", ""),
    }
    return render(request, "accounts/gateway.html", context, status=422 if form.errors else 200)


def _gateway_context(form: GatewayForm, channel: str, kind: str) -> dict[str, object]:
    return {
        "form": form,
        "channel_words": Channel(channel).label,
        "kind": kind,
        "kind_words": GatewayKind(kind).label,
        "gateway": None,
        "saved": "",
        "tried": "",
        "fault": "",
        "recipient": "",
    }


def _policy_entry(form: RulesForm) -> PolicyEntry:
    values: dict[str, Any] = form.cleaned_data
    return PolicyEntry(
        always_roles=tuple(values["always_roles"]),
        everybody_else=values["everybody_else"],
        networks=tuple(values["networks"].replace(",", "\n").splitlines()),
        trusted_days=values["trusted_days"],
        code_channels=tuple(values["code_channels"]),
        codes_per_number=values["codes_per_number"],
        codes_per_address=values["codes_per_address"],
    )


def _mark(form: RulesForm | GatewayForm, failure: Invalid) -> None:
    for name, words in failure.fields.items():
        form.add_error({"headers": "header_lines"}.get(name, name), words)
    if not failure.fields:
        form.add_error(None, failure.message)


def _is_offered(kind: str) -> bool:
    return kind != GatewayKind.INBOX or inbox.is_open()


def _masked(channel: str, recipient: str) -> str:
    if channel != Channel.MAIL:
        return numbers.masked(recipient)
    name, _, domain = recipient.partition("@")
    return f"{name[:2]}****@{domain}"
