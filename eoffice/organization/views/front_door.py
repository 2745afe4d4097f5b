"""The administrator's page of the login page, and its logo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.accounts.forms import SignInForm
from eoffice.core import files
from eoffice.core.errors import Invalid, NotFound
from eoffice.organization import queries as organization
from eoffice.organization.errors import AdministratorOnly
from eoffice.organization.forms.front_door import FrontDoorForm, NoticeForm
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.queries import front_door as queries
from eoffice.organization.queries.front_door import FrontDoor
from eoffice.organization.services import front_door as services
from eoffice.organization.services.front_door import FrontDoorEntry


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: ActorRequest) -> HttpResponse:
    """Words and logo of the login page; with `preview` the page as it would look, nothing saved."""
    _require(request)
    form = FrontDoorForm(request.POST or None, request.FILES or None, initial=_kept(request))
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            return _preview(request, form.cleaned_data)
        try:
            services.edit_front_door(actor=request.actor, entry=_entry(form.cleaned_data), now=request.now)
        except Invalid as error:
            for field, words in error.fields.items():
                form.add_error(field, words)
        else:
            messages.success(request, "Đã lưu trang đăng nhập.")
            return HttpResponseRedirect(reverse("front_door:edit"), status=303)
    return _page(request, form, NoticeForm(), status=422 if form.errors else 200)


@require_POST
@signed_in
def add_notice(request: ActorRequest) -> HttpResponse:
    """Show a notice from one moment to another."""
    _require(request)
    form = NoticeForm(request.POST)
    if form.is_valid():
        try:
            services.add_notice(actor=request.actor, now=request.now, **form.cleaned_data)
        except Invalid as error:
            for field, words in error.fields.items():
                form.add_error(field, words)
        else:
            messages.success(request, "Đã thêm thông báo.")
            return HttpResponseRedirect(reverse("front_door:edit"), status=303)
    return _page(request, FrontDoorForm(initial=_kept(request)), form, status=422)


@require_POST
@signed_in
def end_notice(request: ActorRequest, notice_id: int) -> HttpResponse:
    services.end_notice(actor=request.actor, notice_id=notice_id, now=request.now)
    messages.success(request, "Đã gỡ thông báo.")
    return HttpResponseRedirect(reverse("front_door:edit"), status=303)


@require_GET
def logo(request: HttpRequest, sha256: str) -> HttpResponse:
    """The group's logo, for everybody; only the one in use. Raises NotFound."""
    if not sha256 or queries.front_door_content().logo_id != sha256:
        raise NotFound
    answer = HttpResponse(files.read(sha256), content_type="image/png")
    answer.headers["Cache-Control"] = "public, max-age=86400, immutable"
    return answer


def _require(request: ActorRequest) -> None:
    if not services.can_edit_front_door(request.actor):
        raise AdministratorOnly


def _kept(request: ActorRequest) -> dict[str, Any]:
    shown = queries.front_door(organization.installation(), now=request.now)
    names = ("name", "hotline", "hotline_note", "support_email", "support_contacts")
    return {name: getattr(shown, name) for name in names}


def _entry(typed: dict[str, Any]) -> FrontDoorEntry:
    upload = typed["logo"]
    words = ("name", "hotline", "hotline_note", "support_email", "support_contacts", "removes_logo")
    return FrontDoorEntry(logo=upload.read() if upload else None, **{name: typed[name] for name in words})


def _preview(request: ActorRequest, typed: dict[str, Any]) -> HttpResponse:
    shown = queries.front_door(organization.installation(), now=request.now)
    front = FrontDoor(
        name=typed["name"],
        logo="" if typed["removes_logo"] else shown.logo,
        hotline=typed["hotline"],
        hotline_note=typed["hotline_note"],
        support_email=typed["support_email"],
        support_contacts=typed["support_contacts"],
        notices=shown.notices,
    )
    context = {"form": SignInForm(), "front": front, "doors": [], "next": "/", "failure": None, "is_preview": True}
    return render(request, "accounts/login.html", context)


def _page(request: ActorRequest, form: FrontDoorForm, notice_form: NoticeForm, *, status: int) -> HttpResponse:
    context = {
        "form": form,
        "notice_form": notice_form,
        "notices": queries.notices_to_come(now=request.now),
        "logo": queries.front_door_content().logo_id or "",
        "moment": request.now,
    }
    return render(request, "organization/front_door.html", context, status=status)
