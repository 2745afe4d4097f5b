"""What the page says of itself, kept as suggestions for the form; the clerk confirms each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from eoffice.core import files
from eoffice.core.vietnamese import tidy
from eoffice.documents.models import FilePurpose, FileVersion, IncomingDocument, Urgency
from eoffice.documents.states import IncomingState
from eoffice.layout.errors import PageUnreadable
from eoffice.layout.naming import body_name, person_name, sentence, title_name
from eoffice.layout.reading import LetterFields, Read, read_letter
from eoffice.layout.types import type_named

_URGENCY: Final = {
    "khan": Urgency.URGENT,
    "thuong_khan": Urgency.VERY_URGENT,
    "hoa_toc": Urgency.EXPRESS,
}
_LIMITS: Final = {
    "number": 11,
    "symbol": 30,
    "issuing_body": 200,
    "subject": 500,
    "signer_name": 50,
    "signer_position": 100,
}


def suggest_fields(*, source_sha256: str, pdf_sha256: str, page_amount: int, now: datetime) -> int:
    """Read a letter's page and keep what it says with every letter of that file that waits to be registered.

    Of a converted file nobody knew before how many pages it has. The page is read outside any transaction; reading
    again writes the same. Returns how many letters got it.
    """
    waiting = list(
        FileVersion.objects.filter(
            file_id=source_sha256, purpose=FilePurpose.ORIGINAL, incoming__state=IncomingState.RECEIVED
        ).values_list("incoming_id", flat=True)
    )
    if not waiting:
        return 0
    try:
        suggested = as_suggestions(read_letter(files.path_of(pdf_sha256)))
    except PageUnreadable:
        suggested = {}  # the viewer says so too; the clerk types
    with transaction.atomic():
        rows = IncomingDocument.objects.select_for_update(no_key=True).filter(
            pk__in=waiting, state=IncomingState.RECEIVED
        )
        for row in rows.order_by("pk"):
            row.suggested = suggested
            row.page_amount = row.page_amount or page_amount or None
            row.save(update_fields=["suggested", "page_amount"])
    return len(waiting)


def as_suggestions(read: LetterFields) -> dict[str, dict[str, Any]]:
    """Fields of the form by name: value, confidence 0–1, box. A value longer than its field is not suggested."""
    found: dict[str, Read[Any] | None] = {
        "issuing_body": read.issuer,
        "number": read.number,
        "symbol": read.symbol,
        "issued_on": read.issued_on,
        "subject": read.subject,
        "signer_name": read.signer,
        "signer_position": read.position,
    }
    suggestions: dict[str, dict[str, Any]] = {}
    for name, said in found.items():
        if said is None:
            continue
        value = said.value.isoformat() if isinstance(said.value, date) else _spoken(name, tidy(str(said.value)))
        if len(value) <= _LIMITS.get(name, 500):
            suggestions[name] = _kept(value, said)
    if read.type is not None and (known := type_named(read.type.value)) is not None:
        suggestions["document_type"] = _kept(known.code, read.type)
    if read.urgency is not None and (level := _urgency_of(read.urgency.value)) is not None:
        suggestions["urgency"] = _kept(int(level), read.urgency)
    return suggestions


def _kept(value: object, said: Read[Any]) -> dict[str, Any]:
    return {"value": value, "confidence": round(said.confidence, 3), "box": said.box.to_json()}


def _urgency_of(text: str) -> Urgency | None:
    return _URGENCY.get(text) or next((each for each in Urgency if str(each.label).lower() == text.lower()), None)


def _spoken(name: str, text: str) -> str:
    """Printed capitals as they are written in a register (NĐ 30/2020/NĐ-CP, PL II)."""
    writes = _WRITERS.get(name)
    return writes(text) if writes is not None else text


_WRITERS: Final[dict[str, Callable[[str], str]]] = {
    "issuing_body": body_name,
    "signer_name": person_name,
    "signer_position": title_name,
    "subject": sentence,
}
