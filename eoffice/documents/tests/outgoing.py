"""Outgoing documents as tests need them: signed for real, numbered, sealed and issued through the services."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from eoffice.core.vietnamese import fold
from eoffice.documents.models import Draft, DraftRecipient, OutgoingDocument, OutsideBody
from eoffice.documents.services import reviewing, submitting
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.numbering_outgoing import number_draft
from eoffice.documents.services.sealing import seal_outgoing
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import LEADER_PIN, signed
from eoffice.organization.models import Person, Unit
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing

SEAL_PIN: Final = "314159"


def signed_as_written(cast: Cast, draft: Draft, *, now: datetime = NOW) -> Draft:
    """A given draft of the officer, submitted, passed by head and clerk, and signed by the leader."""
    draft = submitting.submit_draft(
        actor=actor_of(cast.officer, now=now), draft_id=draft.pk, seen_version=draft.version, now=now
    )
    for person in (cast.head, cast.clerk):
        draft = reviewing.pass_review(
            actor=actor_of(person, now=now), draft_id=draft.pk, seen_version=draft.version, now=now
        )
    leader = actor_of(cast.leader, now=now)
    if signatures.key_of_person(cast.leader.pk) is None:
        signing.ensure_authority(now=now)
        signing.set_pin(actor=leader, pin=LEADER_PIN, now=now)
    result = sign_drafts(actor=leader, papers=[PaperToSign(draft.pk, draft.version)], pin=LEADER_PIN, now=now)[0]
    if result.error is not None:
        raise result.error
    return draft


def numbered(cast: Cast, *, now: datetime = NOW, draft: Draft | None = None) -> OutgoingDocument:
    """A signed công văn of Ban Công nghệ under the next number of the group's register."""
    draft = draft or signed(cast, now=now)
    return number_draft(actor=actor_of(cast.clerk, now=now), draft_id=draft.pk, now=now)


def sealed(cast: Cast, *, now: datetime = NOW, draft: Draft | None = None) -> OutgoingDocument:
    """The same, sealed by the group's clerk."""
    outgoing = numbered(cast, now=now, draft=draft)
    clerk = actor_of(cast.clerk, now=now)
    if signatures.key_of_unit(cast.group.pk) is None:
        signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=SEAL_PIN, now=now)
    return seal_outgoing(actor=clerk, outgoing_id=outgoing.pk, pin=SEAL_PIN, now=now)


def issued(cast: Cast, *, now: datetime = NOW, draft: Draft | None = None) -> OutgoingDocument:
    """The same, issued to company A and Ban Pháp chế."""
    outgoing = sealed(cast, now=now, draft=draft)
    return issue_outgoing(actor=actor_of(cast.clerk, now=now), outgoing_id=outgoing.pk, now=now)


def address_to(draft: Draft, *recipients: Unit | Person | str) -> None:
    """Add recipients behind those the draft has; a string is a body outside."""
    for position, recipient in enumerate(recipients, start=draft.recipients.count() + 1):
        row = DraftRecipient(draft=draft, position=position)
        if isinstance(recipient, Unit):
            row.unit = recipient
        elif isinstance(recipient, Person):
            row.person = recipient
        else:
            row.outside = OutsideBody.objects.create(name=recipient, name_fold=fold(recipient))
        row.save()
