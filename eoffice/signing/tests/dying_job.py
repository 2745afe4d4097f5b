"""A worker that completes one file and is killed at a place: `python -m eoffice.signing.tests.dying_job ID PLACE`.

A place is `function:moment` or `function:moment:which`, as "verify_files:return:2": when that function is entered or
left for the n-th time, the process ends by SIGKILL, as a machine does that loses its power. Nothing of the room's code
is replaced; the interpreter itself tells where it is.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Final

import django

django.setup()

from eoffice.core import clock  # noqa: E402 - needs Django set up
from eoffice.signing import services  # noqa: E402

PLACES: Final = (
    "complete_file:call",
    "material:return",
    "verify_files:return",
    "complete_pdf:call",
    "complete_pdf:return",
    "verify_files:return:2",
    "store_path:return",
    "_confirm:call",
    "keep_report:return",
    "publish:return",
    "_confirm:return",
    "_bring_further:return",
)
"""Between any two steps of the completion, and inside the transaction that confirms it."""


def die_at(place: str) -> None:
    name, moment, *rest = place.split(":")
    left = int(rest[0]) if rest else 1

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        if event == moment and frame.f_code.co_name == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


if __name__ == "__main__":
    die_at(sys.argv[2])
    services.complete_file(lasting_id=int(sys.argv[1]), now=clock.now())
