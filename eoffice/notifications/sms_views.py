"""Pages: which notices I want by SMS, and whether the installation sends any. They stand beside those of mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from eoffice.core.channels import gateways
from eoffice.core.errors import Invalid
from eoffice.core.models import Channel
from eoffice.notifications import permissions, queries, services
from eoffice.notifications.forms import SmsChoicesForm, SmsRulesForm
from eoffice.notifications.services.texting import used_this_month
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def sms_choices(request: ActorRequest) -> HttpResponse:
    """Tin nhắn SMS: the kinds a person wants on the confirmed phone."""
    page = queries.sms_page(request.actor)
    form = SmsChoicesForm(request.POST if request.method == "POST" else None, initial={"kinds": page.kinds})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_sms_choices(actor=request.actor, kinds=form.cleaned_data["kinds"], now=request.now)
        except Invalid as error:
            form.add_error("kinds", error.fields["kinds"])
        else:
            messages.success(request, "Đã lưu lựa chọn tin nhắn.")
            return HttpResponseRedirect(reverse("notifications:sms_choices"), status=303)
    context = {"form": form, "page": page}
    return render(request, "notifications/sms_choices.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def sms_rules(request: ActorRequest) -> HttpResponse:
    """Quy định tin nhắn thông báo, for administrators."""
    permissions.require_mail_rules(request.actor)
    rules = queries.sms_rules()
    initial = {"is_on": rules.is_on, "monthly_most": rules.monthly_most}
    form = SmsRulesForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_sms_rules(actor=request.actor, now=request.now, **form.cleaned_data)
        except Invalid as error:
            for name, words in error.fields.items():
                form.add_error(name, words)
        else:
            messages.success(request, "Đã lưu quy định tin nhắn.")
            return HttpResponseRedirect(reverse("notifications:sms_rules"), status=303)
    context = {"form": form, "used": used_this_month(request.now), "has_way": gateways.has_way(Channel.SMS)}
    return render(request, "notifications/sms_rules.html", context, status=422 if form.errors else 200)
