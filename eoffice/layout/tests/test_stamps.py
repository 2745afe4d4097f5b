"""Marks on copies: where they lie, what they say, and that the original stays as it was."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops, ImageStat

from eoffice.core.geometry import Box
from eoffice.layout.errors import NoFreeSpace, PageUnreadable
from eoffice.layout.letters import render_letter
from eoffice.layout.pages import read_pages
from eoffice.layout.stamps import find_free_space, stamp_arrival, stamp_conversion_footer, watermark, watermark_image
from eoffice.layout.tests.factories import PARAGRAPH, POINTS_PER_MM, body, letter, page_text, text, written

ARRIVED = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples" / "letters"
needs_samples = pytest.mark.skipif(
    not (SAMPLES / "truth.json").exists(), reason="the folder of real letters (samples/letters) is not on this machine"
)


def _stamped(pdf: bytes, **changes: object) -> bytes:
    fields: dict[str, object] = {
        "organization": "Tập đoàn Hạ tầng số Trường Xuân",
        "number": "1523",
        "arrived_at": ARRIVED,
        "forwarded_to": "Ban Kỹ thuật",
    }
    return stamp_arrival(pdf, **{**fields, **changes})  # type: ignore[arg-type]  # fields of the call under test


def test_stamp_says_who_received_what_and_when_in_vietnamese_time() -> None:
    shown = page_text(_stamped(render_letter(letter()).pdf))

    for words in ("ĐẾN", "1523", "21/11/2026", "Ban Kỹ thuật", "Số và ký hiệu HS:"):
        assert words in shown


def test_stamp_of_an_urgent_letter_shows_the_hour() -> None:
    assert "01:30, 21/11/2026" in page_text(_stamped(render_letter(letter()).pdf, with_hour=True))


def test_stamp_lies_on_blank_paper() -> None:
    drawn = render_letter(letter()).pdf

    place = find_free_space(drawn)

    assert (place.width, place.height) == pytest.approx((50 * POINTS_PER_MM, 35 * POINTS_PER_MM))
    overlapped = [
        each
        for each in written(drawn)
        if each.x0 < place.x1 and each.x1 > place.x0 and each.y0 < place.y1 and each.y1 > place.y0
    ]
    assert overlapped == []


def test_stamp_is_put_where_the_clerk_wants_it() -> None:
    place = Box(0, 300, 100, 300 + 50 * POINTS_PER_MM, 100 + 35 * POINTS_PER_MM)

    words = read_pages(_stamped(render_letter(letter()).pdf, box=place))[0].words

    number = next(word for word in words if word.text == "1523")
    assert place.x0 < number.x0 < number.x1 < place.x1
    assert place.y0 < number.y0 < number.y1 < place.y1


def test_full_page_has_no_space() -> None:
    drawn = render_letter(letter(body=body(*[text(PARAGRAPH)] * 12))).pdf

    with pytest.raises(NoFreeSpace):
        find_free_space(drawn, width_mm=180, height_mm=120)


def test_stamp_is_red() -> None:
    place = Box(0, 300, 100, 300 + 50 * POINTS_PER_MM, 100 + 35 * POINTS_PER_MM)

    picture = pdfium.PdfDocument(_stamped(render_letter(letter()).pdf, box=place))[0].render(scale=2).to_pil()

    high = picture.size[1]
    cut = picture.convert("RGB").crop((600, high - 2 * 200, 884, high - 2 * 99))
    inks = {pixel for _count, pixel in cut.getcolors(100_000) or [] if sum(pixel) < 450}
    assert inks
    assert all(red > 120 > green for red, green, _blue in inks)


def test_original_bytes_are_not_touched() -> None:
    drawn = render_letter(letter()).pdf
    before = bytes(drawn)

    copy = _stamped(drawn)

    assert drawn == before
    assert copy != before


@needs_samples
def test_copy_of_a_signed_letter_shows_the_marks_and_claims_no_signature() -> None:
    original = (SAMPLES / "bo-xay-dung-11410-cong-van-2026-ky-so.pdf").read_bytes()

    copy = _stamped(original)

    with pikepdf.open(io.BytesIO(copy)) as pdf:
        assert "/AcroForm" not in pdf.Root
    assert "11410" in page_text(copy)


def _turned(pdf: bytes, degrees: int) -> bytes:
    """The same page turned by a flag, as scanners do, with a corner that is not (0, 0)."""
    with pikepdf.open(io.BytesIO(pdf)) as turned:
        page = turned.pages[0]
        page.mediabox = pikepdf.Array([10, 20, *(float(value) for value in page.mediabox[2:])])
        page.rotate(degrees, relative=False)
        buffer = io.BytesIO()
        turned.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_stamp_stands_upright_where_it_is_wanted_on_a_turned_page(degrees: int) -> None:
    turned = _turned(render_letter(letter()).pdf, degrees)
    place = Box(0, 120, 150, 120 + 50 * POINTS_PER_MM, 150 + 35 * POINTS_PER_MM)

    copy = _stamped(turned, box=place)

    seen, before = pdfium.PdfDocument(copy)[0], pdfium.PdfDocument(turned)[0]
    number = next(word for word in read_pages(copy)[0].words if word.text == "1523")
    assert seen.get_size() == pytest.approx(before.get_size(), abs=0.1)
    assert place.x0 < number.x0 < number.x1 < place.x1
    assert place.y0 < number.y0 < number.y1 < place.y1
    outside = (0, 0, 100, int(seen.get_height()))
    assert _difference(seen, before, outside) < 3


def _difference(one: pdfium.PdfPage, other: pdfium.PdfPage, area: tuple[int, int, int, int]) -> float:
    """Mean difference of two pictures in `area`, of 255."""
    first, second = (page.render(scale=1, grayscale=True).to_pil().convert("L").crop(area) for page in (one, other))
    return float(ImageStat.Stat(ImageChops.difference(first, second)).mean[0])


def test_footer_stands_at_the_foot_of_every_page() -> None:
    lines = ["Bản in từ hệ thống của Tập đoàn lúc 09:00 ngày 20/11/2026", "Tra cứu: mã TXG-2026-0001"]

    copy = stamp_conversion_footer(render_letter(letter(body=body(*[text(PARAGRAPH)] * 14))).pdf, lines)

    for page in (0, 1):
        found = [each for each in written(copy, page) if "TXG-2026-0001" in each.text or "Bản in từ" in each.text]
        assert len(found) == 2
        assert all(each.y1 < 20 * POINTS_PER_MM for each in found)


def test_watermarked_copy_is_pictures_without_text() -> None:
    drawn = render_letter(letter(body=body(*[text(PARAGRAPH)] * 14))).pdf

    copy = watermark(drawn, "DỰ THẢO")

    document = pdfium.PdfDocument(copy)
    assert len(document) == 2
    assert page_text(copy) == ""
    assert document[0].get_size() == pytest.approx((595, 842), abs=1.5)


def test_watermarked_picture_keeps_its_size_and_changes_its_ink() -> None:
    plain = Image.new("RGB", (600, 800), "white")
    buffer = io.BytesIO()
    plain.save(buffer, "PNG")

    marked = Image.open(io.BytesIO(watermark_image(buffer.getvalue(), "DỰ THẢO")))

    assert marked.size == plain.size
    assert len(marked.getcolors(100_000) or []) > 10


def test_broken_file_is_refused() -> None:
    with pytest.raises(PageUnreadable):
        stamp_conversion_footer(b"%PDF-1.7 broken", ["x"])
    with pytest.raises(PageUnreadable):
        _stamped(b"not a pdf")
