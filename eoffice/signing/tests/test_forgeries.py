"""Forgeries from the literature, each file made here: none of them may ever be called valid.

Universal forgery, incremental saving, signature wrapping (Mladenov and others, "1 Trillion Dollar Refund", 2019);
shadow attacks hide, replace, hide-and-replace (Mainka and others, "Shadow Attacks", 2021); evil annotations and
fields (Rohlmann and others, "Breaking the Specification", 2021).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from eoffice.signing.engine.examining import ExaminedFile
from eoffice.signing.engine.looking import look_after
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.signing import sign_pdf
from eoffice.signing.engine.verdicts import TrustAnchors, Verdict, Word
from eoffice.signing.engine.verifying import verify_file
from eoffice.signing.tests.factories import NOW, Pki, Trip, letter_pdf, letter_places

Writer = IncrementalPdfFileWriter


def judged(path: Path, pki: Pki) -> Verdict:
    return verify_file(path, pki.trust(), NOW)


def assert_not_valid(path: Path, pki: Pki) -> Verdict:
    verdict = judged(path, pki)
    assert verdict.verdict is not Word.VALID
    assert not any(line.verdict is Word.VALID for line in verdict.signatures)
    return verdict


def updated(source: Path, target: Path, change: Callable[[Writer], None]) -> Path:
    """`source` with one well-formed incremental update."""
    with source.open("rb") as original, target.open("wb") as output:
        writer = Writer(original)
        change(writer)
        writer.write(output)
    return target


def page_of(writer: Writer) -> generic.DictionaryObject:
    page: generic.DictionaryObject = writer.root["/Pages"]["/Kids"][0].get_object()
    return page


def stream(content: bytes, **entries: generic.PdfObject) -> generic.StreamObject:
    return generic.StreamObject({pdf_name(f"/{name}"): value for name, value in entries.items()}, stream_data=content)


_COVER = b"q 1 1 1 rg 60 300 480 400 re f 0 g BT /F1 14 Tf 80 500 Td (Chi tra 9 000 000 000 dong) Tj ET Q"


# Universal forgery: the signature is there, but what it needs is not.
@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        (rb"/ByteRange\s*\[[^\]]*\]", lambda found: b" " * len(found)),
        (rb"/ByteRange\s*\[[^\]]*\]", lambda found: b"/ByteRange null".ljust(len(found))),
        (rb"/ByteRange\s*\[[^\]]*\]", lambda found: b"/ByteRange []".ljust(len(found))),
        (rb"/ByteRange\s*\[[^\]]*\]", lambda found: b"/ByteRange [0 0 0 0]".ljust(len(found))),
        (rb"/ByteRange\s*\[[^\]]*\]", lambda found: b"/ByteRange [0 -1 -1 0]".ljust(len(found))),
        (rb"/ByteRange\s*\[[^\]]*\]", lambda found: b"/ByteRange [0 9 (a) 9]".ljust(len(found))),
        (rb"/Contents\s*<[0-9a-fA-F]*>", lambda found: b"/Contents <>".ljust(len(found))),
        (rb"/Contents\s*<[0-9a-fA-F]*>", lambda found: b"/Contents null".ljust(len(found))),
        (rb"/Contents\s*<[0-9a-fA-F]*>", lambda found: b"/Contents <" + b"0" * (len(found) - 12) + b">"),
        (rb"/Contents\s*<[0-9a-fA-F]*>", lambda found: b" " * len(found)),
        (rb"/Contents\s*<[0-9a-fA-F]*>", lambda found: b"/Contents <3080".ljust(len(found) - 1, b"0") + b">"),
        (rb"/SubFilter\s*/[\w.]+", lambda found: b" " * len(found)),
        (rb"/Filter\s*/Adobe\.PPKLite", lambda found: b"/Filter /Other.Handlr"[: len(found)].ljust(len(found))),
    ],
)  # fmt: skip
def test_signature_with_empty_or_broken_parts(
    tmp_path: Path, trip: Trip, pki: Pki, pattern: bytes, by: Callable[[bytes], bytes]
):
    content = trip.signed[0].read_bytes()
    found = list(re.finditer(pattern, content))
    assert found, pattern
    last = found[-1]
    forged = tmp_path / "x.pdf"
    forged.write_bytes(content[: last.start()] + by(last[0]) + content[last.end() :])

    verdict = assert_not_valid(forged, pki)
    assert len(verdict.signatures) == 1, "a broken signature is named, not dropped"


# Incremental saving: something is added after the end, well-formed or not.
def test_page_content_replaced_by_an_update(tmp_path: Path, trip: Trip, pki: Pki):
    def forge(writer: Writer) -> None:
        page = page_of(writer)
        page[pdf_name("/Contents")] = writer.add_object(stream(_COVER))
        writer.update_container(page)

    assert assert_not_valid(updated(trip.sealed, tmp_path / "x.pdf", forge), pki).verdict is Word.INVALID


def test_page_added_by_an_update(tmp_path: Path, trip: Trip, pki: Pki):
    def forge(writer: Writer) -> None:
        tree = writer.root["/Pages"]
        page = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/Parent"): writer.root.raw_get("/Pages"),
                pdf_name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
                pdf_name("/Contents"): writer.add_object(stream(_COVER)),
                pdf_name("/Resources"): generic.DictionaryObject(),
            }
        )
        tree["/Kids"].append(writer.add_object(page))
        tree[pdf_name("/Count")] = generic.NumberObject(2)
        writer.update_container(tree)

    assert assert_not_valid(updated(trip.sealed, tmp_path / "x.pdf", forge), pki).verdict is Word.INVALID


@pytest.mark.parametrize(
    "tail",
    [
        b"\n7 0 obj\n<</Length 3>>stream\nq Q\nendstream\nendobj\n",
        b"\n7 0 obj\n<<>>\nendobj\ntrailer\n<</Root 1 0 R>>\n",
        b"\n7 0 obj\n<<>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n",
        b"\nxref\n0 0\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n",
        b"\n%%EOF\n",
    ],
)
def test_objects_appended_without_a_table(tmp_path: Path, trip: Trip, pki: Pki, tail: bytes):
    forged = tmp_path / "x.pdf"
    forged.write_bytes(trip.sealed.read_bytes() + tail)

    assert_not_valid(forged, pki)


# Signature wrapping: the signed bytes are moved, other content takes their place.
def test_signed_bytes_moved_behind_other_content(tmp_path: Path, trip: Trip, pki: Pki):
    content = trip.signed[0].read_bytes()
    found = list(re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", content))[-1]
    first, second, last = (int(found[part]) for part in (2, 3, 4))
    moved = second + 4000
    entry = b"/ByteRange [0 %d %d %d]" % (first, moved, last)
    for padded in (entry.ljust(len(found[0])), entry):
        wrapped = content[: found.start()] + padded + content[found.end() : second]
        other = b"\n9 0 obj\n<</Length %d>>stream\n" % len(_COVER) + _COVER + b"\nendstream\nendobj\n"
        wrapped = (wrapped + other).ljust(moved) + content[second:]
        forged = tmp_path / "x.pdf"
        forged.write_bytes(wrapped)

        assert_not_valid(forged, pki)


def test_range_that_ends_before_the_revision_does(tmp_path: Path, trip: Trip, pki: Pki):
    content = trip.signed[0].read_bytes()
    found = list(re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", content))[-1]
    entry = b"/ByteRange [0 %s %s %d]" % (found[2], found[3], int(found[4]) - 40)
    forged = tmp_path / "x.pdf"
    forged.write_bytes(content[: found.start()] + entry.ljust(len(found[0])) + content[found.end() :])

    assert_not_valid(forged, pki)


# Shadow attacks: the author prepares the file before it is signed, and turns it afterwards.
def shadowed(tmp_path: Path, pki: Pki, plant: Callable[[pikepdf.Pdf], None]) -> Path:
    """A letter with something planted before the only signature, signed by an honest person."""
    source, prepared, signed = (tmp_path / name for name in ("source.pdf", "prepared.pdf", "signed.pdf"))
    source.write_bytes(letter_pdf())
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        plant(pdf)
        pdf.save(source)
    prepare(source, prepared, letter_places(), signer_fields=("ky_1",))
    sign_pdf(prepared, signed, key=pki.key("Trần Quốc Khánh"), field="ky_1", mark=None, now=NOW)
    return signed


def plant_cover(pdf: pikepdf.Pdf) -> None:
    """An image in white over the text: what lies below is hidden until the image goes."""
    cover = pdf.make_stream(b"\xff", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1, Height=1)
    cover.ColorSpace, cover.BitsPerComponent = pikepdf.Name.DeviceGray, 8
    page = pdf.pages[0]
    page.add_resource(cover, pikepdf.Name.XObject, pikepdf.Name("/Cover"))
    page.contents_add(b"q BT /Hidden 12 Tf ET 480 0 0 200 60 300 cm /Cover Do Q")


def objects_with(writer: Writer, key: str, value: str) -> list[generic.Reference]:
    found = []
    for number in range(1, 400):
        reference = generic.Reference(number, 0, writer.prev)
        try:
            candidate = writer.prev.get_object(reference)
        except PdfReadError:  # a number without an object
            continue
        if isinstance(candidate, generic.DictionaryObject) and str(candidate.get(key, "")) == value:
            found.append(reference)
    return found


def test_shadow_hide_cover_is_taken_away(tmp_path: Path, pki: Pki):
    signed = shadowed(tmp_path, pki, plant_cover)
    assert judged(signed, pki).verdict is Word.VALID

    def forge(writer: Writer) -> None:
        (cover,) = objects_with(writer, "/Subtype", "/Image")
        image = writer.get_object(cover)
        clear = stream(b"\x00", Type=pdf_name("/XObject"), Subtype=pdf_name("/Form"),
                       BBox=generic.ArrayObject(map(generic.NumberObject, (0, 0, 0, 0))))  # fmt: skip
        image.clear()
        image.update(clear)
        image._data, image._encoded_data = clear._data, None
        writer.mark_update(cover)

    assert assert_not_valid(updated(signed, tmp_path / "x.pdf", forge), pki).verdict is Word.INVALID


def test_shadow_hide_layer_is_switched(tmp_path: Path, pki: Pki):
    def plant(pdf: pikepdf.Pdf) -> None:
        layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="Lop"))
        pdf.Root.OCProperties = pikepdf.Dictionary(
            OCGs=[layer], D=pikepdf.Dictionary(Order=[layer], OFF=[layer], ON=[])
        )
        pdf.pages[0].contents_add(b"/OC /L BDC " + _COVER + b" EMC")
        pdf.pages[0].obj.Resources.Properties = pikepdf.Dictionary(L=layer)

    signed = shadowed(tmp_path, pki, plant)

    def forge(writer: Writer) -> None:
        states = writer.root["/OCProperties"]["/D"]
        states[pdf_name("/ON")], states[pdf_name("/OFF")] = states["/OFF"], states["/ON"]
        writer.update_root()

    assert assert_not_valid(updated(signed, tmp_path / "x.pdf", forge), pki).verdict is Word.INVALID


def test_shadow_replace_font_is_exchanged(tmp_path: Path, trip: Trip, pki: Pki):
    def forge(writer: Writer) -> None:
        (descriptor, *_) = objects_with(writer, "/Type", "/FontDescriptor")
        writer.get_object(descriptor)[pdf_name("/FontFile2")] = writer.add_object(stream(b"\x00\x01\x00\x00"))
        writer.mark_update(descriptor)

    assert assert_not_valid(updated(trip.sealed, tmp_path / "x.pdf", forge), pki).verdict is Word.INVALID


def test_shadow_replace_overlay_of_a_text_field(tmp_path: Path, pki: Pki):
    """A field whose shown drawing differs from its value; the drawing is then exchanged for another."""

    def plant(pdf: pikepdf.Pdf) -> None:
        shown = pdf.make_stream(b"q 0 g 0 0 200 20 re f Q", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
        shown.BBox = [0, 0, 200, 20]
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="so_tien", V="1000",
                Rect=[100, 400, 300, 420], AP=pikepdf.Dictionary(N=shown), F=4,
            )
        )  # fmt: skip
        pdf.pages[0].obj.Annots = pikepdf.Array([field])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field])

    source, opened, signed = (tmp_path / name for name in ("source.pdf", "opened.pdf", "signed.pdf"))
    source.write_bytes(letter_pdf())
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        plant(pdf)
        pdf.save(source)
    updated(source, opened, lambda writer: append_signature_field(writer, SigFieldSpec("ky_1")))
    sign_pdf(opened, signed, key=pki.key("Trần Quốc Khánh"), field="ky_1", mark=None, now=NOW)
    assert judged(signed, pki).verdict is Word.VALID

    def forge(writer: Writer) -> None:
        fields = {str(line.get_object()["/T"]): line.get_object() for line in writer.root["/AcroForm"]["/Fields"]}
        form = stream(_COVER, Type=pdf_name("/XObject"), Subtype=pdf_name("/Form"),
                      BBox=generic.ArrayObject(map(generic.NumberObject, (0, 0, 200, 20))))  # fmt: skip
        fields["so_tien"][pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)})
        writer.update_container(fields["so_tien"])

    assert_not_valid(updated(signed, tmp_path / "x.pdf", forge), pki)


def test_shadow_hide_and_replace_root_points_to_a_second_document(tmp_path: Path, pki: Pki):
    """Both documents are in the signed file; an update of the table alone exchanges which one is shown."""

    def plant(pdf: pikepdf.Pdf) -> None:
        shadow = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Page, MediaBox=[0, 0, 595, 842], Contents=pdf.make_stream(_COVER),
                Resources=pikepdf.Dictionary(),
            )
        )  # fmt: skip
        tree = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Kids=[shadow], Count=1))
        shadow.Parent = tree
        pdf.Root.PieceInfo = pikepdf.Dictionary(Shadow=tree)

    signed = shadowed(tmp_path, pki, plant)

    def forge(writer: Writer) -> None:
        writer.root[pdf_name("/Pages")] = writer.root["/PieceInfo"].raw_get("/Shadow")
        writer.update_root()

    assert_not_valid(updated(signed, tmp_path / "x.pdf", forge), pki)


# Evil annotations and fields: an update that a signature seems to permit, drawn over the text.
@pytest.mark.parametrize("kind", ["/FreeText", "/Stamp", "/Redact", "/Widget", "/Link"])
def test_annotation_drawn_over_the_text(tmp_path: Path, trip: Trip, pki: Pki, kind: str):
    def forge(writer: Writer) -> None:
        box = generic.ArrayObject(map(generic.NumberObject, (60, 300, 540, 700)))
        form = stream(_COVER, Type=pdf_name("/XObject"), Subtype=pdf_name("/Form"), BBox=box)
        annotation = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name(kind),
                pdf_name("/Rect"): box,
                pdf_name("/F"): generic.NumberObject(4),
                pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)}),
            }
        )
        page = page_of(writer)
        page["/Annots"].append(writer.add_object(annotation))
        writer.update_container(page)

    assert_not_valid(updated(trip.sealed, tmp_path / "x.pdf", forge), pki)
    assert judged(updated(trip.signed[0], tmp_path / "y.pdf", forge), pki).verdict is not Word.VALID


def test_empty_signature_field_drawn_over_the_text(tmp_path: Path, pki: Pki):
    """A new field that nobody signs may stand after an approval signature, but not show anything."""
    signed = shadowed(tmp_path, pki, lambda _: None)

    def forge(writer: Writer) -> None:
        append_signature_field(writer, SigFieldSpec("la", box=(60, 300, 540, 700)))
        field = next(
            line.get_object() for line in writer.root["/AcroForm"]["/Fields"] if line.get_object()["/T"] == "la"
        )
        form = stream(_COVER, Type=pdf_name("/XObject"), Subtype=pdf_name("/Form"),
                      BBox=generic.ArrayObject(map(generic.NumberObject, (0, 0, 480, 400))))  # fmt: skip
        field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)})

    assert_not_valid(updated(signed, tmp_path / "x.pdf", forge), pki)


def test_document_time_stamp_of_a_stranger_drawn_over_the_text(tmp_path: Path, pki: Pki):
    """The field of a time stamp may be new after any signature; one that draws over the text explains nothing."""
    signed = shadowed(tmp_path, pki, lambda _: None)

    def forge(writer: Writer) -> None:
        box = generic.ArrayObject(map(generic.NumberObject, (60, 300, 540, 700)))
        form = stream(_COVER, Type=pdf_name("/XObject"), Subtype=pdf_name("/Form"), BBox=box)
        stamp = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/DocTimeStamp"),
                pdf_name("/Filter"): pdf_name("/Adobe.PPKLite"),
                pdf_name("/SubFilter"): pdf_name("/ETSI.RFC3161"),
                pdf_name("/Contents"): generic.ByteStringObject(b"\x30\x00"),
                pdf_name("/ByteRange"): generic.ArrayObject(map(generic.NumberObject, (0, 10, 20, 10))),
            }
        )
        page = page_of(writer)
        field = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/FT"): pdf_name("/Sig"),
                pdf_name("/T"): generic.TextStringObject("dau_thoi_gian"),
                pdf_name("/Rect"): box,
                pdf_name("/F"): generic.NumberObject(4),
                pdf_name("/V"): writer.add_object(stamp),
                pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)}),
            }
        )
        reference = writer.add_object(field)
        page["/Annots"].append(reference)
        writer.update_container(page)
        writer.root["/AcroForm"]["/Fields"].append(reference)
        writer.update_container(writer.root["/AcroForm"]["/Fields"])

    assert_not_valid(updated(signed, tmp_path / "x.pdf", forge), pki)


# The second line of defence, by itself.
def looked_at(path: Path, explained: set[str]) -> int | None:
    with path.open("rb") as source:
        reader = PdfFileReader(source, strict=False)
        signatures = list(reader.embedded_signatures)
        file = ExaminedFile(
            path=path, reader=reader, stream=source, signatures=signatures, trust=TrustAnchors(), now=NOW,
            open_fields=frozenset(), damaged_tail=False, store=None,
        )  # fmt: skip
        return look_after(file, signatures[0], explained).differs


def test_pages_that_look_different_are_seen_outside_the_boxes_of_what_is_explained(tmp_path: Path, trip: Trip):
    def forge(writer: Writer) -> None:
        page = page_of(writer)
        page[pdf_name("/Contents")] = generic.ArrayObject(
            [writer.add_object(stream(_COVER)), page.raw_get("/Contents")]
        )
        writer.update_container(page)

    forged = updated(trip.sealed, tmp_path / "x.pdf", forge)

    assert looked_at(trip.sealed, {"so", "ngay", "dau"}) is None
    assert looked_at(trip.sealed, {"so", "ngay"}) == 1, "the seal is not explained"
    assert looked_at(forged, {"so", "ngay", "dau"}) == 1
