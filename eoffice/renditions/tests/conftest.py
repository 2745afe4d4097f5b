"""What the tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pytest

from eoffice.renditions import hold


@pytest.fixture(autouse=True)
def _own_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's memory folder is shared with test runs and installations beside this one: purge none of theirs."""
    place = tmp_path / "memory"
    place.mkdir()
    monkeypatch.setattr(hold, "_MEMORY", place)
