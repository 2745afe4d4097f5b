"""How it is said that somebody acted in another's name: on pages, papers, in messages, by the API."""

from __future__ import annotations

from eoffice.organization.models import Person


def acting_words(person: Person | None, on_behalf_of: Person | None, *, nobody: str = "") -> str:
    """`Vũ Đình Phúc, xử lý theo ủy quyền của Trần Quốc Khánh`; the bare name where nobody was represented."""
    if person is None:
        return nobody
    if on_behalf_of is None:
        return person.full_name
    return f"{person.full_name}, xử lý theo ủy quyền của {on_behalf_of.full_name}"
