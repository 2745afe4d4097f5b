"""Tất cả chức danh: the work of several posts in one list, each thing done recorded under the post it was done in."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid
from eoffice.documents.models import Assignment, Directive, Draft, IncomingDocument, PaperCopy
from eoffice.documents.queries import drafts, incoming_counters, incoming_lists
from eoffice.documents.queries.home import home_of
from eoffice.documents.queries.incoming_boxes import Box, letters_in, lines_in
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.services import assigning, beginning_drafts, directing, registry_access
from eoffice.documents.states import AssignmentState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, SYSTEM, Cast
from eoffice.documents.tests.drafts import letter_entry
from eoffice.documents.tests.test_paper_copies import scan
from eoffice.organization import queries as organization
from eoffice.organization import services
from eoffice.organization.actor import Actor
from eoffice.organization.errors import OtherPost, PostNeeded
from eoffice.organization.models import Person, Posting, Role, Unit

pytestmark = pytest.mark.django_db
_SINCE = date(2020, 1, 1)


def also_in(person: Person, unit: Unit, post: str, *roles: tuple[Role, Unit]) -> Posting:
    """A second post of somebody."""
    posting = services.appoint(
        actor=SYSTEM, person=person, unit=unit, position_name=post, rank=2, starts_on=_SINCE, is_main=False, now=NOW
    )
    for role, where in roles:
        services.grant_role(actor=SYSTEM, person=person, unit=where, role=role, starts_on=_SINCE, now=NOW)
    return posting


def acting(person: Person, posting: Posting | None = None) -> Actor:
    assert person.user_id is not None
    return organization.actor_of(user_id=person.user_id, now=NOW, posting_id=posting.pk if posting else None)


def main_post(person: Person) -> Posting:
    return Posting.objects.get(person=person, is_main=True)


@pytest.fixture
def two_heads(cast: Cast) -> Posting:
    """The head of Ban Công nghệ heads Ban Pháp chế as well, for now; both under one registry."""
    return also_in(cast.head, cast.legal, "Phụ trách ban", (Role.UNIT_HEAD, cast.legal))


@pytest.fixture
def two_registries(cast: Cast) -> Posting:
    """The deputy of the group also directs company A."""
    return also_in(cast.deputy_leader, cast.company, "Chủ tịch công ty", (Role.LEADER, cast.company))


def forwarded_to(cast: Cast, clerk: Person, leader: Person) -> IncomingDocument:
    letter = letters.received(cast, by=clerk)
    IncomingDocument.objects.filter(pk=letter.pk).update(
        state=IncomingState.AWAITING_DIRECTION, arrival_number=letter.pk, arrival_on=NOW.date(), forwarded_to=leader,
        subject=f"Thư của {clerk.full_name}",
    )  # fmt: skip
    letter.refresh_from_db()
    registry_access.grant_leader(letter, leader.pk)
    return letter


def rows(actor: Actor, box: Box) -> list[tuple[int, str]]:
    page = incoming_lists.box_page(actor, box=box, now=NOW)
    return sorted((row.incoming_id, row.post) for row in page.rows)


def test_all_posts_show_the_union_and_each_row_its_post(cast: Cast, two_heads: Posting) -> None:
    here = letters.directed(cast, [letters.to_unit(cast.technology)])
    there = letters.directed(cast, [letters.to_unit(cast.legal)])

    everything = acting(cast.head)

    assert rows(everything, Box.TO_HANDLE) == [
        (here.pk, "Trưởng ban, Ban Công nghệ"), (there.pk, "Phụ trách ban, Ban Pháp chế")
    ]  # fmt: skip
    assert rows(acting(cast.head, two_heads), Box.TO_HANDLE) == [(there.pk, "")]
    assert rows(acting(cast.head, main_post(cast.head)), Box.TO_HANDLE) == [(here.pk, "")]


def test_letters_to_direct_wait_under_the_post_of_their_registry(cast: Cast, two_registries: Posting) -> None:
    here = forwarded_to(cast, cast.clerk, cast.deputy_leader)
    there = forwarded_to(cast, cast.company_clerk, cast.deputy_leader)

    everything = acting(cast.deputy_leader)

    assert rows(everything, Box.TO_DIRECT) == [
        (here.pk, "Phó Tổng Giám đốc, Tập đoàn Trường Xuân"), (there.pk, "Chủ tịch công ty, Công ty Nam Trung Bộ")
    ]  # fmt: skip
    assert rows(acting(cast.deputy_leader, two_registries), Box.TO_DIRECT) == [(there.pk, "")]
    assert [line.id for line in home_of(acting(cast.deputy_leader, two_registries), NOW).waiting] == [there.pk]


def test_counters_follow_the_post_chosen(cast: Cast, two_registries: Posting) -> None:
    forwarded_to(cast, cast.clerk, cast.deputy_leader)
    forwarded_to(cast, cast.company_clerk, cast.deputy_leader)
    letters.directed(cast, [letters.to_person(cast.deputy_leader)])

    for posting, waiting in ((None, 2), (two_registries, 1), (main_post(cast.deputy_leader), 1)):
        actor = acting(cast.deputy_leader, posting)
        counted = incoming_counters.counters(actor, NOW)
        assert counted[Box.TO_DIRECT] == waiting == letters_in(actor, Box.TO_DIRECT).count()
        lines = lines_in(actor, Box.TO_HANDLE, NOW)
        assert lines is not None
        assert counted[Box.TO_HANDLE] == lines.count() == (0 if posting == two_registries else 1)


def test_what_is_done_is_recorded_under_the_post_of_the_row(cast: Cast, two_heads: Posting) -> None:
    there = letters.directed(cast, [letters.to_unit(cast.legal)])
    line = letters.line_of(there, cast.legal)

    assigning.accept_assignment(actor=acting(cast.head), assignment_id=line.pk, now=NOW)

    entry = AuditEntry.objects.get(action="documents.assignment.accepted", object_id=line.pk)
    assert (entry.person_id, entry.posting_id) == (cast.head.pk, two_heads.pk)


def test_a_directive_is_recorded_under_the_post_of_the_registry(cast: Cast, two_registries: Posting) -> None:
    there = forwarded_to(cast, cast.company_clerk, cast.deputy_leader)

    directing.direct_incoming(
        actor=acting(cast.deputy_leader), incoming_id=there.pk, text="Xử lý",
        recipients=[letters.to_unit(cast.company_department)], now=NOW,
    )  # fmt: skip

    entry = AuditEntry.objects.get(action="documents.incoming.directed", object_id=there.pk)
    assert entry.posting_id == two_registries.pk


def test_where_several_posts_fit_the_person_is_asked_and_nothing_changes(cast: Cast) -> None:
    second = also_in(cast.head, cast.technology, "Giám đốc dự án")
    letter = letters.directed(cast, [letters.to_unit(cast.technology)])
    line = letters.line_of(letter, cast.technology)

    with pytest.raises(PostNeeded) as asked:
        assigning.accept_assignment(actor=acting(cast.head), assignment_id=line.pk, now=NOW)

    assert {pk for pk, _ in asked.value.choices} == {main_post(cast.head).pk, second.pk}
    assert Assignment.objects.get(pk=line.pk).state == AssignmentState.WAITING

    assigning.accept_assignment(actor=acting(cast.head).working_as(second.pk), assignment_id=line.pk, now=NOW)

    entry = AuditEntry.objects.get(action="documents.assignment.accepted", object_id=line.pk)
    assert entry.posting_id == second.pk


def test_one_post_does_not_do_the_work_of_another(cast: Cast, two_registries: Posting) -> None:
    there = forwarded_to(cast, cast.company_clerk, cast.deputy_leader)
    here = acting(cast.deputy_leader, main_post(cast.deputy_leader))

    with pytest.raises(OtherPost):
        directing.direct_incoming(
            actor=here, incoming_id=there.pk, text="Xử lý", now=NOW,
            recipients=[letters.to_unit(cast.company_department)],
        )  # fmt: skip

    assert not Directive.objects.filter(incoming=there).exists()
    shown = incoming_detail(here, there.pk, now=NOW)
    assert (shown.commands.direct, shown.other_post and shown.other_post.posting_id) == (False, two_registries.pk)


def test_a_role_of_another_post_is_not_held_in_this_one(cast: Cast, two_heads: Posting) -> None:
    here = acting(cast.head, main_post(cast.head))

    assert here.units_with(Role.UNIT_HEAD) == {cast.technology.pk}
    assert here.principals == acting(cast.head).principals


def test_a_new_draft_in_all_posts_asks_for_its_unit(cast: Cast, two_heads: Posting) -> None:
    with pytest.raises(Invalid) as refused:
        beginning_drafts.create_draft(actor=acting(cast.head), entry=letter_entry(cast), now=NOW)

    assert "unit" in refused.value.fields
    assert not Draft.objects.exists()

    draft = beginning_drafts.create_draft(
        actor=acting(cast.head), entry=letter_entry(cast), unit_id=cast.legal.pk, now=NOW
    )

    entry = AuditEntry.objects.get(action="documents.draft.created", object_id=draft.pk)
    assert entry.posting_id == two_heads.pk
    assert [line.post for line in drafts.draft_list(acting(cast.head), box="mine", now=NOW).lines] == [
        "Phụ trách ban, Ban Pháp chế"
    ]


def test_lists_in_all_posts_ask_no_more(cast: Cast, two_heads: Posting, django_assert_num_queries) -> None:
    for unit in (cast.technology, cast.legal, cast.technology):
        letters.directed(cast, [letters.to_unit(unit)])
    actor = acting(cast.head)

    with django_assert_num_queries(2):
        incoming_lists.box_page(actor, box=Box.TO_HANDLE, now=NOW)


# Pages ------------------------------------------------------------------------------------------------------


def test_switching_to_one_post_and_back_to_all(cast: Cast, two_heads: Posting, client: Client) -> None:
    letters.enter(client, cast.head)
    home = client.get("/").content.decode()
    assert "Tất cả chức danh" in home

    client.post(reverse("organization:choose_posting"), {"posting": two_heads.pk})
    assert client.session["posting_id"] == two_heads.pk
    client.post(reverse("organization:choose_posting"), {"posting": "all"})

    assert "posting_id" not in client.session


def test_the_question_sends_what_was_typed_once_more(cast: Cast, client: Client) -> None:
    second = also_in(cast.head, cast.technology, "Giám đốc dự án")
    letter = letters.directed(cast, [letters.to_unit(cast.technology)])
    line = letters.line_of(letter, cast.technology)
    letters.enter(client, cast.head)
    address = reverse("documents:assignment_accept", args=[line.pk])

    asked = client.post(address, {"idempotency_key": "k-1"})

    assert asked.status_code == 409
    page = asked.content.decode()
    assert 'name="idempotency_key" value="k-1"' in page
    assert f'name="acting_post" value="{second.pk}"' in page
    assert client.post(address, {"idempotency_key": "k-1", "acting_post": second.pk}).status_code == 303
    assert AuditEntry.objects.get(action="documents.assignment.accepted").posting_id == second.pk


def test_the_form_of_a_new_draft_has_no_unit_chosen_in_all_posts(
    cast: Cast, two_heads: Posting, client: Client
) -> None:
    letters.enter(client, cast.head)

    page = client.get(reverse("documents:draft_create")).content.decode()
    refused = client.post(reverse("documents:draft_create"), {"document_type": "letter", "mode": "composed"})

    assert "Chọn đơn vị" in page
    assert refused.status_code == 422
    assert "Chọn đơn vị soạn thảo." in refused.content.decode()
    assert not Draft.objects.exists()


def test_a_clerk_of_two_registries_says_where_it_arrived(cast: Cast, client: Client) -> None:
    also_in(cast.clerk, cast.company, "Văn thư kiêm nhiệm", (Role.CLERK, cast.company))
    letters.enter(client, cast.clerk)
    address = reverse("documents:incoming_receive")

    refused = client.post(address, {"files": letters.upload(), "seen_no_mark": "on"})
    assert (refused.status_code, IncomingDocument.objects.count()) == (422, 0)
    kept = client.post(
        address, {"files": letters.upload(), "seen_no_mark": "on", "registry": cast.company.pk}
    )  # fmt: skip

    assert kept.status_code == 302
    assert IncomingDocument.objects.get().registry == cast.company


def test_a_clerk_of_two_registries_says_for_which_a_paper_is_copied(cast: Cast, client: Client) -> None:
    also_in(cast.clerk, cast.company, "Văn thư kiêm nhiệm", (Role.CLERK, cast.company))
    letters.enter(client, cast.clerk)
    address = reverse("documents:copy_new")
    typed = {
        "form": "sao_y", "original_kind": "main", "code": "152/QĐ-BKHCN", "dated": "02/11/2026", "issuing_body": "Bộ",
        "subject": "Về danh mục", "basis": "Chánh Văn phòng", "seen_no_mark": "on",
    }  # fmt: skip

    refused = client.post(address, {**typed, "file": SimpleUploadedFile("quet.pdf", scan())})
    assert (refused.status_code, PaperCopy.objects.count()) == (422, 0)
    kept = client.post(
        address, {**typed, "file": SimpleUploadedFile("quet.pdf", scan()), "registry": cast.company.pk}
    )  # fmt: skip

    assert kept.status_code == 303
    assert PaperCopy.objects.get().registry == cast.company
