"""Pages of what follows a directive: later recipients, reminders, links to other documents."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from eoffice.core.errors import Invalid
from eoffice.documents.errors import AlreadyDirected, AlreadyReminded
from eoffice.documents.forms import incoming as forms
from eoffice.documents.models import LinkRelation
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries import incoming_following, search
from eoffice.documents.services import directing, linking, reminding
from eoffice.documents.views.carrying import DIALOG, carried, chosen_json, day_choices, dialog, posted
from eoffice.documents.views.incoming_dialogs import href_of, named
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_add_recipients(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Thêm nơi nhận: to support, or to know."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    days = day_choices(incoming_following.deadline_choices(request.now, letter_due=incoming.due_at))
    form = forms.AddRecipientsForm(posted(request), days=days)

    def carry_out() -> str:
        said = form.cleaned_data
        try:
            lines = directing.add_recipients(
                actor=request.actor,
                incoming_id=incoming_id,
                recipients=said["recipients"],
                text=said["instruction"],
                due_on=said["due_on"],
                now=request.now,
            )
        except AlreadyDirected as error:
            raise Invalid(fields={"recipients": error.message}) from error
        return f"Đã thêm {len(lines)} nơi nhận."

    context = {
        "title": "Thêm nơi nhận",
        "subtitle": named(incoming),
        "incoming": incoming,
        "chosen": chosen_json(form, "recipients"),
        "roles": "support,informed",
        "verb": "Thêm nơi nhận",
        "foot_words": "Nơi thêm là phối hợp hoặc nhận để biết. Không ghi nội dung thì theo ý kiến đã cho.",
    }
    return carried(request, form, "documents/incoming/direct.html", context, carry_out, href_of(incoming_id))


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_remind(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Đôn đốc those who have open work of the reader's."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    lines = incoming_following.remindable_lines(request.actor, incoming_id, now=request.now)
    waiting = [each for each in lines if not each.is_done]
    form = forms.RemindForm(
        posted(request),
        lines=[(each.id, f"{each.name} ({each.role})") for each in waiting],
        initial={"lines": [each.id for each in waiting]},
    )

    def carry_out() -> str:
        try:
            reminded = reminding.remind_holders(
                actor=request.actor,
                incoming_id=incoming_id,
                assignment_ids=form.cleaned_data["lines"],
                note=form.cleaned_data["note"],
                now=request.now,
            )
        except AlreadyReminded as error:
            raise Invalid(error.message) from error
        return f"Đã đôn đốc {len(reminded)} nơi."

    done = ", ".join(each.name for each in lines if each.is_done)
    text = f"Hôm nay đã đôn đốc {done}; mỗi nơi được đôn đốc một lần trong ngày." if done else ""
    context = dialog("Đôn đốc", "Đôn đốc", named(incoming), text=text)
    return carried(request, form, DIALOG, context, carry_out, href_of(incoming_id))


@require_http_methods(["GET", "POST"])
@signed_in
def incoming_link(request: ActorRequest, incoming_id: int) -> HttpResponse:
    """Relate another document, found by its number or subject among those the reader may see."""
    incoming = queries.get_incoming(request.actor, incoming_id)
    words = (request.POST if request.method == "POST" else request.GET).get("q", "")[:200]
    found = {"found": search.linkable(request.actor, incoming_id, words), "q": words}
    if request.method == "GET" and request.headers.get("HX-Target") == "link-found":
        return render(request, "documents/incoming/_link_found.html", found)
    looks_only = request.POST.get("do") == "find"
    form = forms.LinkForm(None if looks_only else posted(request))
    context = dialog("Liên kết văn bản", "Liên kết", named(incoming)) | found
    if looks_only:
        shown = context | {"form": form, "action": request.get_full_path(), "back": href_of(incoming_id)}
        return render(request, "documents/incoming/link.html", shown)

    def carry_out() -> str:
        kind, pk = form.other()
        linking.link_documents(
            actor=request.actor,
            from_kind="incoming",
            from_id=incoming_id,
            to_kind=kind,
            to_id=pk,
            relation=LinkRelation(form.cleaned_data["relation"]),
            now=request.now,
        )
        return "Đã liên kết văn bản."

    return carried(request, form, "documents/incoming/link.html", context, carry_out, href_of(incoming_id))
