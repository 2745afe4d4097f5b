"""What a browser calls itself, in words a person knows."""

from __future__ import annotations

from typing import Final

_PROGRAMS: Final = (
    ("Edg/", "Edge"),
    ("coc_coc", "Cốc Cốc"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def words_for(agent: str) -> str:
    """`Chrome trên Windows`; the order above matters, as most browsers name others too."""
    program = next((words for sign, words in _PROGRAMS if sign in agent), "Trình duyệt khác")
    system = next((words for sign, words in _SYSTEMS if sign in agent), "")
    return f"{program} trên {system}" if system else program
