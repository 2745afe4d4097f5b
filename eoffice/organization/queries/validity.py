"""What holds on a day."""

from __future__ import annotations

from datetime import date

from django.db.models import Q


def in_force(day: date) -> Q:
    """Rows with `starts_on`/`ends_on` that hold on `day`."""
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))
