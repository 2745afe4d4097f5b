"""The one place where the state of a signature request and of its papers is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core import outbox
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import IllegalTransition
from eoffice.notifications import services as notifications
from eoffice.signing.events import PAPER_FINISHED, PaperFinished
from eoffice.signing.models import SignatureRequest, SignatureRequestPaper
from eoffice.signing.states import REQUEST_TRANSITIONS, RequestAction, RequestState

_ENDINGS: Final = {
    RequestState.REFUSED: RequestAction.REFUSE,
    RequestState.EXPIRED: RequestAction.EXPIRE,
    RequestState.CANCELLED: RequestAction.CANCEL,
    RequestState.FAILED: RequestAction.FAIL,
}


def lock_request(request_id: int) -> SignatureRequest:
    """One request, locked for this transaction; its papers change under this lock only."""
    return (
        SignatureRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("method__provider", "key", "person")
        .get(pk=request_id)
    )


def mark_sent(request: SignatureRequest, papers: Sequence[SignatureRequestPaper]) -> None:
    """The key has been asked for all papers that are still open. Raises IllegalTransition."""
    request.state = _next(request, RequestAction.SEND)
    request.save(update_fields=["state"])
    for paper in papers:
        paper.state = _next(paper, RequestAction.SEND)
    SignatureRequestPaper.objects.filter(pk__in=[paper.pk for paper in papers]).update(state=RequestState.SENT)


def end_paper(
    paper: SignatureRequestPaper,
    action: RequestAction,
    *,
    now: datetime,
    code: str = "",
    words: str = "",
    result_sha: str | None = None,
) -> None:
    """End one paper, its request locked by the caller, and tell whoever asked. What was kept for it is let go."""
    paper.state = _next(paper, action)
    paper.code, paper.words, paper.result_id, paper.finished_at = code[:60], words[:500], result_sha, now
    paper.mark = paper.tail = None
    paper.save(update_fields=["state", "code", "words", "result", "finished_at", "mark", "tail"])
    event = PaperFinished(
        paper_id=paper.pk, subject_kind=paper.subject_kind, subject_id=paper.subject_id, state=str(paper.state)
    )
    outbox.publish(event, name=PAPER_FINISHED, now=now)


def close_if_done(request: SignatureRequest, *, now: datetime, words: str = "") -> bool:
    """End a request, locked by the caller, none of whose papers is open any more: signed if any of them is."""
    states = list(request.papers.order_by("position").values_list("state", flat=True))
    if RequestState.WAITING in states or RequestState.SENT in states:
        return False
    ending = _ENDINGS.get(RequestState(states[0]), RequestAction.FAIL) if len(set(states)) == 1 else RequestAction.FAIL
    action = RequestAction.SIGN if RequestState.SIGNED in states else ending
    if action is RequestAction.SIGN and request.state == RequestState.WAITING:
        request.state = _next(request, RequestAction.SEND)
    request.state = _next(request, action)
    request.words, request.finished_at, request.next_poll_at = words[:500], now, None
    request.memory = request.visit = ""
    request.save(update_fields=["state", "words", "finished_at", "next_poll_at", "memory", "visit"])
    audit.record(
        actor=ActorRef(request.person_id, posting_id=request.posting_id, source="job"),
        action="signing.request.finished",
        object_kind="signature_request",
        object_id=request.pk,
        now=now,
        detail={"state": str(request.state), "signed": states.count(RequestState.SIGNED), "papers": len(states)},
    )
    if request.method_id is not None:
        _tell(request, states, now)
    return True


def _tell(request: SignatureRequest, states: Sequence[str], now: datetime) -> None:
    """Whoever closed the page hears of the end; a key of our own answered while he looked."""
    signed = states.count(RequestState.SIGNED)
    notifications.notify(
        person_ids=[request.person_id],
        kind="signing.request_finished",
        title=f"Yêu cầu ký: {request.get_state_display().lower()}",
        text=f"Đã ký {signed}/{len(states)} văn bản. {request.words}".strip(),
        url=reverse("signing:request", args=[request.pk]),
        now=now,
    )


def _next(row: SignatureRequest | SignatureRequestPaper, action: RequestAction) -> RequestState:
    target = REQUEST_TRANSITIONS.get((row.state, action))
    if target is None:
        raise IllegalTransition(row.state, action)
    return target
