"""How far a letter has come when a story of the browser begins: told through the services, as of this hour."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.models import Draft, OutgoingDocument
from eoffice.documents.services import beginning_drafts, issuing, numbering_outgoing, reviewing, sealing, submitting
from eoffice.documents.services.drafting import DraftEntry, RecipientEntry
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.tests import drafts
from eoffice.documents.tests.cast import Cast, actor_of
from eoffice.layout.letters import render_letter
from eoffice.organization import calendar
from eoffice.organization.actor import Actor
from eoffice.signing import queries as signing_queries
from eoffice.signing import services as signing
from eoffice.signing.tests import remote
from eoffice.signing.tests.services_outside.smartca import SmartCaService
from eoffice.web.demo import correspondence
from tests.working import aside, work

LEADER_PIN = "280594"
SEAL_PIN = "314159"
SUBJECT = "Triển khai chữ ký số trong toàn Tập đoàn"


def working_day(days: int) -> date:
    """So many working days from today."""
    today = local_date(clock.now())
    return calendar.load(today, span_days=120).add(today, days)


def yesterday() -> date:
    return local_date(clock.now()) - timedelta(days=1)


def letter_pdf(number: int) -> bytes:
    """A letter as a ministry of the demo would have set it, with text that can be read."""
    letter = correspondence.letter_from_outside(number, day=yesterday(), addressee="Tập đoàn Hạ tầng số Trường Xuân")[2]
    return render_letter(letter).pdf


def draft_in_hand(cast: Cast, subject: str = SUBJECT) -> Draft:
    """A công văn of the officer to company A, Ban Pháp chế and a ministry; not submitted yet."""
    entry = DraftEntry(
        document_type="letter",
        subject=subject,
        capacity_id=cast.leader_capacity.pk,
        body=drafts.body("Tập đoàn đề nghị các đơn vị triển khai chữ ký số và báo cáo kết quả."),
        recipients=(
            RecipientEntry(kind="unit", id=cast.company.pk),
            RecipientEntry(kind="unit", id=cast.legal.pk, note="để phối hợp"),
            RecipientEntry(kind="outside", name="Bộ Khoa học và Công nghệ"),
        ),
        proposal="Kính trình Tổng Giám đốc xem xét, ký ban hành.",
    )
    now = clock.now()
    return beginning_drafts.create_draft(
        actor=actor_of(cast.officer, now=now), entry=entry, unit_id=cast.technology.pk, now=now
    )


def draft_in_review(cast: Cast, subject: str = SUBJECT) -> Draft:
    """The same, waiting for the head's initial."""
    draft, now = draft_in_hand(cast, subject), clock.now()
    return submitting.submit_draft(
        actor=actor_of(cast.officer, now=now), draft_id=draft.pk, seen_version=draft.version, now=now
    )


def draft_to_sign(cast: Cast, subject: str = SUBJECT) -> Draft:
    """The same, passed by head and office, its page prepared: it waits for the leader."""
    draft, now = draft_in_review(cast, subject), clock.now()
    for person in (cast.head, cast.clerk):
        reviewer = actor_of(person, now=now)
        draft = reviewing.pass_review(actor=reviewer, draft_id=draft.pk, seen_version=draft.version, now=now)
    work()
    return draft


def with_leader_key(cast: Cast) -> None:
    """The leader has set his PIN."""
    if signing_queries.key_of_person(cast.leader.pk) is None:
        signing.set_pin(actor=actor_of(cast.leader, now=clock.now()), pin=LEADER_PIN, now=clock.now())


def draft_signed(cast: Cast, subject: str = SUBJECT) -> Draft:
    """The same, signed: it waits for its number."""
    draft = draft_to_sign(cast, subject)
    with_leader_key(cast)
    now = clock.now()
    leader, paper = actor_of(cast.leader, now=now), PaperToSign(draft.pk, draft.version)
    result = aside(lambda: sign_drafts(actor=leader, papers=[paper], pin=LEADER_PIN, now=now))[0]
    assert result.is_signed, result.error
    work()
    draft.refresh_from_db()
    return draft


def issued(cast: Cast, subject: str = SUBJECT) -> OutgoingDocument:
    """The same, numbered, sealed and issued by the group's clerk."""
    draft, now = draft_signed(cast, subject), clock.now()
    clerk = actor_of(cast.clerk, now=now)

    def issue() -> OutgoingDocument:
        outgoing = numbering_outgoing.number_draft(actor=clerk, draft_id=draft.pk, now=now)
        signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=now)
        sealing.seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=now)
        return issuing.issue_outgoing(actor=clerk, outgoing_id=outgoing.pk, now=now)

    outgoing = aside(issue)
    work()
    return outgoing


def signing_service(administrator: Actor, service: SmartCaService, now: datetime) -> int:
    """A remote signing service is connected and its authority trusted; returns the id of the service."""
    return remote.connect(administrator, service, now=now).pk
