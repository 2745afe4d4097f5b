"""Separate annexes: where the organisation signs on each, and whether the signatures a file has already bear it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError

from eoffice.core import files
from eoffice.signing.engine.countersigning import append_fields, require_room
from eoffice.signing.engine.preparing import is_signed
from eoffice.signing.engine.text_marks import (
    ANNEX_HEIGHT_PT,
    ANNEX_WIDTH_PT,
    Corner,
    annex_words,
    corner_of,
    prepare_for_seal,
    text_mark,
)
from eoffice.signing.errors import AnnexLocked, CountersigningForbidden, PdfUnreadable
from eoffice.signing.models import Stage
from eoffice.signing.services.asking import Paper
from eoffice.signing.services.trust import trust_anchors


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexPlan:
    """What can be done with one PDF: the place of the words, or why it stays as it came (`untouched`, for a person).

    `is_signed`: somebody signed it before, so it is only added to.
    """

    corner: Corner
    is_signed: bool
    untouched: str = ""


def plan_annex(*, sha256: str, now: datetime) -> AnnexPlan:
    """Look at a stored PDF that goes with a paper; never called inside a transaction.

    What the signatures of others forbid is a reason to leave it as it is. Raises AnnexLocked (encrypted),
    PdfUnreadable, PlacesInvalid (first page too small).
    """
    path = files.path_of(sha256)
    try:
        with pikepdf.Pdf.open(path) as pdf:
            if pdf.is_encrypted:
                raise AnnexLocked
            was_signed = is_signed(pdf)
    except pikepdf.PasswordError as error:
        raise AnnexLocked from error
    except pikepdf.PdfError as error:
        raise PdfUnreadable from error
    corner = corner_of(path, width=ANNEX_WIDTH_PT, height=ANNEX_HEIGHT_PT)
    untouched = _forbidden(path, corner, now) if was_signed else ""
    return AnnexPlan(corner=corner, is_signed=was_signed, untouched=untouched)


def _forbidden(path: Path, corner: Corner, now: datetime) -> str:
    try:
        require_room(path, trust=trust_anchors(now=now), now=now)
        with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
            tried = Path(directory) / "tried.pdf"
            append_fields(path, tried, signers=[], seal=("dau", corner.box))
            with tried.open("rb") as added:
                IncrementalPdfFileWriter(added)  # as strict as the signature will be
    except CountersigningForbidden as error:
        if error.message != CountersigningForbidden.default_message:
            return "Chữ ký có sẵn trên tệp không hợp lệ nên không ký thêm được."
        return "Chữ ký có sẵn khóa tệp, không cho ký thêm."
    except (PdfError, PdfUnreadable):
        return "Cấu trúc của tệp đã ký không cho ký thêm mà giữ nguyên chữ ký có sẵn."
    return ""


def prepare_annex(*, source_sha: str, corner: Corner, field: str) -> tuple[str, str]:
    """Make the file that is sealed: SHA-256 and the name of its empty field, which may differ from the wanted one.

    A file nobody signed is cleaned as the paper itself is; a signed one keeps every byte and gets the field behind.
    `field` names the paper, so that one file that goes with two papers is signed for each. Raises PdfUnreadable.
    """
    source = files.path_of(source_sha)
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        target = Path(directory) / "prepared.pdf"
        with pikepdf.Pdf.open(source) as pdf:
            was_signed = is_signed(pdf)
        if was_signed:
            name = append_fields(source, target, signers=[], seal=(field, corner.box)).seal or field
        else:
            name = prepare_for_seal(source, target, corner.box, field)
        return (str(files.store_path(target, media_type="application/pdf").pk), name)


def annex_paper(*, prepared_sha: str, field: str, code: str, corner: Corner, now: datetime) -> Paper:
    """A prepared annex as it is sealed: number and symbol of its paper and the moment, in words."""
    mark = text_mark((annex_words(code, now),), corner)
    return Paper(source_sha=prepared_sha, field=field, mark=mark, stage=Stage.SEAL)
