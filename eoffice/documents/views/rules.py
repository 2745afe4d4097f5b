"""Pages of distribution rules, and how each unit confirms what is reported done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.errors import Invalid
from eoffice.core.paging import whole_number
from eoffice.documents.errors import RuleNotFound
from eoffice.documents.forms.rules import RuleForm, initial_of
from eoffice.documents.models import DistributionRule
from eoffice.documents.queries import rules as queries
from eoffice.documents.services import closing, keeping_rules
from eoffice.documents.views.carrying import add_errors
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_GET
@signed_in
def rule_list(request: ActorRequest) -> HttpResponse:
    """The rules of each registry the actor keeps, in the order they are asked."""
    found = queries.rules_kept_by(request.actor, now=request.now)
    return render(request, "documents/rule/list.html", {"registries": found})


@require_http_methods(["GET", "POST"])
@signed_in
def rule_create(request: ActorRequest) -> HttpResponse:
    """A new rule of the registry in the address, else of the first one."""
    asked = request.GET.get("registry", "")
    kept = queries.registries_kept_by(request.actor)
    registry = next((each for each in kept if str(each.pk) == asked), None if asked else kept[0])
    if registry is None:
        raise RuleNotFound
    return _edit(request, DistributionRule(registry=registry), "Thêm quy tắc phân phối")


@require_http_methods(["GET", "POST"])
@signed_in
def rule_change(request: ActorRequest, rule_id: int) -> HttpResponse:
    """An existing rule, said anew."""
    return _edit(request, queries.get_rule(request.actor, rule_id), "Sửa quy tắc phân phối")


@require_GET
@signed_in
def rule_preview(request: ActorRequest, registry_id: int) -> HttpResponse:
    """The letters that the conditions typed so far would have taken; `rule` in the address is the one being changed."""
    asked = whole_number(request.GET.get("rule", ""))
    rule = queries.get_rule(request.actor, asked) if asked is not None else DistributionRule(registry_id=registry_id)
    form = RuleForm(request.GET, units=[])
    return render(request, "documents/rule/_matches.html", {"preview": _preview(request, rule, form)})


@require_POST
@signed_in
def rule_move(request: ActorRequest, rule_id: int) -> HttpResponse:
    """Ask a rule earlier or later."""
    keeping_rules.move_rule(actor=request.actor, rule_id=rule_id, up=request.POST.get("to") == "up", now=request.now)
    return _to_list()


@require_POST
@signed_in
def rule_switch(request: ActorRequest, rule_id: int) -> HttpResponse:
    """Put a rule out of use or into use."""
    is_active = request.POST.get("to") == "on"
    rule = keeping_rules.switch_rule(actor=request.actor, rule_id=rule_id, is_active=is_active, now=request.now)
    messages.success(request, f"Đã {'bật' if is_active else 'tắt'} quy tắc “{rule.name}”.")
    return _to_list()


@require_http_methods(["GET", "POST"])
@signed_in
def handling(request: ActorRequest) -> HttpResponse:
    """Whether what is reported done to a unit is confirmed by itself."""
    if request.method == "POST":
        unit = request.POST.get("unit", "")
        confirms_itself = request.POST.get("to") == "on"
        closing.set_confirmation(
            actor=request.actor,
            unit_id=whole_number(unit) or 0,
            confirms_itself=confirms_itself,
            now=request.now,
        )
        messages.success(
            request,
            "Kết quả báo hoàn thành được tự xác nhận." if confirms_itself else "Nơi giao xác nhận từng kết quả.",
        )
        return HttpResponseRedirect(reverse("documents:handling"), status=303)
    return render(request, "documents/rule/handling.html", {"units": queries.handling_of(request.actor)})


def _edit(request: ActorRequest, rule: DistributionRule, title: str) -> HttpResponse:
    units = queries.lead_choices_for(rule.registry_id)
    posted = request.method == "POST"
    initial = initial_of(rule) if rule.pk else None
    form = RuleForm(request.POST if posted else None, units=units, initial=initial)
    looks_only = request.POST.get("do") == "preview"
    if posted and not looks_only and form.is_valid():
        try:
            saved = _save(request, rule, form)
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Đã lưu quy tắc “{saved.name}”.")
            return _to_list()
    context = {"form": form, "rule": rule, "title": title, "preview": _preview(request, rule, form)}
    return render(request, "documents/rule/edit.html", context, status=422 if posted and not looks_only else 200)


def _save(request: ActorRequest, rule: DistributionRule, form: RuleForm) -> DistributionRule:
    if rule.pk:
        return keeping_rules.change_rule(actor=request.actor, rule_id=rule.pk, terms=form.terms(), now=request.now)
    return keeping_rules.create_rule(
        actor=request.actor,
        registry_id=rule.registry_id,
        terms=form.terms(),
        now=request.now,
        request_key=request.POST.get("idempotency_key", ""),
    )


def _preview(request: ActorRequest, rule: DistributionRule, form: RuleForm) -> queries.RulePreview:
    """The letters for what is typed; for a form just opened, for the rule as it stands."""
    tried = DistributionRule(pk=rule.pk, registry_id=rule.registry_id, position=rule.position)
    typed = form.conditions() if form.is_bound else {name: getattr(rule, name) for name in queries.CONDITIONS}
    for name, value in typed.items():
        setattr(tried, name, value)
    return queries.letters_matching(request.actor, tried, now=request.now)


def _to_list() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("documents:rule_list"), status=303)
