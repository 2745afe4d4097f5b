"""Who keeps the distribution rules of a registry."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from eoffice.organization.actor import Actor
from eoffice.organization.models import Role

KEEPERS: Final = (Role.CHIEF_OF_OFFICE, Role.CLERK, Role.ADMINISTRATOR)


def can_keep_rules(actor: Actor, registry_id: int) -> bool:
    """Chánh văn phòng, văn thư and quản trị of that very registry (NĐ 30/2020/NĐ-CP, Điều 23)."""
    return actor.has_any_role(registry_id, *KEEPERS)


def kept_by(actor: Actor) -> Q:
    """The same rule for a queryset of distribution rules."""
    return Q(registry_id__in=actor.units_with(*KEEPERS))
