"""How an issuer speaks of a certificate, kept: one by one where that changes, in bulk where nothing does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.db.models import DateTimeField as Moment
from django.db.models.functions import Greatest, Least
from django.urls import reverse

from eoffice.audit import services as audit
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import VIETNAM, local_date
from eoffice.notifications import services as notifications
from eoffice.organization import queries as organization
from eoffice.organization.models import Role
from eoffice.signing.engine.revocation import Revoked
from eoffice.signing.models import AnswerKind, HeldCertificate, RevocationAnswer
from eoffice.signing.services.certificates import own_address, people_behind

ASKED_EVERY: Final = timedelta(minutes=45)
"""With a job every ten minutes an issuer that answers is asked within the hour."""
PAUSES: Final = (timedelta(minutes=9), timedelta(minutes=19), timedelta(minutes=39), timedelta(minutes=59))
"""After one, two, three and more tries in a row without an answer: never longer than the hour it should come in."""
UNKNOWN_PAUSES: Final = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=4), timedelta(hours=6))
"""The same where nobody can be asked before an administrator changes something, who then brings the turn forward."""
_MANY: Final = 30_000
_SYSTEM: Final = ActorRef(None, source="job")


@transaction.atomic
def note_standing(*, held_id: int, revoked: Revoked | None, spoken_at: datetime, now: datetime) -> bool:
    """Keep what an issuer said of one certificate at `spoken_at`; whether its standing changed.

    An answer older than what we know lifts or brings no suspension: a list made in the morning does not know what OCSP
    said at noon. Revoked for good counts whenever it was said, and never ends. What was kept of it for checking
    signatures is dropped, so that those ask anew.
    """
    row = HeldCertificate.objects.select_for_update(no_key=True).get(pk=held_id)
    before = (row.revoked_at, row.is_suspended)
    if row.ended_at is not None or (row.revoked_at is not None and not row.is_suspended):
        return False
    is_old = any(moment is not None and spoken_at < moment for moment in (row.standing_at, row.revoked_at))
    if is_old and (revoked is None or revoked.is_suspended):
        return False
    row.revoked_at, row.is_suspended = (revoked.at, revoked.is_suspended) if revoked else (None, False)
    row.checked_at, row.tried_at, row.check_words, row.silences = now, now, "", 0
    row.standing_at = max(spoken_at, row.standing_at or spoken_at)
    row.save(
        update_fields=[
            "revoked_at", "is_suspended", "checked_at", "tried_at", "check_words", "silences", "standing_at",
        ]
    )  # fmt: skip
    if (row.revoked_at, row.is_suspended) == before:
        return False
    RevocationAnswer.objects.filter(kind=AnswerKind.OCSP, issuer=row.authority, serial=row.serial).delete()
    action = "revoked_outside" if row.revoked_at is not None else "good_again"
    audit.record(
        actor=_SYSTEM, action=f"signing.certificate.{action}", object_kind="held_certificate", object_id=row.pk,
        now=now, detail={"serial": row.serial, "issuer": row.issuer},
    )  # fmt: skip
    _tell_standing(row, now)
    return True


def note_answered_by_list(
    rows: QuerySet[HeldCertificate], *, spoken_at: datetime, fetched_at: datetime, asks_further: bool, now: datetime
) -> int:
    """One statement for all whom a list leaves as they stand; `asks_further`: OCSP has still to be asked about them."""
    known = {"checked_at": Greatest("checked_at", fetched_at), "standing_at": Greatest("standing_at", spoken_at)}
    if asks_further:
        return rows.update(**known)
    return rows.update(**known, tried_at=now, silences=0, check_words="", ask_at=fetched_at + ASKED_EVERY)


def note_answered(spoken_at: Mapping[int, datetime], *, now: datetime) -> None:
    """One statement for certificates that OCSP leaves as they stand, each with the moment its answer speaks of."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE signing_held_certificate AS held
            SET checked_at = %(now)s, tried_at = %(now)s, ask_at = %(next)s, silences = 0, check_words = '',
                standing_at = greatest(held.standing_at, heard.spoken_at)
            FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS heard (id, spoken_at)
            WHERE held.id = heard.id
            """,
            {
                "now": now,
                "next": now + ASKED_EVERY,
                "ids": list(spoken_at),
                "moments": list(spoken_at.values()),
            },
        )


def note_silence(
    rows: QuerySet[HeldCertificate], *, words: str, now: datetime, pauses: Sequence[timedelta] = PAUSES
) -> int:
    """One statement for certificates about which nobody answered: tried, why not, and after a longer pause again."""
    *first, longest = pauses
    pause = Case(
        *(When(silences=count, then=Value(now + each)) for count, each in enumerate(first)),
        default=Value(now + longest),
        output_field=Moment(),
    )
    more = Least(F("silences") + 1, Value(_MANY), output_field=IntegerField())
    return rows.update(tried_at=now, check_words=words[:300], ask_at=pause, silences=more)


def _tell_standing(row: HeldCertificate, now: datetime) -> None:
    """The holder and every administrator learn that signing stops, or goes on."""
    day = row.revoked_at.astimezone(VIETNAM).strftime("%d/%m/%Y") if row.revoked_at else ""
    verb = "tạm dừng" if row.is_suspended else "thu hồi"
    title = (
        f"Chứng thư số của {row.holder_name} đã bị nơi cấp {verb} từ {day}"
        if row.revoked_at
        else f"Chứng thư số của {row.holder_name} dùng lại được"
    )
    text = f"{row.issuer}, số sê-ri {row.serial}. " + (
        "Việc ký bằng chứng thư này đã dừng. Chữ ký đã có giữ nguyên." if row.revoked_at else "Ký lại được từ bây giờ."
    )
    holders = people_behind(row, now)
    administrators = set(organization.people_playing(Role.ADMINISTRATOR, on=local_date(now))) - set(holders)
    kind = "signing.certificate_revoked"
    notifications.notify(person_ids=holders, kind=kind, title=title, text=text, url=own_address(row), now=now)
    everybody = reverse("signing:certificates") + "?show=revoked"
    notifications.notify(person_ids=administrators, kind=kind, title=title, text=text, url=everybody, now=now)
