"""Who lets a paper be copied: one of the unit with a capacity to sign, or somebody outside it, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from eoffice.core.clock import local_date
from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import tidy
from eoffice.documents.models.copies import decision_words
from eoffice.organization import queries as organization

DECIDED_BY: Final = "Chọn người quyết định việc sao; người ngoài danh sách thì ghi họ tên, chức vụ."


def faults_of(
    decider_id: int | None, basis: str, *, registry_id: int, now: datetime, kept: int | None = None
) -> dict[str, str]:
    """What is wrong with the decision, by field; empty when it can be kept.

    A decider holds a capacity of that registry today, or is the one `kept` before: what he decided stays decided
    when his capacity ends. Source: NĐ 30/2020/NĐ-CP, Điều 27 (the head decides, and who signs copies).
    """
    if decider_id is None:
        return {} if tidy(basis) else {"basis": DECIDED_BY}
    if decider_id == kept:
        return {}
    try:
        capacity = organization.get_capacity(decider_id)
    except NotFound:
        capacity = None
    if capacity is None or capacity.registry_id != registry_id or not capacity.covers_day(local_date(now)):
        return {"decider": "Người này không có thẩm quyền ký của đơn vị hôm nay. Chọn lại."}
    return {}


def words_of(decider_id: int | None, basis: str) -> str:
    """The decision as it stands on the page of an extract. Raises NotFound."""
    return decision_words(organization.get_capacity(decider_id) if decider_id else None, tidy(basis))
