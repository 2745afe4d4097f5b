"""Pages of assignments: each takes one line and carries out one command on it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict
from eoffice.documents.forms import incoming as forms
from eoffice.documents.models import Assignment
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries import incoming_following
from eoffice.documents.services import assigning, closing, consulting, extending
from eoffice.documents.views.carrying import DIALOG, carried, chosen_json, day_choices, dialog, posted
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_POST
@signed_in
def assignment_accept(request: ActorRequest, assignment_id: int) -> HttpResponse:
    line = assigning.accept_assignment(actor=request.actor, assignment_id=assignment_id, now=request.now)
    messages.success(request, "Đã tiếp nhận.")
    return _to_letter(line)


@require_POST
@signed_in
def assignment_take_on(request: ActorRequest, assignment_id: int) -> HttpResponse:
    line = assigning.take_on(actor=request.actor, assignment_id=assignment_id, now=request.now)
    messages.success(request, "Đã nhận xử lý.")
    return _to_letter(line)


@require_POST
@signed_in
def assignment_confirm(request: ActorRequest, assignment_id: int) -> HttpResponse:
    line = closing.confirm_done(actor=request.actor, assignment_id=assignment_id, now=request.now)
    messages.success(request, "Đã xác nhận hoàn thành.")
    return _to_letter(line)


@require_http_methods(["GET", "POST"])
@signed_in
def assignment_pass_on(request: ActorRequest, assignment_id: int) -> HttpResponse:
    """Giao chuyên viên."""
    line = queries.get_line(request.actor, assignment_id)
    days = [
        each
        for each in incoming_following.deadline_choices(request.now, letter_due=line.due_at)
        if line.due_at is None or each.day <= local_date(line.due_at)
    ]
    form = forms.PassOnForm(posted(request), days=day_choices(days))

    def carry_out() -> str:
        said = form.cleaned_data
        assigning.pass_on(
            actor=request.actor,
            assignment_id=assignment_id,
            recipients=said["recipients"],
            instruction=said["instruction"],
            due_on=said["due_on"],
            now=request.now,
        )
        return f"Đã giao {len(said['recipients'])} nơi nhận."

    context = {
        "title": "Giao chuyên viên" if line.unit_id else "Chuyển tiếp",
        "subtitle": _named(line),
        "incoming": line.incoming,
        "chosen": chosen_json(form, "recipients"),
        "near": line.unit_id or request.actor.unit_id,
        "verb": "Giao việc",
    }
    return carried(request, form, "documents/incoming/direct.html", context, carry_out, _href(line))


@require_http_methods(["GET", "POST"])
@signed_in
def assignment_return(request: ActorRequest, assignment_id: int) -> HttpResponse:
    return _with_reason(
        request,
        assignment_id,
        assigning.return_assignment,
        dialog("Trả lại việc được giao", "Trả lại", text="Nơi giao thấy lý do ngay và giao lại.", kind="red"),
        "Đã trả lại nơi giao.",
    )


@require_http_methods(["GET", "POST"])
@signed_in
def assignment_withdraw(request: ActorRequest, assignment_id: int) -> HttpResponse:
    return _with_reason(
        request,
        assignment_id,
        assigning.withdraw_assignment,
        dialog("Rút lại phân công", "Rút lại", text="Nơi nhận không còn thấy việc này.", kind="red"),
        "Đã rút lại phân công.",
    )


@require_http_methods(["GET", "POST"])
@signed_in
def assignment_send_back(request: ActorRequest, assignment_id: int) -> HttpResponse:
    return _with_reason(
        request,
        assignment_id,
        closing.send_back,
        dialog("Yêu cầu xử lý tiếp", "Yêu cầu xử lý tiếp", text="Ghi rõ việc còn phải làm."),
        "Đã yêu cầu xử lý tiếp.",
    )


@require_http_methods(["GET", "POST"])
@signed_in
def assignment_progress(request: ActorRequest, assignment_id: int) -> HttpResponse:
    line = queries.get_line(request.actor, assignment_id)
    form = forms.ProgressForm(posted(request))

    def carry_out() -> str:
        consulting.report_progress(
            actor=request.actor,
            assignment_id=assignment_id,
            text=form.cleaned_data["text"],
            percent=form.cleaned_data["percent"],
            now=request.now,
        )
        return "Đã ghi tiến độ."

    context = dialog("Báo cáo tiến độ", "Ghi tiến độ", _named(line))
    return carried(request, form, DIALOG, context, carry_out, _href(line))


@require_http_methods(["GET", "POST"])
@signed_in
def assignment_extend(request: ActorRequest, assignment_id: int) -> HttpResponse:
    line = queries.get_line(request.actor, assignment_id)
    if request.method == "GET" and (waiting := queries.open_extension_of(line)) is not None:
        # Said before anything is typed; the service says it again to who asks at the same moment.
        asked = f"{local_date(waiting.asked_due_at):%d/%m/%Y}"
        raise Conflict(f"Đã xin gia hạn đến {asked}, đang chờ quyết định. Có quyết định rồi mới xin lần nữa.")
    form = forms.ExtendForm(posted(request))

    def carry_out() -> str:
        extending.ask_extension(
            actor=request.actor,
            assignment_id=assignment_id,
            due_on=form.cleaned_data["due_on"],
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
        return "Đã gửi đề nghị gia hạn."

    context = dialog("Xin gia hạn", "Gửi đề nghị", _named(line))
    return carried(request, form, DIALOG, context, carry_out, _href(line))


@require_http_methods(["GET", "POST"])
@signed_in
def assignment_report(request: ActorRequest, assignment_id: int) -> HttpResponse:
    """Hoàn thành."""
    line = queries.get_line(request.actor, assignment_id)
    form = forms.ReportForm(posted(request))
    if not line.requires_reply:
        del form.fields["no_reply_reason"]

    def carry_out() -> str:
        done = closing.report_done(
            actor=request.actor,
            assignment_id=assignment_id,
            result=form.cleaned_data["result"],
            no_reply_reason=form.cleaned_data.get("no_reply_reason", ""),
            now=request.now,
        )
        return "Đã báo cáo hoàn thành, chờ xác nhận." if done.closed_at is None else "Đã hoàn thành."

    rule = "Việc này yêu cầu có văn bản trả lời. Chưa có văn bản đã phát hành thì ghi lý do."
    text = rule if line.requires_reply else ""
    context = dialog("Báo cáo hoàn thành", "Hoàn thành", _named(line), text=text)
    return carried(request, form, DIALOG, context, carry_out, _href(line))


@require_http_methods(["GET", "POST"])
@signed_in
def extension_decide(request: ActorRequest, extension_id: int) -> HttpResponse:
    """Grant or refuse a later deadline."""
    asked = queries.get_extension(request.actor, extension_id)
    line = asked.assignment
    form = forms.DecideExtensionForm(posted(request), initial={"decision": "grant"})

    def carry_out() -> str:
        granted = form.cleaned_data["decision"] == "grant"
        extending.decide_extension(
            actor=request.actor,
            extension_id=extension_id,
            granted=granted,
            note=form.cleaned_data["note"],
            now=request.now,
        )
        return "Đã cho gia hạn." if granted else "Đã từ chối gia hạn."

    now_due = f"Hạn đang giao {local_date(line.due_at):%d/%m/%Y}; " if line.due_at else ""
    asked_due = f"{asked.asked_by.full_name} xin đến {local_date(asked.asked_due_at):%d/%m/%Y}"
    words = f"{now_due}{asked_due}: {asked.reason}"
    context = dialog("Đề nghị gia hạn", "Quyết định", _named(line), text=words)
    return carried(request, form, DIALOG, context, carry_out, _href(line))


@require_http_methods(["GET", "POST"])
@signed_in
def consultation_answer(request: ActorRequest, consultation_id: int) -> HttpResponse:
    """Answer what one was asked."""
    asked = queries.get_consultation(request.actor, consultation_id)
    form = forms.AnswerForm(posted(request))

    def carry_out() -> str:
        consulting.answer_opinion(
            actor=request.actor,
            consultation_id=consultation_id,
            answer=form.cleaned_data["answer"],
            now=request.now,
        )
        return "Đã trả lời ý kiến."

    href = reverse("documents:incoming_detail", args=[asked.incoming_id])
    context = dialog("Trả lời xin ý kiến", "Gửi ý kiến", text=asked.question)
    return carried(request, form, DIALOG, context, carry_out, href)


def _with_reason(
    request: ActorRequest,
    assignment_id: int,
    service: Callable[..., object],
    words: dict[str, object],
    done: str,
) -> HttpResponse:
    line = queries.get_line(request.actor, assignment_id)
    form = forms.ReasonForm(posted(request))

    def carry_out() -> str:
        service(
            actor=request.actor,
            assignment_id=assignment_id,
            reason=form.cleaned_data["reason"],
            now=request.now,
        )
        return done

    return carried(request, form, DIALOG, words | {"subtitle": _named(line)}, carry_out, _href(line))


def _named(line: Assignment) -> str:
    return " · ".join(part for part in (line.incoming.shown_code, line.incoming.subject) if part)


def _href(line: Assignment) -> str:
    return reverse("documents:incoming_detail", args=[line.incoming_id])


def _to_letter(line: Assignment) -> HttpResponseRedirect:
    return HttpResponseRedirect(_href(line), status=303)
