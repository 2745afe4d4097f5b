"""Pages of the public check, open to everybody; and where an office prints its codes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core import clock
from eoffice.core.client_address import address_of, counted_address
from eoffice.core.errors import Invalid
from eoffice.core.paging import whole_number
from eoffice.core.rates import Rate
from eoffice.documents.errors import CodeUnknown, TooManyCodes
from eoffice.documents.forms.public_check import CompareForm
from eoffice.documents.queries import check_codes as queries
from eoffice.documents.services import check_codes, comparing_public
from eoffice.layout.check_marks import MarkPlace
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing.errors import ChecksBusy, TooManyChecks

MISSES: Final = Rate(limit=30, span=timedelta(minutes=10))
"""Codes that no paper carries, for each network address. Right codes are not counted: one office scans many."""


@never_cache
@require_GET
def enter(request: HttpRequest) -> HttpResponse:
    """Enter a code as printed; a code that can be one leads to its paper."""
    typed = request.GET.get("ma", "")[:40].strip()
    code = queries.as_written(typed)
    if code:
        return HttpResponseRedirect(reverse("public_check:paper", args=[code]))
    fault = "Mã gồm 12 chữ và số, in dạng 7KQ2-M0ZT-9XWA. Xem lại mã in trên văn bản." if typed else ""
    return _entry(request, typed, fault, 422 if fault else 200)


@never_cache
@require_GET
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """What anybody may know of the paper of a code."""
    try:
        found = _paper(request, code)
    except (CodeUnknown, TooManyCodes) as error:
        return _entry(request, code[:40], error.message, error.status)
    context = {"paper": found, "form": CompareForm(), "comparison": None}
    return render(request, "documents/public_check/paper.html", context)


@require_POST
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Compare a file with the issued one; the file is not kept."""
    try:
        found = _paper(request, code)
    except (CodeUnknown, TooManyCodes) as error:
        return _entry(request, code[:40], error.message, error.status)
    form = CompareForm(request.POST, request.FILES)
    context = {"paper": found, "form": form, "comparison": None, "file_name": "", "compared_at": None}
    if not form.is_valid():
        return render(request, "documents/public_check/paper.html", context, status=422)
    upload = form.cleaned_data["file"]
    if upload.size > settings.UPLOAD_LIMIT_BYTES:
        form.add_error("file", "Tệp lớn hơn 100 MB nên không phải bản đã phát hành trên hệ thống này.")
        return render(request, "documents/public_check/paper.html", context, status=422)
    now = clock.now()
    try:
        context["comparison"] = comparing_public.compare_with_issued(
            code=found.code.code,
            content=upload.read(),
            is_signed_in=request.user.is_authenticated,
            address=address_of(request),
            now=now,
        )
    except (TooManyChecks, ChecksBusy) as error:
        form.add_error("file", error.message)
        return render(request, "documents/public_check/paper.html", context, status=error.status)
    context |= {"file_name": upload.name, "compared_at": now}
    return render(request, "documents/public_check/paper.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def mark_places(request: ActorRequest) -> HttpResponse:
    """Where the papers of each registry carry their code."""
    if request.method == "POST":
        try:
            rule = check_codes.set_mark_place(
                actor=request.actor,
                registry_id=whole_number(request.POST.get("registry", "")) or 0,
                place=request.POST.get("place", ""),
                now=request.now,
            )
        except Invalid as error:
            messages.error(request, error.fields.get("place", error.message))
        else:
            messages.success(request, f"Đã đặt vị trí mã kiểm tra: {queries.PLACE_WORDS[MarkPlace(rule.place)]}.")
        return HttpResponseRedirect(reverse("documents:mark_places"), status=303)
    context = {"marks": queries.marks_of(request.actor), "places": queries.PLACE_WORDS.items()}
    return render(request, "documents/public_check/mark_places.html", context)


def _paper(request: HttpRequest, code: str) -> queries.PublicPaper:
    """The paper of a code. An address that only tries is slowed. Raises CodeUnknown, TooManyCodes."""
    now, address = clock.now(), counted_address(address_of(request)) or "-"
    if MISSES.is_used_up(address, now):
        raise TooManyCodes
    try:
        return queries.issued_by_code(queries.as_written(code))
    except CodeUnknown:
        MISSES.count(address, now)
        raise


def _entry(request: HttpRequest, typed: str, fault: str, status: int) -> HttpResponse:
    context = {"typed": typed, "fault": fault}
    return render(request, "documents/public_check/enter.html", context, status=status)
