"""A signing program on a person's computer: the calls of the page, and the two addresses of the program itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from eoffice.core import clock, files
from eoffice.core.client_address import address_of, counted_address
from eoffice.core.errors import ExpectedError
from eoffice.core.rates import Rate
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import services
from eoffice.signing.errors import FilePassOver, FilePassUnknown
from eoffice.signing.providers import vgca
from eoffice.signing.views.adding_methods import unit_of
from eoffice.signing.views.methods import back_to_ways

_MOST_TOLD: Final = 64 * 1024
_WRONG: Final = Rate(30, timedelta(minutes=10))
"""Tokens that open nothing, by network address."""


@require_POST
@signed_in
def method_program_add(request: ActorRequest, provider_id: int) -> HttpResponse:
    """Take the certificate that the program told of as a way of signing."""
    try:
        method = services.add_program_method(
            actor=request.actor,
            provider_id=provider_id,
            told=request.POST.get("told", "")[:_MOST_TOLD],
            unit_id=unit_of(request),
            now=request.now,
        )
    except ExpectedError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Đã thêm cách ký: chứng thư {method.subject}.")
    return back_to_ways(unit_of(request))


@require_POST
@signed_in
def program_errand(request: ActorRequest, request_id: int) -> HttpResponse:
    """The next paper for the program, with the text that is sent to it."""
    try:
        errands = services.next_errand(actor=request.actor, request_id=request_id, now=request.now)
    except ExpectedError as error:
        return JsonResponse({"words": error.message}, status=error.status)
    told: dict[str, Any] = {"state": errands.state, "left": errands.left, "paper": None}
    if errands.next is not None:
        told["paper"] = {
            "doc_id": errands.next.doc_id,
            "title": errands.next.title,
            "address": f"{errands.address.rstrip('/')}/{errands.next.call}",
            "message": _message(errands.next),
        }
    return JsonResponse(told)


@require_POST
@signed_in
def program_outcome(request: ActorRequest, request_id: int) -> HttpResponse:
    """What the program answered the page for one paper."""
    services.note_program_outcome(
        actor=request.actor,
        request_id=request_id,
        doc_id=request.POST.get("doc_id", "")[:40],
        is_cancelled=request.POST.get("status") == str(vgca.CANCELLED),
        words=request.POST.get("words", "")[:300],
        now=request.now,
    )
    return JsonResponse({})


@never_cache
@require_GET
def program_file(request: HttpRequest, file_pass: str, name: str) -> HttpResponseBase:
    """The program fetches a file: it has no session, the pass is its right."""
    if (refusal := _refused(request)) is not None:
        return refusal
    try:
        found = services.file_for_program(token=file_pass, now=clock.now())
    except (FilePassUnknown, FilePassOver) as error:
        return _nothing(request, error)
    answer = FileResponse(files.open_file(found.sha256), content_type="application/pdf", filename=found.name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@csrf_exempt
@require_POST
def program_upload(request: HttpRequest, file_pass: str) -> HttpResponse:
    """The program brings the signed file."""
    if (refusal := _refused(request)) is not None:
        return refusal
    now = clock.now()
    try:
        form = services.upload_form(token=file_pass, now=now)
        upload = request.FILES.get("uploadfile")
        if upload is None or upload.file is None:
            return _answer(form, is_taken=False, words="Thiếu tệp (uploadfile).", status=400)
        name = services.take_program_file(token=file_pass, upload=upload.file, now=now)
    except UnreadablePostError:  # the program broke off: nothing came, nothing changed
        return HttpResponse(status=400)
    except (FilePassUnknown, FilePassOver) as error:
        return _nothing(request, error)
    except ExpectedError as error:
        return _answer(form, is_taken=False, words=error.message)
    return _answer(form, is_taken=True, words="Đã nhận tệp.", name=name)


def _message(errand: services.Errand) -> str:
    base = settings.ENVIRONMENT.base_url
    return vgca.message_of(
        upload_url=f"{base}{reverse('signing:program_upload', args=[errand.token])}",
        file_url=f"{base}{reverse('signing:program_file', args=[errand.token, f'{errand.doc_id}.pdf'])}",
        doc_id=errand.doc_id,
    )


def _answer(form: str, *, is_taken: bool, words: str, name: str = "", status: int = 200) -> HttpResponse:
    """A refused file is told in the answer's own `Status`: the program shows its words only when the call went well."""
    return JsonResponse(vgca.upload_answer(form, is_taken=is_taken, words=words, name=name), status=status)


def _refused(request: HttpRequest) -> HttpResponse | None:
    if _WRONG.is_used_up(counted_address(address_of(request)), clock.now()):
        return HttpResponse(status=429)
    return None


def _nothing(request: HttpRequest, error: ExpectedError) -> HttpResponse:
    """A token that opens nothing is told nothing."""
    if isinstance(error, FilePassUnknown):
        _WRONG.count(counted_address(address_of(request)), clock.now())
    return HttpResponse(status=error.status)
