"""What a program may add to a prepared file: its one signature, and nothing beside it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from eoffice.signing.engine.added_signature import AddedFault, examine_added
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.engine.verdicts import Word
from eoffice.signing.engine.verifying import examine_returned, verify_file
from eoffice.signing.tests.factories import NOW, Pki, Trip, letter_pdf, letter_places
from eoffice.signing.tests.services_outside import vgca


@dataclass(frozen=True)
class Case:
    """A prepared letter, what the program makes of it, her key, and one with her name that is not registered."""

    prepared: Path
    fetched: bytes
    signed: bytes
    key: SoftwareKey
    other: SoftwareKey


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Case:
    directory = tmp_path_factory.mktemp("program")
    source, prepared = directory / "source.pdf", directory / "prepared.pdf"
    source.write_bytes(letter_pdf())
    prepare(source, prepared, letter_places())
    key = pki.key("Trần Quốc Khánh", algorithm=KeyAlgorithm.RSA_2048)
    fetched = prepared.read_bytes()
    return Case(prepared, fetched, vgca.signed(fetched, key), key, pki.key("Trần Quốc Khánh"))


def other_file(case: Case) -> bytes:
    return vgca.signed(case.fetched.replace(b"%PDF-1.", b"%PDF-2.", 1), case.key)


def more_on_the_page(case: Case) -> bytes:
    """An update that draws on the page, then a proper signature over all of it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(case.fetched))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(StreamObject(stream_data=b"0 0 m 500 500 l S"))
    writer.update_container(page)
    changed = io.BytesIO()
    writer.write(changed)
    return vgca.signed(changed.getvalue(), case.key)


def more_in_the_same_update(case: Case) -> bytes:
    """The same in the very update that carries the signature."""

    def draw(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        page["/Contents"] = writer.add_object(StreamObject(stream_data=b"0 0 m 500 500 l S"))
        writer.update_container(page)

    return vgca.signed(case.fetched, case.key, also=draw)


def unsigned_update(case: Case) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(case.fetched))
    writer.update_root()
    changed = io.BytesIO()
    writer.write(changed)
    return changed.getvalue()


def comment_in_the_same_update(case: Case) -> bytes:
    """A comment beside the signature: allowed on other people's files, not in what was asked for."""

    def note(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        box = generic.ArrayObject([generic.NumberObject(number) for number in (40, 40, 60, 60)])
        entries = {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Text"),
            generic.pdf_name("/Rect"): box,
            generic.pdf_name("/Contents"): generic.pdf_string("them"),
        }
        page["/Annots"].append(writer.add_object(generic.DictionaryObject(entries)))
        writer.update_container(page["/Annots"])

    return vgca.signed(case.fetched, case.key, also=note)


def field_of_its_own(case: Case) -> bytes:
    return vgca.signed(case.fetched, case.key, new_field=True)


def flipped(case: Case) -> bytes:
    """A letter in the program's own mark, changed after it signed."""
    at = case.signed.index(b"Ky boi VGCA", len(case.fetched)) + 3
    return case.signed[:at] + b"Z" + case.signed[at + 1 :]


TAMPERED: dict[str, tuple[Callable[[Case], bytes], AddedFault]] = {
    "sent back as it went": (lambda case: case.fetched, AddedFault.OTHER_FILE),
    "other file": (other_file, AddedFault.OTHER_FILE),
    "not a PDF": (lambda case: b"MZ" * 400_000, AddedFault.OTHER_FILE),
    "rubbish at the end": (lambda case: case.fetched + b"khong phai", AddedFault.UNSIGNED),
    "no signature": (unsigned_update, AddedFault.UNSIGNED),
    "two signatures": (lambda case: vgca.signed(case.signed, case.key), AddedFault.SEVERAL),
    "field of the seal": (lambda case: vgca.signed(case.fetched, case.key, field="dau"), AddedFault.OTHER_FIELD),
    "field of its own": (field_of_its_own, AddedFault.OTHER_FIELD),
    "another person": (lambda case: vgca.signed(case.fetched, case.other), AddedFault.OTHER_PERSON),
    "certified": (lambda case: vgca.signed(case.fetched, case.key, certify=True), AddedFault.CERTIFIED),
    "more on the page": (more_on_the_page, AddedFault.CHANGED),
    "more in the same update": (more_in_the_same_update, AddedFault.CHANGED),
    "a comment": (comment_in_the_same_update, AddedFault.CHANGED),
    "a byte after the end": (lambda case: case.signed + b"x", AddedFault.CHANGED),
}


@pytest.mark.parametrize("what", sorted(TAMPERED))
def test_anything_but_the_one_signature_is_a_fault(case: Case, tmp_path: Path, what: str):
    make, fault = TAMPERED[what]
    returned = tmp_path / "returned.pdf"
    returned.write_bytes(make(case))

    assert examine_added(case.prepared, returned, field="ky_1", certificate=case.key.certificate).fault is fault


def test_lock_of_the_field_must_stand_in_the_signature(case: Case, tmp_path: Path):
    """A program that signs the field but leaves its lock out: later changes would break nothing."""
    returned = tmp_path / "returned.pdf"
    without = case.fetched.replace(b"/Lock ", b"/Lokc ")
    returned.write_bytes(case.fetched + vgca.signed(without, case.key)[len(case.fetched) :])

    found = examine_added(case.prepared, returned, field="ky_1", certificate=case.key.certificate)

    assert found.fault is AddedFault.UNLOCKED


def test_one_signature_in_its_field_is_taken(case: Case, tmp_path: Path):
    returned = tmp_path / "returned.pdf"
    returned.write_bytes(case.signed)

    found = examine_returned(case.prepared, returned, field="ky_1", certificate=case.key.certificate, now=NOW)

    assert (found.fault, len(found.value)) == (None, 256)


def test_mark_changed_after_signing_is_broken(case: Case, pki: Pki, tmp_path: Path):
    returned = tmp_path / "returned.pdf"
    returned.write_bytes(flipped(case))

    verdict = verify_file(returned, pki.trust(), NOW).of_field("ky_1")

    assert verdict is not None
    assert verdict.verdict is Word.INVALID


def test_seal_on_a_numbered_letter_is_taken(trip: Trip, pki: Pki, tmp_path: Path):
    """Earlier signatures and what was filled stay as they are; the seal comes in the field meant for it."""
    key, returned = pki.key("Tập đoàn"), tmp_path / "returned.pdf"
    returned.write_bytes(vgca.signed(trip.numbered.read_bytes(), key))

    assert examine_added(trip.numbered, returned, field="dau", certificate=key.certificate).fault is None
