"""How a person chooses from a list that is searched."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def search_box(page: Page, label: str) -> Locator:
    """The box that stands in for a long list once it is there: until then the bare list answers to the same name."""
    return page.get_by_role("combobox", name=label).and_(page.locator("input"))
