"""HTTP of writing drafts: keep, submit, versions, uploads, places, attachments."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from eoffice.core.errors import ExpectedError, Invalid
from eoffice.core.paging import whole_number
from eoffice.documents.errors import CapacityOutsideField, FormFaults, NoCapacity
from eoffice.documents.forms import drafts as forms
from eoffice.documents.models import Draft
from eoffice.documents.queries import draft_signers
from eoffice.documents.queries import drafts as queries
from eoffice.documents.services import attaching_files, drafting, reviewing, submitting
from eoffice.documents.services.receiving import Assurance
from eoffice.documents.views.drafts import editor_context
from eoffice.documents.views.posting import posted_from_draft
from eoffice.layout.form_findings import Finding
from eoffice.organization.gate import signed_in
from eoffice.organization.middleware import ActorRequest


def to_draft(draft_id: int) -> HttpResponse:
    """Back to the draft's page."""
    return HttpResponseRedirect(reverse("documents:draft_detail", args=[draft_id]), status=303)


def _filled(request: ActorRequest, draft_id: int) -> tuple[queries.DraftPage, forms.DraftForm]:
    page = queries.draft_page(request.actor, draft_id, now=request.now)
    chosen = request.POST.get("document_type", page.draft.document_type)
    signers = draft_signers.signers_of(
        page.draft,
        document_type=chosen,
        field_of_work_id=whole_number(request.POST.get("field_of_work", "")),
        chosen=whole_number(request.POST.get("capacity", "")),
        now=request.now,
    )
    return page, forms.DraftForm(request.POST, signers=signers)


def _refused(
    request: ActorRequest, page: queries.DraftPage, form: forms.DraftForm, faults: tuple[Finding, ...] = ()
) -> HttpResponse:
    context = editor_context(request, page, form) | {"form_faults": faults}
    context["draft_body"] = request.POST.get("body", "")
    template = "documents/draft/_saved.html" if request.headers.get("HX-Request") else "documents/draft/edit.html"
    return render(request, template, context, status=422)


@posted_from_draft
@signed_in
def draft_edit(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Keep what is typed; htmx (while typing) gets the line "đã lưu", a plain form the page again."""
    page, form = _filled(request, draft_id)
    if not form.is_valid():
        return _refused(request, page, form)
    draft = drafting.edit_draft(
        actor=request.actor,
        draft_id=draft_id,
        entry=form.entry(request.POST),
        seen_at=forms.moment_of(request.POST.get("seen_at", "")),
        now=request.now,
    )
    if not request.headers.get("HX-Request"):
        return to_draft(draft_id)
    return _saved(request, page.draft, draft)


def _saved(request: ActorRequest, before: Draft, draft: Draft) -> HttpResponse:
    response = render(request, "documents/draft/_saved.html", {"draft": draft, "form": None})
    if before.document_type != draft.document_type:
        # Another type has other fields and other signers: the page is made anew.
        response.headers["HX-Refresh"] = "true"
    told: dict[str, dict[str, str]] = {"draft:saved": {}, "form:done": {"name": f"draft-{draft.pk}"}}
    if before.field_of_work_id != draft.field_of_work_id:
        told["draft:field"] = {}  # other people may sign: the choice is read again
    response.headers["HX-Trigger"] = json.dumps(told)
    return response


@posted_from_draft
@signed_in
def draft_submit(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Keep the form and send the draft into review."""
    page, form = _filled(request, draft_id)
    if not form.is_valid():
        return _refused(request, page, form)
    try:
        submitting.submit_entry(
            actor=request.actor,
            draft_id=draft_id,
            entry=form.entry(request.POST),
            seen_at=forms.moment_of(request.POST.get("seen_at", "")),
            form_reason=request.POST.get("form_reason", ""),
            now=request.now,
        )
    except FormFaults as error:
        # What was typed is kept already; the page asks for a reason beside the list.
        page = queries.draft_page(request.actor, draft_id, now=request.now)
        return _refused(request, page, form, faults=error.faults)
    except Invalid as error:
        for name, words in error.fields.items():
            form.add_error(name if name in form.fields else None, words)
        if not error.fields:
            form.add_error(None, error.message)
        # What was typed is kept already; the page must know the newest state.
        page = queries.draft_page(request.actor, draft_id, now=request.now)
        return _refused(request, page, form)
    except NoCapacity as error:
        form.add_error("field_of_work" if isinstance(error, CapacityOutsideField) else "capacity", error.message)
        page = queries.draft_page(request.actor, draft_id, now=request.now)
        return _refused(request, page, form)
    messages.success(request, "Đã trình duyệt.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_version(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Keep the present content as a version."""
    version = drafting.save_version(
        actor=request.actor, draft_id=draft_id, note=request.POST.get("note", ""), now=request.now
    )
    messages.success(request, f"Đã lưu lần dự thảo {version.number}.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_upload(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Take an own DOCX or PDF as the text."""
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid("Chưa chọn tệp nào. Chọn tệp DOCX hoặc PDF rồi tải lên.", fields={"file": "Chọn tệp."})
    try:
        attaching_files.upload_text(
            actor=request.actor, draft_id=draft_id, upload=upload, assurance=_assurance(request), now=request.now
        )
    except ExpectedError as error:
        return _not_taken(request, draft_id, upload.name or "", error)
    messages.success(request, "Đã nhận tệp. Xem lại vị trí số, ngày, chữ ký trên trang.")
    return to_draft(draft_id)


def _not_taken(request: ActorRequest, draft_id: int, name: str, error: ExpectedError) -> HttpResponse:
    """The draft again, with what is wrong with the file; what has nothing to do with the file rises."""
    page = queries.draft_page(request.actor, draft_id, now=request.now)
    if not page.can_edit or error.status in {403, 404}:
        raise error
    context = editor_context(request, page) | {"file_fault": {"name": name, "words": error.message}}
    return render(request, "documents/draft/edit.html", context, status=error.status)


def _assurance(request: ActorRequest) -> Assurance:
    return Assurance(
        seen_no_mark=bool(request.POST.get("seen_no_mark")),
        not_secret_basis=request.POST.get("not_secret_basis", "")[:250],
    )


@posted_from_draft
@signed_in
def draft_places(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Set the places of an uploaded text by hand."""
    attaching_files.correct_places(
        actor=request.actor,
        draft_id=draft_id,
        places=forms.places_of(request.POST),
        seen_file_id=whole_number(request.POST.get("file", "")) or 0,
        now=request.now,
    )
    messages.success(request, "Đã lưu vị trí.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_attach(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Add a separate file."""
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid("Chưa chọn tệp nào. Chọn tệp rồi đính kèm.", fields={"file": "Chọn tệp."})
    try:
        attaching_files.attach_to_draft(
            actor=request.actor, draft_id=draft_id, upload=upload, assurance=_assurance(request), now=request.now
        )
    except ExpectedError as error:
        return _not_taken(request, draft_id, upload.name or "", error)
    messages.success(request, "Đã đính kèm tệp.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_detach(request: ActorRequest, draft_id: int, file_id: int) -> HttpResponse:
    """Take an attachment off."""
    attaching_files.detach_from_draft(actor=request.actor, draft_id=draft_id, file_id=file_id, now=request.now)
    messages.success(request, "Đã bỏ tệp kèm.")
    return to_draft(draft_id)


@posted_from_draft
@signed_in
def draft_abandon(request: ActorRequest, draft_id: int) -> HttpResponse:
    """Give a draft up."""
    drafting.abandon_draft(
        actor=request.actor, draft_id=draft_id, reason=request.POST.get("reason", "")[:1000], now=request.now
    )
    messages.success(request, "Đã bỏ dự thảo. Nội dung vẫn xem lại được.")
    return to_draft(draft_id)


@require_http_methods(["GET", "POST"])
@signed_in
def draft_revise(request: ActorRequest, draft_id: int) -> HttpResponse:
    """A reviewer edits at his own step; saving makes a new version and begins a new round."""
    if request.method == "GET":
        page = queries.draft_page(request.actor, draft_id, now=request.now)
        if not page.can_review:
            return to_draft(draft_id)
        return render(request, "documents/draft/edit.html", {**editor_context(request, page), "revising": True})
    page, form = _filled(request, draft_id)
    if not form.is_valid():
        context = {**editor_context(request, page, form), "revising": True}
        return render(request, "documents/draft/edit.html", context, status=422)
    reviewing.revise_in_review(
        actor=request.actor,
        draft_id=draft_id,
        entry=form.entry(request.POST),
        seen_version=whole_number(request.POST.get("version", "")) or 0,
        note=request.POST.get("note", "")[:500],
        now=request.now,
    )
    messages.success(request, "Đã lưu thành lần dự thảo mới và trình lại từ đầu.")
    return to_draft(draft_id)
