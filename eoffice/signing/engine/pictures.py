"""Uploaded pictures of signatures and seals: what is measured, and when one is refused (Decree 30/2020, PL I, 7d, 8a).

The rule asks for PNG, a transparent background, blue for signatures, red at real size for seals. It names no shade and
no share, so the limits below are ours; a refusal says what was measured beside each of them.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from eoffice.signing.engine.marks import INK
from eoffice.signing.errors import ImageInvalid

LIMIT_BYTES: Final = 2 * 1024 * 1024
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES: Final = 24
_WIDTHS: Final = range(100, 4001)
_HEIGHTS: Final = range(20, 4001)
LEAST_CLEAR_PERCENT: Final = 30
"""Share of the picture, cropped to its ink, that shows what lies below it."""
LEAST_COLOUR_PERCENT: Final = 85
"""Share of the inked pixels that are blue (signature) or red (seal)."""
LEAST_SEAL_PX: Final = 300
"""About 200 dots per inch for a seal of 36 mm."""
_ROUND: Final = 0.06
_CLEAR_BELOW: Final = 16
_INKED_FROM: Final = 96
_SATURATED_FROM: Final = 64
_BLUE_HUES: Final = range(133, 195)
"""188° to 274° on Pillow's circle of 256 steps: from turquoise ink to violet ink."""
_RED_HUES: Final = frozenset((*range(240, 256), *range(14)))
"""338° to 19°."""
_SIGNATURE_PX: Final = 600
_SEAL_PX: Final = 1000


@dataclass(frozen=True, slots=True)
class MarkPicture:
    """A picture ready to be drawn: cropped to its ink, encoded anew. Percentages are whole, of what was uploaded."""

    png: bytes
    clear_percent: int
    colour_percent: int


def signature_picture(content: bytes, *, from_paper: bool) -> MarkPicture:
    """Check the picture of a handwritten signature. Raises ImageInvalid with every fault and its measure.

    With `from_paper` the picture is a photograph or scan of dark ink on light paper: the paper is taken away and the
    ink made blue, instead of being refused.
    """
    picture = _opened(content)
    if from_paper:
        picture = _lifted_from_paper(picture)
    picture = _cropped(picture, largest=_SIGNATURE_PX)
    clear, blue = _clear_percent(picture), _colour_percent(picture, frozenset(_BLUE_HUES))
    faults = [*_clear_faults(clear), *_colour_faults(blue, "nét ký chưa phải mực xanh", "xanh")]
    _refuse(faults, "Ảnh đang dùng (nếu có) còn nguyên. Ảnh chụp trên giấy trắng: chọn “tách nền giấy” rồi tải lại.")
    return MarkPicture(_encoded(picture), clear, blue)


def seal_picture(content: bytes) -> MarkPicture:
    """Check the picture of a round seal. Raises ImageInvalid with every fault and its measure."""
    picture = _cropped(_opened(content), largest=4000)
    width, height = picture.size
    faults = []
    if min(width, height) < LEAST_SEAL_PX:
        faults.append(f"dấu rộng {width} × {height} điểm ảnh, cần từ {LEAST_SEAL_PX} điểm mỗi chiều")
    if abs(width / height - 1) > _ROUND:
        faults.append(f"dấu không tròn ({width} × {height} điểm ảnh sau khi cắt lề)")
    picture.thumbnail((_SEAL_PX, _SEAL_PX))
    clear, red = _clear_percent(picture), _colour_percent(picture, _RED_HUES)
    faults += [*_clear_faults(clear), *_colour_faults(red, "dấu chưa phải màu đỏ", "đỏ")]
    _refuse(faults, "Ảnh dấu đang dùng (nếu có) còn nguyên; quét lại dấu, bỏ nền rồi tải lên.")
    return MarkPicture(_encoded(picture), clear, red)


def _opened(content: bytes) -> Image.Image:
    """The decoded picture; its size is read from the header first, so that no bomb is ever unpacked."""
    if len(content) > LIMIT_BYTES or not content.startswith(_SIGNATURE) or len(content) < _HEADER_BYTES:
        raise ImageInvalid
    width, height = struct.unpack(">II", content[16:_HEADER_BYTES])
    if width not in _WIDTHS or height not in _HEIGHTS:
        raise ImageInvalid
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            return image.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageInvalid from error


def _lifted_from_paper(picture: Image.Image) -> Image.Image:
    on_white = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    darkness = ImageOps.autocontrast(ImageOps.invert(on_white.convert("L")), cutoff=(40, 0))
    lifted = Image.new("RGBA", picture.size, (*(round(part * 255) for part in INK), 0))
    lifted.putalpha(darkness.point([0 if value < 60 else value for value in range(256)]))
    return lifted


def _cropped(picture: Image.Image, *, largest: int) -> Image.Image:
    bounds = _at_least(picture.getchannel("A"), _CLEAR_BELOW).getbbox()
    if bounds is None:
        raise ImageInvalid("Ảnh không có nét nào. Ảnh đang dùng (nếu có) còn nguyên; chọn ảnh khác.")
    cropped = picture.crop(bounds)
    cropped.thumbnail((largest, largest))
    return cropped


def _clear_percent(picture: Image.Image) -> int:
    counts = picture.getchannel("A").histogram()
    return round(100 * sum(counts[:_CLEAR_BELOW]) / sum(counts))


def _colour_percent(picture: Image.Image, hues: frozenset[int]) -> int:
    inked = _at_least(picture.getchannel("A"), _INKED_FROM)
    hue, saturation, _ = picture.convert("RGB").convert("HSV").split()
    wanted = hue.point([255 if step in hues else 0 for step in range(256)])
    coloured = ImageChops.darker(wanted, _at_least(saturation, _SATURATED_FROM)).histogram(inked)
    return round(100 * coloured[255] / max(sum(coloured), 1))


def _at_least(channel: Image.Image, least: int) -> Image.Image:
    return channel.point([255 if value >= least else 0 for value in range(256)])


def _clear_faults(percent: int) -> list[str]:
    if percent >= LEAST_CLEAR_PERCENT:
        return []
    return [f"nền không trong suốt (đo được {percent}% điểm ảnh trong suốt, cần từ {LEAST_CLEAR_PERCENT}%)"]


def _colour_faults(percent: int, words: str, colour: str) -> list[str]:
    if percent >= LEAST_COLOUR_PERCENT:
        return []
    return [f"{words} (đo được {percent}% điểm nét màu {colour}, cần từ {LEAST_COLOUR_PERCENT}%)"]


def _refuse(faults: list[str], remedy: str) -> None:
    if faults:
        raise ImageInvalid(f"Ảnh chưa dùng được: {'; '.join(faults)}. {remedy}")


def _encoded(picture: Image.Image) -> bytes:
    """A new PNG of nothing but pixels: whatever else the uploaded file carried is left behind."""
    stored = io.BytesIO()
    Image.frombytes("RGBA", picture.size, picture.tobytes()).save(stored, "PNG", optimize=True)
    return stored.getvalue()
