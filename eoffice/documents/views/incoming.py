"""Pages of incoming documents: lists, the reading pane, receiving, registering, sending on, directing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.errors import ExpectedError, Invalid
from eoffice.core.paging import whole_number
from eoffice.documents.errors import PossibleDuplicate
from eoffice.documents.forms import incoming as forms
from eoffice.documents.queries import arrival_papers, duplicates
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries import incoming_boxes as boxes
from eoffice.documents.queries.incoming_boxes import BOX_WORDS, Box, Filters
from eoffice.documents.services import (
    closing,
    consulting,
    directing,
    forwarding,
    reading,
    receiving,
    registering,
)
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.incoming_entry import LABELS
from eoffice.documents.services.receiving import Assurance, Upload
from eoffice.documents.views import files
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Role
from eoffice.renditions import pages
from eoffice.renditions import queries as renditions

_SESSION_FILTERS: Final = "incoming_filters"
_SESSION_BOX: Final = "incoming_box"
DIALOG: Final = "documents/incoming/form_dialog.html"


# Lists and reading -----------------------------------------------------------------------------------------


@require_GET
@signed_in
def incoming_list(request: ActorRequest) -> HttpResponse:
    """One box: the list, and an empty reading pane."""
    return render(request, "documents/incoming/list.html", _list_context(request) | {"detail": None})


@require_GET
@signed_in
def incoming_detail(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """One letter: by htmx the reading pane alone, else the list with it."""
    detail = reading.open_incoming(actor=request.actor, incoming_id=incoming_id, now=request.now)
    context = {"detail": detail, "signatures": arrival_papers.signature_reports(detail.files), "labels": LABELS}
    if _is_fragment(request):
        return render(request, "documents/incoming/_reading.html", context)
    return render(request, "documents/incoming/list.html", _list_context(request) | context)


def _list_context(request: ActorRequest) -> dict[str, object]:
    box = _box_of(request)
    filters = _filters_of(request)
    page = boxes.box_page(request.actor, box=box, now=request.now, filters=filters, after=request.GET.get("after", ""))
    return {
        "box": box,
        "box_words": BOX_WORDS[box],
        "page": page,
        "is_filtered": filters != Filters(),
        "chips": _chips(box, filters),
        "next_href": _list_href(box, filters, after=page.next_after) if page.next_after else "",
        "leaders": _bulk_leaders(request, box),
        "may_receive": box == Box.TO_REGISTER and bool(request.actor.units_with(Role.CLERK)),
    }


def _box_of(request: ActorRequest) -> Box:
    """The box asked for, else the last one looked at, else the first of the actor's roles."""
    asked = request.GET.get("box") or request.session.get(_SESSION_BOX, "")
    if asked in set(Box):
        box = Box(asked)
    elif request.actor.plays(Role.LEADER):
        box = Box.TO_DIRECT
    else:
        box = Box.TO_REGISTER if request.actor.plays(Role.CLERK) else Box.TO_HANDLE
    if request.session.get(_SESSION_BOX) != box:
        request.session[_SESSION_BOX] = str(box)
    return box


def _filters_of(request: ActorRequest) -> Filters:
    """Filters in the address, else those this person used last."""
    asked = request.GET if "filter" in request.GET else request.session.get(_SESSION_FILTERS, {})
    filters = Filters(
        text=str(asked.get("text", ""))[:200],
        unread=asked.get("unread") == "1",
        urgent=asked.get("urgent") == "1",
        late=asked.get("late") == "1",
    )
    if "filter" in request.GET:
        request.session[_SESSION_FILTERS] = {
            "text": filters.text,
            **{name: "1" for name in ("unread", "urgent", "late") if getattr(filters, name)},
        }
    return filters


def _chips(box: Box, filters: Filters) -> list[tuple[str, str, bool]]:
    """Words, address and state of each quick filter; pressing one keeps the others."""
    chips = [("Tất cả", _list_href(box, Filters()), filters == Filters())]
    for name, words in (("unread", "Chưa đọc"), ("urgent", "Khẩn"), ("late", "Quá hạn")):
        is_on = bool(getattr(filters, name))
        turned = {each: bool(getattr(filters, each)) != (each == name) for each in ("unread", "urgent", "late")}
        chips.append((words, _list_href(box, Filters(text=filters.text, **turned)), is_on))
    return chips


def _list_href(box: Box, filters: Filters, *, after: str = "") -> str:
    query = {"box": str(box), "filter": "1"}
    query |= {"text": filters.text} if filters.text else {}
    query |= {name: "1" for name in ("unread", "urgent", "late") if getattr(filters, name)}
    query |= {"after": after} if after else {}
    return f"{reverse('documents:incoming_list')}?{urlencode(query)}"


def _bulk_leaders(request: ActorRequest, box: Box) -> list[tuple[int, str]]:
    if box not in {Box.TO_FORWARD, Box.RETURNED} or request.actor.registry_id is None:
        return []
    return [(each.pk, each.full_name) for each in queries.leaders_of(request.actor.registry_id, now=request.now)]


@require_POST
@signed_in
def incoming_read(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The reading mark of an opened letter."""
    reading.mark_read(actor=request.actor, incoming_id=incoming_id, now=request.now)
    return HttpResponse(status=204)


@require_GET
@signed_in
def incoming_access(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Who can see this letter, and why."""
    incoming, lines, whole = queries.who_sees(request.actor, incoming_id)
    return render(request, "documents/incoming/access.html", {"incoming": incoming, "lines": lines, "whole": whole})


# Files ------------------------------------------------------------------------------------------------------


@require_GET
@signed_in
def incoming_file(request: ActorRequest, incoming_id: int, file_id: int) -> HttpResponseBase:
    """The file as it came, for download."""
    version = queries.get_file(request.actor, incoming_id, file_id)
    return files.stored_file(version.file_id, name=version.name, media_type=version.file.media_type)


@require_GET
@signed_in
def incoming_file_pdf(request: ActorRequest, incoming_id: int, file_id: int) -> HttpResponseBase:
    """The PDF to look at."""
    version = queries.get_file(request.actor, incoming_id, file_id)
    pdf = renditions.pdf_of(version.file_id)
    if pdf is None:
        raise arrival_papers.PdfNotReady
    name = version.name if version.name.lower().endswith(".pdf") else f"{version.name}.pdf"
    return files.stored_file(pdf, name=name, media_type="application/pdf", inline=True)


@require_GET
@signed_in
def incoming_file_page(request: ActorRequest, incoming_id: int, file_id: int, page: int) -> HttpResponseBase:
    """One page as a picture, for readers whose browser draws no PDF."""
    version = queries.get_file(request.actor, incoming_id, file_id)
    pdf = renditions.pdf_of(version.file_id)
    if pdf is None:
        raise arrival_papers.PdfNotReady
    return files.picture(pages.page_image(pdf, page, 1240))


@require_GET
@signed_in
def incoming_stamped(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """A copy with the arrival stamp; the original is never touched."""
    content = arrival_papers.stamped_copy(request.actor, incoming_id)
    return files.made_pdf(content, name=f"van-ban-den-{incoming_id}-dau-den.pdf")


@require_GET
@signed_in
def incoming_slip(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Phiếu giải quyết văn bản đến, to print."""
    content = arrival_papers.handling_slip(request.actor, incoming_id, now=request.now)
    return files.made_pdf(content, name=f"phieu-giai-quyet-{incoming_id}.pdf")


# Receiving and registering ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_receive(request: ActorRequest) -> HttpResponse:
    """Take files in: one request for each file from the drop zone (JSON), or a form with several."""
    form = forms.ReceiveForm(posted(request))
    if request.method == "GET":
        return render(request, "documents/incoming/receive.html", {"form": form, "receipts": []})
    form.is_valid()
    said = form.cleaned_data
    receipts = receiving.receive_incoming(
        actor=request.actor,
        registry_id=_own_registry(request),
        uploads=cast("list[Upload]", request.FILES.getlist("files")),
        now=request.now,
        assurance=Assurance(
            seen_no_mark=said.get("seen_no_mark", False), not_secret_basis=said.get("not_secret_basis", "")
        ),
        as_one=said.get("as_one", False),
        request_key=request.POST.get("idempotency_key", ""),
    )
    if _wants_json(request):
        return _upload_answer(receipts[0])
    kept = [each for each in receipts if each.incoming_id is not None]
    if len(kept) == len(receipts):
        messages.success(request, f"Đã tiếp nhận {len(kept)} văn bản, chờ đăng ký.")
        return HttpResponseRedirect(reverse("documents:incoming_register", args=[kept[0].incoming_id]))
    return render(request, "documents/incoming/receive.html", {"form": form, "receipts": receipts}, status=422)


def _own_registry(request: ActorRequest) -> int:
    """The registry this clerk takes letters in for: that of the post chosen, else her only one."""
    own = request.actor.units_with(Role.CLERK)
    if request.actor.registry_id in own or not own:
        return request.actor.registry_id or 0
    return min(own)


def _upload_answer(receipt: receiving.Receipt) -> JsonResponse:
    if receipt.error is not None:
        return JsonResponse({"message": receipt.error.message}, status=receipt.error.status)
    href = reverse("documents:incoming_register", args=[receipt.incoming_id])
    return JsonResponse({"href": href, "message": " ".join(["Đã tiếp nhận.", *receipt.warnings])})


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_attach(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Attachments of a letter."""
    form = forms.ReceiveForm(posted(request))
    context = {"form": form, "incoming": queries.get_incoming(request.actor, incoming_id), "error": None}
    if request.method == "GET":
        return render(request, "documents/incoming/attach.html", context)
    form.is_valid()
    try:
        receiving.attach_files(
            actor=request.actor,
            incoming_id=incoming_id,
            uploads=cast("list[Upload]", request.FILES.getlist("files")),
            now=request.now,
            assurance=Assurance(
                seen_no_mark=form.cleaned_data.get("seen_no_mark", False),
                not_secret_basis=form.cleaned_data.get("not_secret_basis", ""),
            ),
        )
    except Invalid as error:
        return render(request, "documents/incoming/attach.html", context | {"error": error}, status=422)
    messages.success(request, "Đã thêm tệp kèm theo.")
    return _to_detail(incoming_id)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_register(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The registration page: page left, form right; afterwards the next letter of the queue."""
    page = arrival_papers.registration_page(request.actor, incoming_id, now=request.now)
    leaders = [(each.pk, each.full_name) for each in page.leaders]
    if request.method == "GET":
        form = forms.RegisterForm(initial=page.initial, leaders=leaders)
        return _registration(request, page, form, earlier=page.earlier)
    form = forms.RegisterForm(request.POST, leaders=leaders)
    if not form.is_valid():
        return _registration(request, page, form, earlier=page.earlier, status=422)
    try:
        letter = registering.register_incoming(
            actor=request.actor,
            incoming_id=incoming_id,
            entry=form.entry(),
            now=request.now,
            forward_to=form.cleaned_data["forward_to"],
            not_duplicate=form.cleaned_data["not_duplicate"],
        )
    except PossibleDuplicate as error:
        return _registration(request, page, form, earlier=_earlier_of(request, page, form), error=error, status=409)
    except Invalid as error:
        add_errors(form, error)
        return _registration(request, page, form, earlier=page.earlier, status=422)
    messages.success(request, f"Đã đăng ký, số đến {letter.shown_arrival}.")
    following = next((each for each in page.queue if each != incoming_id), None)
    if request.POST.get("then") == "next" and following is not None:
        return HttpResponseRedirect(reverse("documents:incoming_register", args=[following]))
    return _to_detail(incoming_id)


def _registration(
    request: ActorRequest,
    page: arrival_papers.RegistrationPage,
    form: forms.RegisterForm,
    *,
    earlier: list[duplicates.EarlierLetter],
    error: ExpectedError | None = None,
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        "documents/incoming/register.html",
        {"page": page, "form": form, "earlier": earlier, "error": error},
        status=status,
    )


@require_GET
@signed_in
def incoming_duplicates(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The duplicate warning, while the clerk types."""
    page = arrival_papers.registration_page(request.actor, incoming_id, now=request.now)
    form = forms.RegisterForm(request.GET, leaders=[])
    form.is_valid()
    return render(
        request, "documents/incoming/_duplicates.html", {"earlier": _earlier_of(request, page, form), "page": page}
    )


def _earlier_of(
    request: ActorRequest, page: arrival_papers.RegistrationPage, form: forms.RegisterForm
) -> list[duplicates.EarlierLetter]:
    said = form.cleaned_data
    return duplicates.duplicates_of(
        registry_id=page.incoming.registry_id,
        number=said.get("number", ""),
        symbol=said.get("symbol", ""),
        issuing_body=said.get("issuing_body", ""),
        sha256s=page.original_hashes,
        besides=page.incoming.pk,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_correct(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Put a registered entry right."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    form = forms.CorrectForm(posted(request), initial=forms.initial_of(incoming))

    def carry_out() -> str:
        registering.correct_entry(
            actor=request.actor,
            incoming_id=incoming_id,
            entry=form.entry(),
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
        return "Đã sửa dòng sổ; giá trị cũ được giữ."

    context = {"incoming": incoming, "number": incoming.shown_arrival}
    return carried(request, form, "documents/incoming/correct.html", context, carry_out, _href(incoming_id))


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_refuse(request: ActorRequest, incoming_id: int) -> HttpResponse:
    return _with_reason(
        request,
        incoming_id,
        registering.refuse_incoming,
        title="Trả lại nơi gửi",
        text="Văn bản không được cấp số đến. Nơi gửi thấy lý do ngay.",
        verb="Trả lại nơi gửi",
        done="Đã trả lại nơi gửi.",
    )


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_cancel(request: ActorRequest, incoming_id: int) -> HttpResponse:
    return _with_reason(
        request,
        incoming_id,
        registering.cancel_registration,
        title="Hủy đăng ký",
        text="Số đến đã cấp được giữ và giải trình trong sổ; không cấp lại cho văn bản khác.",
        verb="Hủy đăng ký",
        done="Đã hủy đăng ký; số được giữ trong sổ.",
    )


# Sending on and directing -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_forward(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Submit one letter to a leader."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    leaders = [(each.pk, each.full_name) for each in queries.leaders_of(incoming.registry_id, now=request.now)]
    form = forms.ForwardForm(posted(request), leaders=leaders)

    def carry_out() -> str:
        forwarding.forward_incoming(
            actor=request.actor,
            incoming_id=incoming_id,
            leader_id=form.cleaned_data["leader"] or 0,
            note=form.cleaned_data["note"],
            now=request.now,
        )
        return "Đã trình lãnh đạo."

    context = dialog("Trình lãnh đạo", "Trình", _named(incoming))
    return carried(request, form, DIALOG, context, carry_out, _href(incoming_id))


@require_POST
@signed_in
def incoming_forward_many(request: ActorRequest) -> HttpResponse:
    """Submit the ticked letters to one leader; a result for each."""
    ids = [number for each in request.POST.getlist("ids") if (number := whole_number(each)) is not None]
    leader_id = whole_number(request.POST.get("leader", ""))
    if not ids or leader_id is None:
        raise Invalid("Chọn ít nhất một văn bản và người nhận trình.")
    results = forwarding.forward_many(actor=request.actor, incoming_ids=ids, leader_id=leader_id, now=request.now)
    done = sum(each.error is None for each in results)
    messages.success(request, f"Đã trình {done} trên {len(results)} văn bản.")
    failed = [each for each in results if each.error is not None]
    if failed:
        return render(request, "documents/incoming/forward_results.html", {"done": done, "failed": failed}, status=422)
    return HttpResponseRedirect(f"{reverse('documents:incoming_list')}?box={Box.TO_FORWARD}")


@require_POST
@signed_in
def incoming_keep(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Keep for information."""
    forwarding.keep_for_information(actor=request.actor, incoming_id=incoming_id, now=request.now)
    messages.success(request, "Đã lưu để biết.")
    return _to_detail(incoming_id)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_direct(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Bút phê."""
    return _directive(request, incoming_id, directing.direct_incoming, "Bút phê")


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_distribute(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Distribution by chánh văn phòng, without a leader."""
    return _directive(request, incoming_id, directing.distribute_incoming, "Phân phối xử lý")


def _directive(request: ActorRequest, incoming_id: int, service: Callable[..., object], title: str) -> HttpResponse:
    incoming = queries.get_incoming(request.actor, incoming_id)
    days = day_choices(queries.deadline_choices(request.now, letter_due=incoming.due_at))
    form = forms.DirectForm(posted(request), days=days)

    def carry_out() -> str:
        said = form.cleaned_data
        service(
            actor=request.actor,
            incoming_id=incoming_id,
            text=said["text"],
            recipients=said["recipients"],
            due_on=said["due_on"],
            requires_reply=said["requires_reply"],
            now=request.now,
        )
        return f"Đã chuyển {len(said['recipients'])} nơi nhận."

    context = {
        "title": title,
        "subtitle": _named(incoming),
        "incoming": incoming,
        "chosen": chosen_json(form, "recipients"),
        "verb": "Chuyển",
    }
    undo = reverse("documents:incoming_take_back", args=[incoming_id])
    return carried(request, form, "documents/incoming/direct.html", context, carry_out, _href(incoming_id), undo=undo)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_return(request: ActorRequest, incoming_id: int) -> HttpResponse:
    return _with_reason(
        request,
        incoming_id,
        directing.return_to_clerk,
        title="Trả lại văn thư",
        text="Văn bản về lại văn thư với lý do này để trình, chuyển nơi khác.",
        verb="Trả lại",
        done="Đã trả lại văn thư.",
    )


@require_POST
@signed_in
def incoming_take_back(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Undo of a directive, by the button on the pane or by the toast."""
    directing.take_back(actor=request.actor, incoming_id=incoming_id, now=request.now)
    messages.success(request, "Đã rút lại ý kiến chỉ đạo.")
    if _is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": _href(incoming_id)})
    return _to_detail(incoming_id)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_reopen(request: ActorRequest, incoming_id: int) -> HttpResponse:
    return _with_reason(
        request,
        incoming_id,
        closing.reopen_incoming,
        title="Mở lại để xử lý tiếp",
        text="Nơi chủ trì nhận lại việc với lý do này.",
        verb="Mở lại",
        done="Đã mở lại văn bản.",
        kind="primary",
    )


@require_POST
@signed_in
def incoming_comment(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """A note beside the letter."""
    consulting.comment_incoming(
        actor=request.actor, incoming_id=incoming_id, text=request.POST.get("text", ""), now=request.now
    )
    return _to_detail(incoming_id)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_consult(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Ask a unit's or person's opinion."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    form = forms.ConsultForm(posted(request))

    def carry_out() -> str:
        asked: list[Recipient] = form.cleaned_data["asked"]
        if not asked:
            raise Invalid(fields={"asked": "Chọn đơn vị hoặc người cần xin ý kiến."})
        consulting.ask_opinion(
            actor=request.actor,
            incoming_id=incoming_id,
            kind=asked[0].kind,
            asked_id=asked[0].id,
            question=form.cleaned_data["question"],
            due_on=form.cleaned_data["due_on"],
            now=request.now,
        )
        return "Đã gửi xin ý kiến."

    context = dialog("Xin ý kiến", "Gửi xin ý kiến", _named(incoming)) | {
        "picker": "asked",
        "picker_mode": "single",
        "chosen": chosen_json(form, "asked"),
    }
    return carried(request, form, DIALOG, context, carry_out, _href(incoming_id))


# Shared by the pages of this room ---------------------------------------------------------------------------


def carried(
    request: ActorRequest,
    form: Form,
    template: str,
    context: Mapping[str, object],
    carry_out: Callable[[], str],
    href: str,
    *,
    undo: str = "",
) -> HttpResponse:
    """Show a form, or carry out its command and go to `href`; what was typed stays when it is refused.

    `carry_out` returns the words of the toast, `undo` is where the toast takes it back. By htmx the
    form is a dialog, else a page.
    """
    shown = {"form": form, "action": request.get_full_path(), "back": href, **context}
    if request.method != "POST":
        return render(request, template, shown)
    if form.is_valid():
        try:
            words = carry_out()
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, words, extra_tags=undo)
            if _is_fragment(request):
                return HttpResponse(status=204, headers={"HX-Redirect": href})
            return HttpResponseRedirect(href, status=303)
    return render(request, template, shown, status=422)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent; a form sent empty is still bound."""
    return request.POST if request.method == "POST" else None


def add_errors(form: Form, error: Invalid) -> None:
    """Put a service's refusal beside the fields it names, else above the form."""
    placed = False
    renamed = {"due_at": "due_on"}
    for name, text in error.fields.items():
        field = renamed.get(name, name)
        if field in form.fields:
            form.add_error(field, text)
            placed = True
    if not placed:
        form.add_error(None, error.message)


def day_choices(found: list[queries.DeadlineChoice]) -> list[tuple[str, str]]:
    """Quick deadlines as the form takes them, each day once."""
    days: dict[str, str] = {}
    for each in found:
        days.setdefault(each.day.isoformat(), f"{each.words} ({each.day:%d/%m})")
    return list(days.items())


def dialog(title: str, verb: str, subtitle: str = "", *, text: str = "", kind: str = "primary") -> dict[str, object]:
    """The words of a plain dialog."""
    return {"title": title, "verb": verb, "subtitle": subtitle, "text": text, "kind": kind}


def chosen_json(form: Form, name: str) -> str:
    """What the picker starts with: the recipients sent before, with their names."""
    recipients: list[Recipient] = []
    if form.is_bound:
        form.is_valid()
        recipients = form.cleaned_data.get(name) or []
    units = organization.units_by_id([each.id for each in recipients if each.kind == "unit"])
    people = organization.persons_by_id([each.id for each in recipients if each.kind == "person"])
    found: list[dict[str, Any]] = []
    for each in recipients:
        unit, person = (units.get(each.id), None) if each.kind == "unit" else (None, people.get(each.id))
        label = unit.name if unit else person.full_name if person else ""
        if label:
            found.append(
                {"kind": each.kind, "id": each.id, "name": label, "detail": "", "path": "", "role": str(each.role)}
            )
    return json.dumps(found, ensure_ascii=False)


def _with_reason(
    request: ActorRequest,
    incoming_id: int,
    service: Callable[..., object],
    *,
    title: str,
    text: str,
    verb: str,
    done: str,
    kind: str = "red",
) -> HttpResponse:
    incoming = queries.get_incoming(request.actor, incoming_id)
    form = forms.ReasonForm(posted(request))

    def carry_out() -> str:
        service(actor=request.actor, incoming_id=incoming_id, reason=form.cleaned_data["reason"], now=request.now)
        return done

    context = dialog(title, verb, _named(incoming), text=text, kind=kind)
    return carried(request, form, DIALOG, context, carry_out, _href(incoming_id))


def _named(incoming: Any) -> str:  # noqa: ANN401 - a letter, or a line's letter
    return " · ".join(part for part in (incoming.shown_code, incoming.subject) if part)


def _href(incoming_id: int) -> str:
    return reverse("documents:incoming_detail", args=[incoming_id])


def _to_detail(incoming_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(_href(incoming_id), status=303)


def _is_fragment(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")
