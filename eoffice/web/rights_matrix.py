"""Ma trận quyền: which role may do what, read from the answers of every room's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from eoffice.documents.permissions import listed as documents
from eoffice.notifications import permissions as notifications
from eoffice.organization.models import Role
from eoffice.organization.permissions import listed as organization
from eoffice.organization.right_rules import RightRule, actor_playing
from eoffice.signing import permissions as signing
from eoffice.web import permissions as web
from eoffice.workflow import permissions as workflow

PARTS: Final[dict[str, Sequence[RightRule]]] = {
    **documents.RULES,
    "Bước duyệt": workflow.RULES,
    "Chữ ký, con dấu": signing.RULES,
    "Quyền, thẩm quyền ký": organization.RULES,
    "Thông báo": notifications.RULES,
    "Hệ thống": web.RULES,
}
"""Every rule of the house by the part of the matrix it stands in."""


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One action: which roles may do it in the unit where they are held; `roles` is empty where no role decides."""

    words: str
    roles: frozenset[str]
    also: str
    by_role: bool


def matrix() -> dict[str, list[MatrixLine]]:
    """The whole table, part by part; no statement to the database."""
    actors = {role: actor_playing(role) for role in Role}
    return {
        part: [
            MatrixLine(
                words=rule.words,
                roles=frozenset(str(role) for role, actor in actors.items() if rule.probe and rule.probe(actor)),
                also=rule.also,
                by_role=rule.probe is not None,
            )
            for rule in rules
        ]
        for part, rules in PARTS.items()
    }


def as_markdown() -> str:
    """The table as it is committed in docs/rights/roles.md."""
    labels = [str(role.label) for role in Role]
    lines = [
        "# Which role may do what",
        "",
        "Made from the rules in the code by `scripts/rights-tables`; a test compares it. A mark is what the role gives",
        "in the unit where it is held; the last column says who else may, and on what condition.",
    ]
    for part, rows in matrix().items():
        lines += [
            "",
            f"## {part}",
            "",
            f"| Việc | {' | '.join(labels)} | Ngoài ra |",
            "| --- |" + " --- |" * (len(labels) + 1),
        ]
        for row in rows:
            cells = ["x" if str(role) in row.roles else "" for role in Role]
            lines.append(f"| {row.words} | {' | '.join(cells)} | {row.also} |")
    return "\n".join(lines) + "\n"
