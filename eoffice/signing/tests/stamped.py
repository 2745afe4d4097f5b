"""Papers signed with time stamps of the loopback, for tests of levels."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from eoffice.core import clock
from eoffice.core.models import StoredFile
from eoffice.organization.actor import Actor
from eoffice.signing import queries, services
from eoffice.signing.models import AnchorPurpose, LastingFile, TimeStampAuthority
from eoffice.signing.services import AuthorityEntry
from eoffice.signing.tests.factories import (
    DATE_LINE,
    GROUP,
    PIN,
    SEAL_PIN,
    Cast,
    letter_pdf,
    letter_places,
    store_pdf,
)
from tests.pki import LoopbackPki


class Administered(Protocol):
    """Any cast with an administrator, this room's or another's."""

    @property
    def administrator(self) -> Actor: ...


def believe_time_stamps(cast: Administered, pki: LoopbackPki) -> None:
    """Trust the root of the loopback's time stamps, and let its lists be fetched."""
    now = clock.now()
    entry = services.AnchorEntry(
        certificate=pki.certificate("tsa-root"), purpose=AnchorPurpose.TIME_STAMP, basis="Thử trên loopback"
    )
    services.add_trust_anchor(actor=cast.administrator, entry=entry, now=now)
    services.set_revocation_rules(actor=cast.administrator, asks_online=True, inside_hosts="127.0.0.1", now=now)


def add_authority(cast: Administered, url: str, *, name: str = "Dịch vụ 1") -> TimeStampAuthority:
    entry = AuthorityEntry(name=name, url=url, timeout_s=3)
    return services.save_time_stamp_authority(actor=cast.administrator, authority_id=None, entry=entry, now=clock.now())


def signed_letter(cast: Cast, body: str = "Nội dung công văn.", *, now: datetime | None = None) -> StoredFile:
    """A letter signed by the leader, who sets his PIN the first time."""
    moment = now or clock.now()
    if queries.key_of_person(cast.leader.person_id) is None:
        services.set_pin(actor=cast.leader, pin=PIN, now=moment)
    prepared = services.prepare_file(source_sha=store_pdf(letter_pdf(body)).pk, places=letter_places()).stored
    key = services.unlock(actor=cast.leader, pin=PIN, now=moment)
    mark = queries.person_mark(
        person_id=cast.leader.person_id, name=cast.leader.name, box=letter_places().signatures[0]
    )
    return services.sign_file(
        actor=cast.leader, open_key=key, source_sha=prepared.pk, field="ky_1", mark=mark, now=moment
    )


def sealed_letter(cast: Cast, signed: StoredFile, *, now: datetime | None = None) -> StoredFile:
    """The letter numbered and sealed by the clerk."""
    moment = now or clock.now()
    if queries.key_of_unit(cast.group.pk) is None:
        services.set_seal_pin(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=moment)
    numbered = services.fill_file(actor=cast.clerk, source_sha=signed.pk, number="15", date_line=DATE_LINE, now=moment)
    seal = services.unlock_seal(actor=cast.clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=moment)
    return services.seal_file(
        actor=cast.clerk, open_key=seal, unit_id=cast.group.pk, source_sha=numbered.pk,
        mark=queries.seal_mark(unit_id=cast.group.pk, organization=GROUP),
        authorised_person_id=cast.leader.person_id, now=moment,
    )  # fmt: skip


def keep_issued(cast: Cast, sealed: StoredFile) -> LastingFile:
    """What `documents` asks for at issue."""
    services.keep_lasting(
        sha256=sealed.pk, title="15/CV-TXG", url="/documents/outgoing/1/", unit_id=cast.group.pk, now=clock.now()
    )
    return LastingFile.objects.get(file=sealed)


def levels(sha256: str) -> list[tuple[str, str]]:
    """Word and level of every signature of a file's newest completion, as it was judged last."""
    verdict = queries.newest_verdict_of(sha256)
    assert verdict is not None
    return [(str(line.verdict), line.level) for line in verdict.signatures]
