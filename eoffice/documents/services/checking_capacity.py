"""Whether a signing capacity reaches a paper: asked when it is submitted, before it is signed, before it is sealed."""

from __future__ import annotations

from datetime import date

from eoffice.documents.errors import CapacityOutsideField, NoCapacity
from eoffice.documents.models import Draft
from eoffice.organization import queries as organization
from eoffice.organization.models import SigningCapacity


def require_capacity(capacity: SigningCapacity, draft: Draft, *, on: date) -> None:
    """The capacity covers type, day and field of work. Raises NoCapacity, CapacityOutsideField with what to do."""
    if not capacity.covers(document_type=draft.document_type, day=on):
        raise NoCapacity
    if not capacity.covers_field(draft.field_of_work_id):
        raise CapacityOutsideField(_outside_words(capacity, draft))


def _outside_words(capacity: SigningCapacity, draft: Draft) -> str:
    bound = ", ".join(each.name for each in organization.named_fields(capacity.fields_of_work))
    if draft.field_of_work_id is None:
        lies = "văn bản chưa ghi lĩnh vực. Người soạn ghi lĩnh vực của văn bản"
    else:
        lies = (
            f"văn bản thuộc lĩnh vực {organization.get_field_of_work(draft.field_of_work_id).name}. Chọn đúng lĩnh vực"
        )
    return f"{capacity.person.full_name} chỉ có thẩm quyền ký lĩnh vực {bound}; {lies}, hoặc chọn người ký khác."
