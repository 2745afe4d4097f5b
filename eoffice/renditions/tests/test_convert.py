from __future__ import annotations

import http.server
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from eoffice.renditions import converting, office, pages
from eoffice.renditions.errors import ConversionTimedOut, ConverterMissing, RenditionFailed
from eoffice.renditions.sniffing import FileKind
from eoffice.renditions.tests import making

needs_office = pytest.mark.skipif(office.installation() is None, reason="LibreOffice is not installed on this machine")


@pytest.fixture
def brought(tmp_path: Path) -> Callable[..., Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "source"
        path.write_bytes(content)
        return path

    return write


def pdf_of(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def text_of(content: bytes, tmp_path: Path) -> str:
    path = tmp_path / "made.pdf"
    path.write_bytes(content)
    return "\n".join(pages.texts_of(path))


@needs_office
@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: making.word("Kính gửi: Tập đoàn Hạ tầng số Trường Xuân"), FileKind.DOCX),
        (lambda: making.open_document("Kính gửi: Tập đoàn Hạ tầng số Trường Xuân"), FileKind.ODT),
        (lambda: making.sheet(("Kính gửi: Tập đoàn Hạ tầng số Trường Xuân",)), FileKind.XLSX),
    ],
)
def test_office_files_become_pdf_with_their_text(brought, tmp_path, make, kind):
    made = converting.to_pdf(brought(make()), kind=kind)

    text = text_of(made, tmp_path).replace("\n", " ")
    assert "Kính gửi: Tập đoàn Hạ tầng số Trường Xuân" in " ".join(text.split())


@needs_office
def test_killed_office_leaves_no_socket_behind(brought, tmp_path):
    def sockets():
        return {path.name for path in office._SOCKETS.glob("OSL_PIPE_*")}

    found = office.installation()
    assert found is not None
    own = office.Office(found)
    source = brought(making.word("Công văn"))
    own.convert(source, tmp_path / "a.pdf", import_filter="MS Word 2007 XML", export_filter="writer_pdf_Export")
    home = own._home
    assert home is not None
    names = {f"OSL_PIPE_{os.getuid()}_{name}" for name in office._socket_names(home)}
    assert names <= sockets()

    own.stop()

    assert not names & sockets()
    assert not home.exists()


@needs_office
def test_a_warm_office_survives_a_broken_file(brought, tmp_path):
    with pytest.raises(RenditionFailed):
        converting.to_pdf(brought(b"PK\x03\x04" + b"rubbish" * 100), kind=FileKind.DOCX)

    made = converting.to_pdf(brought(making.word("Sau tệp hỏng")), kind=FileKind.DOCX)

    assert "Sau tệp hỏng" in text_of(made, tmp_path)


@needs_office
def test_a_conversion_that_takes_too_long_is_ended_and_the_next_one_served(brought, tmp_path):
    source = brought(making.word("Kính gửi"))

    with pytest.raises(ConversionTimedOut):
        office.to_pdf(source, tmp_path / "a.pdf", kind=FileKind.DOCX, timeout_s=0.01)
    office.to_pdf(source, tmp_path / "b.pdf", kind=FileKind.DOCX)

    assert not (tmp_path / "a.pdf").exists()
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")


@needs_office
def test_a_document_cannot_make_the_server_fetch_a_picture(brought):
    asked: list[str] = []

    class Recorder(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815 - names given by the server's protocol

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/dau.png"
        converting.to_pdf(brought(with_linked_picture(address)), kind=FileKind.DOCX)
        server.shutdown()

    assert asked == []


def with_linked_picture(address: str) -> bytes:
    """A Word file whose one picture lies outside, at `address`."""
    import zipfile

    original = io.BytesIO(making.word("Ảnh ngoài"))
    made = io.BytesIO()
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "word/_rels/document.xml.rels":
                link = (
                    f'<Relationship Id="rIdX" TargetMode="External" Target="{address}" Type="http://schemas.'
                    'openxmlformats.org/officeDocument/2006/relationships/image"/></Relationships>'
                )
                content = content.replace(b"</Relationships>", link.encode())
            if part.filename == "word/document.xml":
                drawing = (
                    "<w:p><w:r><w:drawing><wp:inline xmlns:wp='http://schemas.openxmlformats.org/drawingml/2006/"
                    "wordprocessingDrawing'><wp:extent cx='900000' cy='900000'/><wp:docPr id='1' name='x'/>"
                    "<a:graphic xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main'><a:graphicData "
                    "uri='http://schemas.openxmlformats.org/drawingml/2006/picture'><pic:pic xmlns:pic='http://"
                    "schemas.openxmlformats.org/drawingml/2006/picture'><pic:nvPicPr><pic:cNvPr id='1' name='x'/>"
                    "<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip xmlns:r='http://schemas.openxmlformats.org/"
                    "officeDocument/2006/relationships' r:link='rIdX'/></pic:blipFill><pic:spPr><a:xfrm><a:off x='0' "
                    "y='0'/><a:ext cx='900000' cy='900000'/></a:xfrm><a:prstGeom prst='rect'/></pic:spPr></pic:pic>"
                    "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p><w:sectPr"
                )
                content = content.replace(b"<w:sectPr", drawing.encode(), 1)
            new.writestr(part, content)
    return made.getvalue()


def test_without_libreoffice_the_message_says_what_to_install(brought, monkeypatch):
    monkeypatch.setattr(office, "_office", None)
    monkeypatch.setattr(office, "_BINARIES", ("/nowhere/soffice",))

    with pytest.raises(ConverterMissing) as missing:
        converting.to_pdf(brought(making.word("x")), kind=FileKind.DOCX)

    assert "libreoffice-writer-nogui" in missing.value.message


def test_a_jpeg_goes_into_the_pdf_byte_for_byte(brought):
    content = making.picture("JPEG", size=(1654, 2339), dpi=(200, 200))

    made = pdf_of(converting.to_pdf(brought(content), kind=FileKind.JPEG))

    assert bytes(made.pages[0].Resources.XObject.Scan.read_raw_bytes()) == content
    assert [round(float(x)) for x in made.pages[0].mediabox] == [0, 0, 595, 842]


def test_a_telephone_picture_is_turned_as_it_was_held(brought):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6

    made = pdf_of(converting.to_pdf(brought(making.picture("JPEG", exif=exif)), kind=FileKind.JPEG))

    assert int(made.pages[0].Rotate) == 90


@pytest.mark.parametrize(
    ("mode", "kind", "depth"), [("1", "TIFF", 1), ("L", "PNG", 8), ("RGB", "TIFF", 8), ("RGB", "PNG", 8)]
)
def test_other_pictures_keep_every_pixel(brought, mode, kind, depth):
    made = pdf_of(converting.to_pdf(brought(making.picture(kind, mode=mode)), kind=FileKind(kind.lower())))

    image = pikepdf.PdfImage(made.pages[0].Resources.XObject.Scan)
    assert image.bits_per_component == depth
    drawn = image.as_pil_image().convert("RGB")
    assert drawn.size == (620, 877)
    assert drawn.getpixel((100, 80)) != (255, 255, 255)
    assert drawn.getpixel((400, 700)) == (255, 255, 255)


def test_a_scan_of_three_sheets_becomes_three_pages(brought):
    from PIL import Image

    frames = [Image.new("L", (620, 877), shade) for shade in (255, 200, 150)]
    content = io.BytesIO()
    frames[0].save(content, "TIFF", save_all=True, append_images=frames[1:])

    made = pdf_of(converting.to_pdf(brought(content.getvalue()), kind=FileKind.TIFF))

    assert len(made.pages) == 3


def test_a_lying_picture_lies_on_a_lying_page(brought):
    made = pdf_of(converting.to_pdf(brought(making.picture("PNG", size=(877, 620))), kind=FileKind.PNG))

    assert [round(float(x)) for x in made.pages[0].mediabox] == [0, 0, 842, 595]


def test_a_transparent_picture_stands_on_white(brought):
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(content, "PNG")

    made = pdf_of(converting.to_pdf(brought(content.getvalue()), kind=FileKind.PNG))

    image = pikepdf.PdfImage(made.pages[0].Resources.XObject.Scan).as_pil_image()
    assert image.getpixel((50, 50)) == (255, 255, 255)


def test_a_picture_cut_off_fails_and_says_the_original_is_kept(brought):
    content = making.picture("JPEG", size=(1654, 2339))

    with pytest.raises(RenditionFailed) as failure:
        converting.to_pdf(brought(content[: len(content) // 2]), kind=FileKind.JPEG)

    assert "Tệp gốc vẫn được giữ nguyên" in failure.value.message


def test_the_same_picture_gives_the_same_pdf(brought):
    source = brought(making.picture("PNG"))

    assert converting.to_pdf(source, kind=FileKind.PNG) == converting.to_pdf(source, kind=FileKind.PNG)
