"""The filters a person keeps under names of her own."""

from __future__ import annotations

from eoffice.core.errors import NotFound
from eoffice.documents.models import SavedFilter
from eoffice.organization.actor import Actor


class SavedFilterNotFound(NotFound):
    code = "saved_filter_not_found"
    default_message = "Không tìm thấy bộ lọc này trong các bộ lọc đã lưu. Có thể đã xóa; tải lại trang để xem."


def filters_of(actor: Actor) -> list[SavedFilter]:
    """The actor's own saved filters by name; one query."""
    return list(SavedFilter.objects.filter(person_id=actor.person_id).order_by("name_fold", "pk"))


def get_filter(actor: Actor, filter_id: int) -> SavedFilter:
    """One of the actor's own. Raises SavedFilterNotFound."""
    row = SavedFilter.objects.filter(person_id=actor.person_id, pk=filter_id).first()
    if row is None:
        raise SavedFilterNotFound
    return row
