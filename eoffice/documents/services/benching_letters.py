"""`eoffice bench letters`: register, direct, issue to hundreds of units; then pages over many documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from eoffice.core import files
from eoffice.documents.models import (
    AssignmentRole,
    Channel,
    Draft,
    DraftRecipient,
    FilePurpose,
    FileVersion,
    IncomingDocument,
)
from eoffice.documents.services.benching_figures import Figure, measure
from eoffice.documents.services.benching_group import BenchGroup, make_group, require_empty_database
from eoffice.documents.services.benching_pages import bench_pages
from eoffice.documents.services.directing import direct_incoming
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.incoming_entry import IncomingEntry
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.numbering_outgoing import NumberChoice, take_number_for_draft
from eoffice.documents.services.registering import register_incoming
from eoffice.documents.states import DraftState
from eoffice.layout.letters import LetterContent, render_letter
from eoffice.organization import access
from eoffice.organization.models import AccessReason, Role


@dataclass(frozen=True, slots=True)
class LetterFigures:
    """The way of a letter, piece by piece; the pages by the amount of documents they stood over."""

    way: list[Figure]
    pages: dict[int, list[Figure]]


def bench_letters(*, letters: int, units: int, documents: int, now: datetime) -> LetterFigures:
    """Measure the way of a letter, then pages over a tenth of the documents and over all. Raises Conflict in a
    database in use.
    """
    require_empty_database()
    group = make_group(companies=units, now=now)
    waiting = _received(group, letters, now)
    way = [
        measure("Đăng ký văn bản đến", [_registering(group, pk, now) for pk in waiting]),
        measure("Bút phê, giao một đơn vị", [_directing(group, pk, now) for pk in waiting]),
        measure(f"Phát hành đến {units} đơn vị", [_issuing(group, number, now) for number in range(3)]),
    ]
    return LetterFigures(way, bench_pages(group, documents=documents, now=now))


# The way of a letter -----------------------------------------------------------------------------------------


def _received(group: BenchGroup, amount: int, now: datetime) -> list[int]:
    rows = IncomingDocument.objects.bulk_create(
        [
            IncomingDocument(
                registry=group.registry, channel=Channel.UPLOAD, received_at=now, subject=f"Văn bản {number}"
            )
            for number in range(amount)
        ]
    )
    access.grant_to_roles(
        object_kind="incoming",
        places=[(row.pk, group.registry.pk, "registry") for row in rows],
        roles=[Role.CLERK],
        reason=AccessReason.REGISTRY,
    )
    return [row.pk for row in rows]


def _registering(group: BenchGroup, incoming_id: int, now: datetime) -> Callable[[], object]:
    entry = IncomingEntry(
        issuing_body="Bộ Khoa học và Công nghệ", subject=f"V/v báo cáo kết quả lần {incoming_id}",
        number=str(incoming_id), symbol="BKHCN-CĐSQG", document_type="letter",
    )  # fmt: skip
    return lambda: register_incoming(
        actor=group.clerk, incoming_id=incoming_id, entry=entry, now=now, forward_to=group.leader.person_id
    )


def _directing(group: BenchGroup, incoming_id: int, now: datetime) -> Callable[[], object]:
    recipients = [Recipient("unit", group.board.pk, AssignmentRole.LEAD)]
    return lambda: direct_incoming(
        actor=group.leader, incoming_id=incoming_id, text="Ban Công nghệ chủ trì.", recipients=recipients, now=now
    )


def _issuing(group: BenchGroup, number: int, now: datetime) -> Callable[[], object]:
    """A numbered document without seal: signing and sealing have figures of their own (`eoffice bench sign`)."""
    subject = f"V/v phát hành diện rộng lần {number + 1}"
    draft = Draft.objects.create(
        author_id=group.head.person_id, unit=group.board, registry=group.registry, state=DraftState.SIGNED,
        document_type="letter", subject=subject, symbol="TXG-CN", needs_seal=False, capacity=group.capacity,
        updated_at=now,
    )  # fmt: skip
    access.grant_to_roles(
        object_kind="draft",
        places=[(draft.pk, group.registry.pk, "registry")],
        roles=[Role.CLERK],
        reason=AccessReason.REGISTRY,
    )
    DraftRecipient.objects.bulk_create(
        [DraftRecipient(draft=draft, position=position, unit=unit) for position, unit in enumerate(group.registries, 1)]
    )
    outgoing = take_number_for_draft(actor=group.clerk, draft_id=draft.pk, now=now, choice=NumberChoice())
    content = LetterContent(type="letter", issuing_body=group.registry.name, symbol="TXG-CN", subject=subject)
    letter = render_letter(content)
    stored = files.store(letter.pdf, media_type="application/pdf")
    outgoing.file = FileVersion.objects.create(
        outgoing=outgoing, purpose=FilePurpose.NUMBERED, file=stored, name="van-ban.pdf", created_at=now
    )
    outgoing.save(update_fields=["file"])
    return lambda: issue_outgoing(actor=group.clerk, outgoing_id=outgoing.pk, now=now)
