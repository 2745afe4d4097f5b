"""The separate files of an outgoing document: what goes out of each, its signatures, and where the words will stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Annex, AnnexWay, FilePurpose, FileVersion, OutgoingDocument
from eoffice.documents.queries.outgoing import get_outgoing
from eoffice.organization.actor import Actor
from eoffice.renditions import queries as renditions
from eoffice.signing.engine.text_marks import Corner, annex_words
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.queries.verdicts import NewestVerdict, newest_verdicts_of


@dataclass(frozen=True, slots=True)
class SentAttachment:
    """One attached file of a paper; `annex` None where nobody has decided how it goes out (or ever did)."""

    attachment: FileVersion
    annex: Annex | None
    position: int

    @property
    def sealed(self) -> FileVersion | None:
        """The file the organisation signed, if it did."""
        return self.annex.sealed if self.annex is not None else None

    @property
    def files(self) -> list[FileVersion]:
        """What recipients get: the signed file, the original beside it where that is something else."""
        if self.annex is None or self.sealed is None:
            return [self.attachment]
        return [self.sealed] if self.annex.way == AnnexWay.SEALED else [self.sealed, self.attachment]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexLine:
    """One attached file as a page shows it: what it is now, why it is not signed, and what its check said."""

    sent: SentAttachment
    words: str
    tone: str
    reason: str
    checked: NewestVerdict | None

    @property
    def id(self) -> int:
        """The attached file, which names the annex in addresses."""
        return self.sent.attachment.pk

    @property
    def name(self) -> str:
        return self.sent.attachment.name

    @property
    def position(self) -> int:
        return self.sent.position

    @property
    def verdict(self) -> Verdict | None:
        return self.checked.verdict if self.checked else None

    @property
    def is_planned(self) -> bool:
        """Whether it will be signed when the paper is sealed."""
        return self.sent.annex is not None and self.sent.annex.is_to_be_sealed and self.sent.sealed is None

    @property
    def original(self) -> FileVersion | None:
        """The file as it was attached, where its signed PDF is another one."""
        return self.sent.attachment if len(self.sent.files) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexPage:
    """One annex: its line, the place and words of the mark, and how many pages can be shown (0: none)."""

    outgoing: OutgoingDocument
    line: AnnexLine
    corner: Corner | None
    mark: str
    page_count: int
    may_print: bool
    """Signed, issued and not recalled."""


def sent_attachments(draft_id: int) -> list[SentAttachment]:
    """The separate files of a paper in order, each with how it goes out; one query."""
    rows = FileVersion.objects.filter(draft_id=draft_id, purpose=FilePurpose.ATTACHMENT)
    found = rows.select_related("file", "annex__sealed").order_by("pk")
    return [SentAttachment(row, getattr(row, "annex", None), place) for place, row in enumerate(found, start=1)]


def annex_lines(draft_id: int) -> tuple[AnnexLine, ...]:
    """The same as a page shows them; one query, three where some are signed."""
    sent = sent_attachments(draft_id)
    checked = newest_verdicts_of(each.sealed.file_id for each in sent if each.sealed is not None)
    return tuple(_line(each, checked) for each in sent)


def _line(sent: SentAttachment, checked: dict[str, NewestVerdict]) -> AnnexLine:
    annex = sent.annex
    if annex is not None and annex.sealed is not None:
        words, tone, reason = "đã ký số", "green", ""
    elif annex is not None and annex.is_to_be_sealed:
        words, tone, reason = "sẽ ký số khi đóng dấu", "", ""
    else:
        words, tone, reason = "chưa ký", "amber", annex.reason if annex else ""
    found = checked.get(sent.sealed.file_id) if sent.sealed is not None else None
    return AnnexLine(sent=sent, words=words, tone=tone, reason=reason, checked=found)


def annex_page(actor: Actor, outgoing_id: int, attachment_id: int, *, now: datetime) -> AnnexPage:
    """One annex of a document the actor may see. Raises DocumentNotFound."""
    outgoing = get_outgoing(actor, outgoing_id)
    line = next((each for each in annex_lines(outgoing.draft_id) if each.id == attachment_id), None)
    if line is None:
        raise DocumentNotFound("Không tìm thấy tệp kèm này.")
    annex = line.sent.annex
    corner = Corner.from_json(annex.corner) if annex is not None and annex.corner else None
    rendition = renditions.rendition_of(shown_sha(line.sent))
    return AnnexPage(
        outgoing=outgoing,
        line=line,
        corner=corner if line.is_planned else None,
        mark=annex_words(outgoing.shown_code, now),
        page_count=(rendition.page_count if rendition else None) or (1 if corner else 0),
        may_print=line.sent.sealed is not None
        and outgoing.issued_at is not None
        and getattr(outgoing, "recall", None) is None,
    )


def get_sent(actor: Actor, outgoing_id: int, attachment_id: int) -> tuple[OutgoingDocument, SentAttachment]:
    """One attached file of a document the actor may see. Raises DocumentNotFound."""
    outgoing = get_outgoing(actor, outgoing_id)
    found = [each for each in sent_attachments(outgoing.draft_id) if each.attachment.pk == attachment_id]
    if not found:
        raise DocumentNotFound("Không tìm thấy tệp kèm này.")
    return outgoing, found[0]


def shown_sha(sent: SentAttachment) -> str:
    """The stored file whose pages show an annex: the signed one, the one that will be, or the attached one."""
    if sent.sealed is not None:
        return str(sent.sealed.file_id)
    if sent.annex is not None and sent.annex.source_id is not None:
        return str(sent.annex.source_id)
    return str(sent.attachment.file_id)
