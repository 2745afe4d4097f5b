from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image

from eoffice.core import files
from eoffice.renditions import pages
from eoffice.renditions.errors import PageNotFound
from eoffice.renditions.inspecting import inspect_pdf
from eoffice.renditions.tests import making

pytestmark = pytest.mark.django_db


def stored(content: bytes) -> str:
    return files.store(content, media_type="application/pdf").sha256


def with_signature_appearance(*, size: tuple[float, float] = (595, 842)) -> bytes:
    """A page that is empty but for the blue appearance of a signed field."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=size)
    drawing = pdf.make_stream(b"0 0 1 rg 0 0 100 50 re f", Subtype=pikepdf.Name.Form, BBox=[0, 0, 100, 50])
    drawing.Type = pikepdf.Name.XObject
    field = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, T="ChuKy1", F=4,
            Rect=[300, 400, 400, 450], AP=pikepdf.Dictionary(N=drawing),
            V=pikepdf.Dictionary(Type=pikepdf.Name.Sig, Filter=pikepdf.Name("/Adobe.PPKLite")),
        )
    )  # fmt: skip
    page.obj.Annots = pikepdf.Array([field])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]), SigFlags=3)
    return making.saved(pdf)


def test_a_page_is_drawn_once_at_a_width_of_the_scale():
    sha256 = stored(making.letter())

    path = pages.page_image(sha256, 0, 1000)
    first = path.stat().st_mtime_ns

    with Image.open(path) as picture:
        assert picture.format == "WEBP"
        assert abs(picture.width - 1200) <= 1
        assert picture.convert("L").getextrema()[0] < 100
    assert pages.page_image(sha256, 0, 1200).stat().st_mtime_ns == first


def test_a_signature_appearance_is_drawn():
    sha256 = stored(with_signature_appearance())

    with Image.open(pages.page_image(sha256, 0, 800)) as picture:
        scale = picture.width / 595
        red, green, blue = picture.convert("RGB").getpixel((int(350 * scale), int((842 - 425) * scale)))

    assert (red < 60, green < 60, blue > 200) == (True, True, True)


def test_a_signed_field_is_named_among_the_facts(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(with_signature_appearance())

    assert inspect_pdf(path).signed_fields == ("ChuKy1",)


def test_thumbnails_come_in_rows():
    sha256 = stored(making.blank(10))

    first = pages.thumbnail(sha256, 1)

    assert sorted(path.name for path in first.parent.iterdir()) == sorted(f"160-{n}.webp" for n in range(8))
    assert pages.thumbnail(sha256, 9).exists()


def test_a_huge_page_is_drawn_within_the_limit_of_pixels():
    sha256 = stored(with_signature_appearance(size=(14_000, 14_000)))

    with Image.open(pages.page_image(sha256, 0, 99_999)) as picture:
        assert picture.width * picture.height <= pages.MAX_PIXELS * 1.01


@pytest.mark.parametrize("page", [-1, 2, 999])
def test_a_page_that_is_not_there_is_not_found(page):
    sha256 = stored(making.blank(2))

    with pytest.raises(PageNotFound):
        pages.page_image(sha256, page, 800)


def test_a_file_that_is_not_stored_has_no_pages():
    with pytest.raises(PageNotFound):
        pages.page_image("f" * 64, 0, 800)


def test_a_forgotten_cache_is_drawn_again():
    sha256 = stored(making.blank(3))
    path = pages.thumbnail(sha256, 0)

    pages.forget(sha256)

    assert not path.exists()
    assert pages.thumbnail(sha256, 0) == path
    assert path.exists()


def test_text_that_is_only_in_an_appearance_is_read(tmp_path):
    pdf = pikepdf.open(io.BytesIO(making.blank(1)))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    drawing = pdf.make_stream(
        b"BT /F 12 Tf 2 4 Td (11410) Tj ET",
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 60, 20],
        Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font)),
    )  # fmt: skip
    pdf.pages[0].obj.Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4, Rect=[100, 700, 160, 720],
                AP=pikepdf.Dictionary(N=drawing),
            )
        ]
    )  # fmt: skip
    path = tmp_path / "a.pdf"
    path.write_bytes(making.saved(pdf))

    assert [text.strip() for text in pages.texts_of(path)] == ["11410"]


@pytest.mark.skipif(not making.SAMPLES.is_dir(), reason="real letters are not beside the project")
def test_the_number_and_date_of_a_ministry_letter_are_read_from_its_signature_fields():
    first = pages.texts_of(making.SAMPLES / "bo-xay-dung-11410-cong-van-2026-ky-so.pdf")[0]

    assert "11410" in first
    assert "23" in first
