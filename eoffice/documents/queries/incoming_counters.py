"""How much waits in each box of incoming documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from eoffice.core.counted import union_of_counts
from eoffice.documents.queries.incoming_boxes import Box, letters_in, parts_in
from eoffice.organization.actor import Actor
from eoffice.organization.compiled import CompiledForActors
from eoffice.organization.models import Role


def counters(actor: Actor, now: datetime) -> dict[str, int]:
    """How much waits in each box of this actor's roles, and `<box>_late` of it past its deadline. One statement.

    Each number is counted to `counted.LIMIT` at most.
    """
    found = {name: int(number) for name, number in _COMPILED.rows(actor, now)}
    return {key: found.get(key, 0) for box in _boxes_of(actor) for key in (str(box), f"{box}_late")}


def _statement(actor: Actor, now: datetime) -> tuple[str, list[Any]]:
    lists: dict[str, Sequence[QuerySet[Any]]] = {}
    for box in _boxes_of(actor):
        parts: Sequence[QuerySet[Any]] = parts_in(actor, box, now) or [letters_in(actor, box)]
        lists[str(box)] = parts
        lists[f"{box}_late"] = [part.filter(due_at__lt=now) for part in parts]
    return union_of_counts(lists)


_COMPILED = CompiledForActors(_statement)


def _boxes_of(actor: Actor) -> list[Box]:
    """Boxes that count: those in which something waits for the actor."""
    boxes = [Box.TO_HANDLE, Box.SUPPORT, Box.INFORMED, Box.FOLLOWING, Box.OPINIONS]
    if actor.plays(Role.CLERK, Role.CHIEF_OF_OFFICE):
        boxes += [Box.TO_REGISTER, Box.TO_FORWARD, Box.IN_PROGRESS, Box.RETURNED, Box.RECALLS]
    boxes += [Box.GIVEN_LATE, Box.GIVEN_OPEN, Box.GIVEN_TO_CONFIRM, Box.EXTENSIONS]
    if actor.serves:
        boxes.append(Box.PREPARE)
    return [*boxes, Box.TO_DIRECT] if actor.plays(Role.LEADER, Role.CHIEF_OF_OFFICE) else boxes
