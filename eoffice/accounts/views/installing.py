"""How to put eOffice on a phone."""

from __future__ import annotations

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET


@require_GET
def install_app(request: HttpRequest) -> HttpResponse:
    """The steps for the home screen, with a code that leads the phone here."""
    address = request.build_absolute_uri(reverse("accounts:login"))
    picture = segno.make(address, error="m").svg_data_uri(scale=4, border=2, light="#fff")
    return render(request, "accounts/install_app.html", {"address": address, "picture": picture})
