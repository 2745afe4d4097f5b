"""Words at the upper right of a separate annex, on pages of every kind, and what earlier signatures allow."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageFont
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from eoffice.core import files
from eoffice.core.typesetting import FONTS_DIR
from eoffice.signing.engine.signing import _CachedKeySigner, sign_pdf
from eoffice.signing.engine.text_marks import (
    ANNEX_HEIGHT_PT,
    ANNEX_WIDTH_PT,
    Corner,
    annex_words,
    corner_of,
    prepare_for_seal,
    text_mark,
)
from eoffice.signing.engine.verdicts import Word
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.errors import AnnexLocked, PdfUnreadable, PlacesInvalid
from eoffice.signing.services import plan_annex, prepare_annex
from eoffice.signing.tests.factories import NOW, Pki, letter_pdf, store_pdf

_SCALE: Final = 3.0
_AT: Final = datetime(2020, 1, 5, 7, 30, 15, tzinfo=UTC)


def page(size: tuple[float, float] = (595, 842), *, turn: int = 0, crop: list[float] | None = None) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=size)
    pdf.pages[0].obj.Rotate = turn
    if crop:
        pdf.pages[0].cropbox = pikepdf.Array(crop)
    made = io.BytesIO()
    pdf.save(made)
    return made.getvalue()


def shown(path: Path) -> Image.Image:
    with pypdfium2.PdfDocument(path) as document:
        document.init_forms()
        drawn: Image.Image = document[0].render(scale=_SCALE, may_draw_forms=True).to_pil()
        return drawn.convert("L")


def marked(directory: Path, pki: Pki, content: bytes) -> tuple[Image.Image, Corner]:
    source, prepared, signed = (directory / name for name in ("annex.pdf", "prepared.pdf", "signed.pdf"))
    source.write_bytes(content)
    corner = corner_of(source, width=ANNEX_WIDTH_PT, height=ANNEX_HEIGHT_PT)
    field = prepare_for_seal(source, prepared, corner.box, "dau_7_1")
    mark = directory / "mark.pdf"
    mark.write_bytes(text_mark([annex_words("15/QĐ-BNV", _AT)], corner))
    sign_pdf(prepared, signed, key=pki.key("TẬP ĐOÀN"), field=field, mark=mark, now=NOW)
    assert verify_files([signed], pki.trust(), NOW)[0].verdict is Word.VALID
    return shown(signed), corner


def corner_picture(picture: Image.Image, corner: Corner) -> Image.Image:
    """What stands in the corner, as it is seen; its right upper end is that of the words on every page."""
    right, top = (corner.left + corner.width) * _SCALE, corner.top * _SCALE
    return picture.crop((round(right - 282 * _SCALE), round(top), round(right), round(top + 26 * _SCALE)))


def inked(picture: Image.Image) -> int:
    return sum(picture.histogram()[:128])


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Image.Image:
    """The words as they stand on a plain page."""
    return corner_picture(*marked(tmp_path_factory.mktemp("upright"), pki, page()))


def test_words_are_those_of_the_decree() -> None:
    assert annex_words("15/QĐ-BNV", _AT) == "Số: 15/QĐ-BNV; 05/01/2020; 14:30:15 +07:00"


@pytest.mark.parametrize(
    ("size", "turn", "crop"),
    [
        ((595, 842), 90, None),
        ((842, 595), 180, None),
        ((595, 842), 270, None),
        ((842, 595), 0, None),
        ((595, 842), 0, [50, 60, 500, 700]),
        ((595, 842), 90, [50, 60, 500, 700]),
        ((595, 842), 270, [500, 700, 50, 60]),
    ],
)
def test_words_stand_upright_at_the_upper_right_of_the_page_as_shown(
    tmp_path: Path, pki: Pki, upright: Image.Image, size: tuple[float, float], turn: int, crop: list[float] | None
) -> None:
    picture, corner = marked(tmp_path, pki, page(size, turn=turn, crop=crop))

    found = corner_picture(picture, corner)
    box = ImageChops.invert(picture).point(lambda ink: 255 * (ink > 128)).getbbox()
    assert box is not None
    real = ImageFont.truetype(str(FONTS_DIR / "Tinos-Regular.ttf"), 100).getlength(annex_words("15/QĐ-BNV", _AT)) / 10
    assert (box[2] - box[0]) / _SCALE == pytest.approx(real, abs=2)  # 10 points, not shrunk into its box
    assert (picture.width - box[2]) / _SCALE == pytest.approx(14, abs=2)
    assert inked(found) == inked(picture) > 500  # all of it, nowhere else
    assert inked(found) == pytest.approx(inked(upright), rel=0.1)
    # The same words, the same way up: what differs is the smoothing of edges.
    difference = ImageChops.difference(found.resize((141, 13)), upright.resize((141, 13)))
    assert sum(difference.histogram()[128:]) < 12


def test_a_page_narrower_than_the_words_breaks_them_and_a_tiny_one_is_refused(tmp_path: Path, pki: Pki) -> None:
    picture, corner = marked(tmp_path, pki, page((230, 320)))
    assert corner.width == pytest.approx(202)
    assert inked(picture) > 500

    (tmp_path / "tiny.pdf").write_bytes(page((120, 120)))
    with pytest.raises(PlacesInvalid):
        corner_of(tmp_path / "tiny.pdf", width=ANNEX_WIDTH_PT, height=ANNEX_HEIGHT_PT)


def signed_elsewhere(pki: Pki, certify: MDPPerm | None = None) -> bytes:
    """A page another program signed, certified with a permission where one is given."""
    metadata = PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", certify=certify is not None,
        docmdp_permissions=certify or MDPPerm.FILL_FORMS,
    )  # fmt: skip
    signer: signers.Signer = _CachedKeySigner(pki.key("Đối tác"))
    made = io.BytesIO()
    PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(letter_pdf())), output=made)
    return made.getvalue()


@pytest.mark.django_db
def test_an_annex_signed_elsewhere_is_only_added_to(tmp_path: Path, pki: Pki) -> None:
    came = signed_elsewhere(pki)
    stored = store_pdf(came)

    plan = plan_annex(sha256=stored.pk, now=NOW)
    assert (plan.is_signed, plan.untouched) == (True, "")
    sha256, field = prepare_annex(source_sha=stored.pk, corner=plan.corner, field="dau_7_1")
    mark, signed = tmp_path / "mark.pdf", tmp_path / "signed.pdf"
    mark.write_bytes(text_mark([annex_words("15/QĐ-BNV", NOW)], plan.corner))
    sign_pdf(files.path_of(sha256), signed, key=pki.key("TẬP ĐOÀN"), field=field, mark=mark, now=NOW)

    assert signed.read_bytes().startswith(came)
    verdict = verify_files([signed], pki.trust(), NOW)[0]
    assert [line.verdict for line in verdict.signatures] == [Word.VALID, Word.VALID]
    again = corner_of(signed, width=ANNEX_WIDTH_PT, height=ANNEX_HEIGHT_PT)  # a third body signs below
    assert again.top >= plan.corner.top + plan.corner.height


@pytest.mark.django_db
def test_an_annex_certified_against_changes_stays_as_it_came(pki: Pki) -> None:
    stored = store_pdf(signed_elsewhere(pki, MDPPerm.NO_CHANGES))

    assert "không cho ký thêm" in plan_annex(sha256=stored.pk, now=NOW).untouched


@pytest.mark.django_db
def test_encrypted_and_damaged_annexes_are_told_apart() -> None:
    for permissions in ("", "mo-tep"):
        made = io.BytesIO()
        pikepdf.open(io.BytesIO(page())).save(made, encryption=pikepdf.Encryption(user=permissions, owner="x", R=6))
        with pytest.raises(AnnexLocked):
            plan_annex(sha256=store_pdf(made.getvalue()).pk, now=NOW)
    with pytest.raises(PdfUnreadable):
        plan_annex(sha256=store_pdf(b"%PDF-1.7\nnothing").pk, now=NOW)
