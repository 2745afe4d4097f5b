"""The installation's own row."""

from __future__ import annotations

from eoffice.organization.models import Installation


def installation() -> Installation | None:
    """The row about this installation; None before `eoffice init` or the demo."""
    return Installation.objects.first()
