"""My devices: where I am signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.accounts import agents, holders, queries, services
from eoffice.accounts.models import SessionEnd, User
from eoffice.core import clock


@never_cache
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """Every device where this account is signed in; this one first."""
    user = request.user
    if not isinstance(user, User):
        return redirect("accounts:login")
    rows = queries.open_sessions_of(user.pk, now=clock.now())
    here = request.session.session_key
    context = {
        "rows": [(row, agents.words_for(row.agent), row.session_key == here) for row in rows],
        "others": sum(row.session_key != here for row in rows),
        "ended": request.GET.get("ended", ""),
    }
    return render(request, "accounts/devices.html", context)


@require_POST
def sign_out_device(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign out one of one's own devices."""
    user, now = request.user, clock.now()
    if isinstance(user, User):
        actor = holders.holder_of(user.pk, now).ref
        services.end_own_session(actor=actor, user_id=user.pk, session_id=session_id, now=now)
    return HttpResponseRedirect(f"{reverse('accounts:devices')}?ended=one", status=303)


@require_POST
def sign_out_others(request: HttpRequest) -> HttpResponse:
    """Sign out every device but this one."""
    user, now = request.user, clock.now()
    if isinstance(user, User):
        services.end_sessions(
            actor=holders.holder_of(user.pk, now).ref,
            user_id=user.pk,
            because=SessionEnd.ELSEWHERE,
            now=now,
            except_key=str(request.session.session_key),
        )
    return HttpResponseRedirect(f"{reverse('accounts:devices')}?ended=others", status=303)
