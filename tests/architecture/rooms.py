"""The map of rooms as data, read from the import contract, so that the map stands written once."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "eoffice"


@lru_cache
def layers() -> tuple[tuple[str, ...], ...]:
    """Rooms from the top line to the bottom line; rooms of one line stand side by side."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    lines: list[str] = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return tuple(tuple(room.strip() for room in line.split("|")) for line in lines)


def rooms() -> list[str]:
    return [room for line in layers() for room in line]


def height_of(room: str) -> int:
    """Line of a room counted from the bottom."""
    return next(len(layers()) - i for i, line in enumerate(layers()) if room in line)


def may_look_at(room: str, other: str) -> bool:
    return room == other or height_of(room) > height_of(other)


@dataclass(frozen=True)
class Source:
    """One Python file of the product."""

    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.path.relative_to(PACKAGE).parts[0]

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the folders and of the file below the room, without `.py`."""
        return self.path.relative_to(PACKAGE).with_suffix("").parts[1:]

    def at(self, node: ast.AST) -> str:
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"

    @property
    def is_test(self) -> bool:
        return "tests" in self.parts

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.parts


@lru_cache
def sources() -> tuple[Source, ...]:
    return tuple(
        Source(path, ast.parse(path.read_text(), str(path)))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "node_modules" not in path.parts
    )


def product_sources() -> Iterator[Source]:
    """Without tests and migrations."""
    return (source for source in sources() if not source.is_test and not source.is_migration)
