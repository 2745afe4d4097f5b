from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from eoffice.renditions.errors import (
    ArchiveBomb,
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    MacrosRefused,
    ProgramRefused,
)
from eoffice.renditions.sniffing import FileKind, sniff
from eoffice.renditions.tests import making


def written(tmp_path: Path, content: bytes, name: str = "van-ban.pdf") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: making.blank(1), FileKind.PDF),
        (lambda: b"\n\n" + making.blank(1), FileKind.PDF),
        (lambda: making.picture("PNG"), FileKind.PNG),
        (lambda: making.picture("JPEG"), FileKind.JPEG),
        (lambda: making.picture("TIFF"), FileKind.TIFF),
        (lambda: making.word("Kính gửi"), FileKind.DOCX),
        (lambda: making.sheet(("STT", "Tên")), FileKind.XLSX),
        (lambda: making.open_document("Kính gửi"), FileKind.ODT),
        (lambda: making.compound("WordDocument", "1Table"), FileKind.DOC),
        (lambda: making.compound("Workbook"), FileKind.XLS),
        (lambda: making.compound("Property", "Installer"), FileKind.OTHER),
        (lambda: b"<html><script>alert(1)</script></html>", FileKind.OTHER),
        (lambda: "văn bản thuần".encode(), FileKind.OTHER),
    ],
)
def test_the_kind_is_read_from_the_content_whatever_the_name(tmp_path, make, kind):
    assert sniff(written(tmp_path, make(), "a.pdf")) is kind
    assert sniff(written(tmp_path, make(), "a.exe")) is kind


@pytest.mark.parametrize(
    "start", [b"MZ\x90\x00", b"\x7fELF\x02", b"#!/bin/sh\n", b"\xcf\xfa\xed\xfe", b"L\x00\x00\x00\x01\x14\x02\x00"]
)
def test_a_program_renamed_to_pdf_is_refused(tmp_path, start):
    with pytest.raises(ProgramRefused):
        sniff(written(tmp_path, start + making.blank(1)))


def test_a_file_of_no_bytes_is_refused(tmp_path):
    with pytest.raises(EmptyFile):
        sniff(written(tmp_path, b""))


@pytest.mark.parametrize(
    "make",
    [
        lambda: making.with_part(making.word("x"), "word/vbaProject.bin", b"\xd0\xcf"),
        lambda: making.with_part(making.word("x"), "word/VBAPROJECT.BIN", b"\xd0\xcf"),
        lambda: making.open_document("x", with_macro=True),
        lambda: making.compound("WordDocument", "Macros", "VBA", "_VBA_PROJECT"),
        lambda: making.compound("Workbook", "_VBA_PROJECT_CUR"),
    ],
)
def test_macros_are_refused(tmp_path, make):
    with pytest.raises(MacrosRefused):
        sniff(written(tmp_path, make(), "du-thao.docx"))


def test_a_macro_document_renamed_to_docx_is_refused_by_its_declared_type(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>',
        )
        archive.writestr("word/document.xml", "<w/>")

    with pytest.raises(MacrosRefused):
        sniff(written(tmp_path, content.getvalue(), "a.docx"))


def test_a_small_archive_that_expands_to_gigabytes_is_refused(tmp_path):
    bomb = making.with_part(making.word("x"), "word/media/zeros.bin", b"\x00" * (64 * 1024**2))

    assert len(bomb) < 200_000
    with pytest.raises(ArchiveBomb):
        sniff(written(tmp_path, bomb, "a.docx"))


def test_an_archive_of_ten_thousand_parts_is_refused(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"word/{number}", b"")

    with pytest.raises(ArchiveBomb):
        sniff(written(tmp_path, content.getvalue(), "a.docx"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: making.compound("EncryptedPackage", "EncryptionInfo"),
        lambda: making.compound("WordDocument", word_flags=0x0100),
    ],
)
def test_an_office_file_with_a_password_is_refused(tmp_path, make):
    with pytest.raises(EncryptedFile):
        sniff(written(tmp_path, make(), "a.docx"))


@pytest.mark.parametrize("make", [lambda: making.word("Kính gửi"), lambda: making.compound("WordDocument")])
def test_an_office_file_cut_off_is_called_damaged(tmp_path, make):
    content = make()

    with pytest.raises(DamagedFile):
        sniff(written(tmp_path, content[: len(content) // 2], "a.docx"))
