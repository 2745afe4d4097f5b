"""What the clerk sees before a signed draft takes its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import (
    Draft,
    FilePurpose,
    FileVersion,
    NumberBlock,
    OutgoingDocument,
    Register,
    RegisterEntry,
    RegisterKind,
)
from eoffice.documents.permissions import drafts as draft_permissions
from eoffice.documents.queries.outgoing import recipient_names
from eoffice.documents.services import numbering
from eoffice.documents.services.planning_annexes import attachments_of, expected_words
from eoffice.documents.states import DraftState
from eoffice.layout.types import type_of
from eoffice.organization.actor import Actor
from eoffice.renditions import queries as renditions


@dataclass(frozen=True, slots=True)
class RegisterChoice:
    """One register the clerk may take the number from. The next number is never promised."""

    id: int
    name: str
    last_dated_on: date | None
    reserved: tuple[int, ...]
    is_default: bool


@dataclass(frozen=True, slots=True)
class NumberingPage:
    """What the clerk sees before taking a number."""

    draft: Draft
    type_name: str
    registers: tuple[RegisterChoice, ...]
    recipients: tuple[str, ...]
    today: date
    page_count: int
    attached: tuple[tuple[str, str], ...]
    """Names of the separate files, with what will be done with each."""
    numbered_as: int | None
    """The document it became, when it has its number already."""


def numbering_page(actor: Actor, draft_id: int, *, today: date) -> NumberingPage:
    """A signed draft with the registers that may number it. Raises DocumentNotFound."""
    draft = (
        Draft.objects.filter(draft_permissions.visible_to(actor), pk=draft_id)
        .select_related("unit", "registry", "author", "capacity__person")
        .first()
    )
    if draft is None:
        raise DocumentNotFound
    registers = Register.objects.filter(
        registry_id=draft.registry_id, kind=RegisterKind.OUTGOING, year=today.year, closed_at__isnull=True
    ).order_by("pk")
    fitting = [row for row in registers if not row.document_types or draft.document_type in row.document_types]
    fitting.sort(key=lambda row: (not row.document_types, row.pk))
    signed = FileVersion.objects.filter(draft=draft, purpose=FilePurpose.SIGNED).order_by("-pk").first()
    rendition = renditions.rendition_of(signed.file_id) if signed else None
    return NumberingPage(
        draft=draft,
        type_name=type_of(draft.document_type).name,
        registers=tuple(
            RegisterChoice(row.pk, str(row), row.last_dated_on, free_reserved(row), index == 0)
            for index, row in enumerate(fitting)
        ),
        recipients=recipient_names(draft.pk),
        today=today,
        page_count=(rendition.page_count if rendition else None) or 1,
        attached=tuple(
            (row.name, expected_words(row.file.media_type, is_sealed=draft.needs_seal))
            for row in attachments_of(draft.pk)
        ),
        numbered_as=OutgoingDocument.objects.filter(draft=draft).values_list("pk", flat=True).first()
        if draft.state != DraftState.SIGNED
        else None,
    )


def get_signed_file(actor: Actor, draft_id: int) -> FileVersion:
    """The newest signed file of a draft the actor may see. Raises DocumentNotFound."""
    visible = Draft.objects.filter(draft_permissions.visible_to(actor), pk=draft_id)
    signed = FileVersion.objects.filter(draft__in=visible, purpose=FilePurpose.SIGNED).order_by("-pk").first()
    if signed is None:
        raise DocumentNotFound
    return signed


def free_reserved(register: Register, *, limit: int = 30) -> tuple[int, ...]:
    """Reserved numbers whose turn has come and that nobody took, lowest first."""
    blocks = NumberBlock.objects.filter(register=register, holder="reserved").order_by("first")
    numbers = [number for block in blocks for number in range(block.first, block.last + 1)]
    turn = numbering.next_free_number(register)
    taken = set(
        RegisterEntry.objects.filter(register=register, number__in=numbers, suffix="").values_list("number", flat=True)
    )
    return tuple(number for number in numbers if number not in taken and number <= turn)[:limit]
