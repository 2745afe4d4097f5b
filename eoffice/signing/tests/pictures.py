"""Drawn pictures of signatures and seals, good ones and bad ones."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageDraw

BLUE = (23, 56, 158, 255)
BLACK = (20, 20, 20, 255)
RED = (205, 20, 30, 255)
CLEAR = (255, 255, 255, 0)
WHITE = (255, 255, 255, 255)


def signature_png(ink: tuple[int, int, int, int] = BLUE, paper: tuple[int, int, int, int] = CLEAR) -> bytes:
    picture = Image.new("RGBA", (400, 160), paper)
    ImageDraw.Draw(picture).line([(30, 120), (150, 30), (220, 130), (360, 40)], fill=ink, width=8)
    return png(picture)


def seal_png(
    ink: tuple[int, int, int, int] = RED, paper: tuple[int, int, int, int] = CLEAR, *, side: int = 600, wide: int = 0
) -> bytes:
    picture = Image.new("RGBA", (side + wide, side), paper)
    draw = ImageDraw.Draw(picture)
    draw.ellipse([10, 10, side + wide - 10, side - 10], outline=ink, width=14)
    draw.ellipse([90, 90, side + wide - 90, side - 90], outline=ink, width=8)
    draw.regular_polygon((side // 2, side // 2, 60), 5, fill=ink)
    return png(picture)


def bomb_png(width: int, height: int) -> bytes:
    """A file of a few bytes whose header promises `width` × `height` pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()
