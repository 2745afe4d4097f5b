"""Pages that send a registered letter on: to a leader, or to the shelf."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.core.errors import Invalid
from eoffice.core.paging import whole_number
from eoffice.documents.forms import incoming as forms
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.services import (
    forwarding,
)
from eoffice.documents.views.carrying import (
    DIALOG,
    carried,
    dialog,
    posted,
)
from eoffice.documents.views.incoming_dialogs import href_of, named, to_detail
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


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

    context = dialog("Trình lãnh đạo", "Trình", named(incoming))
    return carried(request, form, DIALOG, context, carry_out, href_of(incoming_id))


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
    return to_detail(incoming_id)
