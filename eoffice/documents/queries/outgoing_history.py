"""What happened to one outgoing document, from its draft to what came after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from django.db.models import Q

from eoffice.documents.models import DocumentLink, LinkRelation, OutgoingDocument, Recall, Sealing, StateChange
from eoffice.documents.permissions import delegated
from eoffice.documents.permissions import outgoing as permissions
from eoffice.documents.queries.incoming_history import Moment
from eoffice.organization.acting import acting_words
from eoffice.organization.actor import Actor

_LIMIT: Final = 60
_STEP_WORDS: Final = {
    "created": "Tạo dự thảo",
    "submit": "Trình duyệt",
    "return": "Trả lại để sửa",
    "approve": "Duyệt xong, chuyển ký",
    "sign": "Ký ban hành",
    "number": "Cấp số",
    "issue": "Phát hành",
    "void": "Hủy số",
    "file": "Lưu hồ sơ",
    "finish": "Hoàn tất",
    "abandon": "Bỏ dự thảo",
    "hand_over": "Bàn giao",
}
_LATER_WORDS: Final = {
    LinkRelation.REPLACES: "Được thay thế",
    LinkRelation.CORRECTS: "Được đính chính",
}


def history_of(
    actor: Actor,
    outgoing: OutgoingDocument,
    *,
    sealing: Sealing | None,
    recall: Recall | None,
    links: Sequence[DocumentLink],
) -> tuple[Moment, ...]:
    """The document's own steps and those of its draft, and the facts beside them, newest first.

    `links` are all of the document, with who made them. A fact beside the state (sealed, recalled, replaced,
    corrected) is a row of its own and no transition.
    """
    found: list[Moment] = []
    if recall is not None:
        found.append(
            Moment(title="Thu hồi", by=recall.recalled_by.full_name, at=recall.recalled_at, note=recall.reason)
        )
    found += _later_documents(actor, outgoing, links)
    if sealing is not None and sealing.sealed_at is not None:
        found.append(Moment(title="Đóng dấu", by=sealing.started_by.full_name, at=sealing.sealed_at))
    found += _steps(outgoing)
    return tuple(sorted(found, key=_at, reverse=True)[:_LIMIT])


def _steps(outgoing: OutgoingDocument) -> list[Moment]:
    rows = (
        StateChange.objects.filter(
            Q(object_kind=permissions.KIND, object_id=outgoing.pk) | Q(object_kind="draft", object_id=outgoing.draft_id)
        )
        # Issuing and numbering move draft and document in one transaction: one line each is enough.
        .exclude(object_kind="draft", action__in=["number", "issue", "void"])
        .select_related("person", "on_behalf_of")
        .order_by("-at", "-pk")[:_LIMIT]
    )
    return [
        Moment(
            title=_STEP_WORDS.get(row.action, row.action),
            by=acting_words(row.person, row.on_behalf_of, nobody="Hệ thống"),
            at=row.at,
            note=row.reason,
        )
        for row in rows
    ]


def _later_documents(actor: Actor, outgoing: OutgoingDocument, links: Sequence[DocumentLink]) -> list[Moment]:
    """Issued documents that replace or correct this one; one that the reader may not see is not named."""
    later = [
        link
        for link in links
        if (link.from_kind, link.to_kind, link.to_id) == (permissions.KIND, permissions.KIND, outgoing.pk)
        and link.relation in _LATER_WORDS
    ]
    if not later:
        return []
    rows = OutgoingDocument.objects.in_bulk([link.from_id for link in later])
    seen = set(
        OutgoingDocument.objects.filter(
            delegated.visible(actor, object_kind=permissions.KIND), pk__in=list(rows)
        ).values_list("pk", flat=True)
    )
    return [
        Moment(
            title=_LATER_WORDS[LinkRelation(link.relation)],
            by=link.created_by.full_name if link.created_by else "",
            at=rows[link.from_id].issued_at or link.created_at,
            note=f"Bằng văn bản {rows[link.from_id].shown_code}" if link.from_id in seen else "",
        )
        for link in later
    ]


def _at(moment: Moment) -> datetime:
    return moment.at or datetime.max.replace(tzinfo=UTC)
