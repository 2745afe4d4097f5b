"""My account: password and tokens."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.accounts import queries, services
from eoffice.accounts.forms import PasswordForm, TokenForm
from eoffice.accounts.forms.account import SCOPE_WORDS
from eoffice.accounts.models import User
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid


@sensitive_post_parameters("old", "new", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """My account: password, tokens for programs."""
    user = request.user
    if not isinstance(user, User):
        return redirect("accounts:login")
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change_password(
                actor=ActorRef(person_id=None),
                user_id=user.pk,
                old=form.cleaned_data["old"],
                new=form.cleaned_data["new"],
                now=clock.now(),
                session_key=str(request.session.session_key),
            )
        except Invalid as error:
            for field, message in error.fields.items():
                form.add_error(field, message)
        else:
            old_key = str(request.session.session_key)
            update_session_auth_hash(request, changed)
            services.follow_key(old_key=old_key, new_key=str(request.session.session_key))
            return HttpResponseRedirect(f"{reverse('accounts:account')}?saved=password", status=303)
    return _account_page(request, user, form, None, status=422 if request.method == "POST" else 200)


@never_cache
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it this once."""
    user = request.user
    if not isinstance(user, User):
        return redirect("accounts:login")
    policy = queries.entry_policy()
    form = TokenForm(request.POST, most_days=policy.token_days)
    if not form.is_valid():
        return _account_page(request, user, PasswordForm(), form, status=422)
    now = clock.now()
    try:
        secret = services.create_token(
            actor=ActorRef(person_id=None),
            user_id=user.pk,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=now + timedelta(days=form.cleaned_data["days"]),
            now=now,
        )
    except Invalid as error:
        for field, message in error.fields.items():
            form.add_error(field if field in form.fields else None, message)
        return _account_page(request, user, PasswordForm(), form, status=422)
    return _account_page(request, user, PasswordForm(), None, status=200, secret=secret)


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    user = request.user
    if isinstance(user, User):
        services.revoke_token(actor=ActorRef(person_id=None), user_id=user.pk, token_id=token_id, now=clock.now())
    return HttpResponseRedirect(reverse("accounts:account"), status=303)


def _account_page(
    request: HttpRequest,
    user: User,
    password_form: PasswordForm,
    token_form: TokenForm | None,
    *,
    status: int,
    secret: str = "",
) -> HttpResponse:
    now, policy = clock.now(), queries.entry_policy()
    tokens = queries.tokens_of(user)
    context = {
        "account": user,
        "now": now,
        "warned_from": now + services.WARNED_BEFORE,
        "tokens_left": policy.tokens_each - sum(token.expires_at > now for token in tokens),
        "policy": policy,
        "password_form": password_form,
        "token_form": token_form or TokenForm(most_days=policy.token_days),
        "tokens": tokens,
        "scope_words": SCOPE_WORDS,
        "secret": secret,
        "saved": request.GET.get("saved", ""),
    }
    return render(request, "accounts/account.html", context, status=status)
