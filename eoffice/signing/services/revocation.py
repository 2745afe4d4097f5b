"""Revocation lists and answers from the web, kept in the database for as long as they hold."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from eoffice.audit import services as audit
from eoffice.core import locks
from eoffice.core.errors import Invalid
from eoffice.core.outgoing import NotFetched, fetch
from eoffice.organization.actor import Actor
from eoffice.signing import permissions
from eoffice.signing.engine.revocation import (
    AnswerUnusable,
    Link,
    RevocationMaterial,
    Validity,
    der_of_crl,
    ocsp_question,
    read_crl,
    read_ocsp,
)
from eoffice.signing.models import INSIDE_HOSTS_LIMIT, LIST_AGE_MINUTES, AnswerKind, RevocationAnswer, RevocationRules

EACH_S: Final = 10.0
ALL_S: Final = 25.0
"""For one question, and for all questions of one check."""
OCSP_LIMIT_BYTES: Final = 256 * 1024
CRL_LIMIT_BYTES: Final = 64 * 1024**2
ASKED_AGAIN_AFTER: Final = timedelta(minutes=1)
"""A source that failed is left alone for so long."""
_KEPT_AFTER: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one address: its list, or what became of one certificate."""

    kind: AnswerKind
    link: Link
    address: str

    @property
    def key(self) -> str:
        issuer = hashlib.sha256(self.link.issuer).hexdigest()
        return hashlib.sha256(f"{self.kind} {issuer} {self.serial} {self.address}".encode()).hexdigest()

    @property
    def serial(self) -> str:
        return f"{self.link.subject.serial_number:x}" if self.kind == AnswerKind.OCSP else ""

    def read(self, content: bytes, now: datetime) -> Validity:
        return (read_ocsp if self.kind == AnswerKind.OCSP else read_crl)(content, self.link, now=now)


class WebRevocation:
    """`RevocationSource` of this installation: asks OCSP first, then lists; keeps every answer for its validity.

    Runs outside transactions, since it speaks to the network. Two processes that miss the same answer ask once: the
    second waits for the first and finds it kept.
    """

    def material(self, links: Sequence[Link], *, now: datetime, fresh: bool = False) -> RevocationMaterial:
        rules, until = revocation_rules(), time.monotonic() + ALL_S
        return _gathered(links, lambda question: _answer(question, rules, now, fresh=fresh, until=until))


class PassingRevocation:
    """`RevocationSource` of a check outside any installation: asks the same, keeps nothing, needs no database."""

    def material(self, links: Sequence[Link], *, now: datetime, fresh: bool = False) -> RevocationMaterial:
        rules, until = RevocationRules(pk=1), time.monotonic() + ALL_S

        def ask(question: Question) -> tuple[bytes | None, str]:
            try:
                content = fetched(question, rules, until)
                question.read(content, now)
            except (NotFetched, AnswerUnusable) as error:
                return None, str(error)
            return content, ""

        return _gathered(links, ask)


def _gathered(links: Sequence[Link], ask: Callable[[Question], tuple[bytes | None, str]]) -> RevocationMaterial:
    """The first answer to be had about each link."""
    ocsps: list[bytes] = []
    crls: list[bytes] = []
    unreachable: dict[str, str] = {}
    for link in dict.fromkeys(links):
        questions = list(questions_about(link))
        if not questions:
            continue
        failure = ""
        for question in questions:
            content, failure = ask(question)
            if content is not None:
                (ocsps if question.kind == AnswerKind.OCSP else crls).append(content)
                break
        else:
            unreachable[link.subject.subject.rfc4514_string()] = failure
    return RevocationMaterial(tuple(dict.fromkeys(ocsps)), tuple(dict.fromkeys(crls)), unreachable)


def revocation_rules() -> RevocationRules:
    """The rules in force; those of a new installation where nothing was set."""
    return RevocationRules.objects.filter(pk=1).first() or RevocationRules(pk=1)


def set_revocation_rules(
    *, actor: Actor, asks_online: bool, inside_hosts: str, list_age_minutes: int = LIST_AGE_MINUTES, now: datetime
) -> RevocationRules:
    """Say whether sources are asked, which hosts inside our own network may be, and how old a list may be.

    Raises NotPermitted, Invalid.
    """
    permissions.require_trust_managed(actor)
    hosts = " ".join(sorted(set(inside_hosts.lower().split())))
    if len(hosts) > INSIDE_HOSTS_LIMIT or any("/" in host for host in hosts.split()):
        raise Invalid(
            fields={"inside_hosts": "Ghi tên máy chủ hoặc tên:cổng, cách nhau bằng dấu cách, không có http://."}
        )
    chosen = {"asks_online": asks_online, "inside_hosts": hosts, "list_age_minutes": list_age_minutes}
    with transaction.atomic():
        rules, _ = RevocationRules.objects.update_or_create(pk=1, defaults=chosen)
        audit.record(
            actor=actor.ref,
            action="signing.revocation_rules.changed",
            object_kind="revocation_rules",
            object_id=1,
            now=now,
            detail=chosen,
        )
    return rules


def forget_old_answers(*, now: datetime) -> int:
    """Drop what has been out of force for a week; verdicts keep their own copy. Returns how many."""
    old = RevocationAnswer.objects.filter(valid_until__lt=now - _KEPT_AFTER)
    failed = RevocationAnswer.objects.filter(content__isnull=True, failed_at__lt=now - _KEPT_AFTER)
    return old.delete()[0] + failed.delete()[0]


def questions_about(link: Link) -> Iterator[Question]:
    """Whom a certificate says to ask, in that order: two responders and two lists at most."""
    for address in link.ocsp_addresses[:2]:
        yield Question(AnswerKind.OCSP, link, address)
    for address in link.crl_addresses[:2]:
        yield Question(AnswerKind.CRL, link, address)


def _answer(
    question: Question, rules: RevocationRules, now: datetime, *, fresh: bool, until: float
) -> tuple[bytes | None, str]:
    """The kept or the fetched answer; else None and why."""
    kept = _kept(question, now)
    if kept is not None and not fresh:
        return kept, ""
    if not rules.asks_online:
        return kept, "hệ thống đang tắt việc hỏi thông tin thu hồi"
    with locks.one_at_a_time([f"signing:revocation:{question.key}"]):
        row = RevocationAnswer.objects.filter(pk=question.key).first()
        if row is not None and _is_settled(row, now, fresh=fresh):
            kept = _kept(question, now)
            return kept, row.failure
        try:
            content = fetched(question, rules, until)
            validity = question.read(content, now)
        except (NotFetched, AnswerUnusable) as error:
            note_failure(question, str(error), now)
            return kept, str(error)
        keep_answer(question, content, validity, now)
    return content, ""


def _is_settled(row: RevocationAnswer, now: datetime, *, fresh: bool) -> bool:
    """Whether another process asked while we waited, or the source failed a moment ago."""
    if row.failed_at is not None and now - row.failed_at < ASKED_AGAIN_AFTER:
        return True
    if row.fetched_at is None or row.valid_until is None or row.valid_until <= now:
        return False
    return not fresh or now - row.fetched_at < ASKED_AGAIN_AFTER


def _kept(question: Question, now: datetime) -> bytes | None:
    rows = RevocationAnswer.objects.filter(pk=question.key, valid_until__gt=now)
    content = rows.values_list("content", flat=True).first()
    return bytes(content) if content is not None else None


def fetched(question: Question, rules: RevocationRules, until: float) -> bytes:
    """The answer (DER) from the network, unread; `until` is a moment of `time.monotonic`. Needs no database.

    Raises NotFetched, AnswerUnusable.
    """
    left = min(EACH_S, until - time.monotonic())
    if left <= 0:
        raise NotFetched("hết thời gian dành cho việc hỏi")
    if question.kind == AnswerKind.OCSP:
        return fetch(
            question.address,
            body=ocsp_question(question.link),
            content_type="application/ocsp-request",
            timeout_s=left,
            limit_bytes=OCSP_LIMIT_BYTES,
            inside=rules.inside,
        )
    return der_of_crl(fetch(question.address, timeout_s=left, limit_bytes=CRL_LIMIT_BYTES, inside=rules.inside))


def keep_answer(question: Question, content: bytes, validity: Validity, now: datetime) -> None:
    """Keep an answer that was read; it takes the place of the one before."""
    RevocationAnswer.objects.update_or_create(
        pk=question.key,
        defaults={
            **_identity(question),
            "content": content,
            "produced_at": validity.produced_at,
            "valid_until": validity.until,
            "fetched_at": now,
            "failed_at": None,
            "failure": "",
        },
    )


def note_failure(question: Question, why: str, now: datetime) -> None:
    """Keep why nothing could be had; an answer kept before stays."""
    RevocationAnswer.objects.update_or_create(
        pk=question.key, defaults={**_identity(question), "failed_at": now, "failure": why[:200]}
    )


def _identity(question: Question) -> dict[str, object]:
    return {
        "kind": question.kind,
        "issuer": hashlib.sha256(question.link.issuer).hexdigest(),
        "issuer_name": question.link.authority.subject.rfc4514_string()[:200],
        "serial": question.serial,
        "address": question.address[:2000],
    }
