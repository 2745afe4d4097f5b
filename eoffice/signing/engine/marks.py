"""What a signature looks like on the page: drawn one-page PDFs (A.3; Decree 30/2020, PL I II.7d, 8a)."""

from __future__ import annotations

import hashlib
import io
import math
import zlib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops, ImageFont, ImageOps, UnidentifiedImageError

from eoffice.core.typesetting import FONTS_DIR, typeset
from eoffice.signing.errors import ImageInvalid

SEAL_DIAMETER_MM: Final = 36
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_POINTS_PER_MM: Final = 72 / 25.4
_INK: Final = (0.09, 0.22, 0.62)
"""Blue of a pen; the rule asks for blue without naming a shade."""
_IMAGE_LIMIT_BYTES: Final = 2 * 1024 * 1024
_IMAGE_WIDTHS: Final = range(100, 4001)
_STORED_WIDTH: Final = 600


def seal_mark(organization: str, *, superior: str = "", diameter_mm: float = SEAL_DIAMETER_MM) -> bytes:
    """Draw a red round seal of real size: two rings, star, the organisation's name around it."""
    return _seal(organization.upper(), superior.upper(), diameter_mm)


@lru_cache(maxsize=256)
def _seal(organization: str, superior: str, diameter_mm: float) -> bytes:
    diameter = diameter_mm * _POINTS_PER_MM
    radius = diameter * 0.368
    return typeset(
        _TEMPLATES / "seal.typ",
        {
            "diameter": diameter,
            "top": organization,
            "bottom": superior,
            "top_size": _size_on_arc(organization, radius * 4.5, diameter * 0.1),
            "bottom_size": _size_on_arc(superior, radius * 1.4, diameter * 0.075),
        },
        pdf_a=False,
    )


def _size_on_arc(text: str, length: float, largest: float) -> float:
    font = ImageFont.truetype(str(FONTS_DIR / "Tinos-Bold.ttf"), 1000)
    natural = font.getlength(text) / 1000
    return largest if natural == 0 else min(largest, length / natural)


def clean_signature_image(content: bytes) -> bytes:
    """Turn an uploaded PNG into blue ink on nothing, cropped, 600 px wide at most (PNG). Raises ImageInvalid.

    A picture without transparency is read as dark ink on light paper.
    """
    if len(content) > _IMAGE_LIMIT_BYTES or not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ImageInvalid
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if image.width not in _IMAGE_WIDTHS or image.height not in range(20, 4001):
                raise ImageInvalid
            ink = _ink_of(image.convert("RGBA"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ImageInvalid from error
    bounds = ink.point(lambda value: 255 if value > 40 else 0).getbbox()
    if bounds is None:
        raise ImageInvalid("Ảnh không có nét ký nào. Ảnh cũ (nếu có) còn nguyên; chọn ảnh khác.")
    ink = ink.crop(bounds)
    ink.thumbnail((_STORED_WIDTH, _STORED_WIDTH))
    picture = Image.new("RGBA", ink.size, (*(round(part * 255) for part in _INK), 0))
    picture.putalpha(ink)
    stored = io.BytesIO()
    picture.save(stored, "PNG", optimize=True)
    return stored.getvalue()


def _ink_of(image: Image.Image) -> Image.Image:
    alpha = image.getchannel("A")
    darkness = ImageOps.invert(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L"))
    lowest, _ = alpha.getextrema()
    if isinstance(lowest, int | float) and lowest < 250:
        return ImageChops.lighter(darkness, alpha.point(lambda value: value if value > 128 else value // 2))
    return ImageOps.autocontrast(darkness, cutoff=(40, 0)).point(lambda value: 0 if value < 60 else value)


def image_mark(png: bytes, *, width: float, height: float) -> bytes:
    """Set a cleaned signature image in the middle of a box of `width` × `height` points."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        alpha = image.convert("RGBA").getchannel("A")
    scale = min(width / alpha.width, height / alpha.height)
    drawn_width, drawn_height = alpha.width * scale, alpha.height * scale
    with pikepdf.new() as pdf:
        mask = pdf.make_stream(zlib.compress(alpha.tobytes(), 9), _image(alpha.width, alpha.height, Name.DeviceGray))
        ink = bytes(round(part * 255) for part in _INK)
        picture = pdf.make_stream(zlib.compress(ink, 9), _image(1, 1, Name.DeviceRGB, mask))
        x, y = (width - drawn_width) / 2, (height - drawn_height) / 2
        content = f"q {drawn_width:.3f} 0 0 {drawn_height:.3f} {x:.3f} {y:.3f} cm /Ink Do Q"
        return _one_page(pdf, width, height, content, Dictionary(XObject=Dictionary(Ink=picture)))


def _image(width: int, height: int, colours: Name, mask: pikepdf.Object | None = None) -> Dictionary:
    picture = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ColorSpace=colours,
        BitsPerComponent=8,
        Filter=Name.FlateDecode,
    )
    if mask is not None:
        picture.SMask = mask
    return picture


def name_mark(name: str, *, width: float, height: float) -> bytes:
    """Draw a pen stroke that belongs to `name` alone: what stands where no image was uploaded yet."""
    strokes = _pen_strokes(name)
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    scale = min(width * 0.92 / (max(xs) - min(xs)), height * 0.86 / (max(ys) - min(ys)))
    left = (width - (max(xs) - min(xs)) * scale) / 2 - min(xs) * scale
    bottom = (height - (max(ys) - min(ys)) * scale) / 2 - min(ys) * scale
    lines = ["{:.3f} {:.3f} {:.3f} RG 1 J 1 j".format(*_INK)]
    for stroke in strokes:
        points = [(left + x * scale, bottom + y * scale) for x, y in stroke]
        lines.extend(_pen_line(points, thickness=max(height * 0.028, 0.9)))
    with pikepdf.new() as pdf:
        return _one_page(pdf, width, height, "\n".join(lines), Dictionary())


def _pen_line(points: list[tuple[float, float]], *, thickness: float) -> list[str]:
    """A line that is thin where the pen is fast and thick where it turns."""
    lines = []
    speeds = [math.dist(a, b) for a, b in pairwise(points)]
    usual = sorted(speeds)[len(speeds) // 2] or 1.0
    for index in range(0, len(points) - 1, 4):
        part = points[index : index + 5]
        speed = sum(speeds[index : index + 4]) / max(len(speeds[index : index + 4]), 1)
        width = thickness * min(max(1.35 - 0.45 * speed / usual, 0.55), 1.3)
        path = " ".join(f"{x:.2f} {y:.2f} {'m' if number == 0 else 'l'}" for number, (x, y) in enumerate(part))
        lines.append(f"{width:.2f} w {path} S")
    return lines


def _pen_strokes(name: str) -> list[list[tuple[float, float]]]:
    """A tall opening loop, one wave for each letter of the given name, and a closing sweep beneath."""
    seed = hashlib.sha256(name.encode()).digest()
    given = name.split()[-1] if name.split() else name
    waves = max(3, min(len(given) + 1, 7))
    first = [_opening(seed, step / 60) for step in range(61)]
    x, _ = first[-1]
    body = []
    for step in range(waves * 22 + 1):
        turn = step / 22
        wave = int(min(turn, waves - 1))
        tall = 6 + seed[8 + wave] % 14 - 2.2 * wave * 0.6
        phase = 2 * math.pi * turn
        lean = 3.2 + seed[16 + wave] % 4
        body.append((x + 8.5 * turn - lean * math.sin(phase), 8 + tall * (1 - math.cos(phase)) / 2 + turn * 0.9))
    end_x, end_y = body[-1]
    flick = [(end_x + 15 * t, end_y + (6 + seed[30] % 10) * t * t) for t in (step / 12 for step in range(13))]
    sweep = []
    for step in range(49):
        t = step / 48
        sweep.append((end_x + 12 - (end_x + 8) * t, 1 + 4 * math.sin(3.0 * t + seed[31] % 3) + 2.5 * t))
    return [first + body[1:] + flick[1:], sweep]


def _opening(seed: bytes, t: float) -> tuple[float, float]:
    phase = -0.6 * math.pi + 2.7 * math.pi * t
    wide, tall = 8 + seed[0] % 8, 18 + seed[1] % 12
    return 14 + wide * math.cos(phase) + 10 * t, 22 + tall * math.sin(phase) - 12 * t


def _one_page(pdf: pikepdf.Pdf, width: float, height: float, content: str, resources: Dictionary) -> bytes:
    page = pdf.add_blank_page(page_size=(width, height))
    page.obj.Resources = resources
    page.obj.Contents = pdf.make_stream(content.encode())
    page.obj.MediaBox = Array([0, 0, width, height])
    stored = io.BytesIO()
    pdf.save(stored, compress_streams=True, deterministic_id=True)
    return stored.getvalue()
