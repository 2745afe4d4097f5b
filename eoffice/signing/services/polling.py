"""Ask the services what became of open requests: one process for all, each request when it is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import F
from django.db.models.functions import Least

from eoffice.core import locks
from eoffice.signing.models import SignatureRequest, SignatureRequestPaper
from eoffice.signing.providers.signer import Answer, AnswerState, Order, Signer, SignerDown, SignerRefuses
from eoffice.signing.services.answering import fail_request, take_answer, wait_s
from eoffice.signing.services.orders import order_of
from eoffice.signing.services.signers import signer_at
from eoffice.signing.states import RequestState

_AT_ONCE: Final = 400
_CHUNK: Final = 16
_THREADS: Final = 8
_TICK_S: Final = 0.25
_LINGER_S: Final = 5.0
_DOWN_S: Final = 10.0
_DOWN_WORDS: Final = "Chưa liên lạc được với dịch vụ ký số; hệ thống vẫn đang hỏi lại."


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question and what came of it: an answer, or an error of the service."""

    request_id: int
    polls: int
    answer: Answer | SignerDown | SignerRefuses


def poll_while_open(*, clock: Callable[[], datetime], lasts_s: float, should_stop: Callable[[], bool]) -> int:
    """Ask for whatever is due until nothing is open, `lasts_s` are over or `should_stop`; returns how many questions.

    One process at a time in the installation. Questions go out in threads, a service that hangs holds up its own
    requests only; the database is this thread's alone, and no network is asked inside a transaction.
    """
    with locks.one_of("signing:poll", 1) as is_ours:
        if not is_ours:
            return 0
        with ThreadPoolExecutor(_THREADS) as pool:
            return _Poller(pool, clock).run(lasts_s, should_stop)


def poll_due(*, now: datetime) -> int:
    """Ask once for everything that is due at `now`; returns how many questions."""
    with ThreadPoolExecutor(_THREADS) as pool:
        poller = _Poller(pool, lambda: now)
        poller.send_out(now)
        return poller.collect(wait=True)


def hint(*, hook: str, reference: str, now: datetime) -> bool:
    """A service says that something is new with an order: ask now. The message itself is believed in nothing."""
    found = SignatureRequest.objects.filter(
        method__provider__hook=hook, reference=reference, state=RequestState.SENT, next_poll_at__isnull=False
    )
    return found.update(next_poll_at=Least(F("next_poll_at"), now)) > 0


class _Poller:
    def __init__(self, pool: ThreadPoolExecutor, clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._clock = clock
        self._running: dict[Future[list[_Asked]], frozenset[int]] = {}
        self._signers: dict[int, tuple[datetime, Signer]] = {}

    def run(self, lasts_s: float, should_stop: Callable[[], bool]) -> int:
        until, idle_since, asked = time.monotonic() + lasts_s, time.monotonic(), 0
        while time.monotonic() < until and not should_stop():
            self.send_out(self._clock())
            asked += self.collect()
            if (
                self._running
                or SignatureRequest.objects.filter(state=RequestState.SENT, next_poll_at__isnull=False).exists()
            ):
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > _LINGER_S:
                break
            time.sleep(_TICK_S)
        return asked + self.collect(wait=True)

    def send_out(self, now: datetime) -> None:
        """Give what is due and not being asked already to the threads, service by service."""
        busy = {request_id for ids in self._running.values() for request_id in ids}
        due = (
            SignatureRequest.objects.filter(state=RequestState.SENT, next_poll_at__lte=now)
            .exclude(pk__in=busy)
            .select_related("method__provider")
            .order_by("next_poll_at", "pk")
        )
        rows = list(due[:_AT_ONCE])
        if not rows:
            return
        orders = self._orders(rows)
        for signer, questions in self._by_service(rows, orders):
            for start in range(0, len(questions), _CHUNK):
                chunk = questions[start : start + _CHUNK]
                future = self._pool.submit(_ask_all, signer, chunk, now)
                self._running[future] = frozenset(request_id for request_id, _, _ in chunk)

    def collect(self, *, wait: bool = False) -> int:
        """Write down what has been answered; returns how many questions that was."""
        done = [future for future in self._running if wait or future.done()]
        asked = [each for future in done for each in future.result()]
        for future in done:
            del self._running[future]
        now = self._clock()
        later = [each for each in asked if _is_plain_wait(each)]
        _ask_again_later([(each.request_id, wait_s(each.polls + 1)) for each in later], now)
        for each in asked:
            if not _is_plain_wait(each):
                _take(each, now)
        return len(asked)

    def _orders(self, rows: Sequence[SignatureRequest]) -> dict[int, Order]:
        papers: dict[int, list[SignatureRequestPaper]] = {}
        found = SignatureRequestPaper.objects.filter(request__in=rows, state=RequestState.SENT, value__isnull=True)
        needed = found.only("request_id", "doc_id", "title", "hole_start", "hole_end", "signed_attributes")
        for paper in needed.order_by("request_id", "position"):
            papers.setdefault(paper.request_id, []).append(paper)
        return {row.pk: order_of(row, row.method, papers.get(row.pk, [])) for row in rows if row.method is not None}

    def _by_service(
        self, rows: Sequence[SignatureRequest], orders: dict[int, Order]
    ) -> Iterable[tuple[Signer, list[tuple[int, int, Order]]]]:
        grouped: dict[int, tuple[Signer, list[tuple[int, int, Order]]]] = {}
        for row in rows:
            provider = row.method.provider if row.method is not None else None
            if provider is None:
                continue  # a key whose values are brought, not fetched
            known = self._signers.get(provider.pk)
            if known is None or known[0] != provider.changed_at:
                known = self._signers[provider.pk] = (provider.changed_at, signer_at(provider))
            grouped.setdefault(provider.pk, (known[1], []))[1].append((row.pk, row.polls, orders[row.pk]))
        return grouped.values()


def _ask_all(signer: Signer, questions: Sequence[tuple[int, int, Order]], now: datetime) -> list[_Asked]:
    """Ask one service, question after question; once it does not answer the rest of them wait."""
    asked: list[_Asked] = []
    down: SignerDown | None = None
    for request_id, polls, order in questions:
        if down is not None:
            asked.append(_Asked(request_id, polls, down))
            continue
        try:
            asked.append(_Asked(request_id, polls, signer.poll(order, now=now)))
        except SignerDown as error:
            down = error
            asked.append(_Asked(request_id, polls, error))
        except SignerRefuses as error:
            asked.append(_Asked(request_id, polls, error))
    return asked


def _is_plain_wait(asked: _Asked) -> bool:
    answer = asked.answer
    return isinstance(answer, Answer) and answer.state is AnswerState.WAITING and answer.memory is None


def _ask_again_later(waits: Sequence[tuple[int, float]], now: datetime) -> None:
    """Move the next questions on, all in one statement."""
    if not waits:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE signing_request SET polls = polls + 1, next_poll_at = given.at, words = ''"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS given(id, at)"
            " WHERE signing_request.id = given.id AND state = %s",
            [
                [request_id for request_id, _ in waits],
                [now + timedelta(seconds=seconds) for _, seconds in waits],
                RequestState.SENT,
            ],
        )


def _take(asked: _Asked, now: datetime) -> None:
    if isinstance(asked.answer, SignerRefuses):
        fail_request(asked.request_id, code="signing_refused_by_provider", words=asked.answer.words, now=now)
    elif isinstance(asked.answer, SignerDown):
        pause_s = max(_DOWN_S, wait_s(asked.polls + 1))
        SignatureRequest.objects.filter(pk=asked.request_id, state=RequestState.SENT).update(
            polls=F("polls") + 1, next_poll_at=now + timedelta(seconds=pause_s), words=_DOWN_WORDS
        )
    else:
        take_answer(request_id=asked.request_id, answer=asked.answer, now=now)
