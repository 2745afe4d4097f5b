"""OCSP for the certificates whose turn is still to come after the lists: a few questions at a time to each responder.

Every responder has a line of its own. A silent one is left after a few tries in a row and keeps no other waiting.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from eoffice.core.outgoing import NotFetched
from eoffice.signing.engine.revocation import AnswerUnusable, Link, RevocationMaterial, Revoked, revocation_of
from eoffice.signing.models import AnswerKind, HeldCertificate, RevocationRules
from eoffice.signing.services.certificates import in_use
from eoffice.signing.services.noting_standing import note_answered, note_silence, note_standing
from eoffice.signing.services.revocation import EACH_S, fetched, questions_about

AT_ONCE: Final = 16
TO_ONE: Final = 4
"""Questions under way in all, and to one responder: it serves others too."""
GIVEN_UP_AFTER: Final = 3
"""So many silences in a row, and the rest of a line waits for its next turn."""
_CHUNK: Final = 200
NOT_ASKING: Final = "hệ thống đang tắt việc hỏi thông tin thu hồi"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One certificate that is asked about."""

    held_id: int
    link: Link
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class _Heard:
    """What came: since when it is revoked, if it is, and of when the answer speaks; else why nothing came.

    `is_mute`: nobody answered, so the next question there will not fare better.
    """

    revoked: Revoked | None = None
    spoken_at: datetime | None = None
    failure: str = ""
    is_mute: bool = False


@dataclass(slots=True)
class _Line:
    """The certificates that one responder (with its stand-in) is asked about: keys to load, loaded, under way."""

    waiting: deque[tuple[int, str]] = field(default_factory=deque)
    loaded: deque[_Asked] = field(default_factory=deque)
    under_way: int = 0
    silences: int = 0
    failure: str = ""

    @property
    def is_given_up(self) -> bool:
        return self.silences >= GIVEN_UP_AFTER

    def next(self, issuers: Mapping[str, bytes]) -> _Asked | None:
        """Whom to ask about now, if there is room."""
        if self.is_given_up or self.under_way >= TO_ONE:
            return None
        if not self.loaded and self.waiting:
            chunk = [self.waiting.popleft() for _ in range(min(_CHUNK, len(self.waiting)))]
            self.loaded.extend(_load(chunk, issuers))
        return self.loaded.popleft() if self.loaded else None

    def left(self) -> list[int]:
        """Whom nobody was asked about."""
        return [asked.held_id for asked in self.loaded] + [held_id for held_id, _ in self.waiting]


def ask_responders(*, issuers: Mapping[str, bytes], rules: RevocationRules, now: datetime, until: float) -> None:
    """Ask about every certificate that names a responder and whose turn has come, longest due first, until `until`.

    `issuers` are the certificates (DER) by their fingerprint; `until` is a moment of `time.monotonic`. Answers are
    kept every few hundred, so that a process killed in between loses no more than those.
    """
    due = in_use(now).filter(ask_at__lte=now, authority__in=list(issuers)).exclude(responder_addresses="")
    if not rules.asks_online:
        note_silence(due, words=NOT_ASKING, now=now)
        return
    lines: dict[str, _Line] = {}
    for held_id, authority, addresses in due.order_by("ask_at", "pk").values_list(
        "pk", "authority", "responder_addresses"
    ):
        lines.setdefault(addresses, _Line()).waiting.append((held_id, authority))
    heard: list[tuple[_Asked, _Heard]] = []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ocsp") as pool:
        under_way: dict[Future[_Heard], tuple[_Line, _Asked]] = {}
        while True:
            if time.monotonic() < until:
                _send(pool, lines.values(), under_way, issuers, rules, now)
            if not under_way:
                break
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                line, asked = under_way.pop(future)
                line.under_way -= 1
                heard.append((asked, _took(line, future.result())))
            if len(heard) >= _CHUNK:
                _keep(heard, now)
                heard = []
    _keep(heard, now)
    for line in lines.values():
        if line.is_given_up:
            note_silence(HeldCertificate.objects.filter(pk__in=line.left()), words=line.failure, now=now)


def _send(
    pool: ThreadPoolExecutor,
    lines: Iterable[_Line],
    under_way: dict[Future[_Heard], tuple[_Line, _Asked]],
    issuers: Mapping[str, bytes],
    rules: RevocationRules,
    now: datetime,
) -> None:
    """One question of each line after the other, until no line has one or all places are taken."""
    lines, is_sent = list(lines), True
    while is_sent:
        is_sent = False
        for line in lines:
            asked = line.next(issuers) if len(under_way) < AT_ONCE else None
            if asked is not None:
                line.under_way += 1
                under_way[pool.submit(_ask, asked.link, rules, now)] = (line, asked)
                is_sent = True


def _ask(link: Link, rules: RevocationRules, now: datetime) -> _Heard:
    """Ask the responders of one certificate in their order; in a thread, without the database."""
    heard = _Heard(failure="chứng thư không ghi máy chủ OCSP")
    for question in questions_about(link):
        if question.kind != AnswerKind.OCSP:
            continue
        try:
            content = fetched(question, rules, time.monotonic() + EACH_S)
            spoken_at = question.read(content, now).produced_at
        except NotFetched as error:
            heard = _Heard(failure=str(error), is_mute=True)
        except AnswerUnusable as error:
            heard = _Heard(failure=str(error))
        else:
            return _Heard(revocation_of(link, RevocationMaterial(ocsps=(content,))), spoken_at)
    return heard


def _took(line: _Line, heard: _Heard) -> _Heard:
    line.silences = line.silences + 1 if heard.is_mute else 0
    line.failure = heard.failure
    return heard


def _keep(heard: Iterable[tuple[_Asked, _Heard]], now: datetime) -> None:
    """Changes one by one, all others in a statement for the answers and one for each reason of silence."""
    answered: dict[int, datetime] = {}
    silent: dict[str, list[int]] = {}
    for asked, each in heard:
        if each.spoken_at is None:
            silent.setdefault(each.failure, []).append(asked.held_id)
            continue
        if each.revoked is not None or asked.is_suspended:
            note_standing(held_id=asked.held_id, revoked=each.revoked, spoken_at=each.spoken_at, now=now)
        answered[asked.held_id] = each.spoken_at
    if answered:
        note_answered(answered, now=now)
    for words, held_ids in silent.items():
        note_silence(HeldCertificate.objects.filter(pk__in=held_ids), words=words, now=now)


def _load(chunk: Iterable[tuple[int, str]], issuers: Mapping[str, bytes]) -> list[_Asked]:
    """The certificates of a chunk, longest due first."""
    authorities = dict(chunk)
    rows = HeldCertificate.objects.filter(pk__in=authorities).values_list(
        "pk", "key__certificate", "method__certificate", "is_suspended"
    )
    found = {
        held_id: _Asked(held_id, Link(bytes(of_key or of_method), issuers[authorities[held_id]]), is_suspended)
        for held_id, of_key, of_method, is_suspended in rows
    }
    return [found[held_id] for held_id in authorities if held_id in found]
