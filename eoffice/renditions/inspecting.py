"""The facts of a PDF that decide whether it is taken in, read in a limited process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from eoffice.core.geometry import Box
from eoffice.renditions.errors import DamagedFile, EmptyFile, FileTooLarge, TooManyPages
from eoffice.renditions.isolated import read_pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfFacts:
    """What a PDF is made of. `page_sizes` are width and height in points, as shown (rotation applied)."""

    pages: int
    encrypted: bool
    """Restricted by an owner's password but open to read; one that needs a password is refused before."""
    has_javascript: bool
    has_launch_action: bool
    has_embedded_files: bool
    signed_fields: tuple[str, ...]
    """Full names of signature fields that hold a signature, in order of the form."""
    signature_boxes: tuple[Box, ...]
    """Where those signatures are drawn; one without a visible mark has none."""
    page_sizes: tuple[tuple[float, float], ...]
    truncated: bool
    """The end of the file is missing."""
    repaired: bool
    """Its table of objects is wrong; it reads only because readers rebuild it."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know about an accepted file, in Vietnamese."""
        said = (
            (
                self.has_javascript,
                "Tệp có mã JavaScript. Hệ thống không chạy mã này; khi tải về, chỉ mở bằng phần mềm đã tắt JavaScript.",
            ),
            (self.has_launch_action, "Tệp có lệnh mở chương trình khác. Hệ thống không chạy lệnh này."),
            (self.has_embedded_files, "Tệp mang theo tệp đính kèm bên trong. Hệ thống không mở các tệp đó."),
            (self.encrypted, "Tệp bị nơi gửi hạn chế quyền in, sao chép. Vẫn đọc và đăng ký được."),
            (self.repaired, "Cấu trúc tệp có lỗi nhỏ nhưng vẫn đọc được. Đối chiếu đủ số trang với nơi gửi."),
        )
        return tuple(text for holds, text in said if holds)


def inspect_pdf(path: Path) -> PdfFacts:
    """Read the facts of the PDF at `path`, without judging them beyond what makes it unreadable.

    Raises EmptyFile, EncryptedFile (needs a password) and DamagedFile (no reader can open it).
    """
    if path.stat().st_size == 0:
        raise EmptyFile
    facts = read_pdf("inspect", path)
    return PdfFacts(
        pages=facts["pages"],
        encrypted=facts["encrypted"],
        has_javascript=facts["has_javascript"],
        has_launch_action=facts["has_launch_action"],
        has_embedded_files=facts["has_embedded_files"],
        signed_fields=tuple(facts["signed_fields"]),
        signature_boxes=tuple(Box(int(page), *corners) for page, *corners in facts["signature_boxes"]),
        page_sizes=tuple((width, height) for width, height in facts["page_sizes"]),
        truncated=facts["truncated"],
        repaired=facts["repaired"],
    )


def require_receivable_pdf(path: Path) -> PdfFacts:
    """Refuse a PDF the house cannot keep and show whole; return the facts of one it can.

    Limits are `UPLOAD_LIMIT_BYTES` and `PDF_PAGE_LIMIT`. JavaScript, launch actions and files inside are
    accepted with a warning (`PdfFacts.warnings`): real letters carry them, refusing would send the clerk
    back to paper, no viewer of ours runs them, and the bytes must stay as signed.
    Raises EmptyFile, FileTooLarge, EncryptedFile, DamagedFile, TooManyPages.
    """
    if path.stat().st_size > settings.UPLOAD_LIMIT_BYTES:
        raise FileTooLarge(settings.UPLOAD_LIMIT_BYTES)
    facts = inspect_pdf(path)
    if facts.truncated or facts.pages == 0:
        raise DamagedFile
    if facts.pages > settings.PDF_PAGE_LIMIT:
        raise TooManyPages(facts.pages, settings.PDF_PAGE_LIMIT)
    return facts
