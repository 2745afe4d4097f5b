"""How each separate file of a paper will go out: signed itself, as a signed PDF beside it, or as it came."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from eoffice.core.errors import ExpectedError
from eoffice.documents.errors import AnnexNotReady, AnnexUnsealable, VersionChanged
from eoffice.documents.models import Annex, AnnexWay, Draft, FilePurpose, FileVersion, OutgoingDocument
from eoffice.renditions import queries as renditions
from eoffice.renditions.models import RenditionState
from eoffice.renditions.sniffing import FileKind
from eoffice.signing import services as signing

PDF: Final = FileKind.PDF.media_type
RENDERED: Final = frozenset(
    kind.media_type for kind in (FileKind.DOCX, FileKind.DOC, FileKind.ODT, FileKind.PNG, FileKind.JPEG, FileKind.TIFF)
)
"""Texts and pictures: their PDF says the same as they do, so it is signed and goes beside them."""
_TABLES: Final = frozenset({FileKind.XLSX.media_type, FileKind.XLS.media_type})
NO_SEAL: Final = "Văn bản không đóng dấu nên tệp kèm không ký số."
TABLE: Final = "Bảng tính gửi nguyên để nơi nhận dùng số liệu; cần ký số thì đính kèm thêm bản PDF."
OTHER_KIND: Final = "Loại tệp này không ký số được; cần ký số thì đính kèm bản PDF."
NOT_RENDERED: Final = "Không chuyển được sang PDF nên không ký số."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAnnex:
    """What becomes of one attached file; `corner` as `Annex.corner` keeps it."""

    attachment: FileVersion
    way: AnnexWay
    reason: str = ""
    source_sha: str | None = None
    corner: dict[str, object] | None = None


def attachments_of(draft_id: int) -> list[FileVersion]:
    """The separate files of a draft in the order they were attached."""
    rows = FileVersion.objects.filter(draft_id=draft_id, purpose=FilePurpose.ATTACHMENT)
    return list(rows.select_related("file").order_by("pk"))


def expected_words(media_type: str, *, is_sealed: bool) -> str:
    """What will be done with a separate file, as far as its kind alone tells."""
    if not is_sealed or (media_type != PDF and media_type not in RENDERED):
        return "gửi nguyên, không ký"
    return "ký số khi đóng dấu" if media_type == PDF else "ký số bản PDF khi đóng dấu"


def plan_annexes(*, draft: Draft, now: datetime, may_leave: bool = False) -> list[PlannedAnnex]:
    """Look at each separate file of a paper; reads and judges files, so never called inside a transaction.

    An encrypted or damaged PDF is refused, or left as it came where the number was taken before anybody looked
    (`may_leave`). Raises AnnexUnsealable, AnnexNotReady (a rendition is under way).
    """
    attachments = attachments_of(draft.pk)
    if not draft.needs_seal:
        return [_left(each, NO_SEAL) for each in attachments]
    planned, faults = [], {}
    for each in attachments:
        try:
            planned.append(_planned(each, now))
        except AnnexNotReady:
            raise
        except ExpectedError as error:
            faults[each.name] = error.message
            planned.append(_left(each, error.message))
    if faults and not may_leave:
        raise AnnexUnsealable(faults)
    return planned


def keep_plan(outgoing: OutgoingDocument, planned: list[PlannedAnnex]) -> None:
    """Write a plan under its number, in the caller's transaction. Raises VersionChanged when files came or went."""
    if [each.attachment.pk for each in planned] != [each.pk for each in attachments_of(outgoing.draft_id)]:
        raise VersionChanged("Tệp kèm vừa thay đổi. Chưa cấp số; tải lại trang rồi làm lại.")
    Annex.objects.bulk_create(
        [
            Annex(
                outgoing=outgoing, attachment=each.attachment, position=position, way=each.way, reason=each.reason,
                source_id=each.source_sha, corner=each.corner or {},
            )
            for position, each in enumerate(planned, start=1)
        ]
    )  # fmt: skip


def _planned(attachment: FileVersion, now: datetime) -> PlannedAnnex:
    media_type = attachment.file.media_type
    if media_type == PDF:
        return _on(attachment, AnnexWay.SEALED, attachment.file_id, now)
    if media_type not in RENDERED:
        return _left(attachment, TABLE if media_type in _TABLES else OTHER_KIND)
    rendition = renditions.rendition_of(attachment.file_id)
    if rendition is not None and rendition.state == RenditionState.FAILED:
        return _left(attachment, NOT_RENDERED)
    if rendition is None or rendition.state != RenditionState.DONE or rendition.result_id is None:
        raise AnnexNotReady
    return _on(attachment, AnnexWay.RENDITION, rendition.result_id, now)


def _on(attachment: FileVersion, way: AnnexWay, sha256: str, now: datetime) -> PlannedAnnex:
    plan = signing.plan_annex(sha256=sha256, now=now)
    if plan.untouched:
        return _left(attachment, plan.untouched)
    return PlannedAnnex(attachment=attachment, way=way, source_sha=sha256, corner=asdict(plan.corner))


def _left(attachment: FileVersion, why: str) -> PlannedAnnex:
    return PlannedAnnex(attachment=attachment, way=AnnexWay.AS_IT_CAME, reason=why[:300])
