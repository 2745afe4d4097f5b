"""Who may set how mail is sent. Everybody chooses for himself."""

from __future__ import annotations

from typing import Final

from eoffice.core.errors import NotPermitted
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.organization.right_rules import RightRule


def can_set_mail_rules(actor: Actor) -> bool:
    """Switch mail on and off for the installation and set its defaults."""
    return actor.plays(Role.ADMINISTRATOR)


def require_mail_rules(actor: Actor) -> None:
    """Raise NotPermitted for all but administrators."""
    if not can_set_mail_rules(actor):
        raise NotPermitted


RULES: Final = (RightRule("can_set_mail_rules", "Đặt quy định gửi thư, tin nhắn thông báo", can_set_mail_rules),)
"""For the matrix of role and action."""
