"""Which fragment of an upper room fills which named place in a page of a lower one: written by hand, on purpose.

A lower room's template asks `panel_href("capacity_drafts", capacity.pk)` and never names the room above it.
"""

from __future__ import annotations

from typing import Final

from django.urls import NoReverseMatch, reverse

_PANELS: Final = {
    "capacity_drafts": "documents:capacity_drafts",
    "person_leaving": "documents:leaving",
}


def panel_href(place: str, *args: object) -> str:
    """The address of the fragment for a place; empty when the room that would fill it is not installed."""
    try:
        return reverse(_PANELS[place], args=args)
    except NoReverseMatch:
        return ""
