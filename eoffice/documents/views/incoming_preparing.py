"""Pages of secretaries: the proposed directive and the order of a leader's queue; and the leader's one press."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.core.paging import whole_number
from eoffice.documents.errors import ProposalChanged
from eoffice.documents.forms import incoming as forms
from eoffice.documents.models import QueueRank
from eoffice.documents.permissions import incoming as permissions
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries.incoming_following import deadline_choices
from eoffice.documents.queries.preparing import open_proposal
from eoffice.documents.services import preparing
from eoffice.documents.views.carrying import carried, chosen_json, day_choices, is_fragment, posted
from eoffice.documents.views.incoming_dialogs import href_of, named, to_detail
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_prepare(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Dự kiến bút phê."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    permissions.require(
        permissions.can_prepare(request.actor, incoming),
        "Chỉ thư ký của lãnh đạo đang chờ cho ý kiến mới chuẩn bị được, và chỉ khi lãnh đạo chưa cho ý kiến. "
        "Dữ liệu chưa thay đổi.",
    )
    days = day_choices(deadline_choices(request.now, letter_due=incoming.due_at))
    proposal = open_proposal(incoming)
    initial = forms.initial_of_proposal(proposal, days) | {"version": proposal.version if proposal else 0}
    form = forms.PrepareForm(posted(request), days=days, initial=initial)

    def carry_out() -> str:
        said = form.cleaned_data
        try:
            preparing.prepare_directive(
                actor=request.actor,
                incoming_id=incoming_id,
                text=said["text"],
                recipients=said["recipients"],
                due_on=said["due_on"],
                requires_reply=said["requires_reply"],
                seen_version=said["version"],
                now=request.now,
            )
        except ProposalChanged as error:
            raise error.beside_the_form() from error
        return "Đã lưu dự kiến. Lãnh đạo xem, sửa và gửi."

    leader = incoming.forwarded_to.full_name if incoming.forwarded_to else ""
    context = {
        "title": "Dự kiến bút phê",
        "subtitle": f"Chuẩn bị cho ông/bà {leader} · {named(incoming)}",
        "incoming": incoming,
        "chosen": chosen_json(form, "recipients"),
        "verb": "Lưu dự kiến",
        "foot_words": "Chưa giao cho ai: chỉ lãnh đạo gửi được bút phê.",
    }
    return carried(request, form, "documents/incoming/direct.html", context, carry_out, href_of(incoming_id))


@require_POST
@signed_in
def incoming_prepare_drop(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Take the proposal away."""
    preparing.drop_proposal(actor=request.actor, incoming_id=incoming_id, now=request.now)
    messages.success(request, "Đã bỏ dự kiến bút phê.")
    return to_detail(incoming_id)


@require_POST
@signed_in
def incoming_prepare_rank(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The letter's place in the leader's queue."""
    said = whole_number(request.POST.get("rank", ""))
    rank = QueueRank(said) if said in QueueRank.values else QueueRank.NORMAL
    preparing.rank_letter(actor=request.actor, incoming_id=incoming_id, rank=rank, now=request.now)
    messages.success(request, f"Đã xếp: {rank.label.lower()}.")
    return to_detail(incoming_id)


@require_POST
@signed_in
def incoming_send_proposal(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """The leader's one press."""
    version = whole_number(request.POST.get("version", "")) or 0
    preparing.send_proposal(actor=request.actor, incoming_id=incoming_id, seen_version=version, now=request.now)
    undo = reverse("documents:incoming_take_back", args=[incoming_id])
    messages.success(request, "Đã gửi bút phê theo dự kiến.", extra_tags=undo)
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": href_of(incoming_id)})
    return to_detail(incoming_id)
