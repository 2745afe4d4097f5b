"""Any accepted file as a PDF: pictures laid on A4 without loss, office files set by LibreOffice."""

from __future__ import annotations

import io
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pikepdf
from PIL import Image, ImageSequence, UnidentifiedImageError

from eoffice.renditions import office
from eoffice.renditions.errors import FileTypeRefused, ImageTooLarge, RenditionFailed
from eoffice.renditions.sniffing import FileKind

MAX_IMAGE_PIXELS: Final = 80_000_000
"""A3 at 600 dpi."""
MAX_FRAMES: Final = 500
_A4: Final = (595.276, 841.89)
_SCREEN_DPI: Final = 96.0
_JPEG_SPACES: Final = {"L": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK"}
_PNG_SPACES: Final = {0: (1, "/DeviceGray"), 2: (3, "/DeviceRGB")}
_ORIENTATION: Final = 0x0112
_QUARTER_TURNS: Final = {3: 180, 6: 90, 8: 270}


def to_pdf(source: Path, *, kind: FileKind) -> bytes:
    """Make a PDF of a file already checked; the same bytes give the same picture pages.

    Takes up to two minutes: never inside a transaction. Raises ConverterMissing, ConversionTimedOut,
    RenditionFailed, ImageTooLarge; FileTypeRefused for a kind that has no PDF.
    """
    if kind is FileKind.PDF:
        return source.read_bytes()
    if kind.is_image:
        return _image_to_pdf(source)
    if kind.is_office:
        return _office_to_pdf(source, kind)
    raise FileTypeRefused


def _office_to_pdf(source: Path, kind: FileKind) -> bytes:
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        # A plain name with its true ending: stored files have neither.
        entered = Path(directory) / f"source.{kind.value}"
        entered.symlink_to(source.resolve())
        target = Path(directory) / "target.pdf"
        office.to_pdf(entered, target, kind=kind)
        return target.read_bytes()


# Pictures ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Picture:
    """One picture ready to be put in a PDF: its packed bytes and how to unpack them."""

    width: int
    height: int
    dpi: float
    turn: int
    content: bytes
    description: dict[str, object]


def _image_to_pdf(source: Path) -> bytes:
    pdf = pikepdf.new()
    try:
        for picture in _pictures(source):
            _add_page(pdf, picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error) as error:
        raise RenditionFailed from error
    made = io.BytesIO()
    pdf.save(made, deterministic_id=True)
    return made.getvalue()


def _pictures(source: Path) -> Iterator[_Picture]:
    with Image.open(source) as image:
        if image.format == "JPEG" and image.mode in _JPEG_SPACES:
            _require_sane(image)
            yield _jpeg_as_it_is(source, image)
            return
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            if number >= MAX_FRAMES:
                raise RenditionFailed
            _require_sane(frame)
            yield _without_loss(frame)


def _require_sane(image: Image.Image) -> None:
    if image.width * image.height > MAX_IMAGE_PIXELS:
        raise ImageTooLarge


def _jpeg_as_it_is(source: Path, image: Image.Image) -> _Picture:
    """The scanner's own bytes: decoding and packing again would blur stamps and signatures."""
    image.load()  # a truncated picture is refused here, not shown half grey
    description: dict[str, object] = {
        "/Filter": pikepdf.Name.DCTDecode,
        "/ColorSpace": pikepdf.Name(_JPEG_SPACES[image.mode]),
        "/BitsPerComponent": 8,
    }
    if image.mode == "CMYK" and "adobe" in image.info:
        # Adobe writes CMYK upside down and says so only in its own marker.
        description["/Decode"] = [1, 0, 1, 0, 1, 0, 1, 0]
    turn = _QUARTER_TURNS.get(int(image.getexif().get(_ORIENTATION, 1)), 0)
    return _Picture(image.width, image.height, _dpi(image), turn, source.read_bytes(), description)


def _without_loss(frame: Image.Image) -> _Picture:
    """Packed as PNG packs it, which PDF reads as it is (Flate with PNG predictors)."""
    plain = _plain(frame)
    packed = io.BytesIO()
    plain.save(packed, "PNG")
    depth, colour, content = _unwrap_png(packed.getvalue())
    colours, space = _PNG_SPACES[colour]
    parameters = {"/Predictor": 15, "/Colors": colours, "/BitsPerComponent": depth, "/Columns": plain.width}
    description = {
        "/Filter": pikepdf.Name.FlateDecode,
        "/DecodeParms": pikepdf.Dictionary(parameters),
        "/ColorSpace": pikepdf.Name(space),
        "/BitsPerComponent": depth,
    }
    return _Picture(plain.width, plain.height, _dpi(frame), 0, content, description)


def _plain(frame: Image.Image) -> Image.Image:
    """Black and white, grey or RGB, on white paper where the picture is transparent."""
    if frame.mode in {"1", "L", "RGB"} and "transparency" not in frame.info:
        return frame
    if frame.mode in {"RGBA", "LA", "PA"} or "transparency" in frame.info:
        layer = frame.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    if frame.mode.startswith("I;16") or frame.mode in {"I", "F"}:
        low, high = frame.convert("F").getextrema()
        span = (
            max(float(high) - float(low), 1.0)
            if isinstance(low, int | float) and isinstance(high, int | float)
            else 255.0
        )
        bottom = float(low) if isinstance(low, int | float) else 0.0
        return frame.convert("F").point(lambda value: (value - bottom) * (255.0 / span)).convert("L")
    return frame.convert("RGB")


def _unwrap_png(png: bytes) -> tuple[int, int, bytes]:
    """Bit depth, colour type and the joined IDAT chunks (PNG 1.2, 3.2 and 4.1)."""
    depth = colour = 0
    content = b""
    offset = 8
    while offset < len(png):
        length, name = struct.unpack_from(">I4s", png, offset)
        chunk = png[offset + 8 : offset + 8 + length]
        if name == b"IHDR":
            depth, colour = chunk[8], chunk[9]
        elif name == b"IDAT":
            content += chunk
        offset += 12 + length
    return depth, colour, content


def _dpi(image: Image.Image) -> float:
    given = image.info.get("dpi", (_SCREEN_DPI, _SCREEN_DPI))
    first = float(given[0]) if isinstance(given, tuple) and given else _SCREEN_DPI
    return first if first >= _SCREEN_DPI else _SCREEN_DPI


def _add_page(pdf: pikepdf.Pdf, picture: _Picture) -> None:
    """One A4 page, lying if the picture lies; never larger than the picture's own size on paper."""
    page_width, page_height = _A4 if picture.height >= picture.width else _A4[::-1]
    natural = 72.0 / picture.dpi
    scale = min(page_width / picture.width, page_height / picture.height, natural)
    width, height = picture.width * scale, picture.height * scale
    x, y = (page_width - width) / 2, (page_height - height) / 2
    page = pdf.add_blank_page(page_size=(page_width, page_height))
    image = pikepdf.Stream(pdf, picture.content)
    image.stream_dict = pikepdf.Dictionary(
        {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Image,
            "/Width": picture.width,
            "/Height": picture.height,
            **{
                key: pikepdf.Array(value) if isinstance(value, list) else value
                for key, value in picture.description.items()
            },
        }
    )
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=image))
    drawing = f"q {width:.3f} 0 0 {height:.3f} {x:.3f} {y:.3f} cm /Scan Do Q"
    page.obj["/Contents"] = pdf.make_stream(drawing.encode())
    if picture.turn:
        page.obj["/Rotate"] = picture.turn
