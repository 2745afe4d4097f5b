"""HTTP of reviewing drafts: pass, return, withdraw, ask and give opinions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse

from eoffice.core.errors import Invalid
from eoffice.documents.forms import drafts as forms
from eoffice.documents.services import consulting_on_drafts, reviewing
from eoffice.documents.services.deadlines import checked_deadline
from eoffice.documents.views.draft_writing import to_draft
from eoffice.documents.views.posting import posted_from_draft
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


def _review(request: ActorRequest) -> forms.ReviewForm:
    form = forms.ReviewForm(request.POST)
    if not form.is_valid():
        raise Invalid("Chưa duyệt: trang đã cũ hoặc ý kiến quá dài. Tải lại trang rồi làm tiếp.")
    return form


@posted_from_draft
@signed_in
def draft_pass(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Pass one's own step."""
    data = _review(request).cleaned_data
    reviewing.pass_review(
        actor=request.actor, draft_id=draft_id, seen_version=data["version"], comment=data["comment"], now=request.now
    )
    messages.success(request, "Đã duyệt, chuyển bước tiếp theo.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_return(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Return at one's own step, to sign included."""
    data = _review(request).cleaned_data
    reviewing.return_draft(
        actor=request.actor, draft_id=draft_id, reason=data["reason"], seen_version=data["version"], now=request.now
    )
    messages.success(request, "Đã trả lại người soạn kèm lý do.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_withdraw(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Take one's own draft back."""
    reviewing.withdraw_draft(
        actor=request.actor, draft_id=draft_id, reason=request.POST.get("reason", "")[:1000], now=request.now
    )
    messages.success(request, "Đã rút lại để sửa.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_consult(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Ask units or people what they think."""
    form = forms.ConsultForm(request.POST)
    if not form.is_valid():
        raise Invalid("Chưa gửi xin ý kiến: ghi nội dung cần hỏi và hạn theo dạng ngày/tháng/năm.")
    unit_ids, person_ids = form.asked(request.POST)
    consulting_on_drafts.consult_on_draft(
        actor=request.actor,
        draft_id=draft_id,
        unit_ids=unit_ids,
        person_ids=person_ids,
        question=form.cleaned_data["question"],
        due_at=checked_deadline(form.cleaned_data["due_on"], now=request.now),
        now=request.now,
    )
    messages.success(request, "Đã gửi xin ý kiến.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_answer(request: ActorRequest, draft_id: int, consultation_id: int) -> HttpResponse:
    """Give one's opinion."""
    form = forms.AnswerForm(request.POST)
    if not form.is_valid():
        raise Invalid("Chưa gửi: ghi ý kiến.", fields={"answer": "Ghi ý kiến."})
    consulting_on_drafts.answer_draft_consultation(
        actor=request.actor, consultation_id=consultation_id, answer=form.cleaned_data["answer"], now=request.now
    )
    messages.success(request, "Đã gửi ý kiến.")
    return to_draft(draft_id)
