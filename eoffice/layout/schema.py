"""The closed schema of a letter's body: ProseMirror JSON, checked node by node.

The editor in the browser holds the same schema (README.md of this room is the contract); nothing outside
it is stored, set or exported. Checking returns a new document: attributes filled with their defaults, text in
NFC, empty text dropped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from eoffice.core.vietnamese import nfc
from eoffice.layout.errors import BodyInvalid

Json = dict[str, object]

ALIGNMENTS: Final = ("left", "center", "right", "justify")
LIST_KINDS: Final = ("decimal", "alpha", "roman")
MARKS: Final = ("strong", "em", "underline")
"""Order in which marks of one text are stored."""
HEADING_LEVELS: Final = (1, 2, 3, 4)
ALPHA_POINTS: Final = "abcdđeghiklmnopqrstuvxy"
"""Letters of the points (điểm) in Vietnamese order. Source: NĐ 30, PL I, mục II.6."""

MAX_NODES: Final = 60_000
MAX_CHARACTERS: Final = 2_000_000
MAX_DEPTH: Final = 24
MAX_SPAN: Final = 60

_WORD_SIGNS: Final = {0xF0B7: "•", 0xF0A7: "▪", 0xF02D: "-", 0xF0E0: "→", 0xF0FC: "√", 0xF0B0: "°", 0xF0B1: "±"}
"""Signs of Word's Symbol and Wingdings fonts that pasted text brings along, as the letters they stand for."""

_INLINE: Final = frozenset({"text", "hard_break"})
_LISTS: Final = frozenset({"ordered_list", "bullet_list"})
_FLOW: Final = frozenset({"paragraph"}) | _LISTS


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one kind of node may hold: children by name, at least `least` of them, first of them `first`."""

    children: frozenset[str] = frozenset()
    least: int = 0
    first: str | None = None
    attributes: frozenset[str] = frozenset()


_RULES: Final[Mapping[str, _Rule]] = {
    "doc": _Rule(frozenset({"heading", "paragraph", "article", "table"}) | _LISTS, least=1),
    "heading": _Rule(_INLINE, attributes=frozenset({"level"})),
    "article": _Rule(_INLINE),
    "paragraph": _Rule(_INLINE, attributes=frozenset({"align"})),
    "ordered_list": _Rule(frozenset({"list_item"}), least=1, attributes=frozenset({"kind", "start"})),
    "bullet_list": _Rule(frozenset({"list_item"}), least=1),
    "list_item": _Rule(_FLOW, least=1, first="paragraph"),
    "table": _Rule(frozenset({"table_row"}), least=1),
    "table_row": _Rule(frozenset({"table_cell", "table_header"})),
    "table_cell": _Rule(_FLOW, least=1, attributes=frozenset({"colspan", "rowspan", "colwidth"})),
    "table_header": _Rule(_FLOW, least=1, attributes=frozenset({"colspan", "rowspan", "colwidth"})),
    "hard_break": _Rule(),
}


@dataclass(slots=True)
class _Budget:
    nodes: int = 0
    characters: int = 0
    path: list[str] = field(default_factory=list)

    def fail(self, reason: str) -> BodyInvalid:
        return BodyInvalid(path="/".join(self.path), reason=reason)


def empty_body() -> Json:
    """The body a new draft starts with: one empty paragraph."""
    return {"type": "doc", "content": [{"type": "paragraph", "attrs": {"align": "justify"}}]}


def check_body(value: object) -> Json:
    """Return `value` as a clean document of the closed schema; raises BodyInvalid naming the faulty node."""
    budget = _Budget()
    return _checked(value, budget, allowed=frozenset({"doc"}), place="doc")


def plain_text(body: Mapping[str, object]) -> str:
    """The words of a checked body, one line for each block: for search, comparison and secrecy checks."""
    return "\n".join(_lines(body))


def _lines(node: Mapping[str, object]) -> Iterator[str]:
    children = children_of(node)
    if node.get("type") in {"paragraph", "heading", "article"}:
        yield "".join(str(child.get("text", "\n")) for child in children)
        return
    for child in children:
        yield from _lines(child)


def children_of(node: Mapping[str, object]) -> list[Json]:
    """Children of a checked node."""
    content = node.get("content")
    return content if isinstance(content, list) else []


def attributes_of(node: Mapping[str, object]) -> Json:
    """Attributes of a checked node."""
    attributes = node.get("attrs")
    return attributes if isinstance(attributes, dict) else {}


def span_of(cell: Mapping[str, object], name: str) -> int:
    """`colspan` or `rowspan` of a checked cell."""
    span = attributes_of(cell).get(name)
    return span if isinstance(span, int) else 1


def _checked(value: object, budget: _Budget, *, allowed: frozenset[str], place: str) -> Json:
    budget.path.append(place)
    budget.nodes += 1
    if budget.nodes > MAX_NODES or len(budget.path) > MAX_DEPTH:
        raise budget.fail("quá lớn")
    if not isinstance(value, dict):
        raise budget.fail("không phải nút")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        raise budget.fail(f"không nhận nút {kind!r}")
    node = _checked_text(value, budget) if kind == "text" else _checked_node(kind, value, budget)
    budget.path.pop()
    return node


def _checked_node(kind: str, value: Mapping[object, object], budget: _Budget) -> Json:
    rule = _RULES[kind]
    _refuse_unknown(value, {"type", "attrs", "content"}, budget)
    node: Json = {"type": kind}
    attributes = _checked_attributes(kind, value.get("attrs"), budget)
    if attributes:
        node["attrs"] = attributes
    content = value.get("content")
    if content is None:
        content = []
    if not isinstance(content, list):
        raise budget.fail("content không phải danh sách")
    children = [
        _checked(child, budget, allowed=rule.children, place=f"{kind}[{index}]")
        for index, child in enumerate(content)
        if not _is_empty_text(child)
    ]
    if len(children) < rule.least:
        raise budget.fail("thiếu nội dung")
    if rule.first and children[0]["type"] != rule.first:
        raise budget.fail(f"phải mở đầu bằng {rule.first}")
    if children:
        node["content"] = children
    if kind == "table":
        _check_grid(node, budget)
    return node


def _is_empty_text(child: object) -> bool:
    return isinstance(child, dict) and child.get("type") == "text" and child.get("text") == ""


def _checked_text(value: Mapping[object, object], budget: _Budget) -> Json:
    _refuse_unknown(value, {"type", "text", "marks"}, budget)
    text = value.get("text")
    if not isinstance(text, str):
        raise budget.fail("text không phải chuỗi")
    plain = nfc(text).translate(_WORD_SIGNS)
    clean = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in plain)
    budget.characters += len(clean)
    if budget.characters > MAX_CHARACTERS:
        raise budget.fail("quá dài")
    node: Json = {"type": "text", "text": clean}
    marks = _checked_marks(value.get("marks"), budget)
    if marks:
        node["marks"] = marks
    return node


def _checked_marks(value: object, budget: _Budget) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise budget.fail("marks không phải danh sách")
    names = set()
    for mark in value:
        if not isinstance(mark, dict) or mark.get("type") not in MARKS or not set(mark) <= {"type", "attrs"}:
            raise budget.fail("không nhận kiểu chữ này")
        names.add(mark["type"])
    return [{"type": name} for name in MARKS if name in names]


def _refuse_unknown(value: Mapping[object, object], known: set[str], budget: _Budget) -> None:
    unknown = {str(key) for key in value} - known
    if unknown:
        raise budget.fail(f"thuộc tính lạ: {', '.join(sorted(unknown))}")


def _checked_attributes(kind: str, value: object, budget: _Budget) -> Json:
    given: Mapping[object, object] = {}
    if value is not None:
        if not isinstance(value, dict):
            raise budget.fail("attrs không phải đối tượng")
        given = value
    _refuse_unknown(given, set(_RULES[kind].attributes), budget)
    if kind == "heading":
        return {"level": _one_of(given.get("level", 2), HEADING_LEVELS, budget)}
    if kind == "paragraph":
        return {"align": _one_of(given.get("align") or "justify", ALIGNMENTS, budget)}
    if kind == "ordered_list":
        return {
            "kind": _one_of(given.get("kind", "decimal"), LIST_KINDS, budget),
            "start": _between(given.get("start", 1), 1, 9999, budget),
        }
    if kind in {"table_cell", "table_header"}:
        colspan = _between(given.get("colspan", 1), 1, MAX_SPAN, budget)
        rowspan = _between(given.get("rowspan", 1), 1, 2000, budget)
        return {
            "colspan": colspan,
            "rowspan": rowspan,
            "colwidth": _checked_widths(given.get("colwidth"), colspan, budget),
        }
    return {}


def _one_of(value: object, choices: tuple[object, ...], budget: _Budget) -> object:
    if isinstance(value, bool) or value not in choices:
        raise budget.fail(f"giá trị không nhận: {value!r}")
    return value


def _between(value: object, least: int, most: int, budget: _Budget) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise budget.fail(f"số không nhận: {value!r}")
    return value


def _checked_widths(value: object, colspan: int, budget: _Budget) -> list[int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != colspan:
        raise budget.fail("colwidth không khớp colspan")
    return [_between(width, 0, 10_000, budget) for width in value]


def _check_grid(table: Json, budget: _Budget) -> None:
    """Every row of the table must fill the same columns once: no hole, no overlap, no span past the last row."""
    rows = children_of(table)
    taken: dict[tuple[int, int], bool] = {}
    widths: list[int] = []
    for row_index, row in enumerate(rows):
        column = 0
        for cell in children_of(row):
            colspan, rowspan = span_of(cell, "colspan"), span_of(cell, "rowspan")
            while (row_index, column) in taken:
                column += 1
            if row_index + rowspan > len(rows):
                raise budget.fail("ô của bảng vượt quá hàng cuối")
            for r in range(row_index, row_index + rowspan):
                for c in range(column, column + colspan):
                    if (r, c) in taken:
                        raise budget.fail("ô của bảng chồng lên nhau")
                    taken[(r, c)] = True
            column += colspan
        widths.append(sum(1 for (r, _c) in taken if r == row_index))
    columns = max((c for _r, c in taken), default=-1) + 1
    if not columns or columns > MAX_SPAN or any(width != columns for width in widths):
        raise budget.fail("các hàng của bảng không cùng số cột")
