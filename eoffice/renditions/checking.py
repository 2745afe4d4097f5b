"""The one question asked of every file somebody brings: can the house take it in?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from PIL import Image, UnidentifiedImageError

from eoffice.renditions.converting import MAX_IMAGE_PIXELS
from eoffice.renditions.errors import DamagedFile, EmptyFile, FileTooLarge, FileTypeRefused, ImageTooLarge
from eoffice.renditions.inspecting import PdfFacts, require_receivable_pdf
from eoffice.renditions.sniffing import FileKind, sniff


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file that may be taken in. `facts` are there for a PDF only; `warnings` are Vietnamese sentences."""

    kind: FileKind
    size_bytes: int
    facts: PdfFacts | None
    warnings: tuple[str, ...]

    @property
    def media_type(self) -> str:
        return self.kind.media_type


def check(path: Path, *, takes_xml: bool = False) -> CheckedFile:
    """Refuse what cannot be kept, shown or trusted to stay still; tell what the rest is.

    XML is taken only where the caller has a use for it.

    Runs outside any transaction: a PDF is read by another process for up to 30 seconds. Marks of secrecy are
    another question (`secrecy.examine`). Raises the refusals of `errors.FileRefused`.
    """
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise EmptyFile
    if size_bytes > settings.UPLOAD_LIMIT_BYTES:
        raise FileTooLarge(settings.UPLOAD_LIMIT_BYTES)
    kind = sniff(path)
    if kind is FileKind.OTHER or (kind is FileKind.XML and not takes_xml):
        raise FileTypeRefused
    if kind.is_image:
        _require_sane_image(path)
    facts = require_receivable_pdf(path) if kind is FileKind.PDF else None
    return CheckedFile(kind=kind, size_bytes=size_bytes, facts=facts, warnings=facts.warnings if facts else ())


def _require_sane_image(path: Path) -> None:
    """Read the header only: a picture of a few bytes can claim gigabytes of memory."""
    try:
        with Image.open(path) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise DamagedFile from error
    except Image.DecompressionBombError as error:
        raise ImageTooLarge from error
    if width * height > MAX_IMAGE_PIXELS:
        raise ImageTooLarge
