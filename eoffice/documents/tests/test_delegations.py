"""Xử lý theo ủy quyền: what may be done in a leader's name, how it is shown, and that it never signs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eoffice.audit.models import AuditEntry
from eoffice.core import deeds
from eoffice.core.clock import local_date
from eoffice.core.deeds import Deed, NotDelegated
from eoffice.core.errors import NotFound, NotPermitted
from eoffice.documents.errors import DocumentNotFound
from eoffice.documents.models import AssignmentRole, IncomingDocument
from eoffice.documents.permissions import assignments as line_rules
from eoffice.documents.permissions import drafts as draft_rules
from eoffice.documents.permissions import incoming as letter_rules
from eoffice.documents.queries import arrival_papers
from eoffice.documents.queries.incoming_boxes import Box, letters_in
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import beginning_drafts, consulting, directing, drafting, submitting
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.signing_drafts import PaperToSign, sign_drafts
from eoffice.documents.states import DraftState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, actor_of, make_cast
from eoffice.documents.tests.drafts import letter_entry
from eoffice.organization import queries as organization
from eoffice.organization.errors import DelegationOver
from eoffice.organization.services import delegating
from eoffice.organization.services.delegating import DelegationTerms

pytestmark = pytest.mark.django_db
TODAY = local_date(NOW)


@pytest.fixture
def cast():
    return make_cast()


def delegate(giver, receiver, **changes):
    terms = {
        "may_direct": True,
        "may_prepare": False,
        "basis": "Quyết định số 12/QĐ-TXG ngày 20/11/2026",
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=7),
    } | changes
    return delegating.give_delegation(
        actor=actor_of(giver), receiver_id=receiver.pk, terms=DelegationTerms(**terms), now=NOW
    )


def under(person, delegation, *, now=NOW):
    return organization.acting_under(actor_of(person, now=now), delegation_id=delegation.pk, now=now)


def waiting_letter(cast):
    return letters.forwarded(cast)


def direct(actor, letter, cast):
    return directing.direct_incoming(
        actor=actor,
        incoming_id=letter.pk,
        text="Ban Công nghệ chủ trì tham mưu.",
        recipients=[Recipient("unit", cast.technology.pk, AssignmentRole.LEAD)],
        now=NOW,
    )


def test_a_deputy_directs_in_the_leaders_name_and_everything_says_so(cast):
    letter = waiting_letter(cast)
    deputy = under(cast.deputy_leader, delegate(cast.leader, cast.deputy_leader))
    assert letter.pk in set(letters_in(deputy, Box.TO_DIRECT).values_list("pk", flat=True))

    directive = direct(deputy, letter, cast)

    words = "Lê Minh Đức, xử lý theo ủy quyền của Trần Quốc Khánh"
    assert (directive.author_id, directive.on_behalf_of_id) == (cast.deputy_leader.pk, cast.leader.pk)
    line = directive.assignments.get()
    assert (line.assigned_by_id, line.given_by_words) == (cast.leader.pk, words)
    entry = AuditEntry.objects.get(action="documents.incoming.directed")
    assert (entry.person_id, entry.on_behalf_of_id) == (cast.deputy_leader.pk, cast.leader.pk)
    seen = incoming_detail(actor_of(cast.leader), letter.pk, now=NOW)
    assert [each.given_by_words for each in seen.directives] == [words]
    assert words in {moment.by for moment in seen.history}
    assert seen.commands.take_back  # it is the leader's directive: he may take it back himself
    slip = arrival_papers.handling_slip(actor_of(cast.leader), letter.pk, now=NOW)
    assert slip.startswith(b"%PDF")


def test_the_leaders_letters_are_out_of_sight_when_the_delegation_is_laid_down(cast):
    letter = waiting_letter(cast)
    officer = cast.legal_officer
    given = delegate(cast.leader, officer)
    assert letter_rules.can_view(under(officer, given), letter)
    direct(under(officer, given), letter, cast)
    assert not letter_rules.can_view(actor_of(officer), letter)


def test_to_read_is_only_to_read(cast):
    letter = waiting_letter(cast)
    reader = under(cast.legal_officer, delegate(cast.leader, cast.legal_officer, may_direct=False))
    assert letter_rules.can_view(reader, letter)
    with pytest.raises(NotPermitted):
        direct(reader, letter, cast)
    with pytest.raises(NotDelegated):
        consulting.comment_incoming(actor=reader, incoming_id=letter.pk, text="Đã xem.", now=NOW)
    with pytest.raises(NotPermitted):
        beginning_drafts.create_draft(actor=reader, entry=letter_entry(cast), now=NOW, unit_id=cast.group.pk)
    letter.refresh_from_db()
    assert letter.state == IncomingState.AWAITING_DIRECTION


def test_prepared_drafts_are_the_leaders_and_wait_for_him(cast):
    preparing = under(cast.legal_officer, delegate(cast.leader, cast.legal_officer, may_direct=False, may_prepare=True))
    draft = beginning_drafts.create_draft(actor=preparing, entry=letter_entry(cast), now=NOW, unit_id=cast.group.pk)
    assert (draft.author_id, draft.prepared_by_id) == (cast.leader.pk, cast.legal_officer.pk)
    drafting.save_version(actor=preparing, draft_id=draft.pk, note="", now=NOW)
    with pytest.raises(NotPermitted):
        submitting.submit_draft(actor=preparing, draft_id=draft.pk, seen_version=draft.version, now=NOW)
    draft.refresh_from_db()
    assert draft.state == DraftState.DRAFT
    assert draft_rules.can_submit(actor_of(cast.leader), draft)


def test_nobody_signs_by_delegation(cast):
    signer = under(cast.deputy_leader, delegate(cast.leader, cast.deputy_leader, may_prepare=True))
    with pytest.raises(NotPermitted, match="không bao gồm ký số"):
        sign_drafts(actor=signer, papers=[PaperToSign(1, 1)], pin="246810", now=NOW)
    assert not AuditEntry.objects.filter(action__startswith="signing.").exists()


def test_a_delegation_is_not_passed_on(cast):
    deputy = under(cast.deputy_leader, delegate(cast.leader, cast.deputy_leader))
    terms = DelegationTerms(may_direct=True, may_prepare=False, basis="QĐ 1", starts_on=TODAY, ends_on=TODAY)
    with pytest.raises(NotPermitted, match="không ủy quyền lại"):
        delegating.give_delegation(actor=deputy, receiver_id=cast.head.pk, terms=terms, now=NOW)


def test_it_ends_by_its_day_by_hand_and_when_somebody_leaves(cast):
    given = delegate(cast.leader, cast.deputy_leader)
    with pytest.raises(DelegationOver):
        under(cast.deputy_leader, given, now=NOW + timedelta(days=8))
    with pytest.raises(NotFound):
        under(cast.head, given)
    cast.leader.left_on = TODAY
    cast.leader.save(update_fields=["left_on"])
    with pytest.raises(DelegationOver):
        under(cast.deputy_leader, given)
    cast.leader.left_on = None
    cast.leader.save(update_fields=["left_on"])
    delegating.end_delegation(
        actor=actor_of(cast.leader), delegation_id=given.pk, reason="Về sớm hơn kế hoạch", now=NOW
    )
    with pytest.raises(DelegationOver):
        under(cast.deputy_leader, given)


def test_its_scope_holds_in_lists_and_for_one_document(cast):
    letter = waiting_letter(cast)
    other = "decision" if letter.document_type != "decision" else "notice"
    for changes, sees in (
        ({"document_types": (letter.document_type,)}, True),
        ({"document_types": (other,)}, False),
        ({"registry_id": cast.group.pk}, True),
        ({"registry_id": cast.company.pk}, False),
    ):
        actor = under(cast.legal_officer, delegate(cast.leader, cast.legal_officer, **changes))
        assert letter_rules.can_view(actor, letter) is sees
        listed = IncomingDocument.objects.filter(letter_rules.visible_to(actor), pk=letter.pk)
        assert listed.exists() is sees
        if not sees:
            with pytest.raises(DocumentNotFound):
                direct(actor, letter, cast)


@settings(max_examples=60, deadline=None)
@given(held=st.sets(st.sampled_from(list(Deed))), action=st.sampled_from(sorted(deeds.named_actions())))
def test_a_command_in_anothers_name_needs_its_deed(held, action):
    """Property: whatever is delegated, a command passes exactly when its deed is among it; unnamed ones never do."""
    from eoffice.core.actor_ref import ActorRef

    ref = ActorRef(1, 2, 3, deeds=frozenset(str(deed) for deed in held))
    if deeds.named_actions()[action] in held:
        deeds.require(ref, action)
    else:
        with pytest.raises(NotDelegated):
            deeds.require(ref, action)
    for never in ("signing.document.signed", "documents.draft.signed", "documents.draft.submitted", "anything.else"):
        with pytest.raises(NotDelegated):
            deeds.require(ref, never)


@pytest.mark.parametrize("direct_too", [True, False])
@pytest.mark.parametrize("prepare_too", [True, False])
def test_permissions_ask_the_same_rule(cast, direct_too, prepare_too):
    letter = waiting_letter(cast)
    directed = direct(actor_of(cast.leader), waiting_letter(cast), cast)
    line = directed.assignments.get()
    given_now = delegate(cast.leader, cast.legal_officer, may_direct=direct_too, may_prepare=prepare_too)
    actor = under(cast.legal_officer, given_now)
    assert actor.may_act(Deed.READ)
    assert letter_rules.can_direct(actor, letter) is direct_too
    assert letter_rules.can_take_back(actor, directed.given_for_id) is direct_too
    assert line_rules.gave(actor, line) is direct_too
    assert draft_rules.can_draft_for(actor, cast.group.pk) is prepare_too
    assert replace(actor, delegation=None).may_act(Deed.READ) is False
