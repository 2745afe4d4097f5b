"""The closed schema of the body: what is cleaned, what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from eoffice.layout.errors import BodyInvalid
from eoffice.layout.schema import check_body, empty_body, plain_text


def doc(*blocks: object) -> dict[str, object]:
    return {"type": "doc", "content": list(blocks)}


def paragraph(text: str, **attributes: object) -> dict[str, object]:
    return {"type": "paragraph", "attrs": attributes, "content": [{"type": "text", "text": text}]}


def cell(text: str, **attributes: object) -> dict[str, object]:
    return {"type": "table_cell", "attrs": attributes, "content": [paragraph(text)]}


def test_example_of_the_readme_is_accepted_unchanged() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    example = json.loads(re.search(r"```json\n(.*?)```", readme, re.S).group(1))  # type: ignore[union-attr]  # present, or fail

    assert check_body(example) == example


def test_empty_body_is_valid() -> None:
    assert check_body(empty_body()) == empty_body()


def test_missing_attributes_get_their_defaults() -> None:
    assert check_body(doc({"type": "paragraph"})) == empty_body()


def test_text_is_stored_composed_and_empty_text_is_dropped() -> None:
    body = check_body(
        doc({"type": "paragraph", "content": [{"type": "text", "text": "Ho\u0300a"}, {"type": "text", "text": ""}]})
    )

    assert body["content"][0]["content"] == [{"type": "text", "text": "Hòa"}]  # type: ignore[index]  # checked shape


def test_marks_are_stored_once_in_one_order() -> None:
    marked = {"type": "text", "text": "a", "marks": [{"type": "em"}, {"type": "strong"}, {"type": "em"}]}

    body = check_body(doc({"type": "paragraph", "content": [marked]}))

    assert body["content"][0]["content"][0]["marks"] == [{"type": "strong"}, {"type": "em"}]  # type: ignore[index]  # checked shape


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"type": "doc"},
        {"type": "doc", "content": []},
        doc({"type": "image", "attrs": {"src": "x"}}),
        doc({"type": "text", "text": "loose"}),
        doc({"type": "paragraph", "attrs": {"align": "middle"}}),
        doc({"type": "paragraph", "attrs": {"style": "color:red"}}),
        doc({"type": "heading", "attrs": {"level": 5}}),
        doc({"type": "heading", "attrs": {"level": True}}),
        doc({"type": "paragraph", "content": [{"type": "text", "text": "x", "marks": [{"type": "link"}]}]}),
        doc({"type": "paragraph", "content": [{"type": "text", "text": 5}]}),
        doc({"type": "ordered_list", "attrs": {"kind": "latin"}, "content": []}),
        doc({"type": "bullet_list", "content": [{"type": "list_item", "content": []}]}),
        doc({"type": "bullet_list", "content": [{"type": "list_item", "content": [{"type": "bullet_list"}]}]}),
        doc({"type": "table", "content": [{"type": "table_row", "content": []}]}),
        doc(
            {
                "type": "table",
                "content": [
                    {"type": "table_row", "content": [cell("a"), cell("b")]},
                    {"type": "table_row", "content": [cell("c")]},
                ],
            }
        ),
        doc({"type": "table", "content": [{"type": "table_row", "content": [cell("a", rowspan=2)]}]}),
        doc({"type": "table", "content": [{"type": "table_row", "content": [cell("a", colspan=2, colwidth=[1])]}]}),
    ],
)
def test_what_the_schema_does_not_know_is_refused(body: object) -> None:
    with pytest.raises(BodyInvalid):
        check_body(body)


def test_spans_that_fill_the_grid_are_accepted() -> None:
    table = {
        "type": "table",
        "content": [
            {"type": "table_row", "content": [cell("a", rowspan=2), cell("b", colspan=2)]},
            {"type": "table_row", "content": [cell("c"), cell("d")]},
        ],
    }

    assert plain_text(check_body(doc(table))) == "a\nb\nc\nd"


def test_endless_nesting_is_refused() -> None:
    node: dict[str, object] = paragraph("x")
    for _ in range(40):
        node = {"type": "bullet_list", "content": [{"type": "list_item", "content": [paragraph("x"), node]}]}

    with pytest.raises(BodyInvalid):
        check_body(doc(node))


def test_bullets_pasted_from_word_become_plain_signs() -> None:
    body = check_body(doc({"type": "paragraph", "content": [{"type": "text", "text": "\uf0b7 mục"}]}))

    assert plain_text(body) == "• mục"
