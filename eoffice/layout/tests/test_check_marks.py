"""The mark of public check: readable by a telephone, never over a word, never on a turned page."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
import zxingcpp

from eoffice.core.geometry import Box
from eoffice.layout.check_marks import MarkPlace, stamp_check_mark
from eoffice.layout.errors import PageUnreadable
from eoffice.layout.letters import render_letter
from eoffice.layout.tests.factories import PARAGRAPH, body, letter, page_text, text

LINK = "https://vanban.truongxuan.example/kt/7KQ2M0ZT9XWA/"


def _marked(pdf: bytes, *, place: MarkPlace = MarkPlace.FIRST_LEFT, taken: tuple[Box, ...] = ()) -> bytes:
    return stamp_check_mark(
        pdf, link=LINK, shown_link="vanban.truongxuan.example/kt", code="7KQ2-M0ZT-9XWA", place=place, taken=taken
    )


def _seen(pdf: bytes, page: int = 0) -> list[tuple[str, float, float]]:
    """What a telephone reads off a page printed at 150 dots an inch, and where (shares of width and height)."""
    picture = pdfium.PdfDocument(pdf)[page].render(scale=150 / 72).to_pil()
    return [
        (found.text, found.position.top_left.x / picture.width, found.position.top_left.y / picture.height)
        for found in zxingcpp.read_barcodes(picture)
    ]


def _long_letter() -> bytes:
    return render_letter(letter(body=body(*[text(PARAGRAPH)] * 30))).pdf


def test_telephone_reads_the_link_off_the_lower_left_corner() -> None:
    [(text, x, y)] = _seen(_marked(render_letter(letter()).pdf))

    assert text == LINK
    assert x < 0.15
    assert y > 0.93


@pytest.mark.parametrize(
    ("place", "page", "is_left"),
    [
        (MarkPlace.FIRST_RIGHT, 0, False),
        (MarkPlace.LAST_LEFT, -1, True),
        (MarkPlace.LAST_RIGHT, -1, False),
    ],
)
def test_mark_stands_where_the_office_wants_it(place: MarkPlace, page: int, is_left: bool) -> None:
    marked = _marked(_long_letter(), place=place)

    pages = len(pdfium.PdfDocument(marked))
    where = page % pages
    assert pages > 1
    assert [len(_seen(marked, each)) for each in range(pages)] == [int(each == where) for each in range(pages)]
    assert (_seen(marked, where)[0][1] < 0.3) is is_left


def test_code_and_address_stand_in_words_beside_the_picture() -> None:
    shown = page_text(_marked(render_letter(letter()).pdf))

    assert "vanban.truongxuan.example/kt" in shown
    assert "7KQ2-M0ZT-9XWA" in shown
    assert "Kiểm tra văn bản tại" in shown


def test_page_without_mark_stays_byte_for_byte() -> None:
    drawn = render_letter(letter()).pdf

    assert _marked(drawn, place=MarkPlace.NOWHERE) == drawn


def test_mark_moves_to_the_other_corner_where_a_signature_stands() -> None:
    [(_, x, _y)] = _seen(_marked(render_letter(letter()).pdf, taken=(Box(0, 20, 10, 120, 60),)))

    assert x > 0.5


def test_mark_never_covers_a_word() -> None:
    drawn = _foot_note(render_letter(letter()).pdf, x=40, y=30, words="Ghi chu o le duoi ben trai")

    marked = _marked(drawn)

    [(_, x, _y)] = _seen(marked)
    assert x > 0.5
    assert "Ghi chu o le duoi ben trai" in page_text(marked)


def test_page_turned_by_a_flag_or_full_gets_no_mark() -> None:
    with pikepdf.open(io.BytesIO(render_letter(letter()).pdf)) as paper:
        for page in paper.pages:
            page.obj.Rotate = 90
        buffer = io.BytesIO()
        paper.save(buffer)
    turned = buffer.getvalue()
    full = render_letter(letter()).pdf
    both = (Box(0, 0, 0, 600, 80),)

    assert _marked(turned) == turned
    assert _marked(full, taken=both) == full


def test_marked_page_keeps_claiming_pdf_a_with_embedded_fonts(tmp_path: Path) -> None:
    path = tmp_path / "marked.pdf"
    path.write_bytes(_marked(render_letter(letter()).pdf))

    with pikepdf.open(path) as paper:
        assert b"pdfaid" in paper.Root.Metadata.read_bytes()
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts)


def test_what_is_no_pdf_is_told() -> None:
    with pytest.raises(PageUnreadable):
        _marked(b"khong phai pdf")


def _foot_note(pdf: bytes, *, x: int, y: int, words: str) -> bytes:
    """The paper with a line of its own in the lower margin, as some offices have on their letterhead."""
    with pikepdf.open(io.BytesIO(pdf)) as paper:
        page = paper.pages[0]
        font = paper.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        page.add_resource(font, pikepdf.Name.Font, pikepdf.Name("/Foot"))
        page.contents_add(f"\nq BT /Foot 9 Tf {x} {y} Td ({words}) Tj ET Q".encode())
        buffer = io.BytesIO()
        paper.save(buffer)
        return buffer.getvalue()
