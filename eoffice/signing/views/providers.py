"""Pages of administrators: remote signing services, and what of a certificate must match its person."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.core.errors import Invalid, NotFound, NotPermitted
from eoffice.organization import queries as organization
from eoffice.organization.gate import require_powers_of_request, signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import permissions, queries, services
from eoffice.signing.engine.authority import fingerprint_of
from eoffice.signing.forms import AuthorityForm, MethodRulesForm, ProviderForm
from eoffice.signing.models import ProviderKind, SigningProvider
from eoffice.signing.providers.kinds import KINDS
from eoffice.signing.services.signers import redirect_uri

_secret = sensitive_post_parameters("sp_password", "client_secret")


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def provider_list(request: ActorRequest) -> HttpResponse:
    """Every service, and the rules of certificates; POST saves the rules."""
    require_provider_powers(request)
    form = _rules_form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.set_method_rules(actor=request.actor, now=request.now, **form.cleaned_data)
        messages.success(request, "Đã lưu quy định về chứng thư của người ký.")
        return HttpResponseRedirect(reverse("signing:providers"), status=303)
    return providers_page(request, form=form, status=422 if form.errors else 200)


@_secret
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def provider_create(request: ActorRequest, provider_kind: str) -> HttpResponse:
    """Connect a service of a kind."""
    require_provider_powers(request)
    kind = provider_kind
    if kind not in KINDS:
        raise NotFound("Không có loại dịch vụ này.")
    form = ProviderForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            provider = services.add_provider(actor=request.actor, kind=kind, entry=form.entry(), now=request.now)
        except Invalid as error:
            form.show(error)
        else:
            messages.success(request, "Đã thêm dịch vụ ký số. Thử kết nối với một tài khoản thật trước khi dùng.")
            return HttpResponseRedirect(reverse("signing:provider", args=[provider.pk]), status=303)
    return _page(request, form, kind, None)


@_secret
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
@with_powers
def provider_edit(request: ActorRequest, provider_id: int) -> HttpResponse:
    """Change a service."""
    require_provider_powers(request)
    provider = queries.get_provider(provider_id)
    form = ProviderForm(request.POST or None, kind=provider.kind, provider=provider)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_provider(actor=request.actor, provider_id=provider_id, entry=form.entry(), now=request.now)
        except Invalid as error:
            form.show(error)
        else:
            messages.success(request, "Đã lưu dịch vụ ký số.")
            return HttpResponseRedirect(reverse("signing:provider", args=[provider_id]), status=303)
    return _page(request, form, provider.kind, provider)


@require_POST
@signed_in
@with_powers
def provider_test(request: ActorRequest, provider_id: int) -> HttpResponse:
    """Reach the service and say what was seen."""
    require_provider_powers(request)
    services.test_provider(
        actor=request.actor, provider_id=provider_id, account=request.POST.get("account", "")[:100], now=request.now
    )
    return HttpResponseRedirect(reverse("signing:provider", args=[provider_id]), status=303)


def providers_page(
    request: ActorRequest,
    *,
    form: MethodRulesForm | None = None,
    authority_form: AuthorityForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Where this office's signatures come from: services, certificates to confirm, its own authority."""
    authority = queries.own_authority()
    installation = organization.installation()
    context = {
        "providers": queries.providers(),
        "kinds": ProviderKind.choices,
        "form": form or _rules_form(None),
        "waiting": queries.keys_to_confirm(),
        "authority": authority,
        "authority_print": fingerprint_of(bytes(authority.certificate)) if authority else "",
        "can_found": authority is None and installation is not None and not installation.is_demo,
        "authority_form": authority_form or AuthorityForm(),
    }
    return render(request, "signing/providers.html", context, status=status)


def _rules_form(posted: QueryDict | None) -> MethodRulesForm:
    rules = queries.method_rules()
    return MethodRulesForm(posted, initial={name: getattr(rules, name) for name in MethodRulesForm.base_fields})


def require_provider_powers(request: ActorRequest) -> None:
    """The administrator's timed powers, before a form that needs them is filled in; each change with them is noted.

    Raises NotPermitted, PowersNeeded (`with_powers` leads to the page that switches them on).
    """
    if not permissions.can_manage_providers(request.actor):
        raise NotPermitted
    require_powers_of_request(request)


def _page(request: ActorRequest, form: ProviderForm, kind: str, provider: SigningProvider | None) -> HttpResponse:
    hook = f"{settings.ENVIRONMENT.base_url}{reverse('signing:hook', args=[provider.hook])}" if provider else ""
    context = {
        "form": form,
        "kind": ProviderKind(kind),
        "kind_words": ProviderKind(kind).label,
        "account_label": KINDS[kind].account_label,
        "on_desk": KINDS[kind].is_on_desk,
        "provider": provider,
        "hook": hook if kind in {ProviderKind.SMARTCA, ProviderKind.SMARTCA_V2} else "",
        "redirect_uri": redirect_uri() if KINDS[kind].logs_in_by_browser else "",
    }
    return render(request, "signing/provider.html", context, status=422 if form.errors else 200)
