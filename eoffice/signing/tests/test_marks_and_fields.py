from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from eoffice.core.geometry import Box, LetterPlaces
from eoffice.signing.engine.filling import fill_number_and_date
from eoffice.signing.engine.marks import name_mark, seal_mark
from eoffice.signing.engine.preparing import prepare, seal_box
from eoffice.signing.errors import FieldUnknown, PdfUnreadable, PlacesInvalid, TextDoesNotFit
from eoffice.signing.tests.factories import GROUP, Trip, letter_pdf, letter_places

ACCENTED = (
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ"
)


def picture(pdf: bytes | Path, scale: float = 4) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        drawn: Image.Image = document[0].render(scale=scale, may_draw_forms=True).to_pil()
        return drawn.convert("RGB")


def pixels(image: Image.Image) -> list[tuple[int, int, int]]:
    content = image.tobytes()
    return list(zip(content[0::3], content[1::3], content[2::3], strict=True))


def inked(image: Image.Image) -> int:
    return sum(1 for pixel in pixels(image) if min(pixel) < 128)


def test_seal_is_red_and_of_real_size():
    pdf = seal_mark(GROUP, diameter_mm=36)

    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert float(document.pages[0].mediabox[2]) == pytest.approx(36 * 72 / 25.4, abs=0.1)
    colours = {pixel for pixel in pixels(picture(pdf)) if min(pixel) < 64}
    assert all(red > green and red > blue for red, green, blue in colours)


def test_seal_covers_the_left_third_of_the_signature():
    signature = Box(0, 350, 100, 470, 160)

    box = seal_box(signature)

    assert box.x1 == pytest.approx(350 + 120 / 3)
    assert (box.y0 + box.y1) / 2 == pytest.approx(130)
    assert box.width == pytest.approx(36 * 72 / 25.4)


def test_drawn_signature_is_blue_the_same_each_time_and_another_for_another_name():
    first = name_mark("Trần Quốc Khánh", width=120, height=60)

    assert name_mark("Trần Quốc Khánh", width=120, height=60) == first
    assert name_mark("Lê Minh Đức", width=120, height=60) != first
    assert all(pixel[2] > pixel[0] for pixel in pixels(picture(first)) if min(pixel) < 100)


@pytest.mark.parametrize("letters", [ACCENTED[start : start + 22] for start in range(0, len(ACCENTED), 22)])
def test_every_accented_letter_is_drawn_in_the_date_field(tmp_path: Path, letters: str):
    source, prepared, filled = tmp_path / "s.pdf", tmp_path / "p.pdf", tmp_path / "f.pdf"
    source.write_bytes(letter_pdf(""))
    places = LetterPlaces(
        number=None, date=Box(0, 60, 400, 560, 420), signatures=(Box(0, 60, 60, 160, 100),), seal=None
    )
    prepare(source, prepared, places)
    inks = []
    for letter in letters:
        fill_number_and_date(prepared, filled, "", letter)
        inks.append(inked(picture(filled).crop((60 * 4, (842 - 420) * 4, 560 * 4, (842 - 400) * 4))))

    assert min(inks) > 60


def test_number_and_date_stand_in_their_boxes(trip: Trip):
    box = letter_places().number
    assert box is not None

    with_number, without = picture(trip.numbered), picture(trip.signed[0])
    crop = (int(box.x0 * 4), int((842 - box.y1) * 4), int(box.x1 * 4), int((842 - box.y0) * 4))

    assert inked(with_number.crop(crop)) > inked(without.crop(crop)) + 200


def test_locks_leave_open_what_comes_later(tmp_path: Path):
    source, prepared = tmp_path / "s.pdf", tmp_path / "p.pdf"
    source.write_bytes(letter_pdf())

    prepare(source, prepared, letter_places(2), signer_fields=("ky_1", "ky_2"))

    with pikepdf.open(prepared) as pdf:
        fields = {str(line.T): line for line in pdf.Root.AcroForm.Fields}
        locks = {name: (str(line.Lock.Action), [str(n) for n in line.Lock.get("/Fields", [])])
                 for name, line in fields.items() if "/Lock" in line}  # fmt: skip
    assert locks == {
        "ky_1": ("/Exclude", ["so", "ngay", "dau", "ky_2"]),
        "ky_2": ("/Exclude", ["so", "ngay", "dau"]),
        "dau": ("/All", []),
    }


def test_script_and_planted_fields_are_gone_from_the_prepared_file(tmp_path: Path):
    source, prepared = tmp_path / "s.pdf", tmp_path / "p.pdf"
    with pikepdf.open(io.BytesIO(letter_pdf())) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        planted = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("ten"),
                Rect=pikepdf.Array([100, 500, 300, 520]), F=4, DA=pikepdf.String("/Helv 12 Tf 0 g"),
            )
        )  # fmt: skip
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([planted]))
        pdf.pages[0].Annots = pikepdf.Array([planted])
        pdf.save(source)

    prepare(source, prepared, letter_places())

    with pikepdf.open(prepared) as pdf:
        assert "/OpenAction" not in pdf.Root
        assert sorted(str(line.T) for line in pdf.Root.AcroForm.Fields) == ["dau", "ky_1", "ngay", "so"]


def test_box_off_the_page_is_refused(tmp_path: Path):
    source = tmp_path / "s.pdf"
    source.write_bytes(letter_pdf())
    places = LetterPlaces(number=None, date=None, signatures=(Box(0, 500, 100, 700, 160),), seal=None)

    with pytest.raises(PlacesInvalid):
        prepare(source, tmp_path / "p.pdf", places)


def test_broken_file_is_refused_and_nothing_is_written(tmp_path: Path):
    source, target = tmp_path / "s.pdf", tmp_path / "p.pdf"
    source.write_bytes(b"MZ no pdf at all")

    with pytest.raises(PdfUnreadable):
        prepare(source, target, letter_places())

    assert not target.exists()


def test_number_wider_than_its_box_is_refused(tmp_path: Path, trip: Trip):
    with pytest.raises(TextDoesNotFit):
        fill_number_and_date(trip.signed[0], tmp_path / "x.pdf", "123456789012345", "")


def test_number_of_a_file_without_such_a_field_is_refused(tmp_path: Path):
    source = tmp_path / "s.pdf"
    source.write_bytes(letter_pdf())

    with pytest.raises(FieldUnknown):
        fill_number_and_date(source, tmp_path / "x.pdf", "15", "")
