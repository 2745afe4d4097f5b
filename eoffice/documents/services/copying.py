"""Sao y, sao lục: make an electronic copy of a paper by scanning it and signing for the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

import pikepdf
from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import files
from eoffice.core.clock import local_date
from eoffice.core.errors import Invalid
from eoffice.documents.models import CopyForm, OriginalKind, PaperCopy
from eoffice.documents.permissions import copies as permissions
from eoffice.documents.permissions.registers import require
from eoffice.documents.queries import incoming as incoming_queries
from eoffice.documents.services import deciding_copies, once
from eoffice.documents.services.examining_uploads import examine_held
from eoffice.documents.services.receiving import Assurance, Upload
from eoffice.layout.scans import scan_faults
from eoffice.organization.actor import Actor
from eoffice.renditions import hold
from eoffice.renditions import services as renditions
from eoffice.renditions.sniffing import FileKind

KIND: Final = "paper_copy"
_FITS: Final = {
    CopyForm.FULL: (OriginalKind.ORIGINAL, OriginalKind.MAIN),
    CopyForm.AGAIN: (OriginalKind.COPY,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyEntry:
    """What the clerk says of the paper."""

    form: str
    original_kind: str
    code: str
    dated: date
    issuing_body: str
    subject: str
    basis: str = ""
    decider_id: int | None = None
    incoming_id: int | None = None


def begin_copy(
    *,
    actor: Actor,
    registry_id: int,
    entry: CopyEntry,
    upload: Upload,
    assurance: Assurance,
    now: datetime,
    request_key: str = "",
) -> PaperCopy:
    """Keep the scan of a paper with what it is; sealed it becomes the copy.

    The scan must be a PDF of at least 200 dpi in colour (NĐ 30/2020/NĐ-CP, PL I, phần II) without a mark of secrecy.
    Checks run outside any transaction. The same `request_key` again gives the copy it made.
    Raises NotPermitted, Invalid, SecretMaterial, SecrecyUnconfirmed.
    """
    require(permissions.can_copy(actor, registry_id), "Chỉ văn thư của đơn vị sao y văn bản giấy.")
    _require_whole(actor, registry_id, entry, now)
    held = hold.hold(upload, upload.name or "")
    try:
        found = examine_held(
            actor=actor, held=held, assurance=assurance, refused_as="documents.copy.secret_refused", now=now
        )
        if found.checked.kind is not FileKind.PDF:
            raise Invalid(fields={"file": "Quét văn bản giấy thành một tệp PDF rồi tải lên."})
        with hold.opened(held.token) as path:
            faults = scan_faults(path)
            if faults:
                raise Invalid(fields={"file": faults[0]})
            with transaction.atomic():
                claim = once.claim(actor=actor, key=request_key, object_kind=KIND, now=now)
                if claim.done:
                    return PaperCopy.objects.get(pk=claim.done[0])
                stored = files.store_path(path, media_type=FileKind.PDF.media_type)
                renditions.request(sha256=stored.sha256, now=now)
                copy = PaperCopy.objects.create(
                    registry_id=registry_id, form=entry.form, original_kind=entry.original_kind, code=entry.code,
                    dated=entry.dated, issuing_body=entry.issuing_body, subject=entry.subject, basis=entry.basis,
                    decider_id=entry.decider_id, incoming_id=entry.incoming_id, scan=stored,
                    made_by_id=actor.person_id, made_at=now,
                )  # fmt: skip
                record_copy(actor, "begun", copy, now)
                claim.settle([copy.pk])
    except pikepdf.PdfError as error:
        raise Invalid(fields={"file": "Không đọc được tệp PDF này. Quét lại rồi tải lên."}) from error
    finally:
        hold.destroy(held.token)
    return copy


class Dated(Protocol):
    """What is said of a paper that is copied, among it the day it bears."""

    @property
    def dated(self) -> date: ...


def faults_of(entry: Dated, wanted: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What is missing of what every copy must say, by field: the `wanted` texts, and a day that has come."""
    faults = {name: words for name, words in wanted.items() if not str(getattr(entry, name)).strip()}
    if entry.dated > local_date(now):
        faults["dated"] = "Ngày văn bản không ở tương lai."
    return faults


def _require_whole(actor: Actor, registry_id: int, entry: CopyEntry, now: datetime) -> None:
    faults = faults_of(
        entry,
        {
            "code": "Nhập số, ký hiệu của văn bản giấy.",
            "issuing_body": "Nhập cơ quan ban hành.",
            "subject": "Nhập trích yếu.",
        },
        now,
    )
    faults |= deciding_copies.faults_of(entry.decider_id, entry.basis, registry_id=registry_id, now=now)
    kinds = _FITS.get(CopyForm(entry.form)) if entry.form in CopyForm.values else None
    if kinds is None:
        faults["form"] = "Chọn hình thức sao."
    elif entry.original_kind not in kinds:
        faults["original_kind"] = (
            "Sao y sao từ bản gốc hoặc bản chính." if entry.form == CopyForm.FULL else "Sao lục sao từ bản sao y."
        )
    if faults:
        raise Invalid("Chưa lưu được bản sao.", fields=faults)
    if entry.incoming_id is not None:
        incoming_queries.get_incoming(actor, entry.incoming_id)


def record_copy(actor: Actor, what: str, copy: PaperCopy, now: datetime, **detail: str) -> None:
    """Write a deed on a copy into the audit trail, in the caller's transaction."""
    audit.record(
        actor=actor.ref, action=f"documents.copy.{what}", object_kind=KIND, object_id=copy.pk, now=now,
        detail={"form": copy.form, **detail},
    )  # fmt: skip
