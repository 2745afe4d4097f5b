"""Changes of rights for programs: what waits, what was decided, confirming and refusing by the same services."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Router, Schema

from eoffice.accounts.api_auth import token_or_session
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.core.paging import newest_first
from eoffice.organization.actor import Actor
from eoffice.organization.gate import api_actor
from eoffice.organization.models import RightChange
from eoffice.organization.permissions import changes as permissions
from eoffice.organization.queries import changes as queries
from eoffice.organization.services import deciding_rights, proposing_rights

router = Router(auth=token_or_session("organization"), tags=["Phân quyền"])


class ChangeOut(Schema):
    """One proposal. `may_confirm` and `may_withdraw` say what the reader may do; times are UTC."""

    id: int
    kind: str
    kind_words: str
    state: str
    state_words: str
    person_id: int
    person_name: str
    unit_id: int
    unit_name: str
    role: str
    object_code: str
    starts_on: date
    ends_on: date | None
    reason: str
    basis: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    may_confirm: bool
    may_withdraw: bool


class ChangePage(Schema):
    rows: list[ChangeOut]
    next_after: int | None


class NoteIn(Schema):
    """Why it is not confirmed; may stay empty when it is."""

    note: str = ""


@router.get("", response=ChangePage, summary="Đề nghị thay đổi quyền, mới nhất trước")
def change_list(request: HttpRequest, waiting: bool = True, after: int | None = None) -> ChangePage:
    """With `waiting` those that wait for a second person, else those decided."""
    actor = api_actor(request)
    page = newest_first(queries.changes_of(actor, waiting=waiting), after=after)
    return ChangePage(rows=[_out(actor, row) for row in page.rows], next_after=page.next_after)


@router.get("/{int:change_id}", response=ChangeOut, summary="Một đề nghị thay đổi quyền")
def change_detail(request: HttpRequest, change_id: int) -> ChangeOut:
    actor = api_actor(request)
    return _out(actor, queries.get_change(actor, change_id))


@router.post("/{int:change_id}/confirm", response=ChangeOut, summary="Xác nhận thay đổi quyền")
def change_confirm(request: HttpRequest, change_id: int, body: NoteIn) -> ChangeOut:
    """By another keeper of the unit's rights. A token has no special powers: an administrator confirms on the page."""
    actor = api_actor(request)
    deciding_rights.confirm_change(actor=actor, change_id=change_id, note=body.note, now=clock.now())
    return _out(actor, queries.get_change(actor, change_id))


@router.post("/{int:change_id}/refuse", response=ChangeOut, summary="Không xác nhận thay đổi quyền")
def change_refuse(request: HttpRequest, change_id: int, body: NoteIn) -> ChangeOut:
    actor = api_actor(request)
    deciding_rights.refuse_change(actor=actor, change_id=change_id, note=body.note, now=clock.now())
    return _out(actor, queries.get_change(actor, change_id))


@router.post("/{int:change_id}/withdraw", response=ChangeOut, summary="Rút đề nghị thay đổi quyền của mình")
def change_withdraw(request: HttpRequest, change_id: int) -> ChangeOut:
    actor = api_actor(request)
    proposing_rights.withdraw_change(actor=actor, change_id=change_id, now=clock.now())
    return _out(actor, queries.get_change(actor, change_id))


def _out(actor: Actor, row: RightChange) -> ChangeOut:
    alone = queries.may_confirm_alone(actor, row, on=local_date(clock.now()))
    return ChangeOut(
        id=row.pk,
        kind=row.kind,
        kind_words=row.get_kind_display(),
        state=row.state,
        state_words=row.get_state_display(),
        person_id=row.person_id,
        person_name=row.person.full_name,
        unit_id=row.unit_id,
        unit_name=row.unit.name,
        role=row.role,
        object_code=row.object_code,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        reason=row.reason,
        basis=row.basis,
        proposed_by=row.proposed_by.full_name,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by.full_name if row.decided_by else "",
        decided_at=row.decided_at,
        decision_note=row.decision_note,
        may_confirm=permissions.can_confirm(actor, row) or alone,
        may_withdraw=permissions.can_withdraw(actor, row),
    )
