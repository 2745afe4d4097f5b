"""Widths of table columns by what stands in them: no number is broken while there is room, long text gets most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_PAGE_LETTERS: Final = 74.0
"""Letters of 13 points that stand beside each other on a page of A4 within the margins of PL I."""
_PADDING: Final = 2.0
"""Letters' worth of room that a cell's edges take."""
_READS_WELL: Final = 46.0
"""A column of text longer than this wraps anyway; more of it asks for no more width."""
_HEADING: Final = 1.08
"""Bold letters are a little wider."""


def shares_of(cells: Mapping[int, Sequence[tuple[str, bool]]], *, columns: int) -> tuple[float, ...]:
    """The share of the width that each column takes, in letters; their sum is the width of the page.

    `cells` holds, by column, the texts of the cells that stand in that column alone, each with whether it is a header.
    As browsers do it (CSS 2.2, 17.5.2.2): every column gets its longest word, what is left goes by what the texts
    would like to have.
    """
    least = [max([_PADDING + 1, *(_word(*cell) for cell in cells.get(column, ()))]) for column in range(columns)]
    liked = [
        max(least[column], min(_READS_WELL, max([0.0, *(_line(*cell) for cell in cells.get(column, ()))])))
        for column in range(columns)
    ]
    room = _PAGE_LETTERS - sum(least)
    if room <= 0:
        # Even the longest words have no room beside each other: all shrink alike.
        return tuple(least)
    wishes = [like - need for like, need in zip(liked, least, strict=True)]
    wished = sum(wishes)
    if wished >= room:
        return tuple(need + room * wish / wished for need, wish in zip(least, wishes, strict=True))
    # Everything fits on its line: the rest is shared out so that short columns stay short.
    spare = room - wished
    return tuple(like + spare * like / sum(liked) for like in liked)


def _word(text: str, header: bool) -> float:
    return max((len(word) for word in text.split()), default=0) * (_HEADING if header else 1) + _PADDING


def _line(text: str, header: bool) -> float:
    # A heading may wrap between its words: it does not make a column of numbers wide.
    if header:
        return _word(text, header)
    return max((len(line.strip()) for line in text.split("\n")), default=0) + _PADDING
