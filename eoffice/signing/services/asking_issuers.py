"""A turn of asking issuers what became of the certificates in use: one list for all of an issuer, OCSP for the rest.

Asked within the hour by a job every ten minutes (ADR 0066). The network is spoken to outside any transaction and by
threads that know no database; what they bring is kept by this one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db.models import Min, Q, QuerySet

from eoffice.core import locks
from eoffice.core.outgoing import NotFetched
from eoffice.signing.engine.listed import revoked_among
from eoffice.signing.engine.revocation import AnswerUnusable, Link, Validity
from eoffice.signing.models import (
    AnswerKind,
    CertificateAuthority,
    HeldCertificate,
    RevocationAnswer,
    RevocationRules,
)
from eoffice.signing.services.asking_responders import NOT_ASKING, ask_responders
from eoffice.signing.services.certificates import in_use
from eoffice.signing.services.finding_issuers import NO_ISSUER, Known, find_issuers
from eoffice.signing.services.noting_standing import (
    ASKED_EVERY,
    UNKNOWN_PAUSES,
    note_answered_by_list,
    note_silence,
    note_standing,
)
from eoffice.signing.services.revocation import (
    EACH_S,
    Question,
    fetched,
    keep_answer,
    note_failure,
    questions_about,
    revocation_rules,
)
from eoffice.signing.services.trust import trust_anchors

LASTS_S: Final = 480.0
"""A run of the job ends before the next one starts."""
NOWHERE: Final = "chứng thư không ghi nơi hỏi thông tin thu hồi"
_LISTS_AT_ONCE: Final = 4
"""A list may be as large as `revocation.CRL_LIMIT_BYTES`, and all of them lie in memory."""


@dataclass(frozen=True, slots=True)
class Group:
    """Certificates of one issuer that name the same addresses; `link` is one of them with its issuer."""

    authority: str
    list_addresses: str
    responder_addresses: str
    link: Link

    def rows(self, now: datetime) -> QuerySet[HeldCertificate]:
        return in_use(now).filter(
            authority=self.authority,
            list_addresses=self.list_addresses,
            responder_addresses=self.responder_addresses,
        )


@dataclass(frozen=True, slots=True)
class IssuerList:
    """A list in force (DER), of when it speaks and since when we have it."""

    content: bytes
    spoken_at: datetime
    fetched_at: datetime


def ask_issuers(*, now: datetime, lasts_s: float = LASTS_S) -> None:
    """Ask about every certificate whose turn has come (`ask_at`); two processes never do so at once.

    Whatever is found is kept at once, so a run that is killed or out of time goes on in the next one; whoever answers
    nobody is named beside its certificates and asked again after a pause, which keeps nobody else waiting.
    """
    with locks.one_of("signing:asking_issuers", 1) as is_alone:
        if not is_alone or not in_use(now).filter(ask_at__lte=now).exists():
            return
        until, known = time.monotonic() + lasts_s, Known(trust_anchors(now=now))
        find_issuers(known=known, now=now, until=until)
        rules, groups = revocation_rules(), _groups(known, now)
        _ask_lists(groups, rules, now)
        ask_responders(
            issuers={group.authority: group.link.issuer for group in groups}, rules=rules, now=now, until=until
        )


def _groups(known: Known, now: datetime) -> list[Group]:
    """The groups with somebody whose turn has come. Those whose issuer is trusted no longer go back to the unknown."""
    shared = ("authority", "list_addresses", "responder_addresses")
    due = in_use(now).filter(ask_at__lte=now).exclude(authority="")
    found = list(due.order_by().values_list(*shared).annotate(one=Min("pk")))
    samples = HeldCertificate.objects.select_related("key", "method").in_bulk([line[-1] for line in found])
    groups = []
    for authority, lists, responders, one in found:
        link = known.link_of(samples[one])
        if link is not None and sha256(link.issuer).hexdigest() == authority:
            groups.append(Group(authority, lists, responders, link))
            continue
        lost = in_use(now).filter(authority=authority, list_addresses=lists, responder_addresses=responders)
        note_silence(lost, words=NO_ISSUER, now=now, pauses=UNKNOWN_PAUSES)
        lost.update(authority="")
    return groups


def _ask_lists(groups: Sequence[Group], rules: RevocationRules, now: datetime) -> None:
    """Answer whole groups: those of our own authority by our own table, others by the list of their issuer."""
    own = {sha256(bytes(der)).hexdigest() for der in CertificateAuthority.objects.values_list("certificate", flat=True)}
    listed = []
    for group in groups:
        if group.authority in own:
            # What was revoked here is out of the register already.
            note_answered_by_list(group.rows(now), spoken_at=now, fetched_at=now, asks_further=False, now=now)
        elif group.list_addresses:
            listed.append(group)
        elif not group.responder_addresses:
            due = group.rows(now).filter(ask_at__lte=now)
            note_silence(due, words=NOWHERE, now=now, pauses=UNKNOWN_PAUSES)
    for group, newest, failure in _lists_of(listed, rules, now):
        if newest is not None:
            failure = _answer_by_list(group, newest, rules, now) or failure
        if failure and not group.responder_addresses:
            note_silence(group.rows(now).filter(ask_at__lte=now), words=failure, now=now)


def _answer_by_list(group: Group, newest: IssuerList, rules: RevocationRules, now: datetime) -> str:
    """Tell a group by its list; why not, where the list cannot tell."""
    rows = group.rows(now).filter(Q(checked_at__isnull=True) | Q(checked_at__lt=newest.fetched_at) | Q(ask_at__lte=now))
    held = [(pk, int(serial, 16), kept) for pk, serial, kept in rows.values_list("pk", "serial", "is_suspended")]
    try:
        revoked = revoked_among(newest.content, {serial for _, serial, _ in held})
    except AnswerUnusable as error:
        return str(error)
    for held_id, serial, is_suspended in held:
        if serial in revoked or is_suspended:
            note_standing(held_id=held_id, revoked=revoked.get(serial), spoken_at=newest.spoken_at, now=now)
    limit = timedelta(minutes=rules.list_age_minutes)
    is_old = bool(limit) and now - newest.spoken_at > limit
    note_answered_by_list(
        rows,
        spoken_at=newest.spoken_at,
        fetched_at=newest.fetched_at,
        asks_further=is_old and bool(group.responder_addresses) and rules.asks_online,
        now=now,
    )
    return ""


def _lists_of(
    groups: Sequence[Group], rules: RevocationRules, now: datetime
) -> Iterator[tuple[Group, IssuerList | None, str]]:
    """Each group with its issuer's newest list, fetched once for all that name it, and why no newer one came."""
    kept = _kept_lists(groups, now)
    sharing: dict[tuple[str, ...], list[Group]] = {}
    for group in groups:
        sharing.setdefault(tuple(question.key for question in _list_questions(group)), []).append(group)
    with ThreadPoolExecutor(_LISTS_AT_ONCE, thread_name_prefix="list") as pool:
        asked: dict[Future[_Fetched], tuple[str, ...]] = {}
        for keys, those in sharing.items():
            newest = _newest(kept, keys)
            if newest is not None and now - newest.fetched_at < ASKED_EVERY:
                yield from ((group, newest, "") for group in those)
            elif not rules.asks_online:
                yield from ((group, newest, NOT_ASKING) for group in those)
            else:
                asked[pool.submit(_fetch, list(_list_questions(those[0])), rules, now)] = keys
        for future in as_completed(list(asked)):
            keys, found = asked.pop(future), future.result()
            fresh = _keep(found, now)
            failure = "" if fresh is not None else found.failure
            yield from ((group, fresh or _newest(kept, keys), failure) for group in sharing[keys])


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What the network gave: the question that was answered, or all that were not and why."""

    answered: Question | None
    content: bytes
    validity: Validity | None
    failures: Mapping[Question, str]

    @property
    def failure(self) -> str:
        return list(self.failures.values())[-1] if self.failures else NOWHERE


def _fetch(questions: Sequence[Question], rules: RevocationRules, now: datetime) -> _Fetched:
    """Ask one address after the other; in a thread, without the database."""
    failures: dict[Question, str] = {}
    for question in questions:
        try:
            content = fetched(question, rules, time.monotonic() + EACH_S)
            validity = question.read(content, now)
        except (NotFetched, AnswerUnusable) as error:
            failures[question] = str(error)
        else:
            return _Fetched(question, content, validity, failures)
    return _Fetched(None, b"", None, failures)


def _keep(found: _Fetched, now: datetime) -> IssuerList | None:
    for question, why in found.failures.items():
        note_failure(question, why, now)
    if found.answered is None or found.validity is None:
        return None
    keep_answer(found.answered, found.content, found.validity, now)
    return IssuerList(found.content, found.validity.produced_at, now)


def _list_questions(group: Group) -> Iterator[Question]:
    return (question for question in questions_about(group.link) if question.kind == AnswerKind.CRL)


def _kept_lists(groups: Sequence[Group], now: datetime) -> dict[str, tuple[datetime, datetime]]:
    """By its key, of when each list in force speaks and when it was fetched; the lists stay where they are."""
    keys = {question.key for group in groups for question in _list_questions(group)}
    rows = RevocationAnswer.objects.filter(pk__in=keys, valid_until__gt=now)
    return {
        key: (spoken_at, fetched_at)
        for key, spoken_at, fetched_at in rows.values_list("pk", "produced_at", "fetched_at")
        if spoken_at is not None and fetched_at is not None
    }


def _newest(kept: Mapping[str, tuple[datetime, datetime]], keys: Sequence[str]) -> IssuerList | None:
    found = [key for key in keys if key in kept]
    if not found:
        return None
    key = max(found, key=lambda each: kept[each])
    content = RevocationAnswer.objects.values_list("content", flat=True).get(pk=key)
    return IssuerList(bytes(content or b""), *kept[key])
