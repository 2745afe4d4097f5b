"""What the administrator reads on the command line is Vietnamese to the last word."""

from __future__ import annotations

import re

import pytest

from eoffice.cli.main import main

ENGLISH = re.compile(
    r"\b(usage|error|options?|positional|arguments?|show|exit|invalid|required|choose|expected)\b", re.I
)


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr()
    return int(str(ended.value.code)), said.out + said.err


def _commands(capsys: pytest.CaptureFixture[str]) -> list[str]:
    _, text = _told(capsys, "--help")
    return re.findall(r"^    ([a-z-]+) ", text, re.MULTILINE)


def test_every_help_is_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    commands = _commands(capsys)
    assert {"up", "backup", "restore", "verify", "audit"} <= set(commands)

    for command in ([], *([each] for each in commands)):
        status, text = _told(capsys, *command, "--help")
        assert (status, ENGLISH.findall(text)) == (0, []), text


def test_wrong_words_are_refused_in_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["restore"], ["restore", "a", "b"], ["up", "--mau"]):
        status, text = _told(capsys, *words)
        assert (status, ENGLISH.findall(text)) == (2, []), text
