"""Who stands behind an account. Persons and roles live above this room, so the room above tells.

`organization` registers its answer in its `jobs.py`, which is loaded when Django starts; nothing here imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.core.actor_ref import ActorRef


@dataclass(frozen=True, slots=True)
class Holder:
    """The person behind an account, as far as the door needs to know it. `roles` are stable codes held today."""

    person_id: int | None = None
    full_name: str = ""
    phone: str = ""
    roles: frozenset[str] = frozenset()

    @property
    def ref(self) -> ActorRef:
        return ActorRef(self.person_id)

    def has_role(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)


Teller = Callable[[int, datetime], Holder]
NOBODY: Final = Holder()
_tellers: list[Teller] = []


def tells_holder(teller: Teller) -> Teller:
    """Let the decorated function answer `holder_of`; the last one registered counts."""
    _tellers[:] = [teller]
    return teller


def holder_of(user_id: int, now: datetime) -> Holder:
    """The person behind an account today, `NOBODY` where nobody is known."""
    return _tellers[0](user_id, now) if _tellers else NOBODY
