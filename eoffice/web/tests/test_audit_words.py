"""Every action the code records is said in the words of the office on the audit page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eoffice.web import audit_words

_PACKAGE = Path(__file__).resolve().parents[2]
_RECORDED = re.compile(r'action="([a-z_]+(?:\.[a-z_]+)+)"')


def _recorded_actions() -> set[str]:
    sources = [path for path in _PACKAGE.rglob("*.py") if "tests" not in path.parts]
    return {action for path in sources for action in _RECORDED.findall(path.read_text(encoding="utf-8"))}


def test_recorded_actions_are_found() -> None:
    assert "documents.incoming.registered" in _recorded_actions()


def test_every_recorded_action_has_words() -> None:
    without = {action for action in _recorded_actions() if audit_words.action_words(action) == action}

    assert without == set()


@pytest.mark.parametrize("source", ["web", "api", "cli", "job"])
def test_every_source_has_words(source: str) -> None:
    assert audit_words.source_words(source) != source


def test_unknown_action_keeps_its_code() -> None:
    assert audit_words.action_words("nobody.nothing.done") == "nobody.nothing.done"
