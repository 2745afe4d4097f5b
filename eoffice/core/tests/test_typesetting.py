"""What the fonts of the house can show, and what is done with the rest."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium

from eoffice.core.typesetting import MISSING, typeset, typeset_with_places, unprintable

LINE = """#let data = json(bytes(sys.inputs.data))
#set text(font: "Tinos", fallback: false)
#context [#metadata((name: "line", page: here().page()))<place>]#data.words"""


def _template(folder: Path) -> Path:
    template = folder / "line.typ"
    template.write_text(LINE)
    return template


def test_vietnamese_and_the_signs_of_letters_are_printable() -> None:
    assert unprintable("Ắ ằ ẵ ệ ỗ ợ ữ ỵ Đ đ ₫ – — “ ” ‘ ’ … • ° ± × ≤ ≥ → √ " + MISSING) == frozenset()


def test_foreign_characters_are_named_wherever_they_stand() -> None:
    data = {"a": ["chữ 中", {"b": "😀"}], "c": ("\uf0d8",), "n": 5}

    assert unprintable(data) == {"中", "😀", "\uf0d8"}


def test_invisible_characters_are_no_reason_to_refuse() -> None:
    assert unprintable("a\u200bb\u00adc\u00a0d\ufeff") == frozenset()


def test_missing_characters_are_shown_as_a_box_in_lists(tmp_path: Path) -> None:
    pdf = typeset(_template(tmp_path), {"words": "số 😀 中"})

    assert pdfium.PdfDocument(pdf)[0].get_textpage().get_text_range() == f"số {MISSING} {MISSING}"


def test_places_are_those_of_the_same_document(tmp_path: Path) -> None:
    pdf, places = typeset_with_places(_template(tmp_path), {"words": "một"})

    assert places == [{"name": "line", "page": 1}]
    assert len(pdfium.PdfDocument(pdf)) == 1
