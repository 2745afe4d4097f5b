"""Certificates in use compared with their holders again, as people move and bodies are renamed."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q

from eoffice.core.clock import local_date
from eoffice.signing.models import HeldCertificate
from eoffice.signing.services.certificates import in_use
from eoffice.signing.services.matching import facts_of_many, mismatch_words

COMPARED_EVERY: Final = timedelta(hours=6)
_CHUNK: Final = 500


def compare_holders(*, now: datetime, lasts_s: float = 60.0) -> int:
    """Compare what was not compared for `COMPARED_EVERY`, longest ago first, for `lasts_s`; returns how many.

    Each chunk stands by itself: a run that is cut off goes on where it ended.
    """
    until, compared = time.monotonic() + lasts_s, 0
    due = in_use(now).filter(Q(compared_at__isnull=True) | Q(compared_at__lte=now - COMPARED_EVERY))
    due = due.select_related("person").order_by(F("compared_at").asc(nulls_first=True), "pk")
    while time.monotonic() < until and (rows := list(due[:_CHUNK])):
        facts = facts_of_many(rows, on=local_date(now))
        changed = []
        for held in rows:
            holder, before = facts[held.pk], (held.mismatch, held.at_unit_id)
            words = mismatch_words(common=held.subject, body=held.organization, holder=holder)
            held.mismatch, held.at_unit = words[:600], holder.at_unit or held.at_unit
            if (held.mismatch, held.at_unit_id) != before:
                changed.append(held)
        HeldCertificate.objects.bulk_update(changed, ["mismatch", "at_unit"])
        HeldCertificate.objects.filter(pk__in=[held.pk for held in rows]).update(compared_at=now)
        compared += len(rows)
    return compared
