"""Pages of importing: upload, preview, progress, confirmation."""

from __future__ import annotations

import csv
import io
from typing import Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eoffice.core.clock import local_date
from eoffice.core.paging import newest_first, whole_number
from eoffice.organization import jobs
from eoffice.organization.forms.importing import ImportForm
from eoffice.organization.gate import signed_in
from eoffice.organization.importing.plan import Action
from eoffice.organization.importing.template_file import template_workbook
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import ImportRun, RunState
from eoffice.organization.permissions import importing as permissions
from eoffice.organization.queries import imports
from eoffice.organization.queries.inviting import invitations_of_run
from eoffice.organization.services import importing, inviting

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
@signed_in
def import_list(request: ActorRequest) -> HttpResponse:
    """Take a file in, and the runs so far."""
    permissions.require(permissions.can_import(request.actor))
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        run = importing.start_import(
            actor=request.actor,
            file_name=file.name,
            content=file.read(),
            is_full=form.cleaned_data["is_full"],
            now=request.now,
            defer=jobs.put_check,
        )
        return HttpResponseRedirect(reverse("keeping:import_run", args=[run.pk]), status=303)
    page = newest_first(imports.import_runs(), after=whole_number(request.GET.get("after", "")))
    status = 422 if form.is_bound else 200
    return render(request, "organization/imports.html", {"form": form, "page": page}, status=status)


@require_GET
@signed_in
def import_template(request: ActorRequest) -> HttpResponse:
    """The file to fill in."""
    permissions.require(permissions.can_import(request.actor))
    return _attachment(template_workbook(), _XLSX, "mau-nhap-don-vi-nguoi.xlsx")


@require_GET
@signed_in
def import_run(request: ActorRequest, run_id: int) -> HttpResponse:
    """One run: its bar, then its preview, then what it did."""
    permissions.require(permissions.can_import(request.actor))
    run = imports.get_import_run(run_id)
    action = request.GET.get("action", "")
    if action not in set(Action):
        action = next((str(each) for each in imports.ACTION_WORDS if run.counts.get(str(each))), str(Action.UNCHANGED))
    context = _context(run) | {
        "needs_another": run.state == RunState.READY
        and imports.must_wait_for_another(request.actor, run, on=local_date(request.now)),
        "invited": invitations_of_run(run, now=request.now),
        "action": action,
        "words": imports.ACTION_WORDS,
        "rows": imports.import_rows(run_id, action=action, after=whole_number(request.GET.get("after", ""))),
    }
    return render(request, "organization/import_run.html", context)


@require_GET
@signed_in
def import_progress(request: ActorRequest, run_id: int) -> HttpResponse:
    """The bar alone, asked for every second; once the run rests, htmx loads the page anew."""
    permissions.require(permissions.can_import(request.actor))
    run = imports.get_import_run(run_id)
    response = render(request, "organization/_import_progress.html", _context(run))
    if not run.is_busy:
        response.headers["HX-Redirect"] = reverse("keeping:import_run", args=[run_id])
    return response


@require_POST
@signed_in
def import_confirm(request: ActorRequest, run_id: int) -> HttpResponse:
    importing.confirm_import(
        actor=request.actor,
        run_id=run_id,
        accepts_endings=request.POST.get("accepts_endings") == "on",
        now=request.now,
        defer=jobs.put_apply,
    )
    return HttpResponseRedirect(reverse("keeping:import_run", args=[run_id]), status=303)


@require_POST
@signed_in
def import_invite(request: ActorRequest, run_id: int) -> HttpResponse:
    """Mail everybody of this list who has no password yet."""
    inviting.invite_people_of_run(actor=request.actor, run_id=run_id, now=request.now, defer=jobs.put_invitations)
    return HttpResponseRedirect(reverse("keeping:import_run", args=[run_id]), status=303)


@require_POST
@signed_in
def import_abandon(request: ActorRequest, run_id: int) -> HttpResponse:
    importing.abandon_import(actor=request.actor, run_id=run_id, now=request.now)
    return HttpResponseRedirect(reverse("keeping:import_list"), status=303)


@require_GET
@signed_in
def import_faults(request: ActorRequest, run_id: int) -> HttpResponse:
    """Every fault as CSV with the mark that Excel needs to read UTF-8."""
    permissions.require(permissions.can_import(request.actor))
    imports.get_import_run(run_id)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["Bảng", "Dòng", "Khóa", "Cột", "Giá trị", "Lỗi"])
    for fault in imports.import_faults(run_id):
        cells = (fault.sheet, fault.line or "", fault.key, fault.column, fault.value, fault.message)
        writer.writerow([_harmless(str(cell)) for cell in cells])
    return _attachment(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", f"loi-nhap-{run_id}.csv")


def _context(run: ImportRun) -> dict[str, object]:
    return {
        "run": run,
        "progress": imports.get_import_progress(run.pk) if run.is_busy else None,
        "states": RunState,
        "ends_many": importing.is_many(run.ended_people, run.kept_people, importing.LIMIT_PERCENT_OF_FILES),
    }


def _harmless(text: str) -> str:
    """A cell of somebody's file that Excel would run as a formula gets a mark in front."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def _attachment(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
