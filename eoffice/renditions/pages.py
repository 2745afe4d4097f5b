"""Pages of a stored PDF as pictures and text, made once and kept in a cache that can be thrown away."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from django.conf import settings

from eoffice.core import files
from eoffice.renditions.errors import PageNotFound
from eoffice.renditions.isolated import read_pdf

WIDTHS: Final = (160, 320, 800, 1200, 1600, 2400)
"""Widths kept, in pixels; others are rounded up, so that nobody can fill the disk by counting."""
THUMBNAIL_PX: Final = 160
MAX_PIXELS: Final = 12_000_000
_TOGETHER: Final = 8
"""Thumbnails are asked for in rows: drawing eight costs little more than starting the reader once."""


def page_image(sha256: str, page: int, width_px: int) -> Path:
    """The picture (WebP) of page `page` (from 0) of a stored PDF, at least `width_px` wide where it may be.

    Drawn with annotations and form appearances, so signatures show; never larger than `MAX_PIXELS`.
    Whoever serves it has checked the right to see the document. Raises PageNotFound, DamagedFile.
    """
    if page < 0:
        raise PageNotFound
    width = next((one for one in WIDTHS if one >= width_px), WIDTHS[-1])
    target = _cache_of(sha256) / f"{width}-{page}.webp"
    if not target.exists():
        _draw(sha256, page, width)
    if not target.exists():
        raise PageNotFound
    return target


def thumbnail(sha256: str, page: int) -> Path:
    """The small picture of a page. Raises as `page_image`."""
    return page_image(sha256, page, THUMBNAIL_PX)


def texts_of(path: Path) -> tuple[str, ...]:
    """The text of each page of a PDF (NFC, lines by `\\n`); empty strings for pictures without a text layer.

    Text that exists only as a form or signature appearance (a clerk's number) is in it.
    Raises EncryptedFile, DamagedFile.
    """
    return tuple(read_pdf("text", path, seconds=120))


def forget(sha256: str) -> None:
    """Throw the cached pictures of a file away."""
    shutil.rmtree(_cache_of(sha256), ignore_errors=True)


def _cache_of(sha256: str) -> Path:
    return Path(settings.ENVIRONMENT.data_dir) / "renditions" / sha256[:2] / sha256[2:4] / sha256


def _draw(sha256: str, page: int, width: int) -> None:
    source = files.path_of(sha256)
    if not source.exists():
        raise PageNotFound
    cache = _cache_of(sha256)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".draw-", dir=cache) as directory:
        for number, name in _drawn(source, Path(directory), page, width):
            # Two readers may draw the same page at once: the last rename wins, both pictures are whole.
            (Path(directory) / name).replace(cache / f"{width}-{number}.webp")


def _drawn(source: Path, directory: Path, page: int, width: int) -> list[tuple[int, str]]:
    together = range(page - page % _TOGETHER, page - page % _TOGETHER + _TOGETHER) if width <= WIDTHS[1] else [page]
    wanted = [str(page), *(str(number) for number in together if number != page)]
    names: list[str] = read_pdf("render", source, str(directory), str(width), str(MAX_PIXELS), *wanted, seconds=60)
    return [(int(name.partition(".")[0]), name) for name in names]
