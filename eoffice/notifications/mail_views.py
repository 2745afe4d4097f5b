"""Pages: how I get mail, and how the installation sends it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.core.errors import Invalid
from eoffice.notifications import permissions, queries, services
from eoffice.notifications.forms import MailChoicesForm, MailRulesForm
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def mail_choices(request: ActorRequest) -> HttpResponse:
    """Cách nhận thư: a mode for each topic, the hour of the daily mail, quiet hours."""
    page = queries.mail_page(request.actor)
    initial = {name: getattr(page.schedule, name) for name in ("digest_hour", "quiet_from", "quiet_until")}
    form = MailChoicesForm(request.POST or None, modes=page.modes, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_mail_choices(actor=request.actor, wish=form.wish(), now=request.now)
        except Invalid as error:
            for field, message in error.fields.items():
                form.add_error(field, message)
        else:
            return HttpResponseRedirect(f"{reverse('notifications:mail_choices')}?saved=choices", status=303)
    context = {"form": form, "page": page, "saved": request.GET.get("saved", "")}
    return render(request, "notifications/mail_choices.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def try_address_again(request: ActorRequest) -> HttpResponse:
    services.try_address_again(actor=request.actor, now=request.now)
    return HttpResponseRedirect(f"{reverse('notifications:mail_choices')}?saved=again", status=303)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def mail_rules(request: ActorRequest) -> HttpResponse:
    """Quy định gửi thư, for administrators."""
    permissions.require_mail_rules(request.actor)
    rules = queries.mail_rules()
    initial = {"is_on": rules.is_on, "tells_titles": rules.tells_titles, "digest_hour": rules.digest_hour}
    form = MailRulesForm(request.POST or None, modes=queries.default_modes(rules), initial=initial)
    if request.method == "POST" and form.is_valid():
        services.set_mail_rules(
            actor=request.actor,
            is_on=form.cleaned_data["is_on"],
            tells_titles=form.cleaned_data["tells_titles"],
            wish=form.wish(),
            now=request.now,
        )
        return HttpResponseRedirect(f"{reverse('notifications:mail_rules')}?saved=rules", status=303)
    context = {"form": form, "topics": queries.default_modes(rules), "saved": request.GET.get("saved", "")}
    return render(request, "notifications/mail_rules.html", context, status=422 if form.errors else 200)
