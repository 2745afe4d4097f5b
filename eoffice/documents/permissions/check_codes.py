"""Who says where the papers of a registry carry their mark."""

from __future__ import annotations

from typing import Final

from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

KEEPERS: Final = (Role.CLERK, Role.CHIEF_OF_OFFICE, Role.ADMINISTRATOR)


def can_set_mark_place(actor: Actor, registry_id: int) -> bool:
    """Văn thư, chánh văn phòng and quản trị of that very registry."""
    return actor.has_any_role(registry_id, *KEEPERS)
