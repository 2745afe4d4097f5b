"""Administration of how people come in: doors, limits of sessions, emergency accounts, open sessions."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.accounts import agents, holders, permissions, queries, services, special_powers
from eoffice.accounts.forms.doors import FORMS, DoorForm, EntryPolicyForm
from eoffice.accounts.holders import Holder
from eoffice.accounts.models import Door, DoorKind, SessionEnd, User
from eoffice.accounts.services import doors as door_services
from eoffice.accounts.views.providers import places_of
from eoffice.core import clock
from eoffice.core.errors import ExpectedError, Invalid, NotFound


@never_cache
@require_http_methods(["GET", "POST"])
def door_list(request: HttpRequest) -> HttpResponse:
    """Every door, the limits of sessions and the emergency accounts; POST saves the limits."""
    now = clock.now()
    holder = administrator_of(request, now)
    if holder is None:
        return redirect("accounts:login")
    policy = queries.entry_policy()
    initial = {name: getattr(policy, name) for name in EntryPolicyForm.base_fields}
    form = EntryPolicyForm(request.POST or None, initial=initial)
    failure: ExpectedError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            door_services.change_entry_policy(actor=holder.ref, rules=form.rules(), now=now)
        except ExpectedError as error:
            failure = error
        else:
            messages.success(request, "Đã lưu quy định đăng nhập.")
            return HttpResponseRedirect(reverse("accounts:door_list"), status=303)
    context = {
        "doors": queries.doors(),
        "kinds": DoorKind.choices,
        "policy_form": form,
        "failure": failure,
        "emergency": queries.emergency_accounts(),
    }
    status = 200 if request.method == "GET" else (failure.status if failure else 422)
    return render(request, "accounts/doors.html", context, status=status)


@sensitive_post_parameters("secret")
@never_cache
@require_http_methods(["GET", "POST"])
def door_create(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a door of a kind."""
    now = clock.now()
    holder = administrator_of(request, now)
    if holder is None:
        return redirect("accounts:login")
    if kind not in FORMS:
        raise NotFound("Không có loại cửa này.")
    form = FORMS[kind](request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            door = door_services.create_door(actor=holder.ref, entry=form.entry(kind), now=now)
        except Invalid as error:
            _show(form, error)
        else:
            messages.success(request, "Đã thêm cửa đăng nhập. Khai các địa chỉ dưới đây, rồi thử kết nối.")
            return HttpResponseRedirect(reverse("accounts:door_edit", args=[door.code]), status=303)
    return _door_page(request, form, kind=kind, door=None)


@sensitive_post_parameters("secret")
@never_cache
@require_http_methods(["GET", "POST"])
def door_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a door."""
    now = clock.now()
    holder = administrator_of(request, now)
    if holder is None:
        return redirect("accounts:login")
    door = queries.get_door(code)
    form = FORMS[door.kind](request.POST or None, door=door)
    if request.method == "POST" and form.is_valid():
        try:
            entry = form.entry(door.kind, code=door.code)
            door_services.change_door(actor=holder.ref, code=code, entry=entry, now=now)
        except Invalid as error:
            _show(form, error)
        else:
            messages.success(request, "Đã lưu cửa đăng nhập.")
            return HttpResponseRedirect(reverse("accounts:door_edit", args=[code]), status=303)
    return _door_page(request, form, kind=door.kind, door=door)


@require_POST
def door_try(request: HttpRequest, code: str) -> HttpResponse:
    """Reach the door's server and say what was seen."""
    now = clock.now()
    if administrator_of(request, now) is None:
        return redirect("accounts:login")
    door = queries.get_door(code)
    tried = door_services.try_door(door=door, now=now)
    return _door_page(request, FORMS[door.kind](door=door), kind=door.kind, door=door, tried=tried)


@require_POST
def door_remove(request: HttpRequest, code: str) -> HttpResponse:
    """Remove a door."""
    now = clock.now()
    holder = administrator_of(request, now)
    if holder is None:
        return redirect("accounts:login")
    door_services.remove_door(actor=holder.ref, code=code, now=now)
    messages.success(request, "Đã xóa cửa đăng nhập.")
    return HttpResponseRedirect(reverse("accounts:door_list"), status=303)


@require_POST
def emergency_set(request: HttpRequest) -> HttpResponse:
    """Make an account an emergency account, or stop that."""
    now = clock.now()
    holder = administrator_of(request, now)
    if holder is None:
        return redirect("accounts:login")
    user = queries.user_by_email(request.POST.get("email", "")[:254])
    is_emergency = request.POST.get("emergency") == "1"
    try:
        if user is None or not user.is_active:
            raise NotFound("Không có tài khoản đang dùng nào có e-mail này.")
        services.set_emergency(actor=holder.ref, user_id=user.pk, is_emergency=is_emergency, now=now)
    except ExpectedError as error:
        messages.error(request, error.message)
    else:
        words = "Đã đặt" if is_emergency else "Đã thôi đặt"
        messages.success(request, f"{words} {user.email} làm tài khoản khẩn cấp.")
    return HttpResponseRedirect(reverse("accounts:door_list"), status=303)


@never_cache
@require_GET
def session_list(request: HttpRequest) -> HttpResponse:
    """Sessions open anywhere; with `q` those of one account."""
    now = clock.now()
    if administrator_of(request, now) is None:
        return redirect("accounts:login")
    email = request.GET.get("q", "").strip()[:254]
    user = queries.user_by_email(email) if email else None
    rows = (queries.open_sessions_of(user.pk, now=now) if user else []) if email else queries.newest_sessions()
    context = {
        "q": email,
        "account": user,
        "rows": [(row, agents.words_for(row.agent)) for row in rows],
    }
    return render(request, "accounts/door_sessions.html", context)


@require_POST
def session_end_all(request: HttpRequest, user_id: int) -> HttpResponse:
    """Sign an account out everywhere."""
    now = clock.now()
    holder = administrator_of(request, now)
    if holder is None:
        return redirect("accounts:login")
    ended = services.end_sessions(actor=holder.ref, user_id=user_id, because=SessionEnd.ADMINISTRATOR, now=now)
    messages.success(request, f"Đã kết thúc {ended} phiên đăng nhập.")
    return HttpResponseRedirect(reverse("accounts:session_list"), status=303)


def administrator_of(request: HttpRequest, now: datetime) -> Holder | None:
    """Who acts, with special powers on; None when nobody is signed in. Raises AdministratorOfDoorsOnly."""
    if not isinstance(request.user, User):
        return None
    holder = holders.holder_of(request.user.pk, now)
    permissions.require(permissions.can_set_up_doors(holder))
    special_powers.require_powers(request)
    return holder


def _show(form: DoorForm, error: Invalid) -> None:
    for name, words in (error.fields or {"": error.message}).items():
        form.add_error(name if name in form.fields else None, words)


def _door_page(
    request: HttpRequest,
    form: DoorForm,
    *,
    kind: str,
    door: Door | None,
    tried: door_services.TriedOut | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "kind": DoorKind(kind),
        "door": door,
        "tried": tried,
        "places": places_of(request, door.code) if door else None,
        "advanced": [name for name in form.SETTINGS if name not in {"is_on", "secret"}],
    }
    status = 422 if form.errors else 200
    return render(request, "accounts/door.html", context, status=status)
