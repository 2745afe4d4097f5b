"""Registers, rules, reminders, links and later recipients over REST: the same answers as the pages."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from eoffice.documents.models import (
    Assignment,
    DistributionRule,
    DocumentLink,
    HandlingSetting,
    NumberBlock,
    NumberGap,
    Register,
    Reminder,
)
from eoffice.documents.services import assigning
from eoffice.documents.states import IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.documents.tests.drafts import make_draft
from eoffice.organization.models import Person

API = "/api/v1/documents"


def login(person: Person) -> Client:
    client = Client()
    assert person.user is not None
    client.force_login(person.user)
    return client


def send(client: Client, path: str, value: object = None, *, method: str = "POST") -> tuple[int, object]:
    answer = client.generic(method, f"{API}/{path}", json.dumps(value or {}), content_type="application/json")
    return answer.status_code, answer.json() if answer.content else None


def test_clerk_reads_a_register_line_by_line_and_others_do_not(cast: Cast, django_assert_max_num_queries) -> None:
    letter = letters.registered(cast)
    register = cast.incoming_register
    clerk = login(cast.clerk)

    listed = clerk.get(f"{API}/registers").json()
    with django_assert_max_num_queries(12):
        page = clerk.get(f"{API}/registers/{register.pk}/entries").json()

    assert register.pk in [each["id"] for each in listed]
    assert [(row["incoming_id"], row["shown_number"], row["state"]) for row in page["rows"]] == [
        (letter.pk, "01", "active")
    ]
    assert page["next_after"] is None
    assert clerk.get(f"{API}/registers/{register.pk}/ledger").json()["is_whole"] is True
    assert login(cast.outsider).get(f"{API}/registers").json() == []
    for part in ("", "/entries", "/ledger"):
        assert login(cast.outsider).get(f"{API}/registers/{register.pk}{part}").status_code == 404


def test_entries_are_read_page_by_page(cast: Cast) -> None:
    made = [letters.registered(cast).pk for _ in range(3)]
    path = f"{API}/registers/{cast.incoming_register.pk}/entries"
    clerk = login(cast.clerk)

    newest = clerk.get(path).json()["rows"]
    rest = clerk.get(path, {"after": newest[0]["id"]}).json()

    assert [row["incoming_id"] for row in newest] == made[::-1]
    assert [row["incoming_id"] for row in rest["rows"]] == made[1::-1]


def test_clerk_opens_keeps_explains_and_closes_a_register(cast: Cast) -> None:
    clerk = login(cast.clerk)
    new = {"kind": "outgoing", "year": 2027, "document_types": ["decision"], "name": "Sổ quyết định"}

    status, made = send(clerk, "registers", new)

    assert status == 201
    assert isinstance(made, dict)
    register = Register.objects.get(pk=made["id"])
    assert (register.series, register.name) == ("decision", "Sổ quyết định")
    assert send(clerk, "registers", new)[0] == 422
    kept = {"first": 1, "last": 3, "basis": "Văn bản đang trình"}
    assert send(clerk, f"registers/{register.pk}/blocks", kept)[0] == 201
    assert NumberBlock.objects.filter(register=register, first=1, last=3).count() == 1
    assert send(clerk, f"registers/{register.pk}/gaps", {"number": 2, "reason": "Không dùng"})[0] == 422
    assert NumberGap.objects.count() == 0
    assert send(clerk, f"registers/{register.pk}/close")[0] == 200
    assert send(clerk, f"registers/{register.pk}/close")[0] == 409


@pytest.mark.parametrize("who", ["outsider", "leader", "officer"])
def test_who_keeps_no_book_opens_and_closes_none(cast: Cast, who: str) -> None:
    client = login(getattr(cast, who))
    before = Register.objects.count()

    assert send(client, "registers", {"kind": "incoming", "year": 2027})[0] == 403
    assert send(client, f"registers/{cast.incoming_register.pk}/close")[0] in {403, 404}

    assert Register.objects.count() == before
    assert Register.objects.get(pk=cast.incoming_register.pk).closed_at is None


def test_entry_is_corrected_with_its_reason(cast: Cast) -> None:
    letter = letters.registered(cast)
    right = {
        "issuing_body": letter.issuing_body, "number": letter.number, "symbol": letter.symbol,
        "subject": "Trích yếu đúng",
        "issued_on": "2026-11-20", "document_type": "letter",
    }  # fmt: skip

    assert send(login(cast.outsider), f"incoming/{letter.pk}/correct", right | {"reason": "Gõ nhầm"})[0] == 404
    assert send(login(cast.clerk), f"incoming/{letter.pk}/correct", right | {"reason": ""})[0] == 422
    status, made = send(login(cast.clerk), f"incoming/{letter.pk}/correct", right | {"reason": "Gõ nhầm"})

    assert (status, made) == (
        200,
        [{"field": "subject", "old_value": letter.subject, "new_value": "Trích yếu đúng"}],
    )


def test_leader_adds_recipients_later_and_reminds_once_a_day(cast: Cast) -> None:
    letter = letters.directed(cast, [letters.to_unit(cast.technology)])
    line = letters.line_of(letter, cast.technology)
    assigning.accept_assignment(actor=actor_of(cast.head), assignment_id=line.pk, now=NOW)
    leader = login(cast.leader)
    more = {"recipients": [{"kind": "unit", "id": cast.legal.pk, "role": "support"}]}

    assert send(login(cast.officer), f"incoming/{letter.pk}/recipients", more)[0] in {403, 404}
    assert send(leader, f"incoming/{letter.pk}/recipients", more)[0] == 201
    assert send(leader, f"incoming/{letter.pk}/recipients", more)[0] == 409
    asked = {"assignment_ids": [line.pk], "note": "Cần trước 15 giờ"}
    assert send(login(cast.head), f"incoming/{letter.pk}/remind", asked)[0] == 403
    assert send(leader, f"incoming/{letter.pk}/remind", asked)[0] == 200
    assert send(leader, f"incoming/{letter.pk}/remind", asked)[0] == 409

    assert Assignment.objects.filter(incoming=letter).count() == 2
    assert Reminder.objects.filter(assignment=line).count() == 1


def test_documents_are_linked_once_and_never_unseen_ones(cast: Cast) -> None:
    letter, other = letters.registered(cast), letters.registered(cast)
    draft = make_draft(cast)
    clerk = login(cast.clerk)

    linked = {"kind": "incoming", "id": other.pk}
    assert [send(clerk, f"incoming/{letter.pk}/links", linked)[0] for _ in range(2)] == [201, 201]
    assert send(clerk, f"incoming/{letter.pk}/links", {"kind": "draft", "id": draft.pk})[0] == 404

    assert DocumentLink.objects.count() == 1
    assert [line["id"] for line in clerk.get(f"{API}/incoming/{letter.pk}/links").json()] == [other.pk]


def test_rules_and_handling_are_kept_by_their_keepers(cast: Cast) -> None:
    chief = login(cast.chief)
    terms = {"name": "An toàn thông tin", "lead_unit_id": cast.technology.pk, "subject_contains": "an toàn"}
    new = terms | {"registry_id": cast.group.pk, "idempotency_key": "rule-1"}

    assert send(login(cast.officer), "distribution-rules", new)[0] == 403
    made = [send(chief, "distribution-rules", new)[0] for _ in range(2)]
    rule = DistributionRule.objects.get()
    changed, _ = send(chief, f"distribution-rules/{rule.pk}", terms | {"working_days": 5}, method="PUT")
    switched, _ = send(chief, f"distribution-rules/{rule.pk}/switch", {"is_active": False})
    outside, _ = send(login(cast.outsider), f"distribution-rules/{rule.pk}/move", {"up": True})

    rule.refresh_from_db()
    assert (made, changed, switched, outside) == ([201, 201], 200, 200, 404)
    assert (rule.working_days, rule.is_active) == (5, False)
    assert [each["id"] for each in chief.get(f"{API}/distribution-rules").json()] == [rule.pk]
    head = login(cast.head)
    to = f"handling/{cast.technology.pk}"
    assert send(login(cast.officer), to, {"confirms_itself": True}, method="PUT")[0] == 403
    assert send(head, to, {"confirms_itself": True}, method="PUT")[0] == 204
    assert HandlingSetting.objects.get().confirms_itself
    assert head.get(f"{API}/handling").json() == [
        {"unit_id": cast.technology.pk, "unit_name": cast.technology.name, "confirms_itself": True}
    ]


def test_opinions_extensions_and_progress_take_the_same_way_as_the_pages(cast: Cast) -> None:
    letter = letters.directed(cast)
    line = letters.line_of(letter, cast.technology)
    head, leader = login(cast.head), login(cast.leader)

    assert send(head, f"incoming/assignments/{line.pk}/accept")[0] == 200
    assert send(head, f"incoming/assignments/{line.pk}/take-on")[0] == 200
    assert send(head, f"incoming/assignments/{line.pk}/progress", {"text": "Đang tổng hợp", "percent": 40})[0] == 204
    status, opinion = send(
        head, f"incoming/{letter.pk}/opinions",
        {"kind": "person", "id": cast.legal_officer.pk, "question": "Có vướng quy định nào không?"},
    )  # fmt: skip
    assert status == 201
    assert isinstance(opinion, dict)
    answer = {"answer": "Không vướng."}
    assert send(login(cast.outsider), f"incoming/opinions/{opinion['id']}/answer", answer)[0] == 404
    assert send(login(cast.legal_officer), f"incoming/opinions/{opinion['id']}/answer", answer)[0] == 200
    due_on = letters.working_day_ahead(7).isoformat()
    status, asked = send(head, f"incoming/assignments/{line.pk}/extend", {"due_on": due_on, "reason": "Chờ số liệu"})
    assert status == 201
    assert isinstance(asked, dict)
    decide = f"incoming/assignments/extensions/{asked['id']}/decide"
    assert send(head, decide, {"granted": True})[0] == 403
    assert send(leader, decide, {"granted": True})[0] == 204
    assert send(head, f"incoming/assignments/{line.pk}/report", {"result": "Đã xong"})[0] == 200
    assert send(leader, f"incoming/assignments/{line.pk}/send-back", {"reason": "Thiếu phụ lục"})[0] == 200
    line.refresh_from_db()
    assert line.due_at is not None
    assert line.due_at.date().isoformat() == due_on


def test_directive_is_taken_back_and_letter_kept_over_rest(cast: Cast) -> None:
    letter = letters.registered(cast)
    clerk = login(cast.clerk)

    assert send(login(cast.outsider), f"incoming/{letter.pk}/keep")[0] == 404
    assert send(clerk, f"incoming/{letter.pk}/keep", {"note": "Để biết"})[0] == 200
    letter.refresh_from_db()
    assert letter.state == IncomingState.COMPLETED
    results = send(clerk, "incoming/forward", {"incoming_ids": [letter.pk], "leader_id": cast.leader.pk})
    assert results[0] == 200
    assert isinstance(results[1], list)
    assert [line["code"] for line in results[1]] == ["illegal_transition"]


def test_search_finds_what_the_page_finds(cast: Cast) -> None:
    letter = letters.registered(cast, subject="Kế hoạch chuyển đổi số")

    found = login(cast.clerk).get(f"{API}/search", {"q": "chuyen doi so"}).json()

    assert [(hit["kind"], hit["id"]) for hit in found["hits"]] == [("incoming", letter.pk)]
    assert login(cast.outsider).get(f"{API}/search", {"q": "chuyen doi so"}).json()["hits"] == []


def test_files_go_out_sealed_and_to_readers_alone(cast: Cast) -> None:
    letter = letters.registered(cast)
    clerk = login(cast.clerk)
    file = clerk.get(f"{API}/incoming/{letter.pk}/files").json()[0]
    path = f"{API}/incoming/{letter.pk}/files/{file['id']}"

    answer = clerk.get(path)

    assert b"".join(answer).startswith(b"%PDF")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert login(cast.outsider).get(path).status_code == 404
    assert send(clerk, f"incoming/{letter.pk}/comments", {"text": "Đã gọi nơi gửi"})[0] == 204
