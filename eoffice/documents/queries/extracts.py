"""What the form of an extract starts with: a registered letter, an issued document, or an extract made before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from eoffice.documents.errors import NotIssued
from eoffice.documents.models import FilePurpose, PaperCopy
from eoffice.documents.queries.incoming import get_incoming
from eoffice.documents.queries.outgoing import get_outgoing
from eoffice.documents.services.composing import letterhead_of
from eoffice.documents.services.extracting import entry_of
from eoffice.layout.schema import empty_body
from eoffice.layout.types import TYPES
from eoffice.organization.actor import Actor
from eoffice.renditions import queries as renditions

_MOST_LINES = 600
_TYPES = frozenset(kind.code for kind in TYPES)


def from_incoming(actor: Actor, incoming_id: int) -> dict[str, object]:
    """A letter the actor may see, with the words of its page to pick from. Raises DocumentNotFound."""
    letter = get_incoming(actor, incoming_id)
    original = letter.files.filter(purpose=FilePurpose.ORIGINAL).order_by("pk").first()
    words = renditions.text_of(original.file_id) if original is not None else ""
    return {
        "incoming": letter.pk,
        "document_type": letter.document_type if letter.document_type in _TYPES else "letter",
        "original_kind": "main",
        "issuing_body": letter.issuing_body,
        "code": "/".join(part for part in (letter.number, letter.symbol) if part),
        "dated": letter.issued_on,
        "subject": letter.subject,
        "signer_lines": letter.signer_position,
        "signer_name": letter.signer_name,
        "body": json.dumps(_paragraphs(words), ensure_ascii=False),
    }


def from_outgoing(actor: Actor, outgoing_id: int) -> dict[str, object]:
    """An issued document the actor may see, with its text to pick from. Raises DocumentNotFound, NotIssued."""
    outgoing = get_outgoing(actor, outgoing_id)
    if outgoing.issued_at is None:
        raise NotIssued("Chỉ trích sao văn bản đã phát hành.")
    head = letterhead_of(outgoing.draft)
    file = outgoing.file
    typed = outgoing.draft.body
    words = "" if typed or file is None else renditions.text_of(file.file_id)
    return {
        "outgoing": outgoing.pk,
        "document_type": outgoing.document_type,
        "original_kind": "original",
        "superior_body": head.superior_name or "",
        "issuing_body": outgoing.issuing_body,
        "code": outgoing.shown_code,
        "dated": outgoing.issued_on,
        "place": head.registry.place,
        "subject": outgoing.subject,
        "signer_lines": "\n".join(head.capacity.block_lines) if head.capacity else outgoing.signer_position,
        "signer_name": outgoing.signer_name,
        "body": json.dumps(_with_numbers(typed) if typed else _paragraphs(words), ensure_ascii=False),
    }


def of_extract(copy: PaperCopy) -> dict[str, object]:
    """An extract as it was saved, to be corrected."""
    entry = entry_of(copy)
    return {
        "incoming": entry.incoming_id,
        "outgoing": entry.outgoing_id,
        **{
            name: getattr(entry, name)
            for name in (
                "document_type", "original_kind", "superior_body", "issuing_body", "code", "dated", "place", "subject",
                "signer_name", "basis",
            )
        },
        "decider": entry.decider_id,
        "signer_lines": "\n".join(entry.signer_lines),
        "recipients": "\n".join(entry.recipients),
        "body": json.dumps(entry.body, ensure_ascii=False),
    }  # fmt: skip


def _with_numbers(body: Mapping[str, Any]) -> dict[str, Any]:
    """A text whose articles carry their numbers as words: what is left of it keeps the number it had."""
    blocks, count = [], 0
    for block in body.get("content", []):
        if block.get("type") == "article":
            count += 1
            number = {"type": "text", "text": f"Điều {count}. ", "marks": [{"type": "strong"}]}
            block = {"type": "paragraph", "attrs": {"align": "justify"}, "content": [number, *block.get("content", [])]}
        blocks.append(block)
    return {**body, "content": blocks}


def _paragraphs(words: str) -> Mapping[str, object]:
    lines = [" ".join(line.split()) for line in words.replace("\f", "\n").splitlines()]
    kept = [line for line in lines if line][:_MOST_LINES]
    if not kept:
        return empty_body()
    return {
        "type": "doc",
        "content": [
            {"type": "paragraph", "attrs": {"align": "justify"}, "content": [{"type": "text", "text": line}]}
            for line in kept
        ],
    }
