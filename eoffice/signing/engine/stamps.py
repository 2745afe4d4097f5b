"""Document time stamps: what they prove, newest first, and whether they hide something (EN 319 142-1, 5.4.3)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_timestamp
from pyhanko.sign.validation.status import SignatureCoverageLevel

from eoffice.signing.engine import structure
from eoffice.signing.engine.contexts import lacks_old_answer, stamp_context
from eoffice.signing.engine.contradictions import rests_on_strange_lists, revoked_after_all
from eoffice.signing.engine.differences import POLICY
from eoffice.signing.engine.examining import HOSTILE, DocumentStamp, ExaminedFile, is_stamp


@dataclass(frozen=True, slots=True)
class _Judged:
    is_whole: bool
    is_trusted: bool
    at: datetime | None


def with_stamps(file: ExaminedFile) -> ExaminedFile:
    """The file with its document time stamps judged: each at the time that the newer ones prove, the newest now."""
    lines = [line for line in file.signatures if is_stamp(line)]
    stamps: list[DocumentStamp] = []
    moment = file.now
    for line in sorted(lines, key=lambda line: line.signed_revision, reverse=True):
        judged = _judge(file, line, moment)
        if judged.is_trusted and judged.at is not None:
            moment = min(moment, judged.at)
        stamps.append(
            DocumentStamp(
                field=str(line.field_name),
                revision=line.signed_revision,
                proves=judged.at if judged.is_trusted else None,
                is_harmless=judged.is_whole and structure.is_invisible(line.sig_field),
                certificate_ends_at=line.signer_cert.not_valid_after if judged.is_trusted else None,
            )
        )
    return replace(file, stamps=tuple(stamps))


def proven_after(file: ExaminedFile, revision: int) -> datetime | None:
    """The earliest time proven by a trusted document time stamp over `revision`."""
    times = [stamp.proves for stamp in file.stamps if stamp.revision > revision and stamp.proves is not None]
    return min(times, default=None)


def _judge(file: ExaminedFile, line: EmbeddedPdfSignature, moment: datetime) -> _Judged:
    try:
        status = asyncio.run(
            async_validate_pdf_timestamp(line, validation_context=stamp_context(file, moment), diff_policy=POLICY)
        )
        is_whole = (
            status.intact
            and status.valid
            and status.coverage is not None
            and status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
            and not structure.hole_fault(line, file.stream)
        )
    except (SignatureValidationError, *HOSTILE):
        return _Judged(is_whole=False, is_trusted=False, at=None)
    return _Judged(
        is_whole=is_whole,
        is_trusted=is_whole
        and status.trusted
        and not lacks_old_answer(file, status.validation_path)
        and not revoked_after_all(status.validation_path, stamp_context(file, moment))
        and not rests_on_strange_lists(status.validation_path, stamp_context(file, moment)),
        at=status.timestamp,
    )
