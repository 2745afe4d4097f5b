"""Who may handle which key. Who may sign which paper is the business of `documents` (SigningCapacity)."""

from __future__ import annotations

from typing import Final

from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.organization.right_rules import HERE, RightRule


def can_keep_seal(actor: Actor, unit_id: int) -> bool:
    """Set and change the PIN of a unit's seal: its clerk, in person (Decree 30/2020/ND-CP, Art. 32-33)."""
    return actor.on_behalf_of_id is None and actor.has_any_role(unit_id, Role.CLERK)


def can_revoke(actor: Actor, *, person_id: int | None, unit_id: int | None) -> bool:
    """Revoke a certificate: its owner, the seal's clerk, or an administrator."""
    if actor.plays(Role.ADMINISTRATOR):
        return True
    if unit_id is not None:
        return can_keep_seal(actor, unit_id)
    return person_id == actor.person_id and actor.on_behalf_of_id is None


def can_manage_trust(actor: Actor) -> bool:
    """Add and withdraw trust anchors."""
    return actor.plays(Role.ADMINISTRATOR)


RULES: Final = (
    RightRule(
        "can_keep_seal",
        "Đặt, đổi mã PIN con dấu",
        lambda actor: can_keep_seal(actor, HERE),
        "chính văn thư, không qua ủy quyền",
    ),
    RightRule(
        "can_revoke",
        "Thu hồi chứng thư của con dấu",
        lambda actor: can_revoke(actor, person_id=None, unit_id=HERE),
        "chủ chữ ký với chữ ký của mình",
    ),
    RightRule("can_manage_trust", "Thêm, bỏ nơi cấp chứng thư tin cậy", can_manage_trust),
)
"""For the matrix of role and action."""
