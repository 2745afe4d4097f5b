"""The lines of one register, for programs that keep a copy of the book."""

from __future__ import annotations

from eoffice.core.paging import Page, newest_first
from eoffice.documents.models import RegisterEntry
from eoffice.documents.queries.registers import get_register
from eoffice.organization.actor import Actor


def register_entries(actor: Actor, register_id: int, *, after: int | None = None) -> Page[RegisterEntry]:
    """One page of a register's lines, the newest entered first, each with its document; three queries.

    Cancelled and void lines are among them, as in the book. Raises NotFound.
    """
    register = get_register(actor, register_id)
    rows = RegisterEntry.objects.filter(register=register).select_related("incoming", "outgoing", "copy", "entered_by")
    return newest_first(rows, after=after)
