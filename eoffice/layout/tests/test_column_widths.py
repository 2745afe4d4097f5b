"""Columns as wide as what stands in them: numbers whole, long text with most of the room, a hand's widths kept."""

from __future__ import annotations

from typing import Any

from eoffice.layout.column_widths import shares_of
from eoffice.layout.flow import Table, blocks_of
from eoffice.layout.letters import render_letter
from eoffice.layout.tests.factories import body, letter, page_text, text

HEAD = ["STT", "Đơn vị", "Nội dung thực hiện", "Kinh phí (đồng)", "Hạn"]
ROWS = [
    [
        "1", "Ban Công nghệ",
        "Rà soát toàn bộ hạ tầng mạng lõi, lập phương án mở rộng dung lượng và báo cáo Tổng Giám đốc xem xét",
        "12.345.678.900", "30/11/2026",
    ],
    ["2", "Văn phòng", "Tổng hợp, trình ký", "950.000.000", "05/12/2026"],
]  # fmt: skip


def cell(words: str, kind: str = "table_cell", **attributes: Any) -> dict[str, object]:
    return {"type": kind, "attrs": attributes, "content": [text(words)]}


def table(*, head: bool = True, **attributes: Any) -> dict[str, object]:
    rows = [[cell(words, "table_header") for words in HEAD]] if head else []
    rows += [[cell(words, **attributes) for words in row] for row in ROWS]
    return {"type": "table", "content": [{"type": "table_row", "content": row} for row in rows]}


def widths_of(node: dict[str, object]) -> tuple[float, ...]:
    (block,) = [each for each in blocks_of(body(node)) if isinstance(each, Table)]
    return block.widths


def test_short_columns_stay_short_and_the_text_gets_most() -> None:
    widths = widths_of(table())
    share = [width / sum(widths) for width in widths]

    assert share[0] < 0.1
    assert share[2] == max(share)
    assert share[2] > 0.3
    assert widths[3] >= len("12.345.678.900")
    assert widths[4] >= len("30/11/2026")


def test_numbers_of_a_large_table_are_not_broken_on_the_page() -> None:
    words = page_text(render_letter(letter(body=body(table()))).pdf)

    for row in ROWS:
        assert row[3] in words
        assert row[4] in words


def test_widths_set_by_hand_are_kept() -> None:
    widths = widths_of(table(head=False, colwidth=[120]))

    assert widths == (120.0,) * 5


def test_more_words_than_room_shrink_alike() -> None:
    long = "n" * 40

    assert shares_of({0: [(long, False)], 1: [(long, False)]}, columns=2) == (42.0, 42.0)


def test_columns_without_a_cell_of_their_own_have_some_width() -> None:
    assert min(shares_of({}, columns=3)) > 0
