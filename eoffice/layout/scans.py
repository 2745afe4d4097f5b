"""Whether a scan is good enough for an electronic copy of a paper (Decree 30/2020/ND-CP, PL I, part II)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pikepdf

LEAST_DPI: Final = 200
_SLACK: Final = 0.97
"""Scanners crop a hair; 195 dpi of a page counts as 200."""
_COVERS: Final = 0.6
"""A picture at least so wide, as a share of the page, is the scan of it."""
_GREY: Final = frozenset({"/DeviceGray", "/CalGray"})


def scan_faults(path: Path) -> list[str]:
    """What keeps a PDF from being a copy in the sense of the decree: 200 dpi, colour, one to one; empty if nothing.

    Pages without a picture over most of them are no scan. Raises pikepdf.PdfError for what is no PDF.
    """
    with pikepdf.Pdf.open(path) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            x0, _, x1, _ = (float(value) for value in page.mediabox)
            images = [image for image in page.get_images().values() if "/Width" in image]
            widest = max(images, key=lambda image: int(image.Width), default=None)
            width_inches = (x1 - x0) / 72
            if widest is None or int(widest.Width) < _COVERS * width_inches * 72:
                return [f"Trang {number} không phải ảnh quét. Sao y điện tử là bản quét toàn bộ văn bản giấy."]
            dpi = int(widest.Width) / width_inches
            if dpi < LEAST_DPI * _SLACK:
                return [f"Trang {number} quét {dpi:.0f} dpi. Quét lại từ {LEAST_DPI} dpi, tỷ lệ 100%."]
            if _is_grey(widest):
                return [f"Trang {number} quét đen trắng. Quét lại ở chế độ màu."]
    return []


def _is_grey(image: pikepdf.Object) -> bool:
    if bool(image.get("/ImageMask", False)) or int(image.get("/BitsPerComponent", 8)) == 1:
        return True
    return str(image.get("/ColorSpace", "")) in _GREY
