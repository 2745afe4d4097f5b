"""The address plan with the style page, which installations outside debug and demo do not have; and pages that fail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from eoffice import urls
from eoffice.core.errors import Conflict, Invalid, NotPermitted
from eoffice.web import views

handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500


def conflict(request: HttpRequest) -> HttpResponse:
    raise Conflict("Mai Lan Anh vừa lưu lần 4. Phần đang viết chưa bị mất.")


def refusal(request: HttpRequest) -> HttpResponse:
    raise NotPermitted("Chỉ người chủ trì mới giao được.")


def fault(request: HttpRequest) -> HttpResponse:
    raise Invalid("Chưa lưu được.", fields={"due_on": "22/11/2026 là Chủ nhật."})


def bug(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    *urls.urlpatterns,
    path("style/", views.components),
    path("web/components/sample.pdf", views.sample_pdf, name="style_sample"),
    path("fail/conflict/", conflict),
    path("fail/refusal/", refusal),
    path("fail/fault/", fault),
    path("fail/bug/", bug),
    path("api/fail/fault/", fault),
]
