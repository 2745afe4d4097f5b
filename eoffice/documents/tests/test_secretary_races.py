"""The leader sends while the secretary edits: one outcome, and never words the leader has not read."""

from __future__ import annotations

import pytest

from eoffice.core.errors import ExpectedError, NotPermitted
from eoffice.documents.errors import ProposalChanged
from eoffice.documents.models import Directive, ProposedDirective
from eoffice.documents.services import preparing
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, actor_of, make_cast
from eoffice.documents.tests.test_draft_races import at_once
from eoffice.documents.tests.test_secretaries import propose, serve, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_sending_and_editing_at_once_never_sends_what_was_not_read() -> None:
    cast = make_cast()
    serve(cast)
    letter = waiting(cast)
    seen = propose(cast, letter)
    leader, secretary = actor_of(cast.leader), actor_of(cast.legal_officer)

    sent, edited = at_once(
        lambda: preparing.send_proposal(actor=leader, incoming_id=letter.pk, seen_version=seen.version, now=NOW),
        lambda: preparing.prepare_directive(
            actor=secretary, incoming_id=letter.pk, text="Bản khác.", seen_version=seen.version, now=NOW,
            recipients=[letters.to_unit(cast.legal)],
        ),
    )  # fmt: skip

    if isinstance(sent, ExpectedError):
        assert isinstance(sent, ProposalChanged)
        assert isinstance(edited, ProposedDirective)
        assert not Directive.objects.exists()
    else:
        assert isinstance(edited, NotPermitted)
        assert Directive.objects.get().text == seen.text


def test_two_presses_send_once() -> None:
    cast = make_cast()
    serve(cast)
    letter = waiting(cast)
    seen = propose(cast, letter)
    leader = actor_of(cast.leader)

    outcomes = at_once(
        *[lambda: preparing.send_proposal(actor=leader, incoming_id=letter.pk, seen_version=seen.version, now=NOW)] * 3
    )

    assert sum(isinstance(each, Directive) for each in outcomes) == 1
    assert Directive.objects.count() == 1


def test_two_secretaries_save_at_once_and_one_is_told() -> None:
    cast = make_cast()
    serve(cast)
    letter = waiting(cast)

    outcomes = at_once(*[lambda: propose(cast, letter)] * 2)

    assert sorted(type(each).__name__ for each in outcomes) == ["ProposalChanged", "ProposedDirective"]
