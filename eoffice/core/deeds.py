"""What a delegation lets its receiver do, and which audited commands belong to it. Everything else is refused.

The one rule for all rooms: a room names the commands that may be done in another's name (`covers`); the audit trail,
which every command passes, asks `require`. A command nobody named cannot be done under a delegation.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import NotPermitted


class Deed(StrEnum):
    """What a leader lets another do in his name. Signing and sealing are none of these, and never will be."""

    READ = "read"
    DIRECT = "direct"
    PREPARE = "prepare"


class NotDelegated(NotPermitted):
    """A command under a delegation that does not cover it."""

    code = "not_delegated"
    default_message = (
        "Ủy quyền đang dùng không bao gồm việc này. Dữ liệu chưa thay đổi. "
        "Thôi xử lý theo ủy quyền để làm việc với tư cách của mình."
    )


_DEED_OF: Final[dict[str, Deed]] = {}


def covers(deed: Deed, *actions: str) -> None:
    """Let audited commands be done under delegations of `deed`; said once by each room when Django starts."""
    _DEED_OF.update(dict.fromkeys(actions, deed))


def named_actions() -> dict[str, Deed]:
    """Every command that may be done in another's name, with its deed."""
    return dict(_DEED_OF)


def require(actor: ActorRef, action: str) -> None:
    """Raise NotDelegated for a command in another's name that his delegation does not cover."""
    if actor.on_behalf_of_id is None:
        return
    deed = _DEED_OF.get(action)
    if deed is None or str(deed) not in actor.deeds:
        raise NotDelegated


def require_read(actor: ActorRef) -> None:
    """The same for the line that a document read leaves."""
    if actor.on_behalf_of_id is not None and str(Deed.READ) not in actor.deeds:
        raise NotDelegated
