"""Sign, fill and seal stored files: read, do outside transactions, check, then keep."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import files, locks
from eoffice.core.errors import ExpectedError
from eoffice.core.geometry import LetterPlaces
from eoffice.core.models import StoredFile
from eoffice.organization.actor import Actor
from eoffice.signing.engine.countersigning import require_room
from eoffice.signing.engine.filling import fill_number_and_date
from eoffice.signing.engine.preparing import DATE_FIELD, NUMBER_FIELD, SEAL_FIELD, PreparedLetter, prepare
from eoffice.signing.engine.signing import check_certificate, sign_pdf
from eoffice.signing.engine.verdicts import TrustAnchors, Verdict, Word
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.errors import KeyNotYours, SealRefused, SignatureRefused
from eoffice.signing.models import FillingRecord, SignatureRecord, SigningKey, Stage
from eoffice.signing.services.authority import trust_anchors
from eoffice.signing.services.checking import keep_report
from eoffice.signing.services.keys import OpenKey
from eoffice.signing.services.revocation import WebRevocation

_PDF: Final = "application/pdf"
_OUR_OPEN_FIELDS: Final = frozenset({NUMBER_FIELD, DATE_FIELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFile:
    """A signing file and the names of its fields."""

    stored: StoredFile
    letter: PreparedLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper to sign: the stored file, its empty signature field, the drawn mark (one-page PDF) and the stage.

    `since` is when the file was given to be signed: a signature made after it with the same key is this one.
    """

    source_sha: str
    field: str
    mark: bytes | None
    stage: Stage = Stage.OFFICIAL
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What became of one paper of a batch: the signed file, or the reason why it was not signed."""

    paper: Paper
    stored: StoredFile | None = None
    error: ExpectedError | None = None


def prepare_file(
    *, source_sha: str, places: LetterPlaces, signer_fields: Sequence[str] = ("ky_1",), any_order: bool = False
) -> PreparedFile:
    """Make the one file that will be signed, with all fields and locks (`engine.preparing`).

    Raises PdfUnreadable, PlacesInvalid.
    """
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        target = Path(directory) / "prepared.pdf"
        letter = prepare(files.path_of(source_sha), target, places, signer_fields=signer_fields, any_order=any_order)
        return PreparedFile(stored=files.store_path(target, media_type=_PDF), letter=letter)


def require_countersignable(*, path: Path, now: datetime) -> None:
    """Refuse a signed file, not stored yet, on which nothing can be signed any more (`engine.countersigning`).

    Raises CountersigningForbidden, PdfUnreadable.
    """
    require_room(path, trust=trust_anchors(now=now), now=now)


def fill_file(*, actor: Actor, source_sha: str, number: str, date_line: str, now: datetime) -> StoredFile:
    """Fill number and date of a signed file, once (`engine.filling`), as an update that breaks no signature.

    The signatures of the result are checked before it is kept. Raises FieldTaken, FieldUnknown,
    TextDoesNotFit, SignatureRefused.
    """
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        target = Path(directory) / "numbered.pdf"
        fill_number_and_date(files.path_of(source_sha), target, number, date_line)
        verdict = verify_files(
            [target], trust_anchors(now=now), now, open_fields=_OUR_OPEN_FIELDS, revocation=WebRevocation()
        )[0]
        if any(signature.verdict is Word.INVALID for signature in verdict.signatures):
            raise SignatureRefused("Điền số và ngày làm hỏng chữ ký có trước nên không lưu. Tệp đã ký còn nguyên.")
        stored = files.store_path(target, media_type=_PDF)
    with transaction.atomic():
        FillingRecord.objects.get_or_create(
            file_after=stored,
            defaults={"file_before_id": source_sha, "person_id": actor.person_id, "filled_at": now},
        )
        keep_report(stored.pk, verdict, now)
        audit.record(
            actor=actor.ref,
            action="signing.file.filled",
            object_kind="file",
            object_id=stored.pk,
            now=now,
            detail={"before": source_sha},
        )
    return stored


def sign_file(
    *,
    actor: Actor,
    open_key: OpenKey,
    source_sha: str,
    field: str,
    mark: bytes | None,
    now: datetime,
    stage: Stage = Stage.OFFICIAL,
) -> StoredFile:
    """Sign one stored file with the actor's own key and keep the result once it has passed its check.

    `mark` is a one-page PDF for the field's box (`queries.person_mark`). Nothing is kept on failure.
    Source: digital-signature G.2. Raises KeyNotYours, CertificateUnusable, FieldTaken, FieldUnknown, SignatureRefused.
    """
    paper = Paper(source_sha=source_sha, field=field, mark=mark, stage=stage)
    return _stored(sign_batch(actor=actor, open_key=open_key, papers=[paper], now=now)[0])


def sign_batch(*, actor: Actor, open_key: OpenKey, papers: Sequence[Paper], now: datetime) -> list[BatchResult]:
    """Sign several papers under one PIN; each stands or falls alone, in the order given.

    All are signed, then checked together in one child process, then kept one by one. A field of a file is signed
    once: asked again, after a kill or from a second window, the file signed before is the answer.
    Raises KeyNotYours, CertificateUnusable before the first paper.
    """
    if open_key.person_id != actor.person_id or open_key.unit_id is not None:
        raise KeyNotYours
    return _sign_all(actor, open_key, papers, now)


def seal_file(
    *,
    actor: Actor,
    open_key: OpenKey,
    unit_id: int,
    source_sha: str,
    mark: bytes | None,
    authorised_person_id: int,
    now: datetime,
    field: str = SEAL_FIELD,
) -> StoredFile:
    """Seal a numbered file with the unit's key: the signature that locks everything (A.4).

    Refused unless `authorised_person_id` made a valid signature on that very file (Decree 30/2020/ND-CP, Art. 32;
    design part 4, step 6) and none on it is broken; a countersigned file may carry others of unknown authorities.
    The unit of the key is checked here, that the actor keeps this unit's seal by `unlock_seal`.
    Raises KeyNotYours, SealRefused, CertificateUnusable,
    FieldTaken, FieldUnknown, SignatureRefused.
    """
    if open_key.unit_id != unit_id:
        raise KeyNotYours
    trust = trust_anchors(now=now)
    before = verify_files(
        [files.path_of(source_sha)], trust, now, open_fields=_OUR_OPEN_FIELDS, revocation=WebRevocation()
    )[0]
    _require_signed_by(before, authorised_person_id)
    paper = Paper(source_sha=source_sha, field=field, mark=mark, stage=Stage.SEAL)
    return _stored(_sign_all(actor, open_key, [paper], now)[0])


def _require_signed_by(before: Verdict, person_id: int) -> None:
    valid = [signature for signature in before.signatures if signature.verdict is Word.VALID]
    if before.verdict is Word.INVALID or not valid:
        raise SealRefused(f"Chưa đóng dấu: {before.reason} Tệp chưa thay đổi.")
    serials = {signature.chain[0].serial for signature in valid if signature.chain}
    if not SigningKey.objects.filter(person_id=person_id, serial__in=serials).exists():
        raise SealRefused


def _sign_all(actor: Actor, open_key: OpenKey, papers: Sequence[Paper], now: datetime) -> list[BatchResult]:
    trust = trust_anchors(now=now)
    check_certificate(open_key.signer.certificate, crls=trust.crls, now=now)
    with (
        locks.one_at_a_time(f"signing:{paper.source_sha}:{paper.field}" for paper in papers),
        tempfile.TemporaryDirectory(prefix="eoffice-") as name,
    ):
        directory = Path(name)
        attempts = [
            _signed_before(open_key, paper) or _attempt(open_key, paper, directory, number, now)
            for number, paper in enumerate(papers)
        ]
        verdicts = iter(_verify(attempts, trust, now))
        return [
            _keep(actor, open_key, paper, attempt, next(verdicts), now)
            if isinstance(attempt, Path)
            else _unsigned(paper, attempt)
            for paper, attempt in zip(papers, attempts, strict=True)
        ]


def _signed_before(open_key: OpenKey, paper: Paper) -> StoredFile | None:
    """The result of the same key on the same field of the same file, kept by a process that never used it."""
    records = SignatureRecord.objects.filter(
        file_before_id=paper.source_sha, field=paper.field, stage=paper.stage, key_id=open_key.key_id
    )
    if paper.since is not None:
        records = records.filter(signed_at__gte=paper.since)
    record = records.select_related("file_after").order_by("pk").first()
    return record.file_after if record is not None else None


def _unsigned(paper: Paper, answer: StoredFile | ExpectedError) -> BatchResult:
    if isinstance(answer, StoredFile):
        return BatchResult(paper=paper, stored=answer)
    return BatchResult(paper=paper, error=answer)


def _attempt(open_key: OpenKey, paper: Paper, directory: Path, number: int, now: datetime) -> Path | ExpectedError:
    target = directory / f"{number}.pdf"
    mark = directory / f"{number}.mark.pdf"
    if paper.mark is not None:
        mark.write_bytes(paper.mark)
    try:
        sign_pdf(
            files.path_of(paper.source_sha),
            target,
            key=open_key.signer,
            field=paper.field,
            mark=mark if paper.mark is not None else None,
            now=now,
        )
    except ExpectedError as error:
        return error
    return target


def _verify(attempts: Sequence[Path | StoredFile | ExpectedError], trust: TrustAnchors, now: datetime) -> list[Verdict]:
    signed = [attempt for attempt in attempts if isinstance(attempt, Path)]
    return _judged(signed, trust, now) if signed else []


def _judged(paths: Sequence[Path], trust: TrustAnchors, now: datetime) -> list[Verdict]:
    return verify_files(paths, trust, now, open_fields=_OUR_OPEN_FIELDS, revocation=WebRevocation())


def _keep(actor: Actor, open_key: OpenKey, paper: Paper, signed: Path, verdict: Verdict, now: datetime) -> BatchResult:
    own = verdict.of_field(paper.field)
    broken = any(signature.verdict is Word.INVALID for signature in verdict.signatures)
    if own is None or own.verdict is not Word.VALID or not own.covers_file or broken:
        return BatchResult(paper=paper, error=SignatureRefused())
    stored = files.store_path(signed, media_type=_PDF)
    with transaction.atomic():
        SignatureRecord.objects.create(
            file_before_id=paper.source_sha,
            file_after=stored,
            field=paper.field,
            stage=paper.stage,
            key_id=open_key.key_id,
            person_id=actor.person_id,
            unit_id=open_key.unit_id,
            signed_at=now,
        )
        keep_report(stored.pk, verdict, now)
        audit.record(
            actor=actor.ref,
            action="signing.file.sealed" if paper.stage == Stage.SEAL else "signing.file.signed",
            object_kind="file",
            object_id=stored.pk,
            now=now,
            detail={"before": paper.source_sha, "field": paper.field, "stage": str(paper.stage)},
        )
    return BatchResult(paper=paper, stored=stored)


def _stored(result: BatchResult) -> StoredFile:
    if result.error is not None:
        raise result.error
    if result.stored is None:
        raise SignatureRefused
    return result.stored
