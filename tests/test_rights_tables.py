"""The committed table of role and action is what the rules answer; a change of rights shows in its diff.

`scripts/rights-tables` writes docs/rights/roles.md anew.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import eoffice
from eoffice.web.rights_matrix import PARTS, as_markdown, matrix
from tests.architecture.rooms import ROOT, rooms

TABLES: Final = ROOT / "docs" / "rights"
WRITES: Final = os.environ.get("EOFFICE_WRITE_TABLES") == "1"


def permission_modules() -> Iterator[str]:
    for room in rooms():
        for found in pkgutil.walk_packages([str(Path(eoffice.__file__).parent / room)], f"eoffice.{room}."):
            if ".permissions" in found.name and ".tests" not in found.name and not found.name.endswith(".listed"):
                yield found.name


def test_every_public_rule_stands_in_the_matrix() -> None:
    rules = {
        name
        for module in permission_modules()
        for name, each in inspect.getmembers(importlib.import_module(module), inspect.isfunction)
        if name.startswith("can_") and each.__module__ == module
    }
    listed = {rule.name for part in PARTS.values() for rule in part}

    assert len(rules) > 30
    assert rules - listed == set()


def test_every_probe_answers_for_every_role() -> None:
    lines = [line for part in matrix().values() for line in part]

    assert any(line.roles for line in lines)
    assert [line.words for line in lines if line.by_role and not line.roles and not line.also] == []
    assert [rule for part in PARTS.values() for rule in part if not rule.words] == []


def test_table_of_roles_and_actions_is_the_committed_one() -> None:
    _compare(TABLES / "roles.md", as_markdown())


def _compare(path: Path, made: str) -> None:
    if WRITES:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made)
    committed = path.read_text() if path.exists() else ""
    assert made == committed, f"{path.name}: rights have changed; look at the diff of scripts/rights-tables"
