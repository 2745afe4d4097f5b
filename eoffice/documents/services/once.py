"""A form sent twice is done once: the second finds what the first made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.core.errors import Invalid
from eoffice.documents.models import RequestOnce
from eoffice.organization.actor import Actor


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out a request. `done` holds the ids the first one made, None when this is the first."""

    row: RequestOnce | None
    done: tuple[int, ...] | None

    def settle(self, object_ids: list[int]) -> None:
        """Write down what was made, in the transaction that made it."""
        if self.row is not None:
            self.row.object_ids = object_ids
            self.row.save(update_fields=["object_ids"])


def claim(*, actor: Actor, key: str, object_kind: str, now: datetime) -> Claim:
    """Claim a form's key inside the caller's transaction; an empty key claims nothing and is always first.

    Of two at the same time the second waits for the first's commit, then gets its ids. Raises Invalid for a key
    that another person used.
    """
    if not key:
        return Claim(None, None)
    row, is_first = RequestOnce.objects.get_or_create(
        key=key[:64], defaults={"person_id": actor.person_id, "object_kind": object_kind, "made_at": now}
    )
    if is_first:
        return Claim(row, None)
    if row.person_id != actor.person_id or row.object_kind != object_kind:
        raise Invalid("Biểu mẫu đã cũ. Tải lại trang rồi làm tiếp; nội dung chưa thay đổi.")
    return Claim(row, tuple(row.object_ids))
