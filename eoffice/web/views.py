"""Pages of the shell: home, counters, the guide, the living style page."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from eoffice.core import clock
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.web import navigation
from eoffice.web.guide import guide_html
from eoffice.web.shell import counts_of


@require_GET
@signed_in
def home(request: ActorRequest) -> HttpResponse:
    """What waits for me, each place with its count; the late ones first."""
    counts = counts_of(request.actor, request.now)
    sections = navigation.draw(navigation.sections_for(request.actor), counts=counts, full_path=request.path)
    waiting = [item for section in sections for item in section.items if item.count and item.count.waiting]
    context = {
        "today": clock.local_date(request.now),
        "waiting": sorted(waiting, key=lambda item: item.count.late == 0 if item.count else True),
        "late_count": sum(item.count.late for item in waiting if item.count),
    }
    return render(request, "web/home.html", context)


@never_cache
@require_GET
@signed_in
def counters(request: ActorRequest) -> JsonResponse:
    """Every counter of the navigation as `{key: {"waiting": n, "late": n}}`, asked again after an event."""
    counts = counts_of(request.actor, request.now)
    return JsonResponse({key: {"waiting": count.waiting, "late": count.late} for key, count in counts.items()})


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """The user's guide; open without signing in, because signing in is its first chapter."""
    return render(request, "web/guide.html", {"guide": guide_html()})


class _ShowcaseForm(forms.Form):
    """One field of every kind, for the style page alone."""

    subject = forms.CharField(label="Trích yếu", max_length=500, widget=forms.Textarea)
    symbol = forms.CharField(label="Ký hiệu", max_length=30)
    issued_on = forms.DateField(label="Ngày văn bản")
    kind = forms.ChoiceField(label="Loại văn bản", choices=[("CV", "Công văn"), ("QD", "Quyết định")])
    urgency = forms.ChoiceField(label="Độ khẩn", choices=[("", "Thường"), ("K", "Khẩn"), ("HT", "Hỏa tốc")])
    follow = forms.BooleanField(label="Tôi theo dõi việc này", required=False)
    password = forms.CharField(label="Mật khẩu", required=False, widget=forms.PasswordInput)


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component in its states, for developers and the accessibility check; off outside debug and demo."""
    faulty = _ShowcaseForm({"subject": "Báo cáo kết quả triển khai", "issued_on": "31/02/2026", "kind": "CV"})
    faulty.is_valid()
    context = {"form": _ShowcaseForm(initial={"symbol": "BKHCN-CĐSQG", "urgency": "K"}), "faulty": faulty}
    return render(request, "web/components.html", context)
