"""HTTP of signing drafts, one or many under one PIN."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from eoffice.core.errors import ExpectedError, Invalid, NotFound
from eoffice.core.paging import whole_number
from eoffice.documents.forms import drafts as forms
from eoffice.documents.queries import draft_signing as queries
from eoffice.documents.services import reading_drafts, signing_drafts
from eoffice.documents.services.signing_drafts import PaperToSign, SigningResult
from eoffice.documents.views.posting import posted_from_draft
from eoffice.documents.views.ways import chosen_way, typed_for
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.signing import queries as signing
from eoffice.signing.errors import CertificateUnusable, KeyLocked, NoKey, PinWrong


@require_http_methods(["GET", "POST"])
@signed_in
def draft_sign(request: ActorRequest) -> HttpResponse:
    """The papers that wait for the reader's signature, one in view; POST signs the ticked ones."""
    if request.method == "POST":
        return _sign(request)
    view = reading_drafts.open_signing(
        actor=request.actor, shown_id=whole_number(request.GET.get("show", "")), now=request.now
    )
    if not view.has_way and view.papers:
        messages.info(request, "Chưa có chữ ký số. Tạo hoặc tải chữ ký số ở đây rồi quay lại ký.")
        return _to_key_page(request.get_full_path())
    chosen = {number for number in map(whole_number, request.GET.getlist("ids")) if number is not None}
    context = {"view": view, "chosen": chosen, "results": {}, "form": forms.SignForm(), "way": _first_way(view)}
    return render(request, "documents/draft/sign.html", context)


def _to_key_page(back: str) -> HttpResponse:
    """The first signature begins with a key."""
    return HttpResponseRedirect(f"{reverse('signing:key')}?{urlencode({'next': back})}", status=303)


def _sign(request: ActorRequest) -> HttpResponse:
    form = forms.SignForm(request.POST)
    papers = _papers(request)
    way = chosen_way(request)
    results: list[SigningResult] = []
    refusal: ExpectedError | None = None
    if not way and not request.POST.get("pin"):
        form.add_error("pin", "Nhập mã PIN chữ ký số.")
    if form.is_valid():
        try:
            if way:
                return _ask(request, papers, way)
            results = signing_drafts.sign_drafts(
                actor=request.actor, papers=papers, pin=form.cleaned_data["pin"], now=request.now
            )
        except NoKey:
            chosen = [("ids", paper.draft_id) for paper in papers]
            query = urlencode([("show", request.POST.get("show", "")), *chosen])
            return _to_key_page(f"{request.path}?{query}")
        except (PinWrong, KeyLocked) as error:
            form.add_error("pin", error.message)
            refusal = error
        except (Invalid, CertificateUnusable, NotFound) as error:
            form.add_error(None, error.message)
            refusal = error
    shown = whole_number(request.POST.get("show", ""))
    view = queries.signing_view(
        request.actor, shown_id=shown, now=request.now, results={result.draft_id: result for result in results}
    )
    status = refusal.status if refusal is not None else 200 if form.is_valid() else 422
    context = {
        "view": view,
        "chosen": {paper.draft_id for paper in papers},
        "results": {result.draft_id: result for result in results},
        "form": form,
        "way": way,
    }
    return render(request, "documents/draft/sign.html", context, status=status)


def _ask(request: ActorRequest, papers: list[PaperToSign], method_id: int) -> HttpResponse:
    """Ask a key elsewhere and follow it on its own page; what could not be asked for is told there."""
    method = signing.get_method(person_id=request.actor.person_id, method_id=method_id)
    asked = signing_drafts.ask_for_signatures(
        actor=request.actor, papers=papers, method=method, typed=typed_for(request, method_id), now=request.now
    )
    for result in asked.refused[:_MOST_TOLD]:
        if result.error is not None:
            messages.warning(request, f"{result.subject or 'Văn bản'}: {result.error.message}")
    if asked.request_id is None:
        return HttpResponseRedirect(reverse("documents:draft_sign"), status=303)
    return HttpResponseRedirect(reverse("signing:request", args=[asked.request_id]), status=303)


_MOST_TOLD = 5


def _first_way(view: queries.SigningView) -> int:
    """The way of signing chosen before anybody chooses: the default, if it can be used."""
    ready = [way for way in view.ways if way.is_ready]
    return ready[0].id if ready else 0


def _papers(request: ActorRequest) -> list[PaperToSign]:
    """`<draft id>:<version read>` of each ticked row."""
    found = []
    for text in request.POST.getlist("papers"):
        draft_id, version = (whole_number(part) for part in text.partition(":")[::2])
        if draft_id is not None and version is not None:
            found.append(PaperToSign(draft_id, version))
    return found


@posted_from_draft
@signed_in
def draft_move_signature(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Put the signature elsewhere, before the first one."""
    box = forms.box_of(request.POST, "place-signature_1")
    version = whole_number(request.POST.get("version", ""))
    if box is None or version is None:
        raise Invalid("Chưa đổi vị trí: không đọc được vị trí mới. Tải lại trang rồi kéo lại.")
    signing_drafts.move_signature(
        actor=request.actor, draft_id=draft_id, box=box, seen_version=version, now=request.now
    )
    messages.success(request, "Đã đổi vị trí chữ ký.")
    query = urlencode({"show": draft_id, "ids": draft_id})
    return HttpResponseRedirect(f"{reverse('documents:draft_sign')}?{query}", status=303)
