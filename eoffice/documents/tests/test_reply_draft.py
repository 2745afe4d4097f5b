"""A draft that answers an incoming letter."""

from __future__ import annotations

import pytest

from eoffice.core.errors import NotPermitted
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import Draft
from eoffice.documents.services import beginning_drafts, submitting
from eoffice.documents.services.beginning_drafts import DraftOrigin
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import letter_entry
from eoffice.documents.tests.letters import line_of, passed_on
from eoffice.organization import access


def test_the_holder_of_a_line_drafts_its_answer_and_the_signer_sees_the_letter(cast: Cast) -> None:
    letter = passed_on(cast)
    line = line_of(letter, cast.officer)

    draft = beginning_drafts.create_draft(
        actor=actor_of(cast.officer), entry=letter_entry(cast), origin=DraftOrigin(assignment_id=line.pk), now=NOW
    )

    line.refresh_from_db()
    assert (draft.in_reply_to_id, draft.assignment_id, line.reply_id) == (letter.pk, line.pk, draft.pk)
    submitting.submit_draft(actor=actor_of(cast.officer), draft_id=draft.pk, seen_version=1, now=NOW)
    assert access.can_see(actor_of(cast.head), object_kind="incoming", object_id=letter.pk)


def test_others_cannot_answer_a_line_that_is_not_theirs(cast: Cast) -> None:
    letter = passed_on(cast)
    origin = DraftOrigin(assignment_id=line_of(letter, cast.officer).pk)

    with pytest.raises(DocumentNotFound):
        beginning_drafts.create_draft(
            actor=actor_of(cast.outsider), entry=letter_entry(cast, capacity_id=None), origin=origin, now=NOW
        )
    with pytest.raises(NotPermitted):
        beginning_drafts.create_draft(actor=actor_of(cast.leader), entry=letter_entry(cast), origin=origin, now=NOW)

    assert Draft.objects.count() == 0
