"""Pages of notes and opinions on a letter."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from eoffice.core.errors import Invalid
from eoffice.documents.forms import incoming as forms
from eoffice.documents.queries import incoming as queries
from eoffice.documents.services import (
    consulting,
)
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.views.carrying import (
    DIALOG,
    carried,
    chosen_json,
    dialog,
    posted,
)
from eoffice.documents.views.incoming_dialogs import href_of, named, to_detail
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_POST
@signed_in
def incoming_comment(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """A note beside the letter."""
    consulting.comment_incoming(
        actor=request.actor, incoming_id=incoming_id, text=request.POST.get("text", ""), now=request.now
    )
    return to_detail(incoming_id)


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

    context = dialog("Xin ý kiến", "Gửi xin ý kiến", named(incoming)) | {
        "picker": "asked",
        "picker_mode": "single",
        "chosen": chosen_json(form, "asked"),
    }
    return carried(request, form, DIALOG, context, carry_out, href_of(incoming_id))
