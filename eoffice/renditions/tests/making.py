"""Real files for the tests of this room, made while they run: letters, locked, cut, huge, hostile."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pikepdf
from PIL import Image, ImageDraw

from eoffice.core.typesetting import typeset

LETTER = Path(__file__).with_name("letter.typ")
SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "samples" / "letters"
"""Real letters beside the project; tests that use them skip where they are not."""


def letter(*, mark: str = "", body: tuple[str, ...] = ("Kính gửi: Ban Công nghệ",), pages: int = 1) -> bytes:
    """A letter with a two-column head; `mark` stands in box 10a as a line of its own."""
    return typeset(LETTER, {"mark": mark, "body": list(body), "pages": pages}, pdf_a=False)


def blank(pages: int) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    return saved(pdf)


def saved(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    made = io.BytesIO()
    pdf.save(made, **options)
    return made.getvalue()


def with_javascript(content: bytes, *, packed: bool = True) -> bytes:
    """`packed`: the action lies in a compressed object stream, where a search of the bytes misses it."""
    pdf = pikepdf.open(io.BytesIO(content))
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('x')"))
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    return saved(pdf, object_stream_mode=mode)


def locked(content: bytes, *, user: str, owner: str = "chu-so-huu") -> bytes:
    pdf = pikepdf.open(io.BytesIO(content))
    return saved(pdf, encryption=pikepdf.Encryption(user=user, owner=owner, R=6))


def with_file_inside(content: bytes) -> bytes:
    pdf = pikepdf.open(io.BytesIO(content))
    pdf.attachments["phu-luc.xlsx"] = b"PK"
    return saved(pdf)


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def with_part(archive: bytes, name: str, content: bytes) -> bytes:
    made = io.BytesIO(archive)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(name, content)
    return made.getvalue()


def replaced(archive: bytes, name: str, old: str, new: str) -> bytes:
    """The archive with `old` replaced once by `new` in one of its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == name:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode(), 1)
            target.writestr(part, content)
    return made.getvalue()


def real_letters() -> list[Path]:
    return sorted(path for path in SAMPLES.iterdir() if path.suffix in {".pdf", ".doc", ".docx"})


def sheet(*rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    for row in rows:
        page.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def open_document(text: str, *, with_macro: bool = False) -> bytes:
    kind = "application/vnd.oasis.opendocument.text"
    spaces = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"'
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:text>'
            f"<text:p>{text}</text:p></office:text></office:body></office:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
            f'manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        if with_macro:
            archive.writestr("Basic/Standard/Module1.xml", "<script/>")
    return made.getvalue()


def picture(kind: str, *, size: tuple[int, int] = (620, 877), mode: str = "RGB", **options: object) -> bytes:
    image = Image.new(mode, size, 1 if mode == "1" else "white")
    ImageDraw.Draw(image).rectangle((40, 40, 200, 120), fill=0 if mode in {"1", "L"} else "navy")
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def compound(*names: str, word_flags: int = 0) -> bytes:
    """A Word or Excel 97 container ([MS-CFB]) with empty streams of these names: a head, a table, a directory."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II", header, 44, 1, 1)  # one FAT sector; the directory begins in sector 1
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    directory_sectors = (len(names) + 4) // 4
    stream = 1 + directory_sectors
    fat = [0xFFFFFFFD, *range(2, 1 + directory_sectors), 0xFFFFFFFE, 0xFFFFFFFE]
    table = struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat)))
    directory = b""
    for name in ("Root Entry", *names):
        entry = bytearray(128)
        encoded = name.encode("utf-16-le") + b"\x00\x00"
        entry[: len(encoded)] = encoded
        struct.pack_into("<H", entry, 64, len(encoded))
        struct.pack_into("<I", entry, 116, stream)
        directory += bytes(entry)
    directory = directory.ljust(512 * directory_sectors, b"\x00")
    body = bytearray(512)
    struct.pack_into("<HH", body, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", body, 10, word_flags)
    return bytes(header) + table + directory + bytes(body)
