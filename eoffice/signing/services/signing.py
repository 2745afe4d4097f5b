"""Sign, fill and seal stored files: read, do outside transactions, check, then keep."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
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
from eoffice.signing.engine.preparing import SEAL_FIELD, PreparedLetter, prepare
from eoffice.signing.engine.signing import LongTerm, sign_pdf
from eoffice.signing.engine.time_stamping import AuthoritiesInOrder
from eoffice.signing.engine.verdicts import TrustAnchors, Verdict, Word
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.errors import KeyNotYours, SealRefused, SignatureRefused, TimeStampUnavailable
from eoffice.signing.models import FillingRecord, SignatureRecord, SigningKey, SigningMethod, Stage
from eoffice.signing.queries import newest_of
from eoffice.signing.services.answering import fail_request, request_lock
from eoffice.signing.services.asking import AT_ONCE, AskedPaper, Paper, new_reference, reserve
from eoffice.signing.services.certificates import require_usable
from eoffice.signing.services.changing_request import close_if_done, end_paper, lock_request, mark_sent
from eoffice.signing.services.checking import keep_report
from eoffice.signing.services.keeping import OUR_OPEN_FIELDS, Made, keep_signed, note_signed, require_sound
from eoffice.signing.services.keys import OpenKey
from eoffice.signing.services.lasting import begin_lasting
from eoffice.signing.services.revocation import WebRevocation
from eoffice.signing.services.time_stamps import stamping
from eoffice.signing.services.trust import trust_anchors
from eoffice.signing.states import OPEN_STATES, RequestAction

_PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFile:
    """A signing file and the names of its fields."""

    stored: StoredFile
    letter: PreparedLetter


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
        fill_number_and_date(files.path_of(newest_of(source_sha)), target, number, date_line)
        verdict = verify_files(
            [target], trust_anchors(now=now), now, open_fields=OUR_OPEN_FIELDS, revocation=WebRevocation()
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
        begin_lasting(before=source_sha, after=stored, verdict=verdict, unit_id=None, now=now)
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


def sign_papers(
    *, actor: Actor, open_key: OpenKey, papers: Sequence[AskedPaper], description: str, now: datetime
) -> list[BatchResult]:
    """Sign papers at once with the actor's own key, through the same states as a key that answers later.

    Each stands or falls alone, in the order given; one that is being signed elsewhere stands refused. A process that
    dies on the way leaves what it had signed, told to the caller by event; the rest counts as not signed.
    Raises KeyNotYours, CertificateUnusable before the first paper.
    """
    reference = new_reference()
    with locks.one_of(request_lock(reference), 1):
        opened = reserve(
            actor=actor, method=None, key_id=open_key.key_id, unit_id=open_key.unit_id, papers=papers,
            description=description, back="", lasts=AT_ONCE, now=now, reference=reference,
        )  # fmt: skip
        if opened.request is None:
            return [BatchResult(paper=asked.paper, error=opened.refused[asked.name]) for asked in papers]
        start_at_once(opened.request.pk)
        ready = [
            replace(asked.paper, asked_as=opened.rows[asked.name].pk) for asked in papers if asked.name in opened.rows
        ]
        try:
            signed = sign_batch(actor=actor, open_key=open_key, papers=ready, now=now)
        except ExpectedError as error:
            fail_request(opened.request.pk, code=error.code, words=error.message, now=now)
            raise
        end_at_once(opened.request.pk, signed, now)
    results = iter(signed)
    return [
        next(results) if asked.name in opened.rows else BatchResult(paper=asked.paper, error=opened.refused[asked.name])
        for asked in papers
    ]


@transaction.atomic
def start_at_once(request_id: int) -> None:
    """Our own key is asked as soon as it is reserved."""
    request = lock_request(request_id)
    mark_sent(request, list(request.papers.all()))


@transaction.atomic
def end_at_once(request_id: int, results: Sequence[BatchResult], now: datetime) -> None:
    """Close a request whose key has answered for every paper."""
    request = lock_request(request_id)
    rows = {paper.pk: paper for paper in request.papers.filter(state__in=OPEN_STATES)}
    for result in results:
        row = rows.get(result.paper.asked_as or 0)
        if row is not None and result.error is not None:
            end_paper(row, RequestAction.FAIL, now=now, code=result.error.code, words=result.error.message)
    close_if_done(request, now=now)


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
    paper = Paper(source_sha=source_sha, field=field, mark=mark, stage=Stage.SEAL)
    return _stored(
        seal_files(
            actor=actor, open_key=open_key, unit_id=unit_id, paper=paper, authorised_person_id=authorised_person_id,
            annexes=(), now=now,
        )[0]
    )  # fmt: skip


def seal_files(
    *,
    actor: Actor,
    open_key: OpenKey,
    unit_id: int,
    paper: Paper,
    authorised_person_id: int,
    annexes: Sequence[Paper],
    now: datetime,
) -> list[BatchResult]:
    """Seal a numbered file as `seal_file` does and, under the same opened key, the separate files that go with it.

    The results come in this order, the paper first. All are signed and checked, then each is kept in a transaction of
    its own; what a process kept before it was killed is found again and not signed anew.
    Raises KeyNotYours, SealRefused, CertificateUnusable before the first.
    """
    if open_key.unit_id != unit_id:
        raise KeyNotYours
    require_sealable(source_sha=paper.source_sha, authorised_person_id=authorised_person_id, now=now)
    return _sign_all(actor, open_key, [paper, *annexes], now)


def require_sealable(*, source_sha: str, authorised_person_id: int, now: datetime) -> None:
    """Refuse the seal on a file without a valid signature of this very person, or with one that is broken.

    Asks about revocation, so never inside a transaction. Raises SealRefused.
    """
    before = _judged([files.path_of(newest_of(source_sha))], trust_anchors(now=now), now)[0]
    _require_signed_by(before, authorised_person_id)


def seal_papers(actor: Actor, open_key: OpenKey, paper: Paper, now: datetime) -> StoredFile:
    """Seal one file that is prepared for it; whose seal it is and what may be sealed was asked before."""
    return _stored(_sign_all(actor, open_key, [paper], now)[0])


def _require_signed_by(before: Verdict, person_id: int) -> None:
    valid = [signature for signature in before.signatures if signature.verdict is Word.VALID]
    if before.verdict is Word.INVALID or not valid:
        raise SealRefused(f"Chưa đóng dấu: {before.reason} Tệp chưa thay đổi.")
    serials = {signature.chain[0].serial for signature in valid if signature.chain}
    if not has_key(person_id, serials):
        raise SealRefused


def has_key(person_id: int, serials: set[str]) -> bool:
    """Whether one of these certificates is, or was, a person's own, wherever its key lives."""
    kept = SigningKey.objects.filter(person_id=person_id, serial__in=serials)
    return kept.exists() or SigningMethod.objects.filter(person_id=person_id, serial__in=serials).exists()


def _sign_all(actor: Actor, open_key: OpenKey, papers: Sequence[Paper], now: datetime) -> list[BatchResult]:
    trust = trust_anchors(now=now)
    require_usable(open_key.signer.certificate, now=now)
    with (
        locks.one_at_a_time(f"signing:{paper.source_sha}:{paper.field}" for paper in papers),
        tempfile.TemporaryDirectory(prefix="eoffice-") as name,
    ):
        directory = Path(name)
        with stamping(now) as stamper:
            attempts = [
                _signed_before(open_key, paper) or _attempt(open_key, paper, directory, number, stamper, now)
                for number, paper in enumerate(papers)
            ]
        verdicts = iter(_verify(attempts, trust, now))
        return [
            _keep(actor, open_key, paper, attempt, next(verdicts), now)
            if isinstance(attempt, Path)
            else _unsigned(paper, attempt, now)
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


def _unsigned(paper: Paper, answer: StoredFile | ExpectedError, now: datetime) -> BatchResult:
    if isinstance(answer, StoredFile):
        if paper.asked_as is not None:
            with transaction.atomic():
                note_signed(paper.asked_as, answer.pk, now)
        return BatchResult(paper=paper, stored=answer)
    return BatchResult(paper=paper, error=answer)


def _attempt(
    open_key: OpenKey, paper: Paper, directory: Path, number: int, stamper: AuthoritiesInOrder | None, now: datetime
) -> Path | ExpectedError:
    """The signed file, with a time stamp where an authority gives one: an outage costs the level, not the signature."""
    target = directory / f"{number}.pdf"
    mark = directory / f"{number}.mark.pdf"
    if paper.mark is not None:
        mark.write_bytes(paper.mark)
    sign = partial(
        sign_pdf,
        files.path_of(newest_of(paper.source_sha)),
        target,
        key=open_key.signer,
        field=paper.field,
        mark=mark if paper.mark is not None else None,
        now=now,
    )
    try:
        if stamper is None or stamper.is_spent:
            sign()
            return target
        try:
            sign(long_term=LongTerm(time_stamper=stamper))
        except TimeStampUnavailable:
            sign()
    except ExpectedError as error:
        return error
    return target


def _verify(attempts: Sequence[Path | StoredFile | ExpectedError], trust: TrustAnchors, now: datetime) -> list[Verdict]:
    signed = [attempt for attempt in attempts if isinstance(attempt, Path)]
    return _judged(signed, trust, now) if signed else []


def _judged(paths: Sequence[Path], trust: TrustAnchors, now: datetime) -> list[Verdict]:
    return verify_files(paths, trust, now, open_fields=OUR_OPEN_FIELDS, revocation=WebRevocation())


def _keep(actor: Actor, open_key: OpenKey, paper: Paper, signed: Path, verdict: Verdict, now: datetime) -> BatchResult:
    own = verdict.of_field(paper.field)
    try:
        require_sound(verdict, paper.field)
    except SignatureRefused as error:
        return BatchResult(paper=paper, error=error)
    if own is None or (open_key.is_certified_here and own.verdict is not Word.VALID):
        return BatchResult(paper=paper, error=SignatureRefused())
    made = Made(
        actor=actor.ref,
        person_id=actor.person_id,
        unit_id=open_key.unit_id,
        key_id=open_key.key_id,
        source_sha=paper.source_sha,
        field=paper.field,
        stage=paper.stage,
        asked_as=paper.asked_as,
    )
    return BatchResult(paper=paper, stored=keep_signed(made, files.store_path(signed, media_type=_PDF), verdict, now))


def _stored(result: BatchResult) -> StoredFile:
    if result.error is not None:
        raise result.error
    if result.stored is None:
        raise SignatureRefused
    return result.stored
