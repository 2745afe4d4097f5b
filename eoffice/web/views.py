"""Pages of the shell: home, counters, the guide, the living style page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from django import forms
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.accounts.services import page_choices
from eoffice.core import clock
from eoffice.core.paging import whole_number
from eoffice.core.typesetting import typeset
from eoffice.documents.queries import home as documents
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.web import desk, navigation
from eoffice.web.counting import counts_for
from eoffice.web.demo import filling
from eoffice.web.guide import guide_html, picture_path

SAMPLE_PATH: Final = Path(__file__).resolve().parent / "sample.typ"


@require_GET
@signed_in
def home(request: ActorRequest) -> HttpResponse:
    """What waits for me, late first; what I ordered that is not done; the clerk's counters."""
    trays = desk.trays_of(request.actor, now=request.now)
    context = {
        "today": clock.local_date(request.now),
        "trays": trays,
        "desk_words": desk.words_of(trays),
        "home": documents.home_of(request.actor, request.now),
        "desk": navigation.desk_of(request.actor, counts=counts_for(request, request.actor, request.now)),
        "demo": filling.progress() if settings.ENVIRONMENT.demo else None,
    }
    return render(request, "web/home.html", context)


@never_cache
@require_GET
def demo_progress(request: HttpRequest) -> HttpResponse:
    """The bar of the demo's stories, asked again until it is full."""
    return render(request, "web/_demo_progress.html", {"demo": filling.progress()})


@require_POST
@signed_in
def choices(request: ActorRequest) -> HttpResponse:
    """Keep density and list width with the person, sent by the shell as they are changed."""
    density = request.POST.get("density", "")
    page_choices.choose_pages(
        user_id=request.actor.user_id,
        has_dense_lists=density == "compact" if density in {"compact", "roomy"} else None,
        list_width_px=whole_number(request.POST.get("list_width", "")),
    )
    return HttpResponse(status=204)


@never_cache
@require_GET
@signed_in
def counters(request: ActorRequest) -> JsonResponse:
    """Every counter of the navigation as `{key: {"waiting": n, "late": n}}`, asked again after an event."""
    counts = counts_for(request, request.actor, request.now)
    return JsonResponse({key: {"waiting": count.waiting, "late": count.late} for key, count in counts.items()})


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """The user's guide; open without signing in, because signing in is its first chapter."""
    return render(request, "web/guide.html", {"guide": guide_html()})


@require_GET
def guide_chapter(request: HttpRequest, chapter: str) -> HttpResponse:
    """One chapter with pictures."""
    return render(request, "web/guide.html", {"guide": guide_html(chapter), "is_chapter": True})


@require_GET
@cache_control(public=True, max_age=3600)
def guide_picture(request: HttpRequest, name: str) -> FileResponse:
    return FileResponse(picture_path(name).open("rb"), content_type="image/png")


class _ShowcaseForm(forms.Form):
    """One field of every kind, for the style page alone."""

    subject = forms.CharField(label="Trích yếu", max_length=500, widget=forms.Textarea)
    symbol = forms.CharField(label="Ký hiệu", max_length=30)
    issued_on = forms.DateField(label="Ngày văn bản")
    kind = forms.ChoiceField(label="Loại văn bản", choices=[("CV", "Công văn"), ("QD", "Quyết định")])
    urgency = forms.ChoiceField(
        label="Độ khẩn", required=False, choices=[("", "Thường"), ("K", "Khẩn"), ("HT", "Hỏa tốc")]
    )
    follow = forms.BooleanField(label="Tôi theo dõi việc này", required=False)
    password = forms.CharField(label="Mật khẩu", required=False, widget=forms.PasswordInput)


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component in its states, for developers and the accessibility check; off outside debug and demo."""
    faulty = _ShowcaseForm({"subject": "Báo cáo kết quả triển khai", "issued_on": "31/02/2026", "kind": "CV"})
    faulty.is_valid()
    body = {
        "type": "doc",
        "content": [{"type": "article", "content": [{"type": "text", "text": "Phê duyệt phương án."}]}],
    }
    marks = [{"page": 0, "x0": 85, "y0": 745, "x1": 535, "y1": 785, "label": "4", "tone": "warn", "title": "Trích yếu"}]
    context: dict[str, object] = {"pdf_href": "/web/components/sample.pdf"}
    context |= {"body": json.dumps(body, ensure_ascii=False), "marks": marks} | {
        "form": _ShowcaseForm(initial={"symbol": "BKHCN-CĐSQG", "urgency": "K"}),
        "faulty": faulty,
    }
    return render(request, "web/components.html", context)


@require_GET
def sample_pdf(request: HttpRequest) -> HttpResponse:
    """Two typeset pages for the viewer of the style page."""
    data: dict[str, object] = {
        "title": "VĂN BẢN MẪU",
        "lines": ["Thực hiện Chương trình chuyển đổi số quốc gia, đề nghị các đơn vị báo cáo kết quả triển khai."] * 6,
    }
    return HttpResponse(typeset(SAMPLE_PATH, data), content_type="application/pdf")
