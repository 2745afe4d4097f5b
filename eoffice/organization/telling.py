"""Telling people from below: `notifications` is an upper room, so it is asked by an event in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.core import outbox

PEOPLE_TOLD: Final = "organization.people.told"


@dataclass(frozen=True, slots=True)
class PeopleTold:
    """Somebody has to know something about his own rights. `url` is a path of this installation."""

    person_ids: tuple[int, ...]
    kind: str
    title: str
    text: str
    url: str


def tell(person_ids: Iterable[int], *, kind: str, title: str, text: str, url: str, now: datetime) -> None:
    """Let `notifications` tell each person once, after the running transaction."""
    told = tuple(sorted(set(person_ids)))
    if told:
        outbox.publish(PeopleTold(told, kind, title, text, url), name=PEOPLE_TOLD, now=now)
