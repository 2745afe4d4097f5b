"""Who did something, as plain ids that outlive every other table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActorRef:
    """Ids only: what `audit` stores. `person_id` None is the system itself (a job, the command line)."""

    person_id: int | None
    posting_id: int | None = None
    on_behalf_of_id: int | None = None
    source: str = "web"
    """web, api, job or cli."""
    deeds: frozenset[str] = frozenset()
    """What the delegation in use lets the person do (`core.deeds`); of no meaning without `on_behalf_of_id`."""
