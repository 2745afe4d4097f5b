"""The rules of every room as a list: what the matrix of role and action is made of.

Each room lists its own `can_…` rules with Vietnamese words and a probe that calls the rule itself; the matrix is read
from the answers, so it cannot say anything else than the code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eoffice.organization.actor import Actor, Mandated
from eoffice.organization.models import Role, Unit

HERE: Final = 1
"""Key of the sample unit in which a probed role is held; it is a registry."""
NOBODY: Final = 2
"""Key of a person who is not the one probed."""


@dataclass(frozen=True, slots=True)
class RightRule:
    """One rule. `probe` asks it for an actor with one role in the sample unit; None where no role decides.

    `also` says in words who else may: the holder of a line, the author, whoever has an access row.
    """

    name: str
    words: str
    probe: Callable[[Actor], bool] | None
    also: str = ""


def sample_unit() -> Unit:
    """The unit of the probes, not stored."""
    return Unit(pk=HERE, path=f"/{HERE}/", has_registry=True, name="Đơn vị", short_name="Đơn vị", symbol="DV")


def actor_playing(role: Role) -> Actor:
    """Somebody with exactly one role in the sample unit, a post elsewhere, and a mandate if he audits."""
    mandate = Mandated(1, frozenset({HERE}), (), None, None)
    return Actor(
        person_id=1,
        user_id=1,
        name="Người giữ vai trò",
        posting_id=1,
        unit_id=NOBODY,
        unit_name="Đơn vị khác",
        position_name="Chuyên viên",
        posts=(),
        roles=frozenset({(str(role), HERE)}),
        unit_ids=frozenset({NOBODY}),
        principals=(),
        registry_id=HERE,
        mandates=(mandate,) if role == Role.AUDITOR else (),
    )
