"""What follows a directive: later recipients, reminders, links, and its undo by the toast."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db.models import Max
from django.test import Client
from django.urls import reverse

from eoffice.audit.models import AuditEntry
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.documents.errors import AlreadyReminded, DocumentNotFound
from eoffice.documents.models import Assignment, AssignmentRole, DocumentLink, IncomingDocument, LinkRelation, Reminder
from eoffice.documents.queries import incoming as queries
from eoffice.documents.queries import search
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.queries.incoming_history import STEP_WORDS
from eoffice.documents.services import assigning, closing, extending, linking, reminding
from eoffice.documents.states import IncomingAction, IncomingState
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.letters import (
    directed,
    enter,
    forwarded,
    line_of,
    passed_on,
    registered,
    to_unit,
    working_day_ahead,
)
from eoffice.notifications.models import Notification
from eoffice.organization.models import Person

pytestmark = pytest.mark.django_db


def address(name: str, letter: IncomingDocument) -> str:
    return reverse(f"documents:incoming_{name}", args=[letter.pk])


def remind(by: Person, line: Assignment, *, days: int = 0, note: str = "") -> list[Assignment]:
    return reminding.remind_holders(
        actor=actor_of(by),
        incoming_id=line.incoming_id,
        assignment_ids=[line.pk],
        note=note,
        now=NOW + timedelta(days=days),
    )


def newest_key() -> int:
    return Notification.objects.aggregate(newest=Max("pk"))["newest"] or 0


# Reminding ---------------------------------------------------------------------------------------------------


def test_giver_reminds_the_holder_who_is_told(cast: Cast) -> None:
    line = line_of(directed(cast), cast.technology)
    before = newest_key()

    remind(cast.leader, line, note="Cần báo cáo  trước 16:30")

    told = Notification.objects.filter(pk__gt=before)
    assert [(each.person_id, each.title) for each in told] == [
        (cast.head.pk, "Trần Quốc Khánh đôn đốc: Cần báo cáo trước 16:30")
    ]
    assert Reminder.objects.get().assignment_id == line.pk
    assert AuditEntry.objects.filter(action="documents.assignment.reminded", object_id=str(line.pk)).count() == 1
    tree = incoming_detail(actor_of(cast.head), line.incoming_id, now=NOW).tree
    assert [node.reminded_at for node in tree if node.id == line.pk] == [NOW]


def test_reminders_stand_in_the_history_of_the_letter(cast: Cast) -> None:
    line = line_of(directed(cast), cast.technology)

    remind(cast.leader, line, note="Cần báo cáo trước 16:30")

    newest = incoming_detail(actor_of(cast.head), line.incoming_id, now=NOW).history[0]
    assert newest.title == "Đôn đốc Ban Công nghệ và An toàn thông tin"
    assert (newest.by, newest.at, newest.note) == ("Trần Quốc Khánh", NOW, "Cần báo cáo trước 16:30")


def test_every_step_of_a_letter_has_words_in_its_history() -> None:
    assert {*IncomingAction, "received", "created", "arrive"} <= STEP_WORDS.keys()


def test_later_recipients_are_offered_no_lead(cast: Cast, client: Client) -> None:
    letter = directed(cast)
    assert cast.leader.user is not None
    client.force_login(cast.leader.user)

    page = client.get(f"/documents/incoming/{letter.pk}/add-recipients/").content.decode()

    assert 'data-roles="support,informed"' in page


def test_line_is_reminded_of_once_a_day(cast: Cast) -> None:
    line = line_of(directed(cast), cast.technology)
    remind(cast.leader, line)

    with pytest.raises(AlreadyReminded, match="Ban Công nghệ"):
        remind(cast.leader, line)
    assert Reminder.objects.count() == 1

    remind(cast.leader, line, days=1)
    assert Reminder.objects.count() == 2


def test_head_reminds_the_officer_he_passed_the_work_on_to(cast: Cast) -> None:
    line = line_of(passed_on(cast), cast.officer)

    remind(cast.head, line)

    assert Notification.objects.filter(person=cast.officer, kind="documents.incoming.reminded").count() == 1


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("outsider", DocumentNotFound), ("head", NotPermitted), ("legal_head", NotPermitted), ("clerk", NotPermitted)],
)
def test_who_did_not_give_the_work_reminds_nobody(cast: Cast, who: str, refusal: type[Exception]) -> None:
    line = line_of(directed(cast), cast.technology)
    before = newest_key()

    with pytest.raises(refusal):
        remind(getattr(cast, who), line)

    assert not Reminder.objects.exists()
    assert newest_key() == before


def test_work_reported_done_is_not_reminded_of(cast: Cast) -> None:
    line = line_of(passed_on(cast), cast.officer)
    assigning.accept_assignment(actor=actor_of(cast.officer), assignment_id=line.pk, now=NOW)
    closing.report_done(actor=actor_of(cast.officer), assignment_id=line.pk, result="Đã dự thảo.", now=NOW)

    with pytest.raises(Invalid):
        remind(cast.head, line)
    assert not Reminder.objects.exists()


def test_reminding_on_the_page_and_again(cast: Cast, client: Client) -> None:
    letter = directed(cast)
    line = line_of(letter, cast.technology)
    enter(client, cast.leader)
    assert "Đôn đốc" in client.get(address("detail", letter)).content.decode()
    assert cast.technology.name in client.get(address("remind", letter)).content.decode()

    sent = {"lines": [line.pk], "note": "Gấp"}
    assert client.post(address("remind", letter), sent).status_code == 303
    again = client.post(address("remind", letter), sent)

    assert again.status_code == 422
    assert f"Hôm nay đã đôn đốc {cast.technology.name}" in again.content.decode()
    assert Reminder.objects.count() == 1


# Later recipients --------------------------------------------------------------------------------------------


def test_giver_adds_a_recipient_on_the_page(cast: Cast, client: Client) -> None:
    letter = directed(cast, [to_unit(cast.technology)])
    enter(client, cast.leader)
    assert "Thêm nơi nhận" in client.get(address("detail", letter)).content.decode()
    sent = {"recipients": json.dumps([{"kind": "unit", "id": cast.legal.pk, "role": "support"}])}

    assert client.post(address("add_recipients", letter), sent).status_code == 303

    line = line_of(letter, cast.legal)
    assert (line.role, line.instruction) == (AssignmentRole.SUPPORT, "Giao chủ trì tham mưu, báo cáo.")
    assert queries.get_incoming(actor_of(cast.legal_head), letter.pk) == letter


@pytest.mark.parametrize(("unit", "role"), [("technology", "support"), ("legal", "lead")])
def test_second_lead_or_line_is_refused_beside_the_picker(cast: Cast, client: Client, unit: str, role: str) -> None:
    letter = directed(cast, [to_unit(cast.technology)])
    enter(client, cast.leader)
    sent = {
        "recipients": json.dumps([{"kind": "unit", "id": getattr(cast, unit).pk, "role": role}]),
        "instruction": "Phối hợp rà soát",
    }

    answer = client.post(address("add_recipients", letter), sent)

    assert answer.status_code == 422
    assert "Phối hợp rà soát" in answer.content.decode()
    assert Assignment.objects.filter(incoming=letter).count() == 1


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("head", 403), ("deputy_leader", 404)])
def test_others_add_no_recipient(cast: Cast, client: Client, who: str, status: int) -> None:
    letter = directed(cast, [to_unit(cast.technology)])
    enter(client, getattr(cast, who))
    sent = {"recipients": json.dumps([{"kind": "unit", "id": cast.legal.pk, "role": "support"}])}

    assert client.post(address("add_recipients", letter), sent).status_code == status
    assert Assignment.objects.filter(incoming=letter).count() == 1


# Links -------------------------------------------------------------------------------------------------------


def test_letter_is_linked_to_one_found_by_its_number(cast: Cast, client: Client) -> None:
    letter, other = registered(cast, number="7701"), registered(cast, number="7702")
    enter(client, cast.clerk)

    found = client.get(
        address("link", letter), {"q": "7702"}, headers={"HX-Request": "true", "HX-Target": "link-found"}
    ).content.decode()
    assert f'value="incoming:{other.pk}"' in found
    assert f'value="incoming:{letter.pk}"' not in found
    sent = {"q": "7702", "target": f"incoming:{other.pk}", "relation": "related"}
    for _ in range(2):  # linking twice is linking once
        assert client.post(address("link", letter), sent).status_code == 303

    assert DocumentLink.objects.count() == 1
    shown = incoming_detail(actor_of(cast.clerk), letter.pk, now=NOW).links
    assert [(each.kind, each.id, each.relation) for each in shown] == [("incoming", other.pk, "Liên quan")]


def test_searching_without_javascript_links_nothing_yet(cast: Cast, client: Client) -> None:
    letter, other = registered(cast, number="7701"), registered(cast, number="7702")
    enter(client, cast.clerk)

    answer = client.post(address("link", letter), {"q": "7702", "do": "find"})

    assert answer.status_code == 200
    assert f'value="incoming:{other.pk}"' in answer.content.decode()
    assert client.post(address("link", letter), {"q": "7702", "relation": "related"}).status_code == 422
    assert not DocumentLink.objects.exists()


def test_holder_neither_finds_nor_links_what_he_may_not_see(cast: Cast) -> None:
    letter, hidden = directed(cast, [to_unit(cast.technology)]), registered(cast, number="7702")
    head = actor_of(cast.head)

    assert search.linkable(head, letter.pk, "7702") == []
    with pytest.raises(DocumentNotFound):
        linking.link_documents(
            actor=head, from_kind="incoming", from_id=letter.pk, to_kind="incoming", to_id=hidden.pk,
            relation=LinkRelation.RELATED, now=NOW,
        )  # fmt: skip
    assert not DocumentLink.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("auditor", 403)])
def test_outsider_and_auditor_link_nothing(cast: Cast, client: Client, who: str, status: int) -> None:
    letter, other = registered(cast), registered(cast)
    enter(client, getattr(cast, who))

    sent = {"target": f"incoming:{other.pk}", "relation": "related"}

    assert client.post(address("link", letter), sent).status_code == status
    assert not DocumentLink.objects.exists()


# Undo --------------------------------------------------------------------------------------------------------


def test_toast_of_a_directive_takes_it_back(cast: Cast, client: Client) -> None:
    letter = forwarded(cast)
    enter(client, cast.leader)
    by_htmx = {"HX-Request": "true"}
    sent = {
        "text": "Giao Ban Công nghệ tham mưu.",
        "due_choice": "none",
        "recipients": json.dumps([{"kind": "unit", "id": cast.technology.pk, "role": "lead"}]),
    }
    assert client.post(address("direct", letter), sent, headers=by_htmx).status_code == 204

    page = client.get(address("detail", letter)).content.decode()
    assert f'data-undo="{address("take_back", letter)}" data-seconds="10"' in page

    answer = client.post(address("take_back", letter), headers=by_htmx)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, address("detail", letter))
    letter.refresh_from_db()
    assert letter.state == IncomingState.AWAITING_DIRECTION
    assert "data-undo" not in client.get(address("detail", letter)).content.decode()


def test_outsider_takes_no_directive_back(cast: Cast, client: Client) -> None:
    letter = directed(cast)
    enter(client, cast.outsider)

    assert client.post(address("take_back", letter), headers={"HX-Request": "true"}).status_code == 404
    letter.refresh_from_db()
    assert letter.state == IncomingState.IN_PROGRESS


# Deciding ----------------------------------------------------------------------------------------------------


def test_second_request_for_time_is_told_before_it_is_typed(cast: Cast, client: Client) -> None:
    letter = directed(cast)
    line = line_of(letter, cast.technology)
    due_on = working_day_ahead(7)
    extending.ask_extension(
        actor=actor_of(cast.head), assignment_id=line.pk, due_on=due_on, reason="Chờ số liệu", now=NOW
    )
    enter(client, cast.head)
    headers = {"HX-Request": "true", "HX-Target": "dialog-slot"}

    opened = client.get(reverse("documents:assignment_extend", args=[line.pk]), headers=headers)
    sent = client.post(
        reverse("documents:assignment_extend", args=[line.pk]),
        {"due_on": f"{due_on + timedelta(days=7):%d/%m/%Y}", "reason": "Thêm"},
        headers=headers,
    )

    assert (opened.status_code, sent.status_code) == (409, 409)
    assert opened.headers["X-Error-Notice"] == sent.headers["X-Error-Notice"] == "1"
    assert f"Đã xin gia hạn đến {due_on:%d/%m/%Y}" in opened.content.decode()
    assert line.extensions.count() == 1


def test_decision_about_a_deadline_shows_who_asks_until_when_and_why(cast: Cast, client: Client) -> None:
    line = line_of(directed(cast), cast.technology)
    assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    asked = extending.ask_extension(
        actor=actor_of(cast.head), assignment_id=line.pk, due_on=date(2026, 12, 14), reason="Chờ số liệu.", now=NOW
    )
    enter(client, cast.leader)

    page = client.get(reverse("documents:extension_decide", args=[asked.pk])).content.decode()

    assert f"{cast.head.full_name} xin đến 14/12/2026: Chờ số liệu." in page


def test_both_sides_read_what_was_asked_and_decided_about_a_deadline(cast: Cast, client: Client) -> None:
    letter = directed(cast)
    line = line_of(letter, cast.technology)
    assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    asked = extending.ask_extension(
        actor=actor_of(cast.head), assignment_id=line.pk, due_on=date(2026, 12, 31), reason="Chờ số liệu", now=NOW
    )
    address = reverse("documents:incoming_detail", args=[letter.pk])
    enter(client, cast.head)
    assert "chờ quyết định: Chờ số liệu" in client.get(address).content.decode()

    extending.decide_extension(
        actor=actor_of(cast.leader), extension_id=asked.pk, granted=False, note="Phải xong trong năm", now=NOW
    )

    for person in (cast.head, cast.leader):
        enter(client, person)
        page = client.get(address).content.decode()
        assert "Không được gia hạn: Phải xong trong năm" in page
        assert "xin gia hạn đến 31/12/2026" in page
