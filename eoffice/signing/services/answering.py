"""Take what a key answered: keep the values, close the files, tell what became of each paper."""

from __future__ import annotations

import hmac
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app

from eoffice.audit import services as audit
from eoffice.core import files, locks
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import ExpectedError, NotFound
from eoffice.organization.actor import Actor
from eoffice.signing.engine.deferred import checked_value, finish_signature
from eoffice.signing.engine.time_stamping import AuthoritiesInOrder
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.errors import RequestInterrupted, SignatureRefused, TimeStampUnavailable
from eoffice.signing.models import SignatureRequest, SignatureRequestPaper, SigningMethod
from eoffice.signing.providers import csc
from eoffice.signing.providers.signer import Answer, AnswerState
from eoffice.signing.services.changing_request import close_if_done, end_paper, lock_request
from eoffice.signing.services.keeping import OUR_OPEN_FIELDS, Made, keep_signed, require_sound
from eoffice.signing.services.orders import keep_memory, memory_of, signing_certificate, state_of
from eoffice.signing.services.revocation import WebRevocation
from eoffice.signing.services.time_stamps import stamping
from eoffice.signing.services.trust import trust_anchors
from eoffice.signing.states import OPEN_STATES, RequestAction, RequestState

FINISH_TASK: Final = "signing.finish_request"
_LONGEST_WAIT_S: Final = 30.0
_SHORTEST_WAIT_S: Final = 3.0
_GROWTH: Final = 1.5
_ENDINGS: Final = {
    AnswerState.REFUSED: (
        RequestAction.REFUSE,
        "signing_refused_on_phone",
        "Người ký đã từ chối trên điện thoại. Chưa có gì được ký.",
    ),
    AnswerState.EXPIRED: (
        RequestAction.EXPIRE,
        "signing_request_expired",
        "Quá hạn xác nhận nên yêu cầu hết hiệu lực. Chưa có gì được ký; ký lại khi sẵn sàng.",
    ),
    AnswerState.FAILED: (
        RequestAction.FAIL,
        "signing_provider_failed",
        "Nhà cung cấp chữ ký số báo không ký được. Chưa có gì được ký; ký lại hoặc chọn cách ký khác.",
    ),
}


def request_lock(reference: str) -> str:
    """The name under which one process at a time works on a request (`core.locks.one_of`)."""
    return f"signing:request:{reference}"


def wait_s(polls: int) -> float:
    """How long until the next question after so many: 3 s, then half as long again each time, 30 s at most."""
    return float(min(_LONGEST_WAIT_S, _SHORTEST_WAIT_S * _GROWTH ** min(polls, 20)))


def take_answer(*, request_id: int, answer: Answer, now: datetime) -> None:
    """Write down what a key answered for a request; the same answer twice, or one that comes too late, changes nothing.

    Values are verified with the certificate's key before they are kept; a job closes the files.
    """
    with transaction.atomic():
        request = lock_request(request_id)
        if request.state != RequestState.SENT or request.method is None:
            return
        if answer.state is AnswerState.WAITING:
            keep_memory(request, answer)
            _ask_later(request, answer, now)
            return
        if answer.state is AnswerState.SIGNED:
            _keep_values(request, request.method, answer.values, now)
            return
        action, code, words = _ENDINGS[answer.state]
        for paper in request.papers.filter(state=RequestState.SENT).order_by("position"):
            end_paper(paper, action, now=now, code=code, words=answer.words or words)
        close_if_done(request, now=now, words=answer.words or words)


def finish_request(*, request_id: int, now: datetime) -> None:
    """Close the files whose values have come, check them all, keep those that pass; run twice, each is kept once."""
    request = SignatureRequest.objects.select_related("method").get(pk=request_id)
    with locks.one_of(request_lock(request.reference), 1) as is_ours:
        if not is_ours or request.method is None:
            return
        papers = list(request.papers.filter(state=RequestState.SENT, value__isnull=False).order_by("position"))
        if papers:
            _finish(request, request.method, papers, now)
    with transaction.atomic():
        request = lock_request(request_id)
        if request.is_open:
            close_if_done(request, now=now)


def cancel_request(*, actor: Actor, request_id: int, now: datetime) -> SignatureRequest:
    """Give a request up, by who made it; a confirmation that comes later signs nothing. Raises NotFound.

    Papers whose value has come already are signed: what was confirmed stands.
    """
    with transaction.atomic():
        if not SignatureRequest.objects.filter(pk=request_id, person_id=actor.own_id).exists():
            raise NotFound
        request = lock_request(request_id)
        for paper in request.papers.filter(state__in=OPEN_STATES, value__isnull=True).order_by("position"):
            end_paper(paper, RequestAction.CANCEL, now=now, code="signing_request_cancelled", words="Đã hủy, chưa ký.")
        if request.is_open:
            close_if_done(request, now=now)
        audit.record(
            actor=actor.ref,
            action="signing.request.cancelled",
            object_kind="signature_request",
            object_id=request_id,
            now=now,
        )
    return request


def expire_requests(*, now: datetime) -> int:
    """End what was not confirmed in time, and batches whose process died; returns how many requests ended."""
    due = SignatureRequest.objects.filter(state__in=OPEN_STATES, expires_at__lte=now).order_by("pk")
    ended = 0
    for request in due[:500]:
        ended += interrupt_if_dead(request, now) if request.method_id is None else _expire(request.pk, now)
    return ended


def interrupt_if_dead(request: SignatureRequest, now: datetime) -> bool:
    """End a batch with a key of our own whose process died: what it had not signed is not signed."""
    with locks.one_of(request_lock(request.reference), 1) as is_dead:
        if is_dead:
            error = RequestInterrupted()
            fail_request(request.pk, code=error.code, words=error.message, now=now)
    return is_dead


def bring_back(*, actor: Actor, state: str, code: str, is_refused: bool, now: datetime) -> SignatureRequest | None:
    """The person's browser is back from the service of an open request: ask with the code it brought.

    `state` must be the one the browser was sent away with, of a request of this very person; None where there is none.
    """
    waiting = SignatureRequest.objects.filter(person_id=actor.own_id, state=RequestState.SENT).exclude(visit="")
    for row in waiting.order_by("-pk")[:20]:
        with transaction.atomic():
            request = lock_request(row.pk)
            kept = memory_of(request)
            if not state or not hmac.compare_digest(csc.state_in(kept), state):
                continue
            if request.state == RequestState.SENT and not is_refused:
                keep_memory(request, Answer(state=AnswerState.WAITING, memory=csc.with_return(kept, code)))
                request.next_poll_at = now
                request.save(update_fields=["memory", "visit", "next_poll_at"])
        if is_refused:
            take_answer(request_id=request.pk, answer=Answer(state=AnswerState.REFUSED), now=now)
        return request
    return None


def note_taken(*, paper_id: int, error: ExpectedError | None, now: datetime) -> None:
    """Whoever asked has made the signed file his own, or could not and says why."""
    changes = {"taken_at": now, "untaken_words": ""} if error is None else {"untaken_words": error.message[:500]}
    SignatureRequestPaper.objects.filter(pk=paper_id, taken_at__isnull=True).update(**changes)


def fail_request(request_id: int, *, code: str, words: str, now: datetime) -> None:
    """End every open paper of a request as failed."""
    with transaction.atomic():
        request = lock_request(request_id)
        for paper in request.papers.filter(state__in=OPEN_STATES).order_by("position"):
            end_paper(paper, RequestAction.FAIL, now=now, code=code, words=words)
        if request.is_open:
            close_if_done(request, now=now, words=words)


def _ask_later(request: SignatureRequest, answer: Answer, now: datetime) -> None:
    request.polls += 1
    pause_s = max(wait_s(request.polls), answer.ask_after_s or 0)
    request.next_poll_at = now + timedelta(seconds=pause_s)
    request.save(update_fields=["polls", "next_poll_at", "memory", "visit"])


def _keep_values(request: SignatureRequest, method: SigningMethod, values: Mapping[str, bytes], now: datetime) -> None:
    signer = signing_certificate(method)
    for paper in request.papers.filter(state=RequestState.SENT, value__isnull=True).order_by("position"):
        answer = values.get(paper.doc_id)
        try:
            if answer is None:
                raise SignatureRefused(
                    "Nhà cung cấp không trả chữ ký cho văn bản này. Chưa ký; ký lại riêng văn bản này."
                )
            paper.value = checked_value(signer=signer, state=state_of(paper), answer=answer)
        except SignatureRefused as error:
            end_paper(paper, RequestAction.FAIL, now=now, code=error.code, words=error.message)
            continue
        paper.save(update_fields=["value"])
    request.next_poll_at = None
    request.memory = request.visit = ""
    request.save(update_fields=["next_poll_at", "memory", "visit"])
    if not close_if_done(request, now=now):
        app.configure_task(FINISH_TASK, queue="signing", allow_unknown=False).defer(request_id=request.pk)


def _finish(
    request: SignatureRequest, method: SigningMethod, papers: Sequence[SignatureRequestPaper], now: datetime
) -> None:
    trust = trust_anchors(now=now)
    with tempfile.TemporaryDirectory(prefix="eoffice-") as name, stamping(now) as stamper:
        made = [(paper, _closed(paper, method, Path(name), stamper)) for paper in papers]
        whole = [path for _, path in made if isinstance(path, Path)]
        verdicts = iter(
            verify_files(whole, trust, now, open_fields=OUR_OPEN_FIELDS, revocation=WebRevocation()) if whole else []
        )
        for paper, path in made:
            if isinstance(path, Path):
                _keep(request, method, paper, path, next(verdicts), now)
            else:
                _fail_paper(request, paper, path, now)


def _closed(
    paper: SignatureRequestPaper, method: SigningMethod, directory: Path, stamper: AuthoritiesInOrder | None
) -> Path | ExpectedError:
    """The closed file. Without a time stamp when nobody gives one: the signature is kept and completed later."""
    prepared, target = directory / f"{paper.pk}.prepared.pdf", directory / f"{paper.pk}.pdf"
    with files.open_file(paper.source_id) as source, prepared.open("wb") as output:
        while chunk := source.read(1024 * 1024):
            output.write(chunk)
        output.write(bytes(paper.tail or b""))
    if method.signs_files:  # what came back, closed by the program that signed it
        return prepared
    try:
        finish = partial(
            finish_signature,
            prepared,
            target,
            signer=signing_certificate(method),
            state=state_of(paper),
            value=bytes(paper.value or b""),
        )
        if stamper is None or stamper.is_spent:
            finish()
            return target
        try:
            finish(time_stamper=stamper)
        except TimeStampUnavailable:
            finish()
    except ExpectedError as error:
        return error
    finally:
        prepared.unlink()
    return target


def _keep(
    request: SignatureRequest,
    method: SigningMethod,
    paper: SignatureRequestPaper,
    path: Path,
    verdict: Verdict,
    now: datetime,
) -> None:
    try:
        require_sound(verdict, paper.field)
    except SignatureRefused as error:
        _fail_paper(request, paper, error, now)
        return
    made = Made(
        actor=ActorRef(request.person_id, posting_id=request.posting_id, source="job"),
        person_id=request.person_id,
        unit_id=request.unit_id,
        method_id=method.pk,
        source_sha=paper.source_id,
        field=paper.field,
        stage=paper.stage,
        asked_as=paper.pk,
    )
    keep_signed(made, files.store_path(path, media_type="application/pdf"), verdict, now)


def _fail_paper(request: SignatureRequest, paper: SignatureRequestPaper, error: ExpectedError, now: datetime) -> None:
    with transaction.atomic():
        lock_request(request.pk)
        paper.refresh_from_db()
        if paper.is_open:
            end_paper(paper, RequestAction.FAIL, now=now, code=error.code, words=error.message)


def _expire(request_id: int, now: datetime) -> bool:
    _, code, words = _ENDINGS[AnswerState.EXPIRED]
    with transaction.atomic():
        request = lock_request(request_id)
        if not request.is_open or request.expires_at > now:
            return False
        for paper in request.papers.filter(state__in=OPEN_STATES, value__isnull=True).order_by("position"):
            end_paper(paper, RequestAction.EXPIRE, now=now, code=code, words=words)
        is_over = close_if_done(request, now=now, words=words)
        if not is_over:  # confirmed in time: what is left to do here is ours
            app.configure_task(FINISH_TASK, queue="signing", allow_unknown=False).defer(request_id=request_id)
        return is_over
