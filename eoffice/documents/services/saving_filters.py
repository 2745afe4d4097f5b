"""Bộ lọc đã lưu: a person names the filters of a list that she uses often."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from eoffice.audit import services as audit
from eoffice.core.errors import Conflict, Invalid
from eoffice.core.vietnamese import fold, tidy
from eoffice.documents.models import SavedFilter
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_lists import Filters
from eoffice.documents.queries.saved_filters import SavedFilterNotFound
from eoffice.organization.actor import Actor

NAME_LIMIT: Final = 60
MOST: Final = 30


class TooManyFilters(Conflict):
    code = "too_many_filters"
    default_message = f"Đã lưu {MOST} bộ lọc, nhiều nhất có thể. Xóa một bộ lọc không dùng rồi lưu lại."


@transaction.atomic
def save_filter(*, actor: Actor, name: str, box: Box, filters: Filters, now: datetime) -> SavedFilter:
    """Keep a box with its filters under a name; the same name, whatever its tone marks, is replaced.

    Locks the person's saved filters. Raises Invalid, TooManyFilters.
    """
    clean = _checked_name(name)
    own = list(SavedFilter.objects.select_for_update().filter(person_id=actor.person_id).order_by("pk"))
    if len(own) >= MOST and fold(clean) not in {row.name_fold for row in own}:
        raise TooManyFilters
    saved, _ = SavedFilter.objects.update_or_create(
        person_id=actor.person_id,
        name_fold=fold(clean),
        defaults={"name": clean, "box": str(box), "filters": _said(filters), "saved_at": now},
    )
    _record(actor, "documents.saved_filter.saved", saved.pk, now)
    return saved


@transaction.atomic
def rename_filter(*, actor: Actor, filter_id: int, name: str, now: datetime) -> SavedFilter:
    """Give a saved filter another name. Locks its row. Raises SavedFilterNotFound, Invalid."""
    row = _lock(actor, filter_id)
    row.name = _checked_name(name)
    row.name_fold = fold(row.name)
    try:
        with transaction.atomic():
            row.save(update_fields=["name", "name_fold"])
    except IntegrityError as error:
        raise Invalid(fields={"name": "Đã có bộ lọc mang tên này. Đặt tên khác."}) from error
    _record(actor, "documents.saved_filter.renamed", row.pk, now)
    return row


@transaction.atomic
def delete_filter(*, actor: Actor, filter_id: int, now: datetime) -> None:
    """Forget a saved filter; the documents it showed stay as they are. Locks its row. Raises SavedFilterNotFound."""
    row = _lock(actor, filter_id)
    _record(actor, "documents.saved_filter.deleted", row.pk, now)
    row.delete()


def _checked_name(name: str) -> str:
    clean = tidy(name)
    if not clean or not fold(clean):
        raise Invalid(fields={"name": "Chưa đặt tên bộ lọc."})
    if len(clean) > NAME_LIMIT:
        raise Invalid(fields={"name": f"Tên bộ lọc tối đa {NAME_LIMIT} ký tự."})
    return clean


def _said(filters: Filters) -> dict[str, str]:
    marks = {name: "1" for name in ("unread", "urgent", "late") if getattr(filters, name)}
    field = {} if filters.field_of_work_id is None else {"field": str(filters.field_of_work_id)}
    return marks | field | ({"text": filters.text} if filters.text else {})


def _lock(actor: Actor, filter_id: int) -> SavedFilter:
    row = SavedFilter.objects.select_for_update().filter(person_id=actor.person_id, pk=filter_id).first()
    if row is None:
        raise SavedFilterNotFound
    return row


def _record(actor: Actor, action: str, filter_id: int, now: datetime) -> None:
    audit.record(actor=actor.ref, action=action, object_kind="saved_filter", object_id=filter_id, now=now)
