"""Plain, waiting work inside the library's coroutines.

Signing and stamping are coroutines only in form: nothing runs beside them. The request for a time stamp is a plain call
that also asks the database about revocation, which Django rightly refuses while a loop is known to run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def outside_the_loop() -> Iterator[None]:
    """Let plain work forget the running event loop, which stands still meanwhile; afterwards it runs on."""
    loop = asyncio.get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
