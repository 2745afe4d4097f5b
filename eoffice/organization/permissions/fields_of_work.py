"""Who keeps the list of fields of work: it is one for the whole installation."""

from __future__ import annotations

from typing import Final

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role, Unit

ONLY_KEEPERS: Final = "Chỉ quản trị của đơn vị gốc sửa danh mục lĩnh vực. Chưa có gì thay đổi."


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def can_keep_fields(actor: Actor) -> bool:
    """The administrator of a root unit, himself: every unit's papers are sorted by this list."""
    kept = actor.units_with(Role.ADMINISTRATOR)
    return actor.is_himself and bool(kept) and Unit.objects.filter(parent__isnull=True, pk__in=kept).exists()


def can_see_fields(actor: Actor) -> bool:
    """Whoever administers any unit looks the list up."""
    return actor.plays(Role.ADMINISTRATOR)
