"""Who may set up how people come in."""

from __future__ import annotations

from typing import Final

from eoffice.accounts.errors import AdministratorOfDoorsOnly
from eoffice.accounts.holders import Holder

ADMINISTRATOR: Final = "administrator"


def require(allowed: bool) -> None:
    """Raise AdministratorOfDoorsOnly unless `allowed`."""
    if not allowed:
        raise AdministratorOfDoorsOnly


def can_set_up_doors(holder: Holder) -> bool:
    """Administrators: doors, limits of sessions, emergency accounts, signing others out."""
    return holder.has_role(ADMINISTRATOR)
