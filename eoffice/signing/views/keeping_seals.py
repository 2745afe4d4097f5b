"""Pages: who keeps the seal of which unit, and the minutes of its hand-overs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.errors import ExpectedError, Invalid
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import certificate_lists, permissions
from eoffice.signing.forms import HandOverForm
from eoffice.signing.minutes import minutes_pdf
from eoffice.signing.services import keeping_seals


@never_cache
@require_GET
@signed_in
def seal_keepers(request: ActorRequest) -> HttpResponse:
    """Người giữ con dấu: of the units one answers for, of all for administrators."""
    lines = certificate_lists.seal_keepers(request.actor)
    context = {
        "lines": lines,
        "clerk_of": {line.unit.pk for line in lines if permissions.can_keep_seal(request.actor, line.unit.pk)},
        "rules": certificate_lists.keeper_rules(),
        "manages": permissions.can_manage_certificates(request.actor),
    }
    return render(request, "signing/seal_keepers.html", context)


@require_POST
@signed_in
def set_keeper_rules(request: ActorRequest) -> HttpResponse:
    keeping_seals.set_keeper_rules(
        actor=request.actor, only_keeper=request.POST.get("only_keeper") == "on", now=request.now
    )
    messages.success(request, "Đã lưu quy định.")
    return HttpResponseRedirect(reverse("signing:seal_keepers"), status=303)


@never_cache
@require_GET
@signed_in
def seal_keeping(request: ActorRequest, unit_id: int) -> HttpResponse:
    """One unit's seal: its keeper, the minutes that wait, and those of before."""
    return _page(request, unit_id, HandOverForm(unit_id=unit_id, now=request.now))


@never_cache
@require_GET
@signed_in
def seal_minutes(request: ActorRequest, unit_id: int, minutes_id: int) -> HttpResponse:
    """The minutes of one hand-over, to print."""
    row = certificate_lists.seal_minutes(request.actor, unit_id, minutes_id)
    name = f"bien-ban-ban-giao-con-dau-{row.handed_on:%Y-%m-%d}.pdf"
    return HttpResponse(
        minutes_pdf(row),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


@require_POST
@signed_in
def propose_hand_over(request: ActorRequest, unit_id: int) -> HttpResponse:
    permissions.require_seal_seen(request.actor, unit_id)
    form = HandOverForm(request.POST, unit_id=unit_id, now=request.now)
    if form.is_valid():
        try:
            keeping_seals.propose_hand_over(actor=request.actor, unit_id=unit_id, entry=form.entry(), now=request.now)
        except Invalid as error:
            for name, words in (error.fields or {"": error.message}).items():
                form.add_error(name if name in form.fields else None, words)
        except ExpectedError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Đã lập biên bản. Hai bên xác nhận thì con dấu được bàn giao.")
            return _back(unit_id)
    return _page(request, unit_id, form, status=422)


@require_POST
@signed_in
def confirm_hand_over(request: ActorRequest, minutes_id: int) -> HttpResponse:
    row = keeping_seals.confirm_hand_over(actor=request.actor, hand_over_id=minutes_id, now=request.now)
    messages.success(request, "Đã bàn giao con dấu." if row.ended_at else "Đã xác nhận. Chờ bên còn lại.")
    return _back(row.unit_id)


@require_POST
@signed_in
def refuse_hand_over(request: ActorRequest, unit_id: int, minutes_id: int) -> HttpResponse:
    try:
        keeping_seals.refuse_hand_over(
            actor=request.actor, hand_over_id=minutes_id, reason=request.POST.get("reason", ""), now=request.now
        )
    except Invalid as error:
        messages.error(request, " ".join(error.fields.values()) or error.message)
    else:
        messages.success(request, "Biên bản đã kết thúc, con dấu không đổi người giữ.")
    return _back(unit_id)


def _page(request: ActorRequest, unit_id: int, form: HandOverForm, *, status: int = 200) -> HttpResponse:
    context = {"page": certificate_lists.seal_keeping_page(request.actor, unit_id), "form": form}
    return render(request, "signing/seal_keeping.html", context, status=status)


def _back(unit_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("signing:seal_keeping", args=[unit_id]), status=303)
