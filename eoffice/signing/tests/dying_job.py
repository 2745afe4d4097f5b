"""A worker that completes one file and is killed at a place: `python -m eoffice.signing.tests.dying_job ID PLACE`."""

from __future__ import annotations

import sys
from typing import Final

import django

django.setup()

from eoffice.core import clock  # noqa: E402 - needs Django set up
from eoffice.signing import services  # noqa: E402
from tests.dying import die_at  # noqa: E402

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


if __name__ == "__main__":
    die_at(sys.argv[2])
    services.complete_file(lasting_id=int(sys.argv[1]), now=clock.now())
