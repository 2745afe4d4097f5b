"""Folding, tone style and order of Vietnamese text."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from eoffice.core import vietnamese


def test_both_tone_styles_become_one() -> None:
    assert vietnamese.one_tone_style("hoà thuỷ khoẻ") == vietnamese.one_tone_style("hòa thủy khỏe")


def test_tone_of_closed_syllables_and_qu_stays() -> None:
    assert vietnamese.one_tone_style("quý toàn hoạt quỳnh") == "quý toàn hoạt quỳnh"


def test_fold_drops_every_mark() -> None:
    assert vietnamese.fold("  Đặng   Thuỳ\tƯỚC ") == "dang thuy uoc"


def test_words_sort_as_in_the_dictionary() -> None:
    words = ["Đặng", "Ân", "An", "Ăn", "Uyên", "Dũng", "Ánh"]

    assert sorted(words, key=vietnamese.sort_key) == ["An", "Ánh", "Ăn", "Ân", "Dũng", "Đặng", "Uyên"]


def test_persons_sort_by_given_name() -> None:
    names = ["Trần Văn Bình", "Nguyễn Thị An", "Lê Văn An"]

    assert sorted(names, key=vietnamese.given_name_key) == ["Lê Văn An", "Nguyễn Thị An", "Trần Văn Bình"]


def test_tidy_puts_pasted_text_on_one_line() -> None:
    assert vietnamese.tidy("V/v\r\n  kế\u200b hoạch\x00 ") == "V/v kế hoạch"


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = vietnamese.fold(text)

    assert vietnamese.fold(once) == once


@given(st.text(alphabet="aăâeêioôơuưyđhtqn ắằẳẵặốồổỗộ", max_size=40))
def test_decomposed_input_folds_and_sorts_like_composed(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)

    assert vietnamese.fold(decomposed) == vietnamese.fold(text)
    assert vietnamese.sort_key(decomposed) == vietnamese.sort_key(text)
