"""Submitting, confirming, giving back and withdrawing a reorganisation; it is carried out by the rooms above.

`page` is the address of its page: that stands in a room above as well.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.vietnamese import tidy
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.organization.errors import OwnProposal
from eoffice.organization.models import Reorganisation, ReorganisationState
from eoffice.organization.permissions import reorganising as permissions
from eoffice.organization.queries import reorganisations
from eoffice.organization.services.powers import spend_on_rights
from eoffice.organization.services.preparing_reorganisation import lock_to_edit, record, require_sound, terms_of
from eoffice.organization.services.restructuring import today_or_later
from eoffice.organization.telling import tell

_GONE = "Sắp xếp này đã được quyết định hoặc đã rút. Tải lại trang để xem."


@transaction.atomic
def submit(*, actor: Actor, reorganisation_id: int, page: str, now: datetime) -> Reorganisation:
    """Send it to be confirmed; who may confirm is told.

    Raises NotFound, NotPermitted, PowersNeeded, Invalid, Conflict.
    """
    row = lock_to_edit(actor, reorganisation_id)
    spend_on_rights(actor=actor, unit=row.unit, for_what="organization.reorganisation.submitted", now=now)
    _require_sound(row)
    if row.effective_on < local_date(now):
        raise Invalid("Ngày hiệu lực đã qua. Sửa ngày rồi gửi lại.")
    row.state, row.submitted_at, row.remark = ReorganisationState.WAITING, now, ""
    row.save(update_fields=["state", "submitted_at", "remark"])
    record(actor, "submitted", row, now)
    tell(
        reorganisations.confirmer_ids(row, on=local_date(now)),
        kind="reorganisation_waiting",
        title=f"Chờ xác nhận: {row.title}",
        text=f"{row.basis}, hiệu lực {row.effective_on:%d/%m/%Y}. Người lập: {actor.name}",
        url=page,
        now=now,
    )
    return row


@transaction.atomic
def confirm(*, actor: Actor, reorganisation_id: int, page: str, now: datetime) -> Reorganisation:
    """Let it be carried out on its day; a day that has passed meanwhile becomes today.

    By another keeper of the unit's rights than the preparer; by himself only while the installation has nobody else
    and its setting says so. Raises NotFound, OwnProposal, NotPermitted, PowersNeeded, Conflict, Invalid.
    """
    row = _lock_waiting(actor, reorganisation_id, now)
    _require_sound(row)
    row.is_alone = actor.person_id == row.prepared_by_id
    row.state, row.confirmed_by_id, row.confirmed_at = ReorganisationState.CONFIRMED, actor.person_id, now
    row.effective_on = today_or_later(row, now)
    row.save(update_fields=["state", "confirmed_by", "confirmed_at", "is_alone", "effective_on"])
    record(actor, "confirmed", row, now)
    _tell_preparer(
        row, actor, f"Đã xác nhận: {row.title}", f"Thực hiện lúc 00:00 {row.effective_on:%d/%m/%Y}.", page, now
    )
    return row


@transaction.atomic
def give_back(*, actor: Actor, reorganisation_id: int, remark: str, page: str, now: datetime) -> Reorganisation:
    """Give it back to be changed, with the reason. Raises as `confirm`."""
    row = _lock_waiting(actor, reorganisation_id, now)
    if not tidy(remark):
        raise Invalid(fields={"remark": "Ghi lý do trả lại."})
    row.state, row.remark = ReorganisationState.DRAFT, tidy(remark)[:500]
    row.save(update_fields=["state", "remark"])
    record(actor, "given_back", row, now)
    _tell_preparer(row, actor, f"Trả lại để sửa: {row.title}", f"{actor.name}: {row.remark}", page, now)
    return row


@transaction.atomic
def withdraw(*, actor: Actor, reorganisation_id: int, page: str, now: datetime) -> Reorganisation:
    """Take it back before its day; nothing changes in the tree. Raises NotFound, NotPermitted, Conflict."""
    row = reorganisations.lock_reorganisation(actor, reorganisation_id)
    if row.state in {ReorganisationState.RUNNING, ReorganisationState.DONE, ReorganisationState.WITHDRAWN}:
        raise Conflict(_GONE)
    permissions.require(permissions.can_withdraw(actor, row), "Chỉ người lập, người có quyền xác nhận rút được.")
    row.state = ReorganisationState.WITHDRAWN
    row.save(update_fields=["state"])
    record(actor, "withdrawn", row, now)
    if row.prepared_by_id != actor.person_id:
        _tell_preparer(row, actor, f"Đã rút: {row.title}", actor.name, page, now)
    return row


@transaction.atomic
def reopen(*, actor: Actor, reorganisation_id: int, now: datetime) -> Reorganisation:
    """Prepare one again that could not be carried out. Raises NotFound, NotPermitted, Conflict."""
    row = reorganisations.lock_reorganisation(actor, reorganisation_id)
    if row.state != ReorganisationState.FAILED:
        raise Conflict(_GONE)
    permissions.require(permissions.can_prepare_for(actor, [row.unit]), "Chỉ quản trị của đơn vị sửa được.")
    row.state, row.confirmed_by, row.confirmed_at, row.is_alone = ReorganisationState.DRAFT, None, None, False
    row.save(update_fields=["state", "confirmed_by", "confirmed_at", "is_alone"])
    record(actor, "reopened", row, now)
    return row


def _lock_waiting(actor: Actor, reorganisation_id: int, now: datetime) -> Reorganisation:
    row = reorganisations.lock_reorganisation(actor, reorganisation_id)
    if row.state != ReorganisationState.WAITING:
        raise Conflict(_GONE)
    if not reorganisations.may_confirm_alone(actor, row, on=local_date(now)):
        if actor.person_id == row.prepared_by_id:
            raise OwnProposal("Sắp xếp tổ chức phải do người khác xác nhận, không phải người lập.")
        permissions.require(
            permissions.can_confirm(actor, row),
            "Chỉ quản trị, chánh văn phòng của đơn vị này hoặc cấp trên xác nhận được.",
        )
    spend_on_rights(actor=actor, unit=row.unit, for_what="organization.reorganisation.decided", now=now)
    return row


def _require_sound(row: Reorganisation) -> None:
    """Every step can still be carried out, and no unit ends twice."""
    steps = list(row.steps.order_by("position"))
    if not steps:
        raise Invalid("Chưa có bước sắp xếp nào. Thêm ít nhất một bước.")
    units = queries.units_by_id({key for step in steps for key in [*step.units, step.target_id or 0]})
    for step in steps:
        try:
            require_sound(row, terms_of(step), units)
        except Invalid as fault:
            words = " ".join(fault.fields.values()) or fault.message
            raise Invalid(f"Bước {step.position}, {step.get_kind_display().lower()}: {words}") from fault
    ended: set[int] = set()
    for step in steps:
        touched = {*step.units, *([step.target_id] if step.target_id else [])}
        if touched & ended:
            raise Invalid(f"Bước {step.position} dùng một đơn vị đã thôi hoạt động ở bước trước.")
        ended |= set(reorganisations.leaving_units(step))


def _tell_preparer(row: Reorganisation, actor: Actor, title: str, text: str, page: str, now: datetime) -> None:
    told = {row.prepared_by_id} - {actor.person_id}
    tell(
        told, kind="reorganisation_decided", title=title, text=text,
        url=page, now=now,
    )  # fmt: skip
