"""Two at the same second: real parallel transactions on one draft."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from eoffice.core.errors import ExpectedError
from eoffice.documents.models import Draft, FilePurpose
from eoffice.documents.services import beginning_drafts, reviewing
from eoffice.documents.services.freezing import freeze_draft
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import NOW, actor_of, make_cast
from eoffice.documents.tests.drafts import LEADER_PIN, awaiting_signature, in_review, letter_entry
from eoffice.signing import services as signing
from eoffice.workflow.models import FlowStep
from eoffice.workflow.states import StepState

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*commands: Callable[[], object]) -> list[object]:
    """What each command gave or the expected error it raised, all started together."""
    barrier = Barrier(len(commands))

    def run(command: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return command()
        except ExpectedError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(run, commands))


def test_two_presses_of_the_heads_button_initial_once() -> None:
    cast = make_cast()
    draft = in_review(cast)
    head = actor_of(cast.head)

    outcomes = at_once(*[lambda: reviewing.pass_review(actor=head, draft_id=draft.pk, seen_version=1, now=NOW)] * 2)

    assert sum(isinstance(outcome, ExpectedError) for outcome in outcomes) == 1
    assert FlowStep.objects.filter(state=StepState.PASSED).count() == 1
    assert FlowStep.objects.filter(state=StepState.OPEN).count() == 1


def test_pass_and_return_at_once_leave_one_outcome() -> None:
    cast = make_cast()
    draft = in_review(cast)
    head = actor_of(cast.head)

    at_once(
        lambda: reviewing.pass_review(actor=head, draft_id=draft.pk, seen_version=1, now=NOW),
        lambda: reviewing.return_draft(actor=head, draft_id=draft.pk, reason="Sửa", seen_version=1, now=NOW),
    )

    state = Draft.objects.get(pk=draft.pk).state
    opened = FlowStep.objects.filter(state=StepState.OPEN).count()
    assert (state, opened) in {(DraftState.DRAFT, 0), (DraftState.IN_REVIEW, 1)}


def test_two_windows_sign_one_paper_once() -> None:
    cast = make_cast()
    draft = awaiting_signature(cast)
    leader = actor_of(cast.leader)
    signing.ensure_authority(now=NOW)
    signing.set_pin(actor=leader, pin=LEADER_PIN, now=NOW)

    def sign() -> bool:
        papers = [PaperToSign(draft.pk, 1)]
        return sign_drafts(actor=leader, papers=papers, pin=LEADER_PIN, now=NOW)[0].is_signed

    assert True in at_once(sign, sign)
    assert draft.files.filter(purpose=FilePurpose.SIGNED).count() == 1


def test_a_form_sent_twice_at_once_begins_one_draft() -> None:
    cast = make_cast()
    officer = actor_of(cast.officer)

    def create() -> int:
        return beginning_drafts.create_draft(actor=officer, entry=letter_entry(cast), request_key="one", now=NOW).pk

    assert len(set(at_once(create, create))) == 1
    assert Draft.objects.count() == 1


def test_a_draft_whose_maker_was_killed_before_freezing_is_frozen_by_the_job() -> None:
    cast = make_cast()
    draft = awaiting_signature(cast)
    # As after a kill between the approval and the signing file: approved, nothing to sign yet.
    Draft.objects.filter(pk=draft.pk).update(signing_file=None)

    at_once(*[lambda: freeze_draft(draft_id=draft.pk, now=NOW)] * 2)

    draft.refresh_from_db()
    assert draft.signing_file is not None
    assert draft.signing_file.purpose == FilePurpose.SIGNING
