"""Who may give, end and see delegations."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Delegation, Role

GIVERS: Final = (Role.LEADER, Role.CHIEF_OF_OFFICE, Role.UNIT_HEAD)
NEVER_ON: Final = "Đang xử lý theo ủy quyền nên không ủy quyền lại cho người khác được. Chưa có gì thay đổi."
ONLY_LEADERS: Final = "Chỉ lãnh đạo, chánh văn phòng, trưởng đơn vị ủy quyền xử lý được. Chưa có gì thay đổi."


def require(allowed: bool, message: str | None = None) -> None:
    """Raise NotPermitted unless `allowed`."""
    if not allowed:
        raise NotPermitted(message)


def can_delegate(actor: Actor) -> bool:
    """Leaders and heads, in their own right: what was delegated cannot be passed on."""
    return actor.is_himself and actor.plays(*GIVERS)


def can_end(actor: Actor, delegation: Delegation) -> bool:
    """The giver takes it back, the receiver gives it up; both in their own right."""
    return actor.is_himself and actor.person_id in {delegation.giver_id, delegation.receiver_id}


def can_oversee(actor: Actor) -> bool:
    """Administrators see all delegations of their installation."""
    return actor.is_himself and actor.plays(Role.ADMINISTRATOR)


def visible_to(actor: Actor) -> Q:
    """Delegations a person sees: given, received; an administrator sees all."""
    if can_oversee(actor):
        return Q()
    return Q(giver_id=actor.person_id) | Q(receiver_id=actor.person_id)
