"""Pages of the directive: bút phê, distribution, return, taking back, opening again."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.documents.forms import incoming as forms
from eoffice.documents.permissions.incoming import can_direct
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries.incoming_following import deadline_choices
from eoffice.documents.queries.preparing import open_proposal
from eoffice.documents.services import (
    closing,
    directing,
)
from eoffice.documents.views.carrying import (
    carried,
    chosen_json,
    day_choices,
    is_fragment,
    posted,
)
from eoffice.documents.views.incoming_dialogs import href_of, named, to_detail, with_reason
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_direct(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Bút phê; what a secretary prepared stands in the form already."""
    return _directive(request, incoming_id, directing.direct_incoming, "Bút phê", may_be_prepared=True)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_distribute(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Distribution by chánh văn phòng, without a leader."""
    return _directive(request, incoming_id, directing.distribute_incoming, "Phân phối xử lý")


def _directive(
    request: ActorRequest,
    incoming_id: int,
    service: Callable[..., object],
    title: str,
    *,
    may_be_prepared: bool = False,
) -> HttpResponse:
    incoming = queries.get_incoming(request.actor, incoming_id)
    days = day_choices(deadline_choices(request.now, letter_due=incoming.due_at))
    proposal = open_proposal(incoming) if may_be_prepared and can_direct(request.actor, incoming) else None
    initial = forms.initial_of_proposal(proposal, days) | {"proposal": proposal.pk if proposal else None}
    form = forms.DirectForm(posted(request), days=days, initial=initial)

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
            **({"proposal_id": said["proposal"]} if may_be_prepared else {}),
        )
        return f"Đã chuyển {len(said['recipients'])} nơi nhận."

    context = {
        "title": title,
        "subtitle": named(incoming),
        "incoming": incoming,
        "chosen": chosen_json(form, "recipients"),
        "verb": "Chuyển",
    }
    if proposal is not None:
        context["foot_words"] = f"Thư ký {proposal.prepared_by.full_name} chuẩn bị. Gửi là ý kiến của người gửi."
    undo = reverse("documents:incoming_take_back", args=[incoming_id])
    return carried(request, form, "documents/incoming/direct.html", context, carry_out, href_of(incoming_id), undo=undo)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_return(request: ActorRequest, incoming_id: int) -> HttpResponse:
    return with_reason(
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
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": href_of(incoming_id)})
    return to_detail(incoming_id)


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_reopen(request: ActorRequest, incoming_id: int) -> HttpResponse:
    return with_reason(
        request,
        incoming_id,
        closing.reopen_incoming,
        title="Mở lại để xử lý tiếp",
        text="Nơi chủ trì nhận lại việc với lý do này.",
        verb="Mở lại",
        done="Đã mở lại văn bản.",
        kind="primary",
    )
