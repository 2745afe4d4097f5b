"""Pages of drafts: lists, reading, beginning one, files."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from eoffice.core.errors import Invalid
from eoffice.core.paging import whole_number
from eoffice.documents.forms import drafts as forms
from eoffice.documents.models import DraftMode
from eoffice.documents.queries import draft_pages, draft_signers, draft_signing, draft_versions
from eoffice.documents.queries import drafts as queries
from eoffice.documents.queries.draft_findings import draft_findings
from eoffice.documents.queries.outgoing import get_outgoing
from eoffice.documents.services import beginning_drafts, reading_drafts
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.drafting import DraftEntry
from eoffice.documents.views import files
from eoffice.documents.views.carrying import add_errors
from eoffice.layout.types import type_of
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


@require_GET
@signed_in
def draft_list(request: ActorRequest) -> HttpResponse:
    """One box of drafts, newest first; nothing is open beside it."""
    return render(request, "documents/draft/list.html", {"list": _list_of(request), "page": None})


def _list_of(request: ActorRequest) -> queries.DraftList:
    return queries.draft_list(
        request.actor,
        box=request.GET.get("box", queries.MINE),
        now=request.now,
        after=whole_number(request.GET.get("after", "")),
        search=request.GET.get("q", "")[:200],
        state=request.GET.get("state", ""),
        field_of_work_id=whole_number(request.GET.get("field", "")),
    )


@require_GET
@signed_in
def draft_detail(request: ActorRequest, draft_id: int) -> HttpResponse:
    """One draft: the editor for who may write it, else the reading pane, beside its list on a full load."""
    if request.GET.get("part") == "preview":
        draft = queries.get_draft(request.actor, draft_id)
        return render(request, "documents/draft/_preview.html", {"draft": draft})
    if request.GET.get("part") == "findings":
        draft, findings = draft_findings(request.actor, draft_id)
        return render(request, "documents/draft/_findings.html", {"draft": draft, "findings": findings})
    if request.GET.get("part") == "places":
        return _places(request, draft_id)
    page = reading_drafts.open_draft(actor=request.actor, draft_id=draft_id, now=request.now)
    into_pane = request.headers.get("HX-Target") == "reading"
    if page.can_edit:
        if into_pane:
            response = HttpResponse()
            response.headers["HX-Redirect"] = request.get_full_path()
            return response
        return render(request, "documents/draft/edit.html", editor_context(request, page))
    if into_pane:
        return render(
            request,
            "documents/draft/_reading.html",
            {"page": page, "draft": page.draft, "came_signed": draft_signing.came_signed(page)},
        )
    box = request.GET.get("box") or _box_of(page)
    found = queries.draft_list(request.actor, box=box, now=request.now)
    return render(
        request,
        "documents/draft/list.html",
        {"list": found, "page": page, "draft": page.draft, "came_signed": draft_signing.came_signed(page)},
    )


def _places(request: ActorRequest, draft_id: int) -> HttpResponse:
    """The board of an uploaded text, asked for while its places are searched."""
    draft, board = draft_signing.board_of(request.actor, draft_id, now=request.now)
    response = render(request, "documents/draft/_places.html", {"draft": draft, "board": board})
    if not board.is_under_way:
        # What stands on the page is known now: the panel of thể thức reads it again.
        response.headers["HX-Trigger-After-Settle"] = "places:found"
    return response


def _box_of(page: queries.DraftPage) -> str:
    """The list a draft stands in for its reader."""
    if page.can_sign:
        return queries.TO_SIGN
    return queries.TO_REVIEW if page.can_review else queries.MINE


def editor_context(
    request: ActorRequest, page: queries.DraftPage, form: forms.DraftForm | None = None
) -> dict[str, object]:
    """What the editor page shows; `form` with errors keeps what was typed."""
    draft = page.draft
    if form is None:
        form = forms.DraftForm(
            initial=forms.initial_of(draft, page.recipients, page.submission),
            signers=draft_signers.signers_of(
                draft,
                document_type=draft.document_type,
                field_of_work_id=draft.field_of_work_id,
                chosen=draft.capacity_id,
                now=request.now,
            ),
        )
    return {
        "page": page,
        "draft": draft,
        "form": form,
        "extras": forms.extra_fields(draft.document_type, draft.content.get("extra") or {}),
        "recipients": forms.picked(page.recipients, copies=False),
        "cosigner": draft_signing.picked_cosigner(draft),
        "copies": forms.picked(page.recipients, copies=True),
        "assurance": forms.AssuranceForm(),
        "board": draft_signing.places_board(draft, page.upload, now=request.now),
        "came_signed": draft_signing.came_signed(page),
        "revising": False,
        "form_faults": (),
        "file_fault": None,
    }


@require_http_methods(["GET", "POST"])
@signed_in
def draft_create(request: ActorRequest) -> HttpResponse:
    """Begin a draft; `assignment` or `incoming` in the address names what it answers."""
    units = drafting_units(request.actor)
    origin = _origin_of(request)
    initial = {
        "unit": "" if request.actor.in_all_posts else request.actor.unit_id,
        "subject": request.GET.get("subject", ""),
        **_beginning(request, origin),
    }
    form = forms.NewDraftForm(
        request.POST or None,
        units=units,
        leaders=[(each.leader_id, each.leader_name) for each in request.actor.serves],
        fields_of_work=request.actor.delegation.fields_of_work if request.actor.delegation else (),
        initial=initial | {"leader": request.GET.get("leader", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            draft = beginning_drafts.create_draft(
                actor=request.actor,
                entry=DraftEntry(
                    document_type=form.cleaned_data["document_type"],
                    subject=form.cleaned_data["subject"],
                    field_of_work_id=form.cleaned_data["field_of_work"],
                ),
                unit_id=form.cleaned_data["unit"],
                origin=origin,
                mode=DraftMode(form.cleaned_data["mode"]),
                request_key=request.POST.get("idempotency_key", ""),
                leader_id=form.cleaned_data["leader"],
                now=request.now,
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            return HttpResponseRedirect(reverse("documents:draft_detail", args=[draft.pk]), status=303)
    status = 422 if request.method == "POST" else 200
    return render(request, "documents/draft/create.html", {"form": form, "origin": origin}, status=status)


def drafting_units(actor: Actor) -> list[tuple[int, str]]:
    """The units in whose name a draft may begin: of the post chosen, of all posts, or of whom a delegation is from."""
    units = organization.units_by_id(actor.unit_ids)
    return [
        (unit.pk, unit.name) for unit in sorted(units.values(), key=lambda unit: (unit.pk != actor.unit_id, unit.pk))
    ]


def _beginning(request: ActorRequest, origin: DraftOrigin) -> dict[str, str]:
    """How a draft begins that corrects or replaces an issued document: its subject names it, its type is that one's."""
    outgoing_id = origin.corrects_id or origin.replaces_id
    if outgoing_id is None:
        return {}
    outgoing = get_outgoing(request.actor, outgoing_id)
    if origin.replaces_id is not None:
        return {"document_type": outgoing.document_type, "subject": outgoing.subject}
    name = type_of(outgoing.document_type).name
    return {"subject": f"Đính chính {name} số {outgoing.shown_code} ngày {outgoing.issued_on:%d/%m/%Y}"}


def _origin_of(request: ActorRequest) -> DraftOrigin:
    """What the new draft answers, corrects or replaces: from the address, then from the form's hidden fields."""

    def named(key: str) -> int | None:
        return whole_number(request.POST.get(key, "") or request.GET.get(key, ""))

    return DraftOrigin(
        assignment_id=named("assignment"),
        in_reply_to_id=named("incoming"),
        corrects_id=named("corrects"),
        replaces_id=named("replaces"),
    )


@require_GET
@xframe_options_sameorigin
@signed_in
def draft_preview(request: ActorRequest, draft_id: int) -> HttpResponse:
    """The letter as it would be now, as PDF."""
    return files.made_pdf(draft_pages.preview_pdf(request.actor, draft_id), name=f"Dự thảo {draft_id}.pdf")


@require_GET
@signed_in
def draft_docx(request: ActorRequest, draft_id: int) -> HttpResponse:
    """The DOCX twin to take along."""
    return _served(draft_pages.draft_docx(request.actor, draft_id))


@require_GET
@xframe_options_sameorigin
@signed_in
def draft_slip(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Phiếu trình, to print."""
    content = draft_pages.submission_slip(request.actor, draft_id, now=request.now)
    return files.made_pdf(content, name="Phiếu trình.pdf")


@require_GET
@xframe_options_sameorigin
@signed_in
def draft_file(request: ActorRequest, draft_id: int, file_id: int) -> HttpResponse:
    """One file of a draft; PDFs open in the viewer, others are saved."""
    served = reading_drafts.open_draft_file(actor=request.actor, draft_id=draft_id, file_id=file_id, now=request.now)
    return _served(served)


def _served(served: draft_pages.ServedFile) -> HttpResponse:
    return files.made_file(served.content, name=served.name, media_type=served.media_type, inline=True)


@require_GET
@signed_in
def draft_page_picture(request: ActorRequest, draft_id: int, file_id: int, page: int) -> HttpResponseBase:
    """The picture of one page (from 0)."""
    return files.picture(draft_pages.page_picture(request.actor, draft_id, file_id, page))


@require_GET
@signed_in
def draft_compare(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Two versions laid beside each other; without choice the last two."""
    page = queries.draft_page(request.actor, draft_id, now=request.now)
    numbers = [version.number for version in page.versions]
    if len(numbers) < 2:
        messages.info(request, "Mới có một lần dự thảo nên chưa có gì để so sánh.")
        return HttpResponseRedirect(reverse("documents:draft_detail", args=[draft_id]), status=303)
    new = whole_number(request.GET.get("new", "")) or numbers[0]
    old = whole_number(request.GET.get("old", "")) or next((n for n in numbers if n < new), numbers[-1])
    before, after, compared = draft_versions.compare_versions(request.actor, draft_id, old=old, new=new)
    context = {"page": page, "draft": page.draft, "before": before, "after": after, "compared": compared}
    return render(request, "documents/draft/compare.html", context)
