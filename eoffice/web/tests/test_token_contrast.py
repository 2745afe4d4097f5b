"""The colours of both themes can be read: WCAG 2.2 AA, computed from the tokens themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS_PATH = Path(__file__).resolve().parents[3] / "frontend" / "styles" / "tokens.css"
_PAIR = re.compile(r"--eo-([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
_SINGLE = re.compile(r"--eo-([a-z0-9-]+):\s*(#[0-9a-f]{6});")
GROUNDS = ("bg", "surface", "raised", "hover")


def _tokens(theme: int) -> dict[str, str]:
    text = TOKENS_PATH.read_text(encoding="utf-8")
    tokens = {match[1]: match[2 + theme] for match in _PAIR.finditer(text)}
    return tokens | {match[1]: match[2] for match in _SINGLE.finditer(text)}


def _luminance(colour: str) -> float:
    def channel(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["text", "text-2", "text-3", "accent", "red", "amber", "green"])
def test_text_is_readable_on_every_ground(text: str, theme: int) -> None:
    tokens = _tokens(theme)

    assert {ground: c for ground in GROUNDS if (c := _contrast(tokens[text], tokens[ground])) < 4.5} == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["accent", "red", "amber", "green"])
def test_tone_is_readable_on_its_soft_ground(tone: str, theme: int) -> None:
    tokens = _tokens(theme)

    assert _contrast(tokens[tone], tokens[f"{tone}-soft"]) >= 4.5
    assert _contrast(tokens["text"], tokens[f"{tone}-soft"]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_edges_of_fields_and_focus_stand_out(theme: int) -> None:
    tokens = _tokens(theme)

    assert _contrast(tokens["line-field"], tokens["surface"]) >= 3
    assert _contrast(tokens["accent"], tokens["bg"]) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_on_filled_buttons_are_readable(theme: int) -> None:
    tokens = _tokens(theme)

    assert _contrast(tokens["on-fill"], tokens["accent-fill"]) >= 4.5
    assert _contrast(tokens["on-fill"], tokens["accent-fill-hover"]) >= 4.5
    assert _contrast(tokens["on-fill"], tokens["mark-warn"]) >= 4.5
