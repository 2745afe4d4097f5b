"""Who may open the pages of administration."""

from __future__ import annotations

from typing import Final

from eoffice.accounts import permissions as accounts
from eoffice.accounts.holders import Holder
from eoffice.organization.actor import Actor
from eoffice.organization.errors import AdministratorOnly
from eoffice.organization.models import Role
from eoffice.organization.right_rules import RightRule


def require(allowed: bool) -> None:
    """Raise AdministratorOnly unless `allowed`."""
    if not allowed:
        raise AdministratorOnly


def can_run_jobs_again(actor: Actor) -> bool:
    return actor.plays(Role.ADMINISTRATOR)


def can_read_audit(actor: Actor) -> bool:
    """The administrator in a timed session, and the auditor while a mandate holds."""
    return actor.plays(Role.ADMINISTRATOR) or audits_today(actor)


def audits_today(actor: Actor) -> bool:
    """An auditor whose mandate is in force; without one he sees nothing, the trail included."""
    return actor.plays(Role.AUDITOR) and bool(actor.mandates)


def can_read_matrix(actor: Actor) -> bool:
    """Which role may do what is no secret among those who keep rights or audit them."""
    return actor.plays(Role.ADMINISTRATOR, Role.CHIEF_OF_OFFICE, Role.AUDITOR)


RULES: Final = (
    RightRule("can_run_jobs_again", "Chạy lại tác vụ nền", can_run_jobs_again),
    RightRule(
        "can_read_audit",
        "Đọc nhật ký",
        can_read_audit,
        "quản trị: khi bật quyền quản trị; kiểm tra: khi phạm vi kiểm tra đang hiệu lực",
    ),
    RightRule(
        "can_set_up_doors",
        "Đặt cổng đăng nhập, giới hạn phiên, kết thúc phiên của người khác",
        lambda actor: accounts.can_set_up_doors(Holder(roles=frozenset(role for role, _ in actor.roles))),
    ),
    RightRule("can_set_mail_rules", "Đặt quy tắc gửi thư", None, "quản trị"),
    RightRule("can_read_matrix", "Xem ma trận quyền", can_read_matrix),
)
"""For the matrix of role and action."""
