"""An administrator's special powers: timed, reasoned and logged by the room above, asked for by the pages of this one.

`organization` registers its guard in its `jobs.py`, as it does with `holders`; nothing here imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest

Guard = Callable[[HttpRequest], None]
_guards: Final[list[Guard]] = []


def guards_powers(guard: Guard) -> Guard:
    """Let the decorated function answer `require_powers`; the last one registered counts."""
    _guards[:] = [guard]
    return guard


def require_powers(request: HttpRequest) -> None:
    """Called once the role is known; the guard raises its own error where powers are off, and notes a use by POST."""
    for guard in _guards:
        guard(request)
