"""Two people at the same second on one letter: real parallel transactions, one outcome, no deadlock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eoffice.core.errors import Conflict, ExpectedError, IllegalTransition
from eoffice.documents.errors import PossibleDuplicate, UndoTooLate
from eoffice.documents.models import (
    Delivery,
    Draft,
    FilePurpose,
    FileVersion,
    IncomingDocument,
    OutgoingDocument,
    RegisterEntry,
)
from eoffice.documents.queries.ledger import ledger_of
from eoffice.documents.services import assigning, beginning_drafts, directing, issuing, recalling, registering, sealing
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.services.freezing import SIGNER_FIELD
from eoffice.documents.services.issuing import issue_outgoing
from eoffice.documents.services.numbering_outgoing import number_draft
from eoffice.documents.services.sealing import seal_outgoing
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.states import AssignmentState, DeliveryState, IncomingState, OutgoingState
from eoffice.documents.tests import letters, outgoing
from eoffice.documents.tests.cast import NOW, Cast, actor_of, make_cast
from eoffice.documents.tests.drafts import LEADER_PIN, awaiting_signature, letter_entry, signed
from eoffice.documents.tests.test_draft_races import at_once
from eoffice.organization.actor import Actor
from eoffice.signing import services as signing
from eoffice.signing.models import SignatureRecord, Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def errors_in(outcomes: list[object]) -> list[type[ExpectedError]]:
    return [type(outcome) for outcome in outcomes if isinstance(outcome, ExpectedError)]


def test_numbered_twice_at_once_takes_one_number() -> None:
    cast = make_cast()
    draft = signed(cast)
    clerk = actor_of(cast.clerk)

    outcomes = at_once(*[lambda: number_draft(actor=clerk, draft_id=draft.pk, now=NOW)] * 3)

    assert errors_in(outcomes) == [IllegalTransition] * 2
    assert OutgoingDocument.objects.count() == 1
    assert RegisterEntry.objects.filter(register=cast.outgoing_register).count() == 1
    assert ledger_of(cast.outgoing_register).unexplained == ()
    assert FileVersion.objects.filter(purpose=FilePurpose.NUMBERED).count() == 1


def test_sealed_twice_at_once_bears_one_seal() -> None:
    cast = make_cast()
    document = outgoing.numbered(cast)
    clerk = actor_of(cast.clerk)
    signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=outgoing.SEAL_PIN, now=NOW)

    outcomes = at_once(
        *[lambda: seal_outgoing(actor=clerk, outgoing_id=document.pk, pin=outgoing.SEAL_PIN, now=NOW)] * 2
    )

    assert len(errors_in(outcomes)) == 1
    assert FileVersion.objects.filter(purpose=FilePurpose.SEALED).count() == 1
    assert SignatureRecord.objects.filter(stage=Stage.SEAL).count() == 1


def test_issued_twice_at_once_arrives_once() -> None:
    cast = make_cast()
    document = outgoing.sealed(cast)
    clerk = actor_of(cast.clerk)

    outcomes = at_once(*[lambda: issue_outgoing(actor=clerk, outgoing_id=document.pk, now=NOW)] * 3)

    assert errors_in(outcomes) == [IllegalTransition] * 2
    assert Delivery.objects.filter(outgoing=document).count() == 2
    assert IncomingDocument.objects.filter(source_outgoing=document).count() == 2


def _arrived(cast: Cast) -> tuple[OutgoingDocument, IncomingDocument]:
    document = outgoing.issued(cast)
    return document, IncomingDocument.objects.get(source_outgoing=document, registry=cast.company)


def test_recalled_while_its_recipient_registers_ends_recalled() -> None:
    cast = make_cast()
    document, letter = _arrived(cast)
    clerk, company_clerk = actor_of(cast.clerk), actor_of(cast.company_clerk)

    outcomes = at_once(
        lambda: recalling.recall_outgoing(actor=clerk, outgoing_id=document.pk, reason="Sai số liệu", now=NOW),
        lambda: registering.register_incoming(
            actor=company_clerk, incoming_id=letter.pk, entry=letters.entry(), now=NOW
        ),
    )

    letter.refresh_from_db()
    assert not isinstance(outcomes[0], ExpectedError)
    assert letter.recalled_at is not None
    states = set(Delivery.objects.filter(outgoing=document).values_list("state", flat=True))
    assert states == {DeliveryState.RECALLED}
    is_registered = letter.state == IncomingState.REGISTERED
    assert is_registered == (not isinstance(outcomes[1], ExpectedError))
    assert RegisterEntry.objects.filter(incoming=letter).count() == int(is_registered)
    assert ledger_of(cast.company_incoming_register).unexplained == ()


def test_sent_again_while_its_recipient_registers_has_one_outcome() -> None:
    cast = make_cast()
    document, letter = _arrived(cast)
    delivery = Delivery.objects.get(outgoing=document, incoming=letter)
    clerk, company_clerk = actor_of(cast.clerk), actor_of(cast.company_clerk)

    outcomes = at_once(
        lambda: issuing.send_again(actor=clerk, delivery_id=delivery.pk, now=NOW),
        lambda: registering.register_incoming(
            actor=company_clerk, incoming_id=letter.pk, entry=letters.entry(), now=NOW
        ),
    )

    delivery.refresh_from_db()
    assert not isinstance(outcomes[1], ExpectedError)
    assert delivery.state == DeliveryState.ACCEPTED
    assert errors_in(outcomes) in ([], [Conflict])


def test_reply_issued_while_its_line_is_withdrawn_leaves_one_end() -> None:
    cast = make_cast()
    letter = letters.passed_on(cast)
    line = letters.line_of(letter, cast.officer)
    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), origin=DraftOrigin(assignment_id=line.pk), now=NOW
    )
    outgoing.signed_as_written(cast, draft)
    reply = outgoing.sealed(cast, draft=draft)
    clerk, head = actor_of(cast.clerk), actor_of(cast.head)

    outcomes = at_once(
        lambda: issue_outgoing(actor=clerk, outgoing_id=reply.pk, now=NOW),
        lambda: assigning.withdraw_assignment(actor=head, assignment_id=line.pk, reason="Giao người khác", now=NOW),
    )

    line.refresh_from_db()
    reply.refresh_from_db()
    assert reply.state == OutgoingState.ISSUED
    was_withdrawn = not isinstance(outcomes[1], ExpectedError)
    assert line.state == (AssignmentState.WITHDRAWN if was_withdrawn else AssignmentState.COMPLETED)
    assert not isinstance(outcomes[0], ExpectedError)


def test_directive_is_taken_back_or_accepted_never_both() -> None:
    cast = make_cast()
    letter = letters.directed(cast)
    line = letters.line_of(letter, cast.technology)
    leader, head = actor_of(cast.leader), actor_of(cast.head)

    outcomes = at_once(
        lambda: directing.take_back(actor=leader, incoming_id=letter.pk, now=NOW + timedelta(seconds=5)),
        lambda: assigning.accept_assignment(actor=head, assignment_id=line.pk, now=NOW + timedelta(seconds=5)),
    )

    line.refresh_from_db()
    letter.refresh_from_db()
    assert len(errors_in(outcomes)) == 1
    if isinstance(outcomes[0], ExpectedError):
        assert (type(outcomes[0]), line.state) == (UndoTooLate, AssignmentState.ACCEPTED)
        assert letter.state == IncomingState.IN_PROGRESS
    else:
        assert line.state == AssignmentState.WITHDRAWN
        assert letter.state == IncomingState.AWAITING_DIRECTION


def test_two_clerks_register_one_tray_line_once() -> None:
    cast = make_cast()
    letter = letters.received(cast)
    clerk = actor_of(cast.clerk)

    outcomes = at_once(
        *[lambda: registering.register_incoming(actor=clerk, incoming_id=letter.pk, entry=letters.entry(), now=NOW)] * 3
    )

    assert len(errors_in(outcomes)) == 2
    assert RegisterEntry.objects.filter(register=cast.incoming_register).count() == 1
    assert ledger_of(cast.incoming_register).unexplained == ()


def test_two_clerks_register_the_same_paper_received_twice_once() -> None:
    cast = make_cast()
    papers = [letters.received(cast, text="Bản thứ nhất"), letters.received(cast, text="Bản thứ hai")]
    clerk = actor_of(cast.clerk)

    outcomes = at_once(
        *[
            lambda pk=paper.pk: registering.register_incoming(
                actor=clerk, incoming_id=pk, entry=letters.entry(), now=NOW
            )
            for paper in papers
        ]
    )

    assert errors_in(outcomes) == [PossibleDuplicate]
    assert RegisterEntry.objects.filter(register=cast.incoming_register).count() == 1


def test_signer_whose_process_died_after_signing_signs_no_second_time() -> None:
    cast = make_cast()
    draft = awaiting_signature(cast)
    leader = actor_of(cast.leader)
    signing.ensure_authority(now=NOW)
    signing.set_pin(actor=leader, pin=LEADER_PIN, now=NOW)
    kept = _sign_and_die(leader, draft)

    result = sign_drafts(actor=leader, papers=[PaperToSign(draft.pk, 1)], pin=LEADER_PIN, now=NOW)[0]

    assert result.is_signed
    draft.refresh_from_db()
    assert draft.signing_file is not None
    assert draft.signing_file.file_id == kept
    assert SignatureRecord.objects.count() == 1


def _sign_and_die(leader: Actor, draft: Draft) -> str:
    """What a process leaves that is killed between the signature and its confirmation."""
    assert draft.signing_file is not None
    key = signing.unlock(actor=leader, pin=LEADER_PIN, now=NOW)
    return signing.sign_file(
        actor=leader, open_key=key, source_sha=draft.signing_file.file_id, field=SIGNER_FIELD, mark=None, now=NOW
    ).pk


def test_clerk_whose_process_died_after_sealing_seals_no_second_time() -> None:
    cast = make_cast()
    document = outgoing.numbered(cast)
    clerk = actor_of(cast.clerk)
    signing.set_seal_pin(actor=clerk, unit_id=cast.group.pk, pin=outgoing.SEAL_PIN, now=NOW)
    sealing.reserve_sealing(actor=clerk, outgoing_id=document.pk, now=NOW)
    kept = sealing.make_sealed_files(actor=clerk, outgoing_id=document.pk, pin=outgoing.SEAL_PIN, now=NOW)

    done = seal_outgoing(actor=clerk, outgoing_id=document.pk, pin=outgoing.SEAL_PIN, now=NOW + sealing.LEASE)

    assert done.file is not None
    assert done.file.file_id == kept.paper
    assert SignatureRecord.objects.filter(stage=Stage.SEAL).count() == 1
