"""Reorganisations for programs: the decisions with their steps, confirming and giving back by the same services."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Router, Schema

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.core.paging import newest_first
from eoffice.documents.queries.reorganisation_preview import step_words
from eoffice.documents.services import reorganising
from eoffice.organization.gate import api_actor
from eoffice.organization.models import Reorganisation
from eoffice.organization.queries import reorganisations as queries
from eoffice.organization.services import deciding_reorganisation as deciding

router = Router(auth=token_or_session("organization"), tags=["Sắp xếp tổ chức"])


class ReorganisationRow(Schema):
    """One decision; times are UTC, dates those of Vietnam."""

    id: int
    title: str
    basis: str
    decided_on: date
    effective_on: date
    state: str
    state_words: str
    unit_id: int
    unit_name: str
    prepared_by: str


class ReorganisationPage(Schema):
    rows: list[ReorganisationRow]
    next_after: int | None


class StepOut(Schema):
    """One step in words; `units` are the keys of the units it is done to."""

    kind: str
    words: str
    units: list[int]
    target_id: int | None


class ReorganisationOut(ReorganisationRow):
    note: str
    remark: str
    submitted_at: datetime | None
    confirmed_by: str
    confirmed_at: datetime | None
    percent: int
    steps: list[StepOut]


class RemarkIn(Schema):
    """Why it is given back."""

    remark: str


@router.get("", response=ReorganisationPage, summary="Các quyết định sắp xếp tổ chức, mới nhất trước")
def reorganisation_list(request: HttpRequest, after: int | None = None) -> ReorganisationPage:
    page = newest_first(queries.reorganisations_of(api_actor(request)), after=after)
    return ReorganisationPage(
        rows=[ReorganisationRow.model_validate(_row(each)) for each in page.rows], next_after=page.next_after
    )


@router.get("/{int:reorganisation_id}", response=ReorganisationOut, summary="Một quyết định sắp xếp tổ chức")
def reorganisation_detail(request: HttpRequest, reorganisation_id: int) -> ReorganisationOut:
    return _out(queries.get_reorganisation(api_actor(request), reorganisation_id))


@router.post("/{int:reorganisation_id}/confirm", response=ReorganisationOut, summary="Xác nhận sắp xếp tổ chức")
def reorganisation_confirm(request: HttpRequest, reorganisation_id: int) -> ReorganisationOut:
    """By another keeper of the unit's rights. A token has no special powers: an administrator confirms on the page."""
    actor = api_actor(request)
    page = reorganising.page_of(reorganisation_id)
    deciding.confirm(actor=actor, reorganisation_id=reorganisation_id, page=page, now=clock.now())
    return _out(queries.get_reorganisation(actor, reorganisation_id))


@router.post("/{int:reorganisation_id}/give-back", response=ReorganisationOut, summary="Trả lại để sửa")
def reorganisation_give_back(request: HttpRequest, reorganisation_id: int, body: RemarkIn) -> ReorganisationOut:
    actor = api_actor(request)
    page = reorganising.page_of(reorganisation_id)
    deciding.give_back(actor=actor, reorganisation_id=reorganisation_id, remark=body.remark, page=page, now=clock.now())
    return _out(queries.get_reorganisation(actor, reorganisation_id))


def _row(row: Reorganisation) -> dict[str, object]:
    return {
        "id": row.pk,
        "title": row.title,
        "basis": row.basis,
        "decided_on": row.decided_on,
        "effective_on": row.effective_on,
        "state": row.state,
        "state_words": row.get_state_display(),
        "unit_id": row.unit_id,
        "unit_name": row.unit.name,
        "prepared_by": row.prepared_by.full_name,
    }


def _out(row: Reorganisation) -> ReorganisationOut:
    steps = list(row.steps.select_related("target").order_by("position"))
    units = queries.names_of_units(steps)
    said = _row(row) | {
        "note": row.note,
        "remark": row.remark,
        "submitted_at": row.submitted_at,
        "confirmed_by": row.confirmed_by.full_name if row.confirmed_by else "",
        "confirmed_at": row.confirmed_at,
        "percent": row.percent,
        "steps": [
            {"kind": each.kind, "words": step_words(each, units), "units": each.units, "target_id": each.target_id}
            for each in steps
        ],
    }
    return ReorganisationOut.model_validate(said)
