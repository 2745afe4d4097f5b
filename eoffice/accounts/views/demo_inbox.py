"""Hộp thư SMS thử nghiệm: what a demo's phones and mailboxes have received; no page of any other installation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from eoffice.core.channels import inbox
from eoffice.core.errors import NotFound


@never_cache
@require_GET
def demo_inbox(request: HttpRequest) -> HttpResponse:
    """The newest messages of everyone. Raises NotFound outside a demo."""
    if not inbox.is_open():
        raise NotFound
    return render(request, "accounts/demo_inbox.html", {"messages_kept": inbox.newest_in_inbox()})
