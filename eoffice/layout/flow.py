"""A checked body turned into a flat run of blocks that the PDF and the DOCX drawing both follow.

Lists become paragraphs that carry their label: on an official page khoản and điểm wrap back to the left
margin, they do not hang. Articles get their numbers here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from eoffice.layout.column_widths import shares_of
from eoffice.layout.schema import ALPHA_POINTS, Json, attributes_of, check_body, children_of, plain_text, span_of
from eoffice.layout.wording import END_OF_TEXT, roman

Align = Literal["left", "center", "right", "justify"]


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one appearance; `\\n` is a line break."""

    text: str
    strong: bool = False
    em: bool = False
    underline: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`indent` asks for the first-line indent; `level` is 0 for text, 1–4 for a heading."""

    runs: tuple[Run, ...]
    align: Align = "justify"
    indent: bool = True
    level: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    blocks: tuple[Paragraph, ...]
    header: bool
    colspan: int
    rowspan: int


@dataclass(frozen=True, slots=True)
class Table:
    """`widths` are shares of the full width; the first `header_rows` rows repeat on every page."""

    widths: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    header_rows: int


Block = Paragraph | Table


@dataclass(slots=True)
class _Numbering:
    article: int = 0
    blocks: list[Block] = field(default_factory=list)


def blocks_of(body: Mapping[str, object], *, end_mark: bool = True) -> list[Block]:
    """Check `body` and lay it out as blocks; with `end_mark` its last words end in "./."; raises BodyInvalid."""
    numbering = _Numbering()
    for node in children_of(check_body(body)):
        _add(node, numbering)
    blocks = _without_empty_ends(numbering.blocks)
    return _closed(blocks) if end_mark else blocks


def _add(node: Json, numbering: _Numbering) -> None:
    kind = node["type"]
    if kind == "table":
        numbering.blocks.append(_table(node))
    elif kind == "heading":
        numbering.blocks.append(_heading(node))
    elif kind == "article":
        numbering.article += 1
        number = Run(f"Điều {numbering.article}. ", strong=True)
        numbering.blocks.append(Paragraph((number, *_runs(node))))
    else:
        numbering.blocks.extend(_flow(node))


def _heading(node: Json) -> Paragraph:
    level = attributes_of(node)["level"]
    level = level if isinstance(level, int) else 2
    runs = tuple(replace(run, strong=True, em=run.em or level == 4) for run in _runs(node))
    centred = level == 1
    return Paragraph(runs, align="center" if centred else "justify", indent=not centred, level=level)


def _flow(node: Json) -> Iterator[Paragraph]:
    kind = node["type"]
    if kind == "paragraph":
        yield _paragraph(node)
        return
    for index, item in enumerate(children_of(node)):
        label = _label(node, index)
        first, *rest = children_of(item)
        paragraph = _paragraph(first)
        yield replace(paragraph, runs=(Run(label + " "), *paragraph.runs), indent=True)
        for child in rest:
            yield from _flow(child)


def _paragraph(node: Json) -> Paragraph:
    align = attributes_of(node).get("align")
    chosen: Align = align if align in ("left", "center", "right") else "justify"
    return Paragraph(_runs(node), align=chosen, indent=chosen in ("left", "justify"))


def _label(node: Json, index: int) -> str:
    if node["type"] == "bullet_list":
        return "-"
    attributes = attributes_of(node)
    start = attributes["start"]
    number = (start if isinstance(start, int) else 1) + index
    if attributes["kind"] == "alpha":
        return f"{_point(number)})"
    if attributes["kind"] == "roman":
        return f"{roman(number)}."
    return f"{number}."


def _point(number: int) -> str:
    """Letter of the n-th point; after y the letters are doubled."""
    turn, position = divmod(number - 1, len(ALPHA_POINTS))
    return ALPHA_POINTS[position] * (turn + 1)


def _runs(node: Json) -> tuple[Run, ...]:
    return tuple(_run(child) for child in children_of(node))


def _run(node: Json) -> Run:
    if node["type"] == "hard_break":
        return Run("\n")
    marks = node.get("marks")
    names = {mark["type"] for mark in marks} if isinstance(marks, list) else set()
    return Run(str(node["text"]), "strong" in names, "em" in names, "underline" in names)


def _table(node: Json) -> Table:
    rows = [tuple(_cell(cell) for cell in children_of(row)) for row in children_of(node)]
    return Table(_widths(node), tuple(rows), _header_rows(rows))


def _cell(node: Json) -> Cell:
    blocks = [replace(paragraph, indent=False) for child in children_of(node) for paragraph in _flow(child)]
    return Cell(tuple(blocks), node["type"] == "table_header", span_of(node, "colspan"), span_of(node, "rowspan"))


def _header_rows(rows: Sequence[Sequence[Cell]]) -> int:
    """Rows at the top made of header cells only, never splitting a span; a table of headers alone repeats none."""
    count = reach = 0
    for index, row in enumerate(rows):
        if index >= reach and not (row and all(cell.header for cell in row)):
            break
        reach = max([reach, *(index + cell.rowspan for cell in row)])
        count = index + 1
    return count if count < len(rows) else 0


def _widths(node: Json) -> tuple[float, ...]:
    """Shares by the pixel widths the editor keeps; without any, by what stands in the columns.

    In a table where some columns were dragged the others take the average of those.
    """
    pixels: dict[int, int] = {}
    alone: dict[int, list[tuple[str, bool]]] = {}
    columns = 0
    taken: set[tuple[int, int]] = set()
    for row_index, row in enumerate(children_of(node)):
        column = 0
        for cell in children_of(row):
            while (row_index, column) in taken:
                column += 1
            colspan = span_of(cell, "colspan")
            taken.update(
                (r, c)
                for r in range(row_index, row_index + span_of(cell, "rowspan"))
                for c in range(column, column + colspan)
            )
            widths = attributes_of(cell).get("colwidth")
            for offset, width in enumerate(widths if isinstance(widths, list) else []):
                if width:
                    pixels.setdefault(column + offset, width)
            if colspan == 1:
                alone.setdefault(column, []).append((plain_text(cell), cell["type"] == "table_header"))
            column += colspan
        columns = max(columns, column)
    if not pixels:
        return shares_of(alone, columns=columns)
    average = sum(pixels.values()) / len(pixels)
    return tuple(float(pixels.get(column, average)) for column in range(columns))


def _without_empty_ends(blocks: list[Block]) -> list[Block]:
    while blocks and isinstance(blocks[-1], Paragraph) and not _text(blocks[-1]).strip():
        blocks = blocks[:-1]
    return blocks


def _text(paragraph: Paragraph) -> str:
    return "".join(run.text for run in paragraph.runs)


def _closed(blocks: list[Block]) -> list[Block]:
    """The last paragraph ends in "./." as the official templates do; a table at the end is left alone."""
    if not blocks or not isinstance(blocks[-1], Paragraph) or not blocks[-1].runs:
        return blocks
    last = blocks[-1]
    if _text(last).rstrip().endswith(END_OF_TEXT):
        return blocks
    closing = replace(last.runs[-1], text=last.runs[-1].text.rstrip().rstrip(".;,:") + END_OF_TEXT)
    return [*blocks[:-1], replace(last, runs=(*last.runs[:-1], closing))]
