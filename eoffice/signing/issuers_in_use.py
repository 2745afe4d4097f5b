"""Reads: how the issuers of the certificates in use answer, and how far asking them is behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, F, Max, Min, Q
from django.db.models.functions import Coalesce

from eoffice.signing.models import AnswerKind, HeldCertificate, RevocationAnswer

PROMISED: Final = timedelta(hours=1)
"""Within it every certificate in use is asked about."""
_ISSUERS: Final = 30


@dataclass(frozen=True, slots=True)
class IssuerLine:
    """How one issuer answers about its certificates in use.

    `list_made_at` is of when its newest list speaks and `list_failure` why a newer one could not be had;
    `words` why some of its certificates got no answer, `since` the oldest last answer among those.
    """

    name: str
    is_known: bool
    """Whether we know the certificate it issues with."""
    certificates: int
    unasked: int
    known_of_old: int
    silent: int
    last_answer_at: datetime | None
    words: str
    since: datetime | None
    by_list: bool
    by_responder: bool
    list_made_at: datetime | None = None
    list_failure: str = ""


def in_use_and_good(now: datetime) -> Q:
    """Certificates in use that nobody calls revoked and that are not over."""
    return Q(ended_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


def unasked(now: datetime) -> Q:
    """Nobody told us how it stands within the hour; a certificate that was entered within it has still time."""
    hour_ago = now - PROMISED
    return (Q(checked_at__isnull=True) | Q(checked_at__lt=hour_ago)) & Q(noted_at__lt=hour_ago)


def issuers_in_use(now: datetime) -> list[IssuerLine]:
    """The issuers of what is in use, those that are behind first; two queries."""
    used, silent = HeldCertificate.objects.filter(in_use_and_good(now)), ~Q(check_words="")
    in_time = Q(checked_at__gte=now - PROMISED)
    lines = list(
        used.order_by()
        .values("issuer", "authority")
        .annotate(
            certificates=Count("pk"),
            unasked=Count("pk", filter=unasked(now)),
            known_of_old=Count("pk", filter=in_time & Q(standing_at__lt=F("checked_at") - PROMISED)),
            silent=Count("pk", filter=silent),
            last=Max("checked_at"),
            words=Max("check_words"),
            since=Min(Coalesce("checked_at", "noted_at"), filter=silent),
            by_list=Count("pk", filter=~Q(list_addresses="")),
            by_responder=Count("pk", filter=~Q(responder_addresses="")),
        )
        .order_by("-unasked", "-silent", "issuer")[:_ISSUERS]
    )
    lists = RevocationAnswer.objects.filter(kind=AnswerKind.CRL, issuer__in={line["authority"] for line in lines})
    # Of several addresses the one that answered last comes last and stays.
    asked = lists.order_by(F("fetched_at").asc(nulls_first=True)).values_list(
        "issuer", "produced_at", "fetched_at", "failed_at", "failure"
    )
    made: dict[str, tuple[datetime | None, str]] = {}
    for authority, produced_at, fetched_at, failed_at, failure in asked:
        is_failing = failed_at is not None and (fetched_at is None or failed_at > fetched_at)
        made[authority] = (produced_at, failure if is_failing else "")
    return [
        IssuerLine(
            line["issuer"], bool(line["authority"]), line["certificates"], line["unasked"], line["known_of_old"],
            line["silent"], line["last"], line["words"], line["since"], bool(line["by_list"]),
            bool(line["by_responder"]),
            *(made.get(line["authority"], (None, "")) if line["by_list"] else (None, "")),
        )
        for line in lines
    ]  # fmt: skip
