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
from PIL import Image, ImageFont

from eoffice.core.typesetting import FONTS_DIR, typeset

SEAL_DIAMETER_MM: Final = 36
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
POINTS_PER_MM: Final = 72 / 25.4
INK: Final = (0.09, 0.22, 0.62)
"""Blue of a pen; the rule asks for blue without naming a shade."""


def seal_mark(organization: str, *, superior: str = "", diameter_mm: float = SEAL_DIAMETER_MM) -> bytes:
    """Draw a red round seal of real size: two rings, star, the organisation's name around it."""
    return _seal(organization.upper(), superior.upper(), diameter_mm)


@lru_cache(maxsize=256)
def _seal(organization: str, superior: str, diameter_mm: float) -> bytes:
    diameter = diameter_mm * POINTS_PER_MM
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


def image_mark(png: bytes, *, width: float, height: float, most_mm: float | None = None) -> bytes:
    """Set a checked picture, in its own colours, in the middle of a box of `width` × `height` points.

    It fills the box; with `most_mm` it is that wide or high, and smaller only where the box is.
    """
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        picture = image.convert("RGBA")
    scale = min(width / picture.width, height / picture.height)
    if most_mm is not None:
        scale = min(scale, most_mm * POINTS_PER_MM / max(picture.size))
    drawn_width, drawn_height = picture.width * scale, picture.height * scale
    alpha, colours = picture.getchannel("A").tobytes(), picture.convert("RGB").tobytes()
    with pikepdf.new() as pdf:
        mask = pdf.make_stream(zlib.compress(alpha, 9), _image(picture.width, picture.height, Name.DeviceGray))
        ink = pdf.make_stream(zlib.compress(colours, 9), _image(picture.width, picture.height, Name.DeviceRGB, mask))
        x, y = (width - drawn_width) / 2, (height - drawn_height) / 2
        content = f"q {drawn_width:.3f} 0 0 {drawn_height:.3f} {x:.3f} {y:.3f} cm /Ink Do Q"
        return _one_page(pdf, width, height, content, Dictionary(XObject=Dictionary(Ink=ink)))


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
    lines = ["{:.3f} {:.3f} {:.3f} RG 1 J 1 j".format(*INK)]
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
