"""Reads: keys, marks, reports, who signed which file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from eoffice.core.geometry import Box
from eoffice.signing.engine.marks import SEAL_DIAMETER_MM, image_mark, name_mark
from eoffice.signing.engine.marks import seal_mark as draw_seal
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.errors import ReportMissing
from eoffice.signing.models import FillingRecord, SignatureImage, SignatureRecord, SigningKey, VerificationReport

_STEPS: Final = 50


@dataclass(frozen=True, slots=True)
class KeyPage:
    """What the page of one's own signature shows."""

    key: SigningKey | None
    image_png: bytes | None
    revoked: list[SigningKey]


def key_of_person(person_id: int) -> SigningKey | None:
    """The key a person signs with now."""
    return SigningKey.objects.filter(person_id=person_id, revoked_at__isnull=True).first()


def key_of_unit(unit_id: int) -> SigningKey | None:
    """The key of a unit's seal now."""
    return SigningKey.objects.filter(unit_id=unit_id, revoked_at__isnull=True).first()


def key_page(person_id: int) -> KeyPage:
    """Key, picture and revoked certificates of one person."""
    revoked = SigningKey.objects.filter(person_id=person_id, revoked_at__isnull=False).order_by("-revoked_at", "-pk")
    image = SignatureImage.objects.filter(person_id=person_id).first()
    return KeyPage(key_of_person(person_id), bytes(image.png) if image else None, list(revoked[:20]))


def person_mark(*, person_id: int, name: str, box: Box) -> bytes:
    """A person's mark as a one-page PDF for `box`: the uploaded picture, else strokes drawn from the name."""
    image = SignatureImage.objects.filter(person_id=person_id).first()
    if image is None:
        return name_mark(name, width=box.width, height=box.height)
    return image_mark(bytes(image.png), width=box.width, height=box.height)


def seal_mark(*, organization: str, superior: str = "", diameter_mm: float = SEAL_DIAMETER_MM) -> bytes:
    """A unit's seal as a one-page PDF of real size."""
    return draw_seal(organization, superior=superior, diameter_mm=diameter_mm)


def report_of(sha256: str) -> VerificationReport:
    """The newest check of a stored file. Raises ReportMissing."""
    report = VerificationReport.objects.filter(pk=sha256).first()
    if report is None:
        raise ReportMissing
    return report


def verdict_of(sha256: str) -> Verdict | None:
    """What the newest check said; None when the file was not checked yet."""
    report = VerificationReport.objects.filter(pk=sha256).first()
    return Verdict.from_record(report.record) if report else None


def checked_at(sha256: str) -> datetime | None:
    return VerificationReport.objects.filter(pk=sha256).values_list("checked_at", flat=True).first()


def signatures_of(sha256: str) -> list[SignatureRecord]:
    """The signatures made here that lead to a file, newest first, following the files back (at most 50 steps)."""
    found: list[SignatureRecord] = []
    current: str | None = sha256
    for _ in range(_STEPS):
        if current is None:
            break
        record = SignatureRecord.objects.select_related("person", "unit").filter(file_after_id=current).first()
        if record is None:
            filled = FillingRecord.objects.filter(file_after_id=current)
            current = filled.values_list("file_before_id", flat=True).first()
        else:
            found.append(record)
            current = record.file_before_id
    return found


def records_of_person(person_id: int) -> QuerySet[SignatureRecord]:
    """What a person signed, newest first."""
    return SignatureRecord.objects.filter(person_id=person_id, unit__isnull=True).order_by("-pk")
