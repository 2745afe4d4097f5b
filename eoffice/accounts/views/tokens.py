"""Khóa truy cập của mọi người: the administrator's list of working tokens, ending one with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from eoffice.accounts import queries, services
from eoffice.accounts.forms.account import SCOPE_WORDS, RevokeForm
from eoffice.accounts.views.doors import administrator_of
from eoffice.core import clock
from eoffice.core.errors import Invalid
from eoffice.core.paging import newest_first, whole_number


@never_cache
@require_GET
def token_list(request: HttpRequest) -> HttpResponse:
    """Every token that opens something now, the newest first; with `q` those of one account."""
    now = clock.now()
    if administrator_of(request, now) is None:
        return redirect("accounts:login")
    email = request.GET.get("q", "").strip()[:254]
    rows = queries.working_tokens(now)
    if email:
        rows = rows.filter(user__email__iexact=email)
    page = newest_first(rows, after=whole_number(request.GET.get("after", "")))
    context = {"q": email, "page": page, "scope_words": SCOPE_WORDS, "warned_from": now + services.WARNED_BEFORE}
    return render(request, "accounts/tokens.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def token_end(request: HttpRequest, token_id: int) -> HttpResponse:
    """End somebody's token, with a reason; its owner is told."""
    now = clock.now()
    holder = administrator_of(request, now)
    if holder is None:
        return redirect("accounts:login")
    token = queries.get_working_token(token_id, now=now)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.revoke_token_of_another(
                actor=holder, token_id=token_id, reason=form.cleaned_data["reason"], now=now
            )
        except Invalid as error:
            for field, words in error.fields.items():
                form.add_error(field, words)
        else:
            messages.success(request, f"Đã thu hồi khóa «{token.name}» của {token.user.email}.")
            return HttpResponseRedirect(reverse("accounts:token_list"), status=303)
    context = {"form": form, "token": token, "scope_words": SCOPE_WORDS}
    return render(request, "accounts/token_end.html", context, status=422 if form.is_bound else 200)
