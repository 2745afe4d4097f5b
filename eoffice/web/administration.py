"""Pages of administration: background jobs, the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from eoffice.audit import queries as audit
from eoffice.audit.models import AuditEntry
from eoffice.core import job_board
from eoffice.core.paging import newest_first, whole_number
from eoffice.organization import queries as organization
from eoffice.organization.gate import signed_in, with_powers
from eoffice.organization.middleware import ActorRequest
from eoffice.organization.models import Person, Role
from eoffice.organization.permissions import changes as keeping
from eoffice.organization.queries import changes
from eoffice.organization.services import powers
from eoffice.web import permissions, services
from eoffice.web.rights_matrix import matrix

_LISTS = {"failed": job_board.failed_jobs, "running": job_board.running_jobs, "waiting": job_board.waiting_jobs}


@require_GET
@signed_in
def jobs(request: ActorRequest) -> HttpResponse:
    """Background work: what failed for good, what runs, what waits."""
    permissions.require(permissions.can_run_jobs_again(request.actor))
    state = request.GET.get("state", "failed")
    state = state if state in _LISTS else "failed"
    below = _number(request.GET.get("below"))
    rows = _LISTS[state](below=below)
    context = {
        "state": state,
        "counts": job_board.counts(),
        "rows": rows,
        "next_below": rows[-1].id if len(rows) == job_board.PAGE_SIZE else None,
    }
    return render(request, "web/jobs.html", context)


@require_POST
@signed_in
def run_job_again(request: ActorRequest, job_id: int) -> HttpResponse:
    services.run_job_again(actor=request.actor, job_id=job_id, now=request.now)
    return HttpResponseRedirect(reverse("web:jobs"), status=303)


@require_GET
@signed_in
@with_powers
def audit_trail(request: ActorRequest) -> HttpResponse:
    """The audit trail, newest first; with `person` one person's own. An administrator needs his special powers."""
    permissions.require(permissions.can_read_audit(request.actor))
    if not permissions.audits_today(request.actor):
        powers.use_powers(actor=request.actor, for_what="web.audit", now=request.now)
    person_id = _number(request.GET.get("person"))
    person = organization.persons_by_id([person_id]).get(person_id) if person_id else None
    entries = (
        audit.entries_of_person(person_id, account_id=person.user_id if person else None)
        if person_id
        else audit.newest_entries()
    )
    page = newest_first(entries, after=_number(request.GET.get("after")))
    context = {
        "page": page,
        "people": organization.persons_by_id({row.person_id for row in page.rows if row.person_id}),
        "holders": _holders_by_row(page.rows),
        "person": person,
        "person_id": person_id,
    }
    return render(request, "web/audit.html", context)


def _holders_by_row(rows: Sequence[AuditEntry]) -> dict[int, Person]:
    """Whose account an entry is about, by the key of the entry; accounts themselves know no person."""
    accounts = {row.pk: number for row in rows if row.object_kind == "user" and (number := _number(row.object_id))}
    people = organization.persons_by_account(set(accounts.values()))
    return {pk: people[account] for pk, account in accounts.items() if account in people}


@require_GET
@signed_in
def rights_matrix(request: ActorRequest) -> HttpResponse:
    """Which role may do what, read from the rules themselves."""
    permissions.require(permissions.can_read_matrix(request.actor))
    context = {
        "tab": "matrix",
        "parts": matrix(),
        "roles": Role.choices,
        "is_keeper": keeping.keeps_any_rights(request.actor),
        "waiting": changes.waiting_count(request.actor),
    }
    return render(request, "web/rights_matrix.html", context)


def _number(text: str | None) -> int | None:
    return whole_number(text or "")
