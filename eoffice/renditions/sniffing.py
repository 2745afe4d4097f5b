"""What a file really is, read from its content; its name is never asked."""

from __future__ import annotations

import struct
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from eoffice.renditions.errors import ArchiveBomb, DamagedFile, EmptyFile, EncryptedFile, MacrosRefused, ProgramRefused


class FileKind(StrEnum):
    """Kinds told apart. `OTHER` is harmless as far as can be seen, but not a document the house takes in."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    DOCX = "docx"
    DOC = "doc"
    XLSX = "xlsx"
    XLS = "xls"
    ODT = "odt"
    XML = "xml"
    """Kept only where signed data may come along with a letter (`checking.check`); never shown in place."""
    OTHER = "other"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]

    @property
    def is_image(self) -> bool:
        return self in {FileKind.PNG, FileKind.JPEG, FileKind.TIFF}

    @property
    def is_office(self) -> bool:
        return self in {FileKind.DOCX, FileKind.DOC, FileKind.XLSX, FileKind.XLS, FileKind.ODT}


_MEDIA_TYPES: Final = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.TIFF: "image/tiff",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.DOC: "application/msword",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.XLS: "application/vnd.ms-excel",
    FileKind.ODT: "application/vnd.oasis.opendocument.text",
    FileKind.XML: "application/xml",
    FileKind.OTHER: "application/octet-stream",
}
_PROGRAMS: Final = (
    b"MZ",  # Windows
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",  # Java, Mach-O
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcut
    b"dex\n",
    b"\x00asm",
)
_PDF_WITHIN: Final = 1024
"""Readers accept `%PDF-` anywhere in the first 1,024 bytes (ISO 32000-1, annex H, note 13 of Acrobat)."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS_LIMIT: Final = 10_000
_EXPANDED_LIMIT: Final = 512 * 1024**2
_INDEX_LIMIT: Final = 4 * 1024**2
_RATIO_LIMIT: Final = 200
_RATIO_FROM: Final = 20 * 1024**2
"""Small, very regular documents compress 200 to 1 honestly; the ratio is judged above this size."""


def sniff(path: Path) -> FileKind:
    """Tell the kind of a file by its content.

    Raises EmptyFile, ProgramRefused, MacrosRefused, ArchiveBomb, EncryptedFile (a locked office file) and
    DamagedFile (an archive without its end). Locked PDFs are told by `inspecting.inspect_pdf`.
    """
    with path.open("rb") as handle:
        start = handle.read(_PDF_WITHIN)
        if not start:
            raise EmptyFile
        if start.startswith(_PROGRAMS):
            raise ProgramRefused
        if b"%PDF-" in start:
            return FileKind.PDF
        if start.startswith(b"\x89PNG\r\n\x1a\n"):
            return FileKind.PNG
        if start.startswith(b"\xff\xd8\xff"):
            return FileKind.JPEG
        if start.startswith((b"II*\x00", b"MM\x00*")):
            return FileKind.TIFF
        if start.startswith(_OLE):
            return _sniff_ole(handle)
        if start.startswith(b"PK\x03\x04"):
            return _sniff_zip(handle)
    return FileKind.XML if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml ") else FileKind.OTHER


# Zipped office files ----------------------------------------------------------------------------------------


def _sniff_zip(handle: BinaryIO) -> FileKind:
    try:
        with zipfile.ZipFile(handle) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts)
            if any(part.flag_bits & 1 for part in parts):
                raise EncryptedFile
            return _kind_of_archive(archive, {part.filename for part in parts})
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DamagedFile from error


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > _PARTS_LIMIT:
        raise ArchiveBomb
    expanded = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if expanded > _EXPANDED_LIMIT or (expanded > _RATIO_FROM and expanded > packed * _RATIO_LIMIT):
        raise ArchiveBomb


def _kind_of_archive(archive: zipfile.ZipFile, names: set[str]) -> FileKind:
    if "mimetype" in names:
        return _kind_of_open_document(archive, names)
    if "[Content_Types].xml" not in names:
        return FileKind.OTHER
    types = _read_small(archive, "[Content_Types].xml").lower()
    if b"macroenabled" in types or b"vbaproject" in types or any("vbaproject" in name.lower() for name in names):
        raise MacrosRefused
    if b"wordprocessingml.document.main+xml" in types and "word/document.xml" in names:
        return FileKind.DOCX
    if b"spreadsheetml.sheet.main+xml" in types:
        return FileKind.XLSX
    return FileKind.OTHER


def _kind_of_open_document(archive: zipfile.ZipFile, names: set[str]) -> FileKind:
    if _read_small(archive, "mimetype").strip() != FileKind.ODT.media_type.encode():
        return FileKind.OTHER
    # `Basic/` holds macros of LibreOffice, `Scripts/` those in Python, BeanShell and JavaScript.
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in names):
        raise MacrosRefused
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in _read_small(archive, manifest):
        raise EncryptedFile
    return FileKind.ODT


def _read_small(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _INDEX_LIMIT:
        raise ArchiveBomb
    return archive.read(name)


# Compound files of Word and Excel 97–2003 ([MS-CFB]) --------------------------------------------------------

_END_OF_CHAIN: Final = 0xFFFFFFFA
"""Sector numbers from here on are markers ([MS-CFB] 2.1)."""
_SECTORS_READ: Final = 4096
_ENTRY: Final = 128
_MACRO_STORAGES: Final = {"_vba_project", "_vba_project_cur", "macros", "vba"}


def _sniff_ole(handle: BinaryIO) -> FileKind:
    try:
        shift, entries = _ole_directory(handle)
        names = {name.lower() for name in entries}
        if "encryptedpackage" in names:
            raise EncryptedFile
        if names & _MACRO_STORAGES:
            raise MacrosRefused
        if "worddocument" in names:
            if _is_locked_word(handle, shift, entries):
                raise EncryptedFile
            return FileKind.DOC
    except (struct.error, IndexError) as error:
        raise DamagedFile from error
    return FileKind.XLS if names & {"workbook", "book"} else FileKind.OTHER


def _ole_directory(handle: BinaryIO) -> tuple[int, dict[str, int]]:
    """The sector shift and every entry's name with its first sector."""
    handle.seek(0)
    header = handle.read(512)
    (shift,) = struct.unpack_from("<H", header, 30)
    if shift not in {9, 12}:
        raise DamagedFile
    (first,) = struct.unpack_from("<I", header, 48)
    fat = _fat(handle, header, shift)
    entries: dict[str, int] = {}
    sector = first
    for _ in range(_SECTORS_READ):
        if sector >= _END_OF_CHAIN:
            break
        content = _sector(handle, sector, shift)
        for offset in range(0, len(content) - _ENTRY + 1, _ENTRY):
            (length,) = struct.unpack_from("<H", content, offset + 64)
            if 2 < length <= 64:
                name = content[offset : offset + length - 2].decode("utf-16-le", "replace")
                entries[name] = struct.unpack_from("<I", content, offset + 116)[0]
        sector = fat[sector]
    return shift, entries


def _fat(handle: BinaryIO, header: bytes, shift: int) -> list[int]:
    """The first 109 sectors of the allocation table: enough for 7 MB, and directories lie near the start."""
    fat: list[int] = []
    for sector in struct.unpack_from("<109I", header, 76):
        if sector >= _END_OF_CHAIN:
            break
        fat.extend(struct.unpack(f"<{1 << (shift - 2)}I", _sector(handle, sector, shift)))
    return fat


def _sector(handle: BinaryIO, number: int, shift: int) -> bytes:
    handle.seek((number + 1) << shift)
    content = handle.read(1 << shift)
    if len(content) < 1 << shift:
        raise DamagedFile
    return content


def _is_locked_word(handle: BinaryIO, shift: int, entries: dict[str, int]) -> bool:
    """`fEncrypted` of the FIB ([MS-DOC] 2.5.2): bit 8 of the word at offset 10 of the stream."""
    first = next(sector for name, sector in entries.items() if name.lower() == "worddocument")
    (flags,) = struct.unpack_from("<H", _sector(handle, first, shift), 10)
    return bool(flags & 0x0100)
