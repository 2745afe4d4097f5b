"""What happened to renditions, for the rooms above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RENDERED: Final = "renditions.rendered"
FAILED: Final = "renditions.failed"


@dataclass(frozen=True, slots=True)
class FileRendered:
    """The PDF and the text of a stored file are there. Published as `renditions.rendered`."""

    source_sha256: str
    pdf_sha256: str
    page_count: int


@dataclass(frozen=True, slots=True)
class RenderingFailed:
    """No PDF could be made; the source is kept. `message` is Vietnamese. Published as `renditions.failed`."""

    source_sha256: str
    code: str
    message: str
