"""What holds for every template of every room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from jinja2 import Environment, UndefinedError

from eoffice.web.icons import IconSprite, UnknownIcon

PACKAGE_DIR = Path(settings.PACKAGE_DIR)
TEMPLATES = sorted(path for room in settings.ROOMS for path in (PACKAGE_DIR / room / "templates").rglob("*.html"))
INLINE = re.compile(
    r"""\sstyle\s*=\s*["']|<style\b|\son(click|change|submit|input|load|key\w+)\s*=\s*["']|<script(?![^>]*\bsrc=)"""
)


def _environment() -> Environment:
    backend = engines["jinja2"]
    assert isinstance(backend, Jinja2)
    return backend.env


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE_DIR)))
def test_template_compiles_and_holds_nothing_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    _environment().parse(text)
    assert INLINE.findall(text) == []


def test_unknown_name_is_an_error_but_a_missing_else_is_blank() -> None:
    environment = _environment()

    assert environment.from_string("[{{ 'x' if false }}]").render() == "[]"
    with pytest.raises(UndefinedError):
        environment.from_string("{{ nobody }}").render()


def test_typed_text_is_escaped() -> None:
    assert _environment().from_string("{{ text }}").render(text="<b>") == "&lt;b&gt;"


def test_icon_that_is_not_in_the_sprite_is_refused() -> None:
    sprite = IconSprite(PACKAGE_DIR / "web" / "static" / "dist" / "icons.svg")

    assert 'aria-hidden="true"' in sprite.icon("home")
    assert 'aria-label="Nhà &amp; cửa"' in sprite.icon("home", label="Nhà & cửa")
    with pytest.raises(UnknownIcon):
        sprite.icon("no-such-icon")
