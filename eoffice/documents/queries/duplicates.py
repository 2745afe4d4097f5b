"""Letters that were registered before: same code and issuer, or the same file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q

from eoffice.core.vietnamese import fold, one_tone_style
from eoffice.documents.models import FilePurpose, FileVersion, IncomingDocument
from eoffice.documents.states import IncomingState

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class EarlierLetter:
    """One letter that may be the same. `is_same`: same code and issuer or same file; else only close."""

    incoming_id: int
    arrival: str
    arrival_on: date | None
    code: str
    issuing_body: str
    subject: str
    state: str
    why: str
    is_same: bool


def code_fold(number: str, symbol: str) -> str:
    """`number/symbol` as compared: without case, marks or blanks around the parts."""
    return "/".join(fold(part).replace(" ", "") for part in (number, symbol) if part.strip())


def body_fold(issuing_body: str) -> str:
    """The issuer's name as compared."""
    return fold(one_tone_style(issuing_body))[:200]


def duplicates_of(
    *,
    registry_id: int,
    number: str,
    symbol: str,
    issuing_body: str,
    sha256s: Iterable[str] = (),
    besides: int | None = None,
) -> list[EarlierLetter]:
    """Letters of a registry that may be the same one, the surest first, at most five.

    Cancelled and refused ones do not count. The caller has checked the right to register here. Source of the
    rule: NĐ 30/2020/NĐ-CP, Phụ lục VI, III.1.h.
    """
    code, body = code_fold(number, symbol), body_fold(issuing_body)
    hashes = list(sha256s)
    same_file = Q(pk__in=FileVersion.objects.filter(
        file_id__in=hashes, purpose=FilePurpose.ORIGINAL, incoming__isnull=False
    ).values("incoming_id")) if hashes else Q(pk__in=[])  # fmt: skip
    same_code = Q(code_fold=code, body_fold=body) if code and body else Q(pk__in=[])
    close = Q(code_fold__startswith=f"{fold(number)}/", body_fold=body) if number and body else Q(pk__in=[])
    rows = (
        IncomingDocument.objects.filter(same_file | same_code | close, registry_id=registry_id)
        .exclude(state__in=[IncomingState.CANCELLED, IncomingState.REFUSED])
        .exclude(pk=besides or 0)
        .order_by("-pk")[: _SHOWN * 4]
    )
    with_file = set(
        FileVersion.objects.filter(
            file_id__in=hashes, purpose=FilePurpose.ORIGINAL, incoming__in=[row.pk for row in rows]
        ).values_list("incoming_id", flat=True)
    ) if hashes else set()  # fmt: skip
    found = [_described(row, code, body, has_file=row.pk in with_file) for row in rows]
    return sorted(found, key=lambda each: not each.is_same)[:_SHOWN]


def _described(row: IncomingDocument, code: str, body: str, *, has_file: bool) -> EarlierLetter:
    is_code = bool(code) and row.code_fold == code and row.body_fold == body
    if is_code and has_file:
        why = "Cùng số, ký hiệu, cơ quan ban hành và cùng tệp."
    elif is_code:
        why = "Cùng số, ký hiệu và cơ quan ban hành."
    elif has_file:
        why = "Cùng tệp văn bản."
    else:
        why = f"Cùng số và cơ quan ban hành; ký hiệu khác: {row.shown_code}."
    return EarlierLetter(
        incoming_id=row.pk,
        arrival=row.shown_arrival,
        arrival_on=row.arrival_on,
        code=row.shown_code,
        issuing_body=row.issuing_body,
        subject=row.subject,
        state=row.state,
        why=why,
        is_same=is_code or has_file,
    )
