"""Thư ký: prepares for a leader, sends nothing, signs nothing; what he sees ends with his service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.core.errors import Conflict, Invalid, NotPermitted
from eoffice.documents.errors import DocumentNotFound, NothingProposed, ProposalChanged, SeveralLeads
from eoffice.documents.models import Assignment, Directive, Draft, IncomingDocument, ProposedDirective, QueueRank
from eoffice.documents.permissions import drafts as draft_rules
from eoffice.documents.permissions import incoming as rules
from eoffice.documents.queries import drafts, incoming_counters, incoming_lists
from eoffice.documents.queries.incoming_boxes import Box, letters_in
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import beginning_drafts, directing, drafting, preparing, reviewing, submitting
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.services.signing_drafts import PaperToSign, require_signable, sign_drafts
from eoffice.documents.states import DraftState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import awaiting_signature, letter_entry
from eoffice.organization import queries as organization
from eoffice.organization.models import Access, AccessReason, Role, RoleGrant, SecretaryService
from eoffice.organization.queries.sight import sight_of
from eoffice.organization.services import deciding_rights, delegating, proposing_rights, secretaries
from eoffice.organization.services.delegating import DelegationTerms
from eoffice.organization.services.proposing_rights import Terms
from eoffice.organization.services.secretaries import ServiceTerms
from eoffice.signing.errors import NoKey
from eoffice.workflow.errors import NotYourStep

pytestmark = pytest.mark.django_db
TODAY = local_date(NOW)
LATER = NOW + timedelta(minutes=5)


def serve(cast: Cast, *, now: datetime = NOW, ends_on: date | None = None) -> SecretaryService:
    """Mai Lan Anh, chuyên viên Ban Pháp chế, becomes secretary of the general director."""
    made = secretaries.name_secretary(
        actor=actor_of(cast.leader, now=now),
        secretary_id=cast.legal_officer.pk,
        terms=ServiceTerms(basis="Thông báo số 12/TB-TXG", starts_on=local_date(now), ends_on=ends_on),
        now=now,
    )
    preparing.open_what_waits(leader_id=cast.leader.pk)  # the job of the event
    return made


def propose(
    cast: Cast,
    letter: IncomingDocument,
    *,
    text: str = "Giao Ban Công nghệ chủ trì, báo cáo trước 30/11.",
    recipients: Sequence[Recipient] | None = None,
    seen_version: int = 0,
) -> ProposedDirective:
    return preparing.prepare_directive(
        actor=actor_of(cast.legal_officer),
        incoming_id=letter.pk,
        text=text,
        recipients=[letters.to_unit(cast.technology)] if recipients is None else recipients,
        due_on=date(2026, 11, 30),
        seen_version=seen_version,
        now=NOW,
    )


def waiting(cast: Cast) -> IncomingDocument:
    letter = letters.forwarded(cast)
    assert letter.forwarded_to_id == cast.leader.pk
    return letter


# Who serves whom --------------------------------------------------------------------------------------------


def test_an_actor_with_leaders_to_serve_still_takes_three_queries(cast: Cast) -> None:
    serve(cast)

    with CaptureQueriesContext(connection) as captured:
        actor = actor_of(cast.legal_officer)

    assert (len(captured), actor.leader_ids) == (3, frozenset({cast.leader.pk}))


def test_only_a_leader_names_his_own_secretary(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        secretaries.name_secretary(
            actor=actor_of(cast.head), secretary_id=cast.officer.pk,
            terms=ServiceTerms(basis="Thông báo", starts_on=TODAY), now=NOW,
        )  # fmt: skip

    assert not SecretaryService.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"basis": " "}, "basis"),
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_on"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
    ],
)
def test_unsound_terms_are_refused(cast: Cast, said: dict[str, object], field: str) -> None:
    terms = replace(ServiceTerms(basis="Thông báo số 12", starts_on=TODAY), **said)  # type: ignore[arg-type]  # by name

    with pytest.raises(Invalid) as refused:
        secretaries.name_secretary(
            actor=actor_of(cast.leader), secretary_id=cast.legal_officer.pk, terms=terms, now=NOW
        )  # fmt: skip

    assert field in refused.value.fields
    assert not SecretaryService.objects.exists()


def test_an_administrators_proposal_waits_for_a_second_person(cast: Cast) -> None:
    letter = waiting(cast)
    change = proposing_rights.propose_secretary(
        actor=actor_of(cast.chief),
        leader_id=cast.leader.pk,
        secretary_id=cast.legal_officer.pk,
        terms=Terms(starts_on=TODAY, reason="Thư ký mới", basis="Thông báo số 12/TB-TXG"),
        now=NOW,
    )
    assert not actor_of(cast.legal_officer).serves

    RoleGrant.objects.create(person=cast.deputy_leader, unit=cast.group, role=Role.CHIEF_OF_OFFICE, starts_on=TODAY)
    deciding_rights.confirm_change(actor=actor_of(cast.deputy_leader), change_id=change.pk, now=NOW)
    preparing.open_what_waits(leader_id=cast.leader.pk)

    assert actor_of(cast.legal_officer).leader_ids == {cast.leader.pk}
    assert rules.can_view(actor_of(cast.legal_officer), letter)


def test_sight_has_a_reason_and_ends_with_the_service(cast: Cast) -> None:
    before = waiting(cast)
    assert not rules.can_view(actor_of(cast.legal_officer), before)
    service = serve(cast)
    after = waiting(cast)
    secretary = actor_of(cast.legal_officer)

    assert all(rules.can_view(secretary, each) for each in (before, after))
    assert set(letters_in(secretary, Box.PREPARE)) == {before, after}
    row = Access.objects.get(object_kind="incoming", object_id=after.pk, reason=AccessReason.PREPARES)
    assert (row.source, row.principal.person_id) == (f"secretaries:{cast.leader.pk}", cast.leader.pk)
    shown = next(line for line in sight_of(object_kind="incoming", object_id=after.pk, on=TODAY).lines
                 if line.access_id == row.pk)  # fmt: skip
    assert (shown.who, shown.people) == (f"Thư ký của {cast.leader.full_name}", 1)

    secretaries.end_service(actor=actor_of(cast.leader), service_id=service.pk, reason="Đổi thư ký", now=NOW)

    gone = actor_of(cast.legal_officer)
    assert (gone.serves, list(letters_in(gone, Box.PREPARE))) == ((), [])
    assert not rules.can_view(gone, after)
    with pytest.raises(Conflict):
        secretaries.end_service(actor=actor_of(cast.leader), service_id=service.pk, reason="Lần nữa", now=NOW)


def test_a_dated_service_is_over_the_day_after(cast: Cast) -> None:
    serve(cast, ends_on=TODAY)

    assert actor_of(cast.legal_officer).serves
    assert not actor_of(cast.legal_officer, now=NOW + timedelta(days=1)).serves


def test_an_outsider_ends_nothing(cast: Cast) -> None:
    service = serve(cast)

    with pytest.raises(Exception, match="Không tìm thấy"):
        secretaries.end_service(actor=actor_of(cast.outsider), service_id=service.pk, reason="Thử", now=NOW)

    assert actor_of(cast.legal_officer).serves


# The proposed directive -------------------------------------------------------------------------------------


def test_the_leader_sends_in_one_press_as_his_own(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    proposal = propose(cast, letter)
    assert not Assignment.objects.filter(incoming=letter).exists()
    detail = incoming_detail(actor_of(cast.leader), letter.pk, now=NOW)
    assert detail.ready is not None
    assert detail.ready.proposal == proposal
    assert detail.ready.recipients == (("Chủ trì", cast.technology.name),)

    directive = preparing.send_proposal(
        actor=actor_of(cast.leader), incoming_id=letter.pk, seen_version=proposal.version, now=LATER
    )

    assert (directive.author, directive.on_behalf_of, directive.prepared_by) == (cast.leader, None, cast.legal_officer)
    assert directive.text == proposal.text
    line = Assignment.objects.get(incoming=letter)
    assert (line.unit, line.assigned_by, local_date(line.due_at or NOW)) == (
        cast.technology, cast.leader, date(2026, 11, 30)
    )  # fmt: skip
    letter.refresh_from_db()
    assert letter.state == IncomingState.IN_PROGRESS
    entry = AuditEntry.objects.get(action="documents.incoming.directed", object_id=letter.pk)
    assert (entry.person_id, entry.detail["prepared_by"]) == (cast.leader.pk, cast.legal_officer.pk)


def test_the_leader_edits_and_sends_and_the_words_are_his(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    proposal = propose(cast, letter)

    directive = directing.direct_incoming(
        actor=actor_of(cast.leader), incoming_id=letter.pk, text="Ban Pháp chế chủ trì.",
        recipients=[letters.to_unit(cast.legal)], proposal_id=proposal.pk, now=LATER,
    )  # fmt: skip

    proposal.refresh_from_db()
    assert (directive.text, directive.prepared_by) == ("Ban Pháp chế chủ trì.", cast.legal_officer)
    assert (proposal.directive, proposal.closed_at) == (directive, LATER)


def test_a_directive_of_his_own_closes_the_proposal_and_names_nobody(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    proposal = propose(cast, letter)

    letter_directed = directing.direct_incoming(
        actor=actor_of(cast.leader), incoming_id=letter.pk, text="Việc khác.",
        recipients=[letters.to_unit(cast.legal)], now=LATER,
    )  # fmt: skip

    proposal.refresh_from_db()
    assert (letter_directed.prepared_by, proposal.directive, proposal.closed_at) == (None, None, LATER)


def test_taking_back_lets_the_proposal_wait_again(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    proposal = propose(cast, letter)
    leader = actor_of(cast.leader)
    preparing.send_proposal(actor=leader, incoming_id=letter.pk, seen_version=proposal.version, now=NOW)

    directing.take_back(actor=leader, incoming_id=letter.pk, now=NOW)

    detail = incoming_detail(leader, letter.pk, now=NOW)
    assert detail.ready is not None
    assert detail.ready.proposal == proposal


def test_what_changed_since_it_was_read_is_not_sent(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    seen = propose(cast, letter).version
    propose(cast, letter, text="Nội dung khác hẳn.", seen_version=seen)

    with pytest.raises(ProposalChanged):
        preparing.send_proposal(actor=actor_of(cast.leader), incoming_id=letter.pk, seen_version=seen, now=LATER)

    assert not Directive.objects.filter(incoming=letter).exists()


def test_two_secretaries_do_not_write_over_each_other(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    propose(cast, letter)

    with pytest.raises(ProposalChanged):
        propose(cast, letter, text="Viết mà không xem", seen_version=0)

    assert ProposedDirective.objects.get().version == 1


def test_nothing_is_prepared_once_the_leader_has_spoken(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    proposal = propose(cast, letter)
    preparing.send_proposal(
        actor=actor_of(cast.leader), incoming_id=letter.pk, seen_version=proposal.version, now=NOW
    )  # fmt: skip

    with pytest.raises(NotPermitted):
        propose(cast, letter, text="Muộn rồi", seen_version=1)
    with pytest.raises((NothingProposed, NotPermitted)):
        preparing.send_proposal(actor=actor_of(cast.leader), incoming_id=letter.pk, seen_version=1, now=NOW)

    assert Directive.objects.filter(incoming=letter).count() == 1


def test_a_proposal_is_as_sound_as_a_directive(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)

    with pytest.raises(SeveralLeads):
        propose(cast, letter, recipients=[letters.to_unit(cast.technology), letters.to_unit(cast.legal)])

    assert not ProposedDirective.objects.exists()


# What a secretary never does --------------------------------------------------------------------------------


def test_a_secretary_sends_no_directive(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    proposal = propose(cast, letter)
    secretary = actor_of(cast.legal_officer)

    with pytest.raises(NotPermitted):
        preparing.send_proposal(actor=secretary, incoming_id=letter.pk, seen_version=proposal.version, now=NOW)
    with pytest.raises(NotPermitted):
        directing.direct_incoming(
            actor=secretary, incoming_id=letter.pk, text="Tự gửi", recipients=[letters.to_unit(cast.legal)], now=NOW
        )
    with pytest.raises(NotPermitted):
        directing.return_to_clerk(actor=secretary, incoming_id=letter.pk, reason="Tự trả", now=NOW)

    letter.refresh_from_db()
    assert (letter.state, Directive.objects.count()) == (IncomingState.AWAITING_DIRECTION, 0)
    commands = incoming_detail(secretary, letter.pk, now=NOW).commands
    assert (commands.direct, commands.return_to_clerk, commands.forward) == (False, False, False)


def test_who_serves_another_leader_prepares_nothing_here(cast: Cast) -> None:
    secretaries.name_secretary(
        actor=actor_of(cast.deputy_leader), secretary_id=cast.legal_officer.pk,
        terms=ServiceTerms(basis="Thông báo số 13", starts_on=TODAY), now=NOW,
    )  # fmt: skip
    letter = waiting(cast)

    with pytest.raises(DocumentNotFound):
        propose(cast, letter)
    with pytest.raises(NotPermitted):
        preparing.prepare_directive(
            actor=actor_of(cast.clerk), incoming_id=letter.pk, text="Văn thư", now=NOW,
            recipients=[letters.to_unit(cast.legal)],
        )  # fmt: skip

    assert not ProposedDirective.objects.exists()


def test_a_secretary_reads_what_waits_for_the_signature_and_signs_nothing(cast: Cast) -> None:
    serve(cast)
    draft = awaiting_signature(cast)
    secretary = actor_of(cast.legal_officer)

    assert list(drafts.in_box(secretary, drafts.PREPARE_SIGN)) == [draft]
    assert drafts.counters(secretary, NOW)[drafts.PREPARE_SIGN] == 1
    page = drafts.draft_page(secretary, draft.pk, now=NOW)
    assert (page.can_sign, page.can_edit, page.can_submit, page.can_withdraw) == (False,) * 4
    with pytest.raises(NotPermitted):
        reviewing.return_draft(
            actor=secretary, draft_id=draft.pk, seen_version=draft.version, reason="Thư ký trả lại", now=NOW
        )
    with pytest.raises(NoKey):
        sign_drafts(actor=secretary, papers=[PaperToSign(draft.pk, draft.version)], pin="123456", now=NOW)
    with pytest.raises(NotYourStep):
        require_signable(secretary, draft, draft.version, NOW)

    assert Draft.objects.get(pk=draft.pk).state == DraftState.AWAITING_SIGNATURE


def test_a_secretary_prepares_a_draft_that_only_the_leader_sends_on(cast: Cast) -> None:
    service = serve(cast)
    secretary = actor_of(cast.legal_officer)
    draft = beginning_drafts.create_draft(
        actor=secretary, entry=letter_entry(cast), unit_id=cast.legal.pk, leader_id=cast.leader.pk, now=NOW
    )
    assert (draft.author, draft.prepared_by) == (cast.leader, cast.legal_officer)
    assert list(drafts.in_box(secretary, drafts.MINE)) == [draft] == list(drafts.in_box(actor_of(cast.leader), "mine"))

    edited = replace(letter_entry(cast), subject="Thư ký sửa", proposal="Kính trình Tổng Giám đốc xem xét.")
    drafting.edit_draft(actor=secretary, draft_id=draft.pk, entry=edited, now=LATER)
    with pytest.raises(NotPermitted):
        submitting.submit_draft(actor=secretary, draft_id=draft.pk, seen_version=1, now=LATER)

    draft.refresh_from_db()
    assert (draft.subject, draft.state) == ("Thư ký sửa", DraftState.DRAFT)
    assert draft_rules.can_submit(actor_of(cast.leader), draft)
    secretaries.end_service(actor=actor_of(cast.leader), service_id=service.pk, reason="Đổi", now=LATER)
    assert not draft_rules.can_see(actor_of(cast.legal_officer), draft)


def test_nobody_else_drafts_in_a_leaders_name(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        beginning_drafts.create_draft(
            actor=actor_of(cast.officer), entry=letter_entry(cast), unit_id=cast.technology.pk,
            leader_id=cast.leader.pk, now=NOW,
        )  # fmt: skip

    assert not Draft.objects.exists()


# The queue --------------------------------------------------------------------------------------------------


def test_the_queue_stands_as_the_secretary_put_it(cast: Cast, django_assert_num_queries) -> None:
    serve(cast)
    first, second, third = (waiting(cast) for _ in range(3))
    secretary, leader = actor_of(cast.legal_officer), actor_of(cast.leader)
    preparing.rank_letter(actor=secretary, incoming_id=first.pk, rank=QueueRank.AT_ONCE, now=NOW)
    preparing.rank_letter(actor=secretary, incoming_id=second.pk, rank=QueueRank.FIRST, now=NOW)
    propose(cast, third)

    with django_assert_num_queries(2):
        page = incoming_lists.box_page(leader, box=Box.TO_DIRECT, now=NOW)

    assert [(row.incoming_id, row.role, row.state) for row in page.rows] == [
        (first.pk, "Cần ý kiến ngay", page.rows[0].state),
        (second.pk, "Xem trước", page.rows[1].state),
        (third.pk, "", "Có dự kiến bút phê"),
    ]
    assert incoming_counters.counters(secretary, NOW)[Box.PREPARE] == 3
    with pytest.raises(NotPermitted):
        preparing.rank_letter(actor=leader, incoming_id=first.pk, rank=QueueRank.NORMAL, now=NOW)


def test_under_a_delegation_nobody_is_a_secretary(cast: Cast) -> None:
    serve(cast)
    letter = waiting(cast)
    given = delegating.give_delegation(
        actor=actor_of(cast.head), receiver_id=cast.legal_officer.pk, now=NOW,
        terms=DelegationTerms(may_direct=True, may_prepare=True, basis="QĐ 1", starts_on=TODAY, ends_on=TODAY),
    )  # fmt: skip

    under = organization.acting_under(actor_of(cast.legal_officer), delegation_id=given.pk, now=NOW)

    assert under.serves == ()
    with pytest.raises(DocumentNotFound):
        preparing.rank_letter(actor=under, incoming_id=letter.pk, rank=QueueRank.FIRST, now=NOW)


# Pages ------------------------------------------------------------------------------------------------------


def today_cast(cast: Cast) -> IncomingDocument:
    """A service and a waiting letter at the clock of the pages."""
    serve(cast, now=clock.now())
    return waiting(cast)


def test_pages_of_preparing_and_sending(cast: Cast, client: Client) -> None:
    letter = today_cast(cast)
    letters.enter(client, cast.legal_officer)
    assert f"Chuẩn bị cho ông/bà {cast.leader.full_name}" in client.get("/").content.decode()
    listed = client.get(reverse("documents:incoming_list") + "?box=prepare").content.decode()
    assert letter.subject in listed
    address = reverse("documents:incoming_prepare", args=[letter.pk])
    said = {
        "text": "Giao Ban Công nghệ xử lý.", "due_choice": "none", "version": "0",
        "recipients": f'[{{"kind": "unit", "id": {cast.technology.pk}, "role": "lead"}}]',
    }  # fmt: skip
    refused = client.post(address, said | {"text": ""})
    assert (refused.status_code, ProposedDirective.objects.count()) == (422, 0)
    assert client.post(address, said).status_code == 303
    assert client.post(reverse("documents:incoming_send_proposal", args=[letter.pk]), {"version": 1}).status_code == 403
    assert not Directive.objects.exists()

    leader = Client()
    letters.enter(leader, cast.leader)
    page = leader.get(reverse("documents:incoming_detail", args=[letter.pk])).content.decode()
    assert "Gửi theo dự kiến" in page
    assert f"Thư ký {cast.legal_officer.full_name} chuẩn bị" in page
    dialog = leader.get(reverse("documents:incoming_direct", args=[letter.pk])).content.decode()
    assert "Giao Ban Công nghệ xử lý." in dialog
    assert cast.technology.name in dialog
    stale = leader.post(reverse("documents:incoming_send_proposal", args=[letter.pk]), {"version": 7})
    assert (stale.status_code, Directive.objects.count()) == (409, 0)
    assert leader.post(reverse("documents:incoming_send_proposal", args=[letter.pk]), {"version": 1}).status_code == 303
    assert Directive.objects.get().prepared_by == cast.legal_officer


def test_pages_of_naming(cast: Cast, client: Client) -> None:
    letters.enter(client, cast.leader)
    address = reverse("organization:secretary_name")
    today = local_date(clock.now()).strftime("%d/%m/%Y")
    refused = client.post(address, {"secretary": cast.legal_officer.pk, "starts_on": today})
    assert (refused.status_code, SecretaryService.objects.count()) == (422, 0)
    assert cast.legal_officer.full_name in refused.content.decode()
    client.post(address, {"secretary": cast.legal_officer.pk, "starts_on": today, "basis": "Thông báo 12"})
    service = SecretaryService.objects.get()
    assert "Đang hiệu lực" in client.get(reverse("organization:secretaries")).content.decode()
    end = reverse("organization:secretary_end", args=[service.pk])
    assert client.post(end, {"reason": ""}).status_code == 422
    assert client.post(end, {"reason": "Đổi thư ký"}).status_code == 303
    service.refresh_from_db()
    assert service.ended_by == cast.leader
    outsider = Client()
    letters.enter(outsider, cast.outsider)
    assert outsider.get(address).status_code == 403
    assert outsider.post(end, {"reason": "x"}).status_code == 404
