"""Ask a key for signatures: reserve the papers, prepare their files, hand the hashes over."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core import files, locks
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import ExpectedError, Invalid
from eoffice.organization.actor import Actor
from eoffice.signing.engine.deferred import SigningCertificate, prepare_signature
from eoffice.signing.errors import KeyNotYours, NoKey, PaperBeingSigned, RequestInterrupted
from eoffice.signing.models import SignatureRequest, SignatureRequestPaper, SigningMethod, Stage
from eoffice.signing.providers.signer import Answer, AnswerState, SignerDown, SignerRefuses
from eoffice.signing.queries import newest_of
from eoffice.signing.services.answering import fail_request, interrupt_if_dead, request_lock, take_answer
from eoffice.signing.services.certificates import require_usable
from eoffice.signing.services.changing_request import close_if_done, end_paper, lock_request, mark_sent
from eoffice.signing.services.keeping_seals import require_keeper
from eoffice.signing.services.keys import require_seal_keeper
from eoffice.signing.services.orders import keep_memory, order_of, signing_certificate
from eoffice.signing.services.signers import signer_of
from eoffice.signing.services.time_stamps import has_time_stamps
from eoffice.signing.states import OPEN_STATES, RequestAction, RequestState

SEND_TASK: Final = "signing.send_request"
POLL_TASK: Final = "signing.poll_requests"
MOST_PAPERS: Final = 50
"""As many as one confirmation on the phone covers."""
AT_ONCE: Final = timedelta(minutes=10)
"""Longer than a batch with a key of our own ever takes; after that its process is dead."""
FIRST_POLL_S: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper to sign: the stored file, its empty signature field, the drawn mark (one-page PDF) and the stage.

    `since` is when the file was given to be signed: a signature made after it with the same key is this one.
    `asked_as` is the row of a signature request that this paper belongs to.
    """

    source_sha: str
    field: str
    mark: bytes | None
    stage: Stage = Stage.OFFICIAL
    since: datetime | None = None
    asked_as: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPaper:
    """A paper as the caller knows it: `subject_kind` and `subject_id` name one version of his file.

    `subject` comes back when the paper is signed; `again` is the query that offers it on the caller's page again.
    """

    paper: Paper
    title: str
    subject_kind: str
    subject_id: int
    subject: Mapping[str, object] = field(default_factory=dict)
    again: str = ""

    @property
    def name(self) -> tuple[str, int]:
        return (self.subject_kind, self.subject_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRequest:
    """A request, with its rows in the order of the papers taken; `refused` says why the others were not."""

    request: SignatureRequest | None
    rows: Mapping[tuple[str, int], SignatureRequestPaper]
    refused: Mapping[tuple[str, int], ExpectedError]


def ask_for_signatures(
    *,
    actor: Actor,
    method: SigningMethod,
    papers: Sequence[AskedPaper],
    description: str,
    back: str,
    now: datetime,
    typed: Mapping[str, str] | None = None,
) -> OpenedRequest:
    """Ask a key elsewhere for signatures on papers; a job prepares and sends them, the answer comes later.

    That the actor may sign these papers is the caller's to know; that the key is his, or of a seal he keeps, is asked
    here. Each paper that is
    being signed already stands refused by itself. `typed` is what the service wants typed (`Signer.asks`): then the
    hashes go out while the person waits, since none of it is kept.
    Raises KeyNotYours, NotPermitted, NoKey, CertificateUnusable, Invalid.
    """
    if len(papers) > MOST_PAPERS:
        raise Invalid(f"Một lần xác nhận tối đa {MOST_PAPERS} văn bản. Bỏ bớt rồi ký tiếp.")
    require_own_method(actor, method)
    provider = method.provider
    if method.removed_at is not None or (provider is not None and not provider.is_on):
        raise NoKey("Cách ký này đang tắt. Chưa có gì được ký; chọn cách ký khác.")
    asks = signer_of(method).asks
    missing = {each.name: f"Nhập {each.label}." for each in asks if not (typed or {}).get(each.name)}
    if missing:
        raise Invalid(f"Chưa gửi yêu cầu ký. {' '.join(missing.values())}", fields=missing)
    require_usable(bytes(method.certificate), now=now)
    confirm_s = provider.confirm_s if provider is not None else AT_ONCE.total_seconds()
    with transaction.atomic():
        opened = reserve(
            actor=actor,
            method=method,
            key_id=None,
            unit_id=method.unit_id,
            papers=papers,
            description=description,
            back=back,
            lasts=timedelta(seconds=confirm_s),
            now=now,
        )
        if opened.request is not None and not asks:
            app.configure_task(SEND_TASK, queue="signing", allow_unknown=False).defer(request_id=opened.request.pk)
    if opened.request is not None and asks:
        send_request(request_id=opened.request.pk, now=now, typed=typed)
    return opened


def reserve(
    *,
    actor: Actor,
    method: SigningMethod | None,
    key_id: int | None,
    unit_id: int | None,
    papers: Sequence[AskedPaper],
    description: str,
    back: str,
    lasts: timedelta,
    now: datetime,
    reference: str = "",
) -> OpenedRequest:
    """Write a request with those of its papers that nobody else is signing: one open request per file version."""
    for _ in range(2):
        busy = _busy(papers, now)
        refused: dict[tuple[str, int], ExpectedError] = {name: PaperBeingSigned() for name in busy}
        taken = [paper for paper in papers if paper.name not in busy]
        if not taken:
            return OpenedRequest(request=None, rows={}, refused=refused)
        try:
            with transaction.atomic():
                request = SignatureRequest.objects.create(
                    reference=reference or new_reference(),
                    person_id=actor.person_id,
                    unit_id=unit_id,
                    posting_id=actor.posting_id,
                    method=method,
                    key_id=key_id,
                    description=description[:200],
                    created_at=now,
                    expires_at=now + lasts,
                    back=back[:300],
                )
                rows = SignatureRequestPaper.objects.bulk_create(
                    [_row(request, paper, position) for position, paper in enumerate(taken)]
                )
                audit.record(
                    actor=actor.ref,
                    action="signing.request.opened",
                    object_kind="signature_request",
                    object_id=request.pk,
                    now=now,
                    detail={"papers": len(rows), "method": method.pk if method else None},
                )
        except IntegrityError:
            continue  # another window was first in this very moment: look again
        by_name = {(row.subject_kind, row.subject_id): row for row in rows}
        return OpenedRequest(request=request, rows=by_name, refused=refused)
    return OpenedRequest(request=None, rows={}, refused={paper.name: PaperBeingSigned() for paper in papers})


def require_free(*, subject_kind: str, subject_id: int, now: datetime) -> None:
    """Raise PaperBeingSigned while a request for this version of a file is open: it must not change meanwhile."""
    named = Q(subject_kind=subject_kind, subject_id=subject_id)
    if _busy_names(named, now):
        raise PaperBeingSigned


def require_own_method(actor: Actor, method: SigningMethod) -> None:
    """Refuse another's key; a seal's to all who do not keep it, as `unlock_seal` does.

    Raises KeyNotYours, NotPermitted.
    """
    if method.unit_id is not None:
        require_seal_keeper(actor, method.unit_id)
        require_keeper(actor, method.unit_id)
    elif actor.on_behalf_of_id is not None or method.person_id != actor.person_id:
        raise KeyNotYours


def new_reference() -> str:
    """A name for a request that nobody can guess."""
    return secrets.token_hex(16)


def send_request(*, request_id: int, now: datetime, typed: Mapping[str, str] | None = None) -> None:
    """Prepare the files of a request and hand its hashes over; run twice, it goes on where it was.

    Killed after the provider was asked and before its answer was kept, nobody knows whether it got the order: where
    it can be asked for by our own reference it is, else the request ends as failed and says so. No order is sent twice.
    """
    request = SignatureRequest.objects.select_related("method__provider").get(pk=request_id)
    with locks.one_of(request_lock(request.reference), 1) as is_ours:
        if not is_ours:
            return
        request.refresh_from_db()
        method = request.method
        if request.state != RequestState.WAITING or method is None:
            return
        if request.dispatched_at is not None:
            _resume(request, method, now)
            return
        _prepare_papers(request, method, now)
        if not _note_dispatch(request_id, now):
            return
        _hand_over(request, method, typed or {}, now)


def _row(request: SignatureRequest, asked: AskedPaper, position: int) -> SignatureRequestPaper:
    return SignatureRequestPaper(
        request=request,
        position=position,
        doc_id=f"{request.reference[:12]}-{position + 1:02d}",
        title=asked.title[:300],
        subject_kind=asked.subject_kind,
        subject_id=asked.subject_id,
        subject=dict(asked.subject),
        again=asked.again[:100],
        source_id=asked.paper.source_sha,
        field=asked.paper.field,
        stage=asked.paper.stage,
        mark=asked.paper.mark if request.method_id is not None else None,
    )


def _busy(papers: Sequence[AskedPaper], now: datetime) -> set[tuple[str, int]]:
    kinds = {paper.subject_kind for paper in papers}
    named = Q(subject_kind__in=kinds, subject_id__in=[paper.subject_id for paper in papers])
    return _busy_names(named, now) & {paper.name for paper in papers}


def _busy_names(named: Q, now: datetime) -> set[tuple[str, int]]:
    """Which of these versions are being signed; a batch whose process died is ended on the way."""
    found = SignatureRequestPaper.objects.filter(named, state__in=OPEN_STATES).select_related("request")
    rows = list(found.order_by("request_id", "position"))
    for request in {row.request for row in rows if row.request.method_id is None}:
        if interrupt_if_dead(request, now):
            rows = [row for row in rows if row.request_id != request.pk]
    return {(row.subject_kind, row.subject_id) for row in rows}


def _prepare_papers(request: SignatureRequest, method: SigningMethod, now: datetime) -> None:
    if method.signs_files:  # a program signs the file as it stands
        return
    signer = signing_certificate(method)
    unprepared = request.papers.filter(state=RequestState.WAITING, hole_start__isnull=True)
    for paper in unprepared.order_by("position"):
        try:
            _prepare_paper(paper, signer, now)
        except ExpectedError as error:
            with transaction.atomic():
                lock_request(request.pk)
                end_paper(paper, RequestAction.FAIL, now=now, code=error.code, words=error.message)


def _prepare_paper(paper: SignatureRequestPaper, signer: SigningCertificate, now: datetime) -> None:
    source = files.path_of(newest_of(paper.source_id))
    with tempfile.TemporaryDirectory(prefix="eoffice-") as name:
        target, mark = Path(name) / "prepared.pdf", Path(name) / "mark.pdf"
        if paper.mark is not None:
            mark.write_bytes(bytes(paper.mark))
        state = prepare_signature(
            source,
            target,
            signer=signer,
            field=paper.field,
            mark=mark if paper.mark is not None else None,
            now=now,
            stamped=has_time_stamps(),
        )
        with target.open("rb") as prepared:
            prepared.seek(files.path_of(paper.source_id).stat().st_size)  # completions were added at its end
            paper.tail = prepared.read()
    paper.document_digest, paper.signed_attributes = state.document_digest, state.signed_attributes
    paper.hole_start, paper.hole_end = state.hole_start, state.hole_end
    paper.save(update_fields=["tail", "document_digest", "signed_attributes", "hole_start", "hole_end"])


@transaction.atomic
def _note_dispatch(request_id: int, now: datetime) -> bool:
    """Say that the provider is being asked from now on; False when there is nothing left to ask for."""
    request = lock_request(request_id)
    if request.state != RequestState.WAITING or close_if_done(request, now=now):
        return False
    request.dispatched_at = now
    request.save(update_fields=["dispatched_at"])
    return True


def _hand_over(request: SignatureRequest, method: SigningMethod, typed: Mapping[str, str], now: datetime) -> None:
    if method.signs_files:
        note_sent(request.pk, Answer(state=AnswerState.WAITING, is_brought=True), now)
        return
    papers = list(request.papers.filter(state=RequestState.WAITING).order_by("position"))
    signer = signer_of(method)
    try:
        answer = signer.start(replace(order_of(request, method, papers), typed=typed), now=now)
    except SignerRefuses as error:
        fail_request(request.pk, code="signing_refused_by_provider", words=error.words, now=now)
        return
    except SignerDown as error:
        if not signer.can_ask_again:
            fail_request(request.pk, code="signing_provider_down", words=error.words, now=now)
            return
        answer = Answer(state=AnswerState.WAITING)
    note_sent(request.pk, answer, now)


def note_sent(request_id: int, answer: Answer, now: datetime) -> None:
    """Keep the first answer to an order; a request that was ended meanwhile stays ended."""
    with transaction.atomic():
        request = lock_request(request_id)
        if request.state != RequestState.WAITING:
            return
        mark_sent(request, list(request.papers.filter(state=RequestState.WAITING)))
        keep_memory(request, answer)
        pause_s = answer.ask_after_s or FIRST_POLL_S
        request.next_poll_at = None if answer.is_brought else now + timedelta(seconds=pause_s)
        request.save(update_fields=["memory", "visit", "next_poll_at"])
        if answer.state is AnswerState.WAITING and not answer.is_brought:
            app.configure_task(POLL_TASK, queue="signing", allow_unknown=False).defer()
        audit.record(
            actor=ActorRef(request.person_id, posting_id=request.posting_id, source="job"),
            action="signing.request.sent",
            object_kind="signature_request",
            object_id=request_id,
            now=now,
        )
    if answer.state is not AnswerState.WAITING:
        take_answer(request_id=request_id, answer=answer, now=now)


def _resume(request: SignatureRequest, method: SigningMethod, now: datetime) -> None:
    if signer_of(method).can_ask_again:
        note_sent(request.pk, Answer(state=AnswerState.WAITING, is_brought=method.is_brought), now)
        return
    error = RequestInterrupted(
        "Máy chủ dừng đúng lúc gửi yêu cầu nên không rõ điện thoại đã nhận hay chưa. Chưa có gì được ký; ký lại."
    )
    fail_request(request.pk, code=error.code, words=error.message, now=now)
