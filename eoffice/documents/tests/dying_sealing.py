"""A clerk's sealing that is killed: `python -m eoffice.documents.tests.dying_sealing OUTGOING USER MOMENT PLACE`."""

from __future__ import annotations

import sys
from datetime import datetime

import django

django.setup()

from eoffice.documents.services import sealing  # noqa: E402 - needs Django set up
from eoffice.documents.tests.outgoing import SEAL_PIN  # noqa: E402
from eoffice.organization import queries as organization  # noqa: E402
from tests.dying import die_at  # noqa: E402

if __name__ == "__main__":
    outgoing, user, moment, place = sys.argv[1:]
    now = datetime.fromisoformat(moment)
    actor = organization.actor_of(user_id=int(user), now=now)
    die_at(place)
    sealing.seal_outgoing(actor=actor, outgoing_id=int(outgoing), pin=SEAL_PIN, now=now)
