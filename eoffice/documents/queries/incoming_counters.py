"""How much waits in each box of incoming documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Value

from eoffice.documents.queries.incoming_boxes import Box, letters_in, lines_in
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role


def counters(actor: Actor, now: datetime) -> dict[str, int]:
    """How much waits in each box of this actor's roles, and `<box>_late` of it past its deadline. One query."""
    parts: list[Any] = []  # querysets of tuples over two tables; their stub types have no common name
    for box in _boxes_of(actor):
        late = Q(due_at__lt=now)
        lines = lines_in(actor, box, now)
        rows = lines if lines is not None else letters_in(actor, box)
        parts.append(
            rows.order_by()
            .annotate(box=Value(str(box)))
            .values("box")
            .annotate(waiting=Count("pk", distinct=True), late=Count("pk", filter=late, distinct=True))
            .values_list("box", "waiting", "late")
        )
    found: dict[str, int] = {}
    if not parts:
        return found
    first, *others = parts
    for box_name, waiting, late_count in first.union(*others, all=True):
        found[box_name] = waiting
        found[f"{box_name}_late"] = late_count
    return {key: found.get(key, 0) for box in _boxes_of(actor) for key in (str(box), f"{box}_late")}


def _boxes_of(actor: Actor) -> list[Box]:
    """Boxes that count: those in which something waits for the actor."""
    boxes = [Box.TO_HANDLE, Box.SUPPORT, Box.INFORMED, Box.FOLLOWING, Box.OPINIONS]
    if actor.plays(Role.CLERK, Role.CHIEF_OF_OFFICE):
        boxes += [Box.TO_REGISTER, Box.TO_FORWARD, Box.IN_PROGRESS, Box.RETURNED]
    boxes += [Box.GIVEN_LATE, Box.GIVEN_OPEN, Box.GIVEN_TO_CONFIRM, Box.EXTENSIONS]
    return [*boxes, Box.TO_DIRECT] if actor.plays(Role.LEADER, Role.CHIEF_OF_OFFICE) else boxes
