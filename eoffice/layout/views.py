"""Pages of families: what letters of party, union and youth units carry."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.layout.families import FamilyRules, families_with_rules, rules_of
from eoffice.layout.family_form import FamilyTermsForm, initial_of
from eoffice.layout.keeping_families import can_set_families, set_family
from eoffice.layout.letters import LetterContent, SignatureBlock, render_letter
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Family

_SAMPLE: Final = "Mẫu thể thức"


@require_GET
@signed_in
def families(request: ActorRequest) -> HttpResponse:
    """Every family with its rules, and whether somebody confirmed them."""
    _require(request)
    return render(request, "layout/families.html", {"families": families_with_rules()})


@require_http_methods(["GET", "POST"])
@signed_in
def family_edit(request: ActorRequest, family: str) -> HttpResponse:
    """The rules of one family, said anew."""
    _require(request)
    rules = _rules_of(family)
    if request.method != "POST":
        form = FamilyTermsForm(initial=initial_of(rules))
        return render(request, "layout/family.html", {"form": form, "rules": rules})
    form = FamilyTermsForm(request.POST)
    try:
        set_family(actor=request.actor, family=family, terms=form.terms(), now=request.now)
    except Invalid as error:
        for name, words in error.fields.items():
            form.add_error(name, words)
        return render(request, "layout/family.html", {"form": form, "rules": rules}, status=422)
    messages.success(request, f"Đã lưu thể thức hệ {rules.family.label}.")
    return HttpResponseRedirect(reverse("layout:families"), status=303)


@require_GET
@xframe_options_sameorigin
@signed_in
def family_sample(request: ActorRequest, family: str) -> HttpResponse:
    """A letter of the family as it would be drawn today, to compare with the family's own text."""
    _require(request)
    rules = _rules_of(family)
    content = LetterContent(
        type="notice", issuing_body="Tên cơ quan ban hành", superior_body="Tên cơ quan chủ quản",
        symbol=rules.symbol("notice", body="CQ"), number="01", place="Hà Nội", issued_on=local_date(request.now),
        subject=_SAMPLE, recipients=("Như trên", "Lưu: VT"),
        signatures=(SignatureBlock(lines=("CHỨC VỤ",), name="Họ và tên"),), family=rules.letterhead,
    )  # fmt: skip
    headers = {"Content-Disposition": 'inline; filename="mau-the-thuc.pdf"'}
    return HttpResponse(render_letter(content).pdf, content_type="application/pdf", headers=headers)


def _require(request: ActorRequest) -> None:
    if not can_set_families(request.actor):
        raise NotPermitted


def _rules_of(family: str) -> FamilyRules:
    if family not in Family.values or family == Family.STATE:
        raise Http404
    return rules_of(family)
