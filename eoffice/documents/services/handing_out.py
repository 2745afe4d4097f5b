"""What leaves the house: an issued file, or its copy on paper with the conversion footer. Before: pictures only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eoffice.audit import services as audit
from eoffice.core import files
from eoffice.core.clock import VIETNAM
from eoffice.core.models import StoredFile
from eoffice.documents.errors import NotIssued, PdfNotReady, Recalled
from eoffice.documents.models import CheckCode, FilePurpose, OutgoingDocument, Recall
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.queries.annexes import SentAttachment, annex_lines, get_sent, shown_sha
from eoffice.documents.queries.outgoing import get_outgoing
from eoffice.documents.queries.outgoing_numbering import get_signed_file
from eoffice.documents.services.check_codes import shown_address
from eoffice.layout.stamps import stamp_conversion_footer, watermark_image
from eoffice.organization import queries as organization
from eoffice.organization.actor import Actor
from eoffice.renditions import queries as renditions
from eoffice.renditions.pages import page_image
from eoffice.signing import queries as signatures

_SCREEN_WIDTH_PX: Final = 1240


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A file to send to the browser, under a name a person can read."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HandedOutAnnex:
    """A stored file to send to the browser, under a name a person can read."""

    name: str
    stored: StoredFile


def hand_out_file(*, actor: Actor, outgoing_id: int, now: datetime) -> HandedOut:
    """The issued file with its signatures, and what was added since so that they last. The read leaves an audit line.

    Raises DocumentNotFound, NotIssued.
    """
    outgoing = _issued(actor, outgoing_id)
    _note(actor, outgoing, now, "file")
    return HandedOut(f"{_file_name(outgoing)}.pdf", files.read(signatures.newest_of(_sha256_of(outgoing))))


def hand_out_paper_copy(*, actor: Actor, outgoing_id: int, now: datetime) -> HandedOut:
    """A copy to print: each page names system, owner, address and code for look-up, time and person.

    Its signatures are drawn, no longer checkable. Source: Luật 20/2023/QH15, Điều 12; NĐ 137/2024.
    Raises DocumentNotFound, NotIssued, Recalled.
    """
    outgoing = _issued(actor, outgoing_id)
    if Recall.objects.filter(outgoing=outgoing).exists():
        raise Recalled
    _note(actor, outgoing, now, "paper")
    footer = [*_footer(actor, outgoing, now), *_annex_words(outgoing)]
    content = stamp_conversion_footer(files.read(_sha256_of(outgoing)), footer)
    return HandedOut(f"{_file_name(outgoing)}-ban-giay.pdf", content)


def hand_out_annex(
    *, actor: Actor, outgoing_id: int, attachment_id: int, now: datetime, original: bool = False
) -> HandedOutAnnex:
    """One separate file of an issued document as it went out; `original`: as it was attached, beside its signed PDF.

    The read leaves an audit line. Raises DocumentNotFound, NotIssued.
    """
    outgoing, sent = get_sent(actor, outgoing_id, attachment_id)
    if outgoing.issued_at is None:
        raise NotIssued
    file = sent.attachment if original else sent.files[0]
    _note(actor, outgoing, now, f"annex {sent.position}")
    sha256 = signatures.newest_of(file.file_id) if file.purpose == FilePurpose.ANNEX else str(file.file_id)
    return HandedOutAnnex(_annex_name(outgoing, sent, file.name), files.get(sha256))


def hand_out_annex_on_paper(*, actor: Actor, outgoing_id: int, attachment_id: int, now: datetime) -> HandedOut:
    """A signed annex to print, with the footer of its paper that also says what its signatures are worth.

    Raises DocumentNotFound, NotIssued, Recalled.
    """
    outgoing, sent = get_sent(actor, outgoing_id, attachment_id)
    if outgoing.issued_at is None or sent.sealed is None:
        raise NotIssued
    if Recall.objects.filter(outgoing=outgoing).exists():
        raise Recalled
    _note(actor, outgoing, now, f"paper of annex {sent.position}")
    verdict = signatures.newest_verdict_of(sent.sealed.file_id)
    said = f"chữ ký số: {verdict.verdict.label.lower()}" if verdict else "chữ ký số chưa kiểm tra xong"
    footer = _footer(actor, outgoing, now)
    lines = [f"Phụ lục {sent.position} của văn bản {outgoing.shown_code}, {said}", *footer]
    content = stamp_conversion_footer(files.read(sent.sealed.file_id), lines)
    return HandedOut(f"{_file_name(outgoing)}-phu-luc-{sent.position}-ban-giay.pdf", content)


def annex_screen_page(*, actor: Actor, outgoing_id: int, attachment_id: int, page: int, now: datetime) -> bytes:
    """One page of an annex as a picture (WebP), with the reader's name across it.

    `page` counts from 0. Raises DocumentNotFound, PdfNotReady.
    """
    _, sent = get_sent(actor, outgoing_id, attachment_id)
    sha256 = renditions.pdf_of(shown_sha(sent))
    if sha256 is None:
        raise PdfNotReady
    return _watermarked(actor, sha256, page, now)


def screen_page(*, actor: Actor, outgoing_id: int, page: int, now: datetime) -> bytes:
    """One page as a picture (WebP): with the reader's name across it as long as the document is not issued.

    `page` counts from 0. Raises DocumentNotFound, NotIssued where the page is not set yet.
    """
    outgoing = get_outgoing(actor, outgoing_id)
    if outgoing.file is None:
        raise NotIssued("Trang chưa sẵn sàng: số và ngày đang được ghi lên trang.")
    return _watermarked(actor, outgoing.file.file_id, page, now)


def signed_page(*, actor: Actor, draft_id: int, page: int, now: datetime) -> bytes:
    """The same for a signed draft that waits for its number. Raises DocumentNotFound."""
    return _watermarked(actor, get_signed_file(actor, draft_id).file_id, page, now)


def _watermarked(actor: Actor, sha256: str, page: int, now: datetime) -> bytes:
    picture = page_image(sha256, page, _SCREEN_WIDTH_PX).read_bytes()
    return watermark_image(picture, f"CHƯA PHÁT HÀNH · {actor.name} · {now.astimezone(VIETNAM):%d/%m/%Y %H:%M}")


def _issued(actor: Actor, outgoing_id: int) -> OutgoingDocument:
    outgoing = get_outgoing(actor, outgoing_id)
    if outgoing.issued_at is None or outgoing.file is None:
        raise NotIssued
    return outgoing


def _sha256_of(outgoing: OutgoingDocument) -> str:
    if outgoing.file is None:
        raise NotIssued
    return str(outgoing.file.file_id)


def _file_name(outgoing: OutgoingDocument) -> str:
    return outgoing.shown_code.replace("/", "-")


def _annex_words(outgoing: OutgoingDocument) -> list[str]:
    """What of the separate files is signed, for the foot of the paper they go with."""
    lines = annex_lines(outgoing.draft_id)
    if not lines:
        return []
    groups: dict[str, list[str]] = {}
    for line in lines:
        worth = f" ({line.verdict.verdict.label.lower()})" if line.verdict else ""
        groups.setdefault(f"{line.words}{worth}", []).append(str(line.position))
    said = "; ".join(f"phụ lục {', '.join(places)} {words}" for words, places in groups.items())
    return [f"Kèm {len(lines)} tệp rời: {said}"]


def _annex_name(outgoing: OutgoingDocument, sent: SentAttachment, name: str) -> str:
    return f"{_file_name(outgoing)}-phu-luc-{sent.position}-{name}"


def _footer(actor: Actor, outgoing: OutgoingDocument, now: datetime) -> list[str]:
    installation = organization.installation()
    owner = installation.name if installation else outgoing.registry.name
    code: CheckCode | None = getattr(outgoing.draft, "check_code", None)
    where = f"{shown_address()}; mã: {code.shown}" if code else f"{_sha256_of(outgoing)[:16]}, tại {owner}"
    return [
        f"Bản giấy chuyển đổi từ văn bản điện tử {outgoing.shown_code}; hệ thống eOffice của {owner}",
        f"Tra cứu: {where}",
        f"Chuyển đổi lúc {now.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S} bởi {actor.name}, {actor.unit_name}",
    ]


def _note(actor: Actor, outgoing: OutgoingDocument, now: datetime, form: str) -> None:
    audit.record_read(
        actor=actor.ref, object_kind=f"documents.{permissions.KIND}", object_id=outgoing.pk, now=now,
        detail={"form": form},
    )  # fmt: skip
