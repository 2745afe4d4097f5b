"""Pages of outgoing documents: boxes, reading, numbering, sealing, issuing, recalling."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import ExpectedError, Invalid, NotFound, NotPermitted
from eoffice.core.paging import whole_number
from eoffice.documents.errors import AnnexNotReady, NumberNotReserved, RegisterClosed
from eoffice.documents.forms.outgoing import NumberForm, ReasonForm, SealForm
from eoffice.documents.queries import outgoing_lists, outgoing_numbering
from eoffice.documents.queries.outgoing_detail import OutgoingPage, outgoing_page
from eoffice.documents.queries.outgoing_numbering import NumberingPage
from eoffice.documents.services import (
    handing_out,
    issuing,
    numbering_outgoing,
    recalling,
    sealing,
    sealing_elsewhere,
)
from eoffice.documents.states import OutgoingState
from eoffice.documents.views.files import made_pdf
from eoffice.documents.views.posting import posted_from_draft, posted_from_outgoing
from eoffice.documents.views.ways import chosen_way, typed_for
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done, said where it was asked for: `dialog` opens again, with the `way` of signing chosen."""

    error: ExpectedError
    dialog: str
    way: int | None = None


@require_GET
@signed_in
def outgoing_list(request: ActorRequest) -> HttpResponse:
    """One box of outgoing documents, newest first; htmx gets the next rows only."""
    return render(request, "documents/outgoing/list.html", {"list": _list(request)})


@require_GET
@signed_in
def outgoing_detail(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """One document; htmx gets the reading pane alone, a full load the list beside it."""
    return _detail(request, outgoing_id)


def _detail(request: ActorRequest, outgoing_id: int, *, refusal: Refusal | None = None) -> HttpResponse:
    page = outgoing_page(request.actor, outgoing_id, now=request.now)
    context = {"page": page, "outgoing": page.outgoing, "seal_form": SealForm(), "refusal": refusal}
    if refusal is None and _wants_pane(request):
        return _varied(render(request, "documents/outgoing/_reading.html", context))
    listed = _list(request, box=_box_of(page))
    status = refusal.error.status if refusal else 200
    return _varied(render(request, "documents/outgoing/detail.html", {**context, "list": listed}, status=status))


def _box_of(page: OutgoingPage) -> str:
    """The box a document stands in: the clerk stays in her tray after numbering and after sealing."""
    if page.recall is not None:
        return outgoing_lists.RECALLED
    if page.outgoing.state != OutgoingState.NUMBERED:
        return outgoing_lists.ISSUED
    is_sealed = page.sealing is not None and page.sealing.sealed_at is not None
    is_ready = page.outgoing.file_id is not None and (is_sealed or not page.outgoing.draft.needs_seal)
    return outgoing_lists.TO_ISSUE if is_ready else outgoing_lists.TO_NUMBER


def _list(request: ActorRequest, *, box: str = outgoing_lists.ISSUED) -> outgoing_lists.OutgoingList:
    after = request.GET.get("after", "")
    return outgoing_lists.outgoing_list(
        request.actor,
        box=request.GET.get("box", box),
        after=whole_number(after),
        search=request.GET.get("q", "")[:200],
        field_of_work_id=whole_number(request.GET.get("field", "")),
    )


def _varied(response: HttpResponse) -> HttpResponse:
    response.headers["Vary"] = "HX-Request"
    return response


@require_http_methods(["GET", "POST"])
@signed_in
def number_draft(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Cấp số: a form on GET, the number on POST."""
    today = local_date(request.now)
    page = outgoing_numbering.numbering_page(request.actor, draft_id, today=today)
    if request.method == "GET" and page.numbered_as is not None:
        return _to(page.numbered_as)  # by the browser's back button: it has its number
    if request.method == "GET":
        return _number_page(request, page, NumberForm(registers=_register_choices(page), today=today))
    form = NumberForm(request.POST, registers=_register_choices(page))
    if not form.is_valid():
        return _number_page(request, page, form, status=422)
    try:
        outgoing = numbering_outgoing.number_draft(
            actor=request.actor, draft_id=draft_id, now=request.now, choice=form.choice()
        )
    except Invalid as error:
        _show(form, error)
        return _number_page(request, page, form, status=422)
    except AnnexNotReady as error:
        form.add_error(None, error.message)
        return _number_page(request, page, form, status=error.status)
    except NumberNotReserved as error:
        # Beside the number that was typed: what the clerk has filled in stays before her.
        form.add_error("number", error.message)
        return _number_page(request, page, form, status=error.status)
    except RegisterClosed as error:
        form.add_error("register", error.message)
        return _number_page(request, page, form, status=error.status)
    messages.success(request, f"Đã cấp số {outgoing.shown_code}")
    box = outgoing_lists.TO_NUMBER if outgoing.draft.needs_seal else outgoing_lists.TO_ISSUE
    return _to(outgoing.pk, box=box)


def _register_choices(page: NumberingPage) -> list[tuple[int, str]]:
    return [(choice.id, choice.name) for choice in page.registers]


def _number_page(request: ActorRequest, page: NumberingPage, form: NumberForm, status: int = 200) -> HttpResponse:
    context = {"numbering": page, "form": form}
    if request.method == "GET" and _wants_pane(request):
        return _varied(render(request, "documents/outgoing/_number.html", context))
    listed = outgoing_lists.outgoing_list(request.actor, box=outgoing_lists.TO_NUMBER)
    return _varied(render(request, "documents/outgoing/number.html", {**context, "list": listed}, status=status))


def _wants_pane(request: ActorRequest) -> bool:
    """Whether htmx swaps the reading pane alone; a boosted link or the browser itself wants the page."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")


def _show(form: NumberForm | ReasonForm, error: Invalid) -> None:
    """Put a refusal beside its field, or at the top where it has none."""
    shown = {name: words for name, words in error.fields.items() if name in form.fields}
    for name, words in shown.items():
        form.add_error(name, words)
    if not shown:
        form.add_error(None, " ".join(error.fields.values()) or error.message)


@posted_from_draft
@signed_in
def return_for_form(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Trả lại: a signed paper with a fault of form."""
    numbering_outgoing.return_for_form(
        actor=request.actor, draft_id=draft_id, reason=request.POST.get("reason", ""), now=request.now
    )
    messages.success(request, "Đã trả lại dự thảo để sửa thể thức")
    return HttpResponseRedirect(f"{reverse('documents:outgoing_list')}?box={outgoing_lists.TO_NUMBER}", status=303)


@posted_from_outgoing
@signed_in
def put_number_on_page(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Write a taken number on its page again, where that failed."""
    numbering_outgoing.put_number_again(actor=request.actor, outgoing_id=outgoing_id, now=request.now)
    return _to(outgoing_id)


@posted_from_outgoing
@signed_in
def void_number(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Hủy số, with a reason; the ledger keeps it."""
    outgoing = numbering_outgoing.void_number(
        actor=request.actor, outgoing_id=outgoing_id, reason=request.POST.get("reason", ""), now=request.now
    )
    messages.success(request, f"Đã hủy số {outgoing.shown_code}")
    return _to(outgoing_id)


@posted_from_outgoing
@signed_in
def seal_outgoing(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Ký số cơ quan with the seal's PIN, or by asking a key elsewhere."""
    way = chosen_way(request)
    try:
        if way:
            return _ask_for_seal(request, outgoing_id, way)
        outgoing = sealing.seal_outgoing(
            actor=request.actor, outgoing_id=outgoing_id, pin=request.POST.get("pin", ""), now=request.now
        )
    except (NotFound, NotPermitted):
        raise
    except ExpectedError as error:
        return _detail(request, outgoing_id, refusal=Refusal(error, "seal", way))
    messages.success(request, f"Đã đóng dấu {outgoing.shown_code}")
    return _to(outgoing_id, box=outgoing_lists.TO_ISSUE)


def _ask_for_seal(request: ActorRequest, outgoing_id: int, method_id: int) -> HttpResponse:
    """Follow the request on its own page; what had been signed before makes the seal at once."""
    asked = sealing_elsewhere.ask_for_seal(
        actor=request.actor,
        outgoing_id=outgoing_id,
        method_id=method_id,
        typed=typed_for(request, method_id),
        now=request.now,
    )
    if asked.request_id is not None:
        return HttpResponseRedirect(reverse("signing:request", args=[asked.request_id]), status=303)
    messages.success(request, "Đã đóng dấu")
    return _to(outgoing_id, box=outgoing_lists.TO_ISSUE)


@posted_from_outgoing
@signed_in
def issue_outgoing(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Phát hành to all recipients."""
    try:
        outgoing = issuing.issue_outgoing(actor=request.actor, outgoing_id=outgoing_id, now=request.now)
    except (NotFound, NotPermitted):
        raise
    except ExpectedError as error:
        return _detail(request, outgoing_id, refusal=Refusal(error, "issue"))
    messages.success(request, f"Đã phát hành {outgoing.shown_code}")
    return _to(outgoing_id)


@posted_from_outgoing
@signed_in
def recall_outgoing(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """Thu hồi with a reason."""
    recalling.recall_outgoing(
        actor=request.actor, outgoing_id=outgoing_id, reason=request.POST.get("reason", ""), now=request.now
    )
    messages.success(request, "Đã thu hồi; các nơi nhận thấy ngay")
    return _to(outgoing_id)


@require_POST
@signed_in
def confirm_recall(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The recipient's clerk confirms a recall."""
    recalling.confirm_recall(actor=request.actor, incoming_id=incoming_id, now=request.now)
    messages.success(request, "Đã xác nhận thu hồi")
    return HttpResponseRedirect(reverse("documents:incoming_detail", args=[incoming_id]), status=303)


@require_POST
@signed_in
def send_again(request: ActorRequest, delivery_id: int) -> HttpResponse:
    """Gửi lại to one recipient."""
    delivery = issuing.send_again(actor=request.actor, delivery_id=delivery_id, now=request.now)
    messages.success(request, f"Đã gửi lại {delivery.name}")
    return _to(delivery.outgoing_id)


@require_GET
@signed_in
def outgoing_file(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """The issued file, shown or downloaded (`?download=1`)."""
    handed = handing_out.hand_out_file(actor=request.actor, outgoing_id=outgoing_id, now=request.now)
    return made_pdf(handed.content, name=handed.name, inline=not request.GET.get("download"))


@require_GET
@signed_in
def paper_copy(request: ActorRequest, outgoing_id: int) -> HttpResponse:
    """The copy to print, with the conversion footer."""
    handed = handing_out.hand_out_paper_copy(actor=request.actor, outgoing_id=outgoing_id, now=request.now)
    return made_pdf(handed.content, name=handed.name)


@require_GET
@signed_in
def outgoing_page_picture(request: ActorRequest, outgoing_id: int, page: int) -> HttpResponse:
    """A page as a watermarked picture, before issue."""
    picture = handing_out.screen_page(actor=request.actor, outgoing_id=outgoing_id, page=page, now=request.now)
    return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": "private, no-store"})


@require_GET
@signed_in
def signed_page_picture(request: ActorRequest, draft_id: int, page: int) -> HttpResponse:
    """A page of a signed draft as a watermarked picture."""
    picture = handing_out.signed_page(actor=request.actor, draft_id=draft_id, page=page, now=request.now)
    return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": "private, no-store"})


def _to(outgoing_id: int, *, box: str = "") -> HttpResponseRedirect:
    """The document's page; with a box the navigation stays on the clerk's tray."""
    address = reverse("documents:outgoing_detail", args=[outgoing_id])
    return HttpResponseRedirect(f"{address}?box={box}" if box else address, status=303)
