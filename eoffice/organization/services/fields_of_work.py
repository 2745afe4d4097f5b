"""Keeping the list of fields of work: add, rename, close, open again. Nothing is deleted: papers keep their field."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Conflict, Invalid, NotFound
from eoffice.core.vietnamese import fold, sort_key, tidy
from eoffice.organization.actor import Actor
from eoffice.organization.models import FieldOfWork
from eoffice.organization.models.fields_of_work import NAME_LENGTH
from eoffice.organization.permissions import fields_of_work as permissions


@transaction.atomic
def add_field(*, actor: Actor, name: str, now: datetime) -> FieldOfWork:
    """Put a field on the list. Raises NotPermitted, Invalid."""
    permissions.require(permissions.can_keep_fields(actor), permissions.ONLY_KEEPERS)
    return found_field(actor=actor.ref, name=name, now=now)


@transaction.atomic
def found_field(*, actor: ActorRef, name: str, now: datetime) -> FieldOfWork:
    """The same for founding and the demo, where nobody keeps anything yet. Raises Invalid."""
    clean = _checked_name(name)
    row = FieldOfWork.objects.create(name=clean, name_fold=_fold(clean), sort_key=sort_key(clean), created_at=now)
    _record(actor, "added", row, now)
    return row


@transaction.atomic
def rename_field(*, actor: Actor, field_id: int, name: str, now: datetime) -> FieldOfWork:
    """Mend a field's name; papers, capacities and delegations go with it. Locks it. Raises NotFound, NotPermitted,
    Invalid.
    """
    row = _lock(actor, field_id)
    before, row.name = row.name, _checked_name(name, besides=row.pk)
    if before == row.name:
        return row
    row.name_fold, row.sort_key = _fold(row.name), sort_key(row.name)
    row.save(update_fields=["name", "name_fold", "sort_key"])
    _record(actor.ref, "renamed", row, now, before=before)
    return row


@transaction.atomic
def close_field(*, actor: Actor, field_id: int, now: datetime) -> FieldOfWork:
    """Offer a field to no new paper; what is in it stays. Locks it. Raises NotFound, NotPermitted, Conflict."""
    row = _lock(actor, field_id)
    if row.closed_at is not None:
        raise Conflict("Lĩnh vực này đã đóng từ trước.")
    row.closed_at = now
    row.save(update_fields=["closed_at"])
    _record(actor.ref, "closed", row, now)
    return row


@transaction.atomic
def reopen_field(*, actor: Actor, field_id: int, now: datetime) -> FieldOfWork:
    """Offer a closed field again. Locks it. Raises NotFound, NotPermitted, Conflict."""
    row = _lock(actor, field_id)
    if row.closed_at is None:
        raise Conflict("Lĩnh vực này đang dùng.")
    row.closed_at = None
    row.save(update_fields=["closed_at"])
    _record(actor.ref, "reopened", row, now)
    return row


def require_known(keys: Collection[int], *, besides: Collection[int] = ()) -> None:
    """The keys are open fields, or ones named already (`besides`). Raises Invalid; no statement for none."""
    asked = set(keys)
    if not asked:
        return
    rows = FieldOfWork.objects.filter(pk__in=asked).values_list("pk", "closed_at")
    known = {pk for pk, closed_at in rows if closed_at is None or pk in besides}
    if asked - known:
        raise Invalid(fields={"fields_of_work": "Có lĩnh vực đã đóng hoặc không còn trong danh mục. Chọn lại."})


def _lock(actor: Actor, field_id: int) -> FieldOfWork:
    permissions.require(permissions.can_keep_fields(actor), permissions.ONLY_KEEPERS)
    row = FieldOfWork.objects.select_for_update(no_key=True).filter(pk=field_id).first()
    if row is None:
        raise NotFound("Không tìm thấy lĩnh vực này.")
    return row


def _checked_name(name: str, *, besides: int = 0) -> str:
    clean = tidy(name)
    if not clean:
        raise Invalid(fields={"name": "Nhập tên lĩnh vực."})
    if len(clean) > NAME_LENGTH:
        raise Invalid(fields={"name": f"Tên lĩnh vực dài {len(clean)} ký tự; tối đa {NAME_LENGTH} ký tự."})
    same = FieldOfWork.objects.filter(name_fold=_fold(clean)).exclude(pk=besides).first()
    if same is not None:
        state = "đang đóng; mở lại lĩnh vực ấy để dùng" if same.closed_at else "đã có trong danh mục"
        raise Invalid(fields={"name": f"Lĩnh vực “{same.name}” {state}."})
    return clean


def _fold(name: str) -> str:
    return fold(name)[:NAME_LENGTH]


def _record(actor: ActorRef, what: str, row: FieldOfWork, now: datetime, *, before: str = "") -> None:
    audit.record(
        actor=actor, action=f"organization.field_of_work.{what}", object_kind="field_of_work", object_id=row.pk,
        now=now, detail={"name": row.name, **({"before": before} if before else {})},
    )  # fmt: skip
