"""A worker that asks issuers and is killed at a place: `python -m eoffice.signing.tests.dying_asking PLACE`."""

from __future__ import annotations

import sys
from typing import Final

import django

django.setup()

from eoffice.core import clock  # noqa: E402 - needs Django set up
from eoffice.signing.services.asking_issuers import ask_issuers  # noqa: E402
from tests.dying import die_at  # noqa: E402

PLACES: Final = ("note_standing:return", "_ask_lists:return")
"""One of two changes kept and no answer noted; the list's turn over, that of OCSP not begun."""


if __name__ == "__main__":
    die_at(sys.argv[1])
    ask_issuers(now=clock.now())
