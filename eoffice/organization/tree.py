"""The shape of the unit tree: one lock for its moves, paths rewritten in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection

from eoffice.core.errors import NotFound
from eoffice.core.vietnamese import fold
from eoffice.organization.errors import UnitTreeCycle
from eoffice.organization.models import Unit

_LONGEST_FOLD: Final = 2000
"""As long as `Unit.name_fold`."""
_TREE_LOCK: Final = 0x656F_0001
"""Key of the advisory lock: two moves at once could close a ring that neither sees."""


def lock_tree() -> None:
    """Let nobody else move units until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def hang_below(*, unit_id: int, parent_id: int) -> bool:
    """Hang a unit with everything under it below another; returns whether it hung elsewhere before.

    To be called inside the caller's transaction, after `lock_tree`. Raises UnitTreeCycle, NotFound.
    """
    units = Unit.objects.in_bulk([unit_id, parent_id])
    if len(units) < len({unit_id, parent_id}):
        raise NotFound("Không tìm thấy đơn vị.")
    unit, parent = units[unit_id], units[parent_id]
    if parent.is_within(unit):
        raise UnitTreeCycle
    if unit.parent_id == parent_id:
        return False
    Unit.objects.filter(pk=unit_id).update(parent_id=parent_id)
    with connection.cursor() as cursor:
        cursor.execute(_REWRITE_PATHS, {"old": unit.path, "new": f"{parent.path}{unit_id}/"})
    return True


def folded_names(name: str, short_name: str, symbol: str, known_as: Iterable[str] = ()) -> str:
    """What the search of a unit looks into: its names, then the words of other names that these do not have."""
    now = f"{fold(name)} {fold(short_name)} {fold(symbol)}"
    further = dict.fromkeys(word for other in known_as for word in fold(other).split())
    return " ".join([now, *(word for word in further if word not in now.split())])[:_LONGEST_FOLD]


_REWRITE_PATHS: Final = """
    UPDATE organization_unit SET path = %(new)s || substr(path, length(%(old)s) + 1)
    WHERE path LIKE %(old)s || '%%'
"""
