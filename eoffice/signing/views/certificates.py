"""Pages: the register of certificates, one's own, requests for new ones and the lists that go to issuers."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from eoffice.core.errors import ExpectedError, Invalid, NotPermitted
from eoffice.core.paging import whole_number
from eoffice.core.tables import XLSX_MEDIA_TYPE, to_xlsx
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import certificate_lists, permissions
from eoffice.signing.certificate_lists import Order, Show
from eoffice.signing.forms import CertificateRequestForm
from eoffice.signing.services import certificate_requests
from eoffice.signing.states import CertificateRequestState


@never_cache
@require_GET
@signed_in
def certificates(request: ActorRequest) -> HttpResponse:
    """Chứng thư số: who holds which, from which issuer, until when."""
    asked = request.GET
    show = Show(asked["show"]) if asked.get("show") in set(Show) else Show.ALL
    order = Order(asked["order"]) if asked.get("order") in set(Order) else Order.END
    unit_id, text = whole_number(asked.get("unit", "")), asked.get("q", "")[:100]
    page = certificate_lists.certificates_page(
        request.actor, show=show, order=order, unit_id=unit_id, text=text, after=asked.get("after", ""), now=request.now
    )
    kept = {"order": str(order), "unit": str(unit_id or ""), "q": text}
    context = {
        "page": page,
        "show": show,
        "order": order,
        "unit_id": unit_id,
        "text": text,
        "shows": [(kind, urlencode({**kept, "show": str(kind)})) for kind in Show],
        "orders": [
            (words, urlencode({**kept, "show": str(show), "order": str(each)}), each is order)
            for each, words in ((Order.END, "Sắp hết hạn trước"), (Order.NAME, "Theo tên"))
        ],
        "older": urlencode({**kept, "show": str(show), "after": page.next_after}) if page.next_after else "",
        "is_later": bool(asked.get("after")),
        "soon": request.now + certificate_lists.SOON,
    }
    return render(request, "signing/certificates.html", context)


@never_cache
@require_GET
@signed_in
def own_certificates(request: ActorRequest) -> HttpResponse:
    """Chứng thư của tôi."""
    return _own_page(request, CertificateRequestForm(actor=request.actor, now=request.now))


@require_POST
@signed_in
def ask_for_certificate(request: ActorRequest) -> HttpResponse:
    form = CertificateRequestForm(request.POST, actor=request.actor, now=request.now)
    if form.is_valid():
        given = form.cleaned_data
        try:
            certificate_requests.ask_for_certificate(
                actor=request.actor,
                kind=given["kind"],
                reason=given["reason"],
                replaces_id=whole_number(given["replaces"]),
                unit_id=whole_number(given["whose"]),
                now=request.now,
            )
        except Invalid as error:
            for name, words in (error.fields or {"": error.message}).items():
                form.add_error(name if name in form.fields else None, words)
        except ExpectedError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Đã gửi đề nghị. Người xác nhận nhận được thông báo.")
            return HttpResponseRedirect(reverse("signing:own_certificates"), status=303)
    return _own_page(request, form, status=422)


@require_POST
@signed_in
def withdraw_certificate_request(request: ActorRequest, request_id: int) -> HttpResponse:
    certificate_requests.withdraw_certificate_request(actor=request.actor, request_id=request_id, now=request.now)
    messages.success(request, "Đã rút đề nghị.")
    return HttpResponseRedirect(reverse("signing:own_certificates"), status=303)


@never_cache
@require_GET
@signed_in
def certificate_request_list(request: ActorRequest) -> HttpResponse:
    """Đề nghị cấp chứng thư: what waits, and the lists for issuers."""
    return _requests_page(request)


@require_POST
@signed_in
def confirm_certificate_request(request: ActorRequest, request_id: int) -> HttpResponse:
    certificate_requests.confirm_certificate_request(actor=request.actor, request_id=request_id, now=request.now)
    messages.success(request, "Đã xác nhận. Quản trị gửi nơi cấp trong danh sách kế tiếp.")
    return _to_requests()


@require_POST
@signed_in
def refuse_certificate_request(request: ActorRequest, request_id: int) -> HttpResponse:
    try:
        certificate_requests.refuse_certificate_request(
            actor=request.actor, request_id=request_id, reason=request.POST.get("reason", "")[:500], now=request.now
        )
    except Invalid as error:
        messages.error(request, " ".join(error.fields.values()) or error.message)
    else:
        messages.success(request, "Đã trả lời người đề nghị.")
    return _to_requests()


@require_POST
@signed_in
def list_certificate_requests(request: ActorRequest) -> HttpResponse:
    """Put what is confirmed on a list for the issuer."""
    try:
        made = certificate_requests.list_certificate_requests(actor=request.actor, now=request.now)
    except NotPermitted:
        raise
    except ExpectedError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Đã lập danh sách số {made.number}. Tải tệp XLSX để gửi nơi cấp.")
    return _to_requests()


@never_cache
@require_GET
@signed_in
def certificate_list_file(request: ActorRequest, list_id: int) -> HttpResponse:
    """A list for the issuer, XLSX."""
    made, table = certificate_lists.certificate_list_table(request.actor, list_id)
    headers = {"Content-Disposition": f'attachment; filename="de-nghi-cap-chung-thu-{made.number}.xlsx"'}
    return HttpResponse(to_xlsx(table), content_type=XLSX_MEDIA_TYPE, headers=headers)


def _own_page(request: ActorRequest, form: CertificateRequestForm, *, status: int = 200) -> HttpResponse:
    context = {
        "page": certificate_lists.own_certificates(request.actor, now=request.now),
        "form": form,
        "soon": request.now + certificate_lists.SOON,
    }
    return render(request, "signing/own_certificates.html", context, status=status)


def _requests_page(request: ActorRequest) -> HttpResponse:
    actor = request.actor
    if not permissions.can_confirm_certificates(actor):
        raise NotPermitted
    asked = request.GET.get("show", "")
    show = asked if asked in CertificateRequestState.values else ""
    manages = permissions.can_manage_certificates(actor)
    context = {
        "page": certificate_lists.certificate_requests_page(
            actor, show=show, after=whole_number(request.GET.get("after", ""))
        ),
        "show": show,
        "states": CertificateRequestState.choices,
        "counts": certificate_lists.waiting_requests_count(actor),
        "lists": certificate_lists.certificate_lists(actor) if manages else [],
        "manages": manages,
        "own_id": actor.own_id,
    }
    return render(request, "signing/certificate_requests.html", context)


def _to_requests() -> HttpResponse:
    return HttpResponseRedirect(reverse("signing:certificate_requests"), status=303)
