"""Pages and API of incoming documents: what each asks of the database, and that both say the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from eoffice.core import clock
from eoffice.documents.models import Assignment, AssignmentRole, DocumentRead, IncomingDocument
from eoffice.documents.queries import incoming_counters, incoming_lists
from eoffice.documents.queries.incoming_boxes import Box
from eoffice.documents.queries.incoming_detail import incoming_detail
from eoffice.documents.queries.incoming_lists import Filters
from eoffice.documents.services import consulting, suggesting
from eoffice.documents.states import AssignmentState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import NOW, Cast, actor_of
from eoffice.renditions.models import Rendition, RenditionState

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_list_asks_the_same_however_long_it_is(cast: Cast, django_assert_num_queries) -> None:
    head, clerk = actor_of(cast.head), actor_of(cast.clerk)
    for _ in range(3):
        letters.directed(cast)

    with django_assert_num_queries(2):  # the lines with everything on them; the holidays
        page = incoming_lists.box_page(head, box=Box.TO_HANDLE, now=NOW)
    assert len(page.rows) == 3
    with django_assert_num_queries(2):
        incoming_lists.box_page(clerk, box=Box.IN_PROGRESS, now=NOW)


def test_handled_lines_are_paged_newest_first_over_all_holders(
    cast: Cast, django_assert_num_queries, monkeypatch
) -> None:
    monkeypatch.setattr(incoming_lists, "PAGE_SIZE", 2)
    head = actor_of(cast.head)
    ended = []
    for day in range(5):
        letter = letters.directed(
            cast,
            recipients=[letters.to_unit(cast.technology)]
            if day % 2
            else [letters.to_unit(cast.legal), letters.to_person(cast.head, AssignmentRole.INFORMED)],
        )
        line = letters.line_of(letter, cast.technology if day % 2 else cast.head)
        Assignment.objects.filter(pk=line.pk).update(
            state=AssignmentState.READ, closed_at=NOW + timedelta(days=day // 2)
        )
        ended.append(line.pk)

    seen, after = [], ""
    for _ in range(3):
        with django_assert_num_queries(3):  # the newest keys of each holder; the lines; the holidays
            page = incoming_lists.box_page(head, box=Box.HANDLED, now=NOW, after=after)
        seen += [row.assignment_id for row in page.rows]
        after = page.next_after or ""

    assert seen == [ended[4], ended[3], ended[2], ended[1], ended[0]]
    assert after == ""
    assert incoming_lists.box_page(actor_of(cast.outsider), box=Box.HANDLED, now=NOW).rows == []


def test_counters_are_one_query(cast: Cast, django_assert_num_queries) -> None:
    letters.passed_on(cast)
    chief = actor_of(cast.chief)

    with django_assert_num_queries(1):
        incoming_counters.counters(chief, NOW)


def test_reading_pane_asks_the_same_however_much_happened(cast: Cast, django_assert_num_queries) -> None:
    head = actor_of(cast.head)
    little, much = letters.passed_on(cast), letters.passed_on(cast)
    for index in range(3):
        consulting.comment_incoming(actor=head, incoming_id=much.pk, text=f"Trao đổi {index}", now=NOW)
        line = letters.line_of(much, cast.technology)
        consulting.report_progress(actor=head, assignment_id=line.pk, text=f"Tiến độ {index}", now=NOW)

    for letter in (little, much):
        with django_assert_num_queries(16):
            incoming_detail(head, letter.pk, now=NOW)


def test_filters_narrow_the_box(cast: Cast) -> None:
    letter = letters.directed(cast)
    head = actor_of(cast.head)

    def found(**filters: object) -> list[int]:
        page = incoming_lists.box_page(head, box=Box.TO_HANDLE, now=NOW, filters=Filters(**filters))  # type: ignore[arg-type]
        return [row.incoming_id for row in page.rows]

    assert found(text="bao cao ket qua") == [letter.pk]
    assert found(text="khong co chu nay") == []
    assert found(unread=True) == [letter.pk]
    assert found(urgent=True) == []


def test_reading_marks_are_set_by_post_alone(cast: Cast, client: Client) -> None:
    letter = letters.directed(cast)
    letters.enter(client, cast.head)

    client.get(f"/documents/incoming/{letter.pk}/")
    assert not DocumentRead.objects.exists()
    assert client.post(f"/documents/incoming/{letter.pk}/read/").status_code == 204
    assert DocumentRead.objects.get().person_id == cast.head.pk


def test_registration_page_registers_and_goes_to_the_next_letter(cast: Cast, client: Client) -> None:
    first, second = letters.received(cast, text="một"), letters.received(cast, text="hai")
    letters.enter(client, cast.clerk)
    url = f"/documents/incoming/{first.pk}/register/"
    assert client.get(url).status_code == 200

    typed = {"issuing_body": "Bộ Nội vụ", "subject": "Hướng dẫn công tác văn thư", "number": "7", "symbol": "BNV"}
    bad = client.post(url, typed | {"subject": "x" * 600})
    assert bad.status_code == 422
    assert "tối đa 500 ký tự" in bad.content.decode()
    assert "Bộ Nội vụ" in bad.content.decode()
    done = client.post(url, typed | {"then": "next"})

    assert done.headers["Location"] == f"/documents/incoming/{second.pk}/register/"
    again = client.post(f"/documents/incoming/{second.pk}/register/", typed)
    assert again.status_code == 409
    assert "Không trùng" in again.content.decode()


def test_the_form_says_while_the_machine_still_reads_the_page(cast: Cast, client: Client) -> None:
    letter = letters.received(cast, now=clock.now())
    letters.enter(client, cast.clerk)
    address = f"/documents/incoming/{letter.pk}/register/"

    still = client.get(address).content.decode()
    Rendition.objects.filter(source_id=letter.files.get().file_id).update(
        state=RenditionState.DONE, finished_at=clock.now() - timedelta(minutes=1)
    )
    nothing_found = client.get(address).content.decode()

    assert 'data-island="page-reading"' in still
    assert "Máy đang đọc trang" in still
    assert 'data-island="page-reading"' not in nothing_found
    assert "Máy chưa đọc được trường nào" in nothing_found


def test_what_was_read_from_the_page_names_a_letter_before_it_is_registered(cast: Cast, client: Client) -> None:
    letter = letters.received(cast)
    said = {"subject": "báo cáo công tác văn thư", "number": "2418", "symbol": "BNV-VP"}
    suggested = {name: {"value": value, "confidence": 0.9, "box": {}} for name, value in said.items()}
    IncomingDocument.objects.filter(pk=letter.pk).update(suggested=suggested)
    letters.enter(client, cast.clerk)

    page = client.get("/documents/incoming/?box=to_register").content.decode()

    assert "báo cáo công tác văn thư" in page
    assert "2418/BNV-VP" in page


def test_pages_of_a_converted_file_are_counted_for_the_form(cast: Cast) -> None:
    letter = letters.received(cast)
    IncomingDocument.objects.filter(pk=letter.pk).update(page_amount=None)  # nobody knew when the file came
    source = letter.files.get().file_id

    suggesting.suggest_fields(source_sha256=source, pdf_sha256=source, page_amount=4, now=NOW)

    letter.refresh_from_db()
    assert letter.page_amount == 4


def test_files_that_were_taken_and_refused_are_told_apart(cast: Cast, client: Client) -> None:
    letters.enter(client, cast.clerk)
    files = [
        letters.upload(b"MZ\x90\x00 program", "chay.pdf"),
        letters.upload(name="mot.pdf"),
        letters.upload(letters.pdf("Hai"), "hai.pdf"),
    ]

    answer = client.post("/documents/incoming/receive/", {"files": files, "seen_no_mark": "on"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 tệp chưa được tiếp nhận" in page, page[page.index("page-narrow") :][:1500]
    assert "2 tệp đã tiếp nhận" in page
    assert page.index("chay.pdf") < page.index("mot.pdf")
    assert IncomingDocument.objects.count() == 2


def test_a_letter_put_off_comes_again_when_the_others_are_done(cast: Cast, client: Client) -> None:
    letters_in = [letters.received(cast, text=text) for text in ("một", "hai", "ba")]
    put_off, second, third = letters_in
    letters.enter(client, cast.clerk)
    typed = {"issuing_body": "Bộ Nội vụ", "subject": "Hướng dẫn", "symbol": "BNV", "then": "next"}
    address = "/documents/incoming/{}/register/".format

    page = client.get(address(put_off.pk)).content.decode()
    assert f'data-key="later" href="{address(second.pk)}"' in page
    after_second = client.post(address(second.pk), typed | {"number": "2"})
    after_third = client.post(address(third.pk), typed | {"number": "3"})

    assert after_second.headers["Location"] == address(third.pk)
    assert after_third.headers["Location"] == address(put_off.pk)
    assert 'data-key="later"' not in client.get(address(put_off.pk)).content.decode()


def test_api_registers_and_says_no_like_the_page(cast: Cast, client: Client) -> None:
    letter = letters.received(cast)
    body = {"issuing_body": "Bộ Nội vụ", "subject": "Hướng dẫn", "number": "7", "symbol": "BNV"}
    url = f"/api/v1/documents/incoming/{letter.pk}/register"

    letters.enter(client, cast.outsider)
    assert client.post(url, body, content_type=JSON).status_code == 404
    letters.enter(client, cast.clerk)
    refused = client.post(url, body | {"subject": "x" * 600}, content_type=JSON)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["subject"])
    done = client.post(url, body, content_type=JSON)

    assert (done.status_code, done.json()["arrival_number"]) == (200, "01")
    assert client.post(url, body, content_type=JSON).status_code == 409
    letter.refresh_from_db()
    assert letter.state == IncomingState.REGISTERED


def test_stamped_copy_and_slip_are_made_without_touching_the_original(cast: Cast, client: Client) -> None:
    letter = letters.directed(cast)
    before = letter.files.get().file_id
    letters.enter(client, cast.clerk)

    for name in ("stamped", "slip"):
        answer = client.get(f"/documents/incoming/{letter.pk}/{name}/")
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF-")
    assert letter.files.get().file_id == before


def test_who_goes_back_to_a_letter_already_registered_is_led_to_it_and_overwrites_nothing(
    cast: Cast, client: Client
) -> None:
    letter = letters.registered(cast)
    letters.enter(client, cast.clerk)
    address = f"/documents/incoming/{letter.pk}/register/"

    again = client.get(address)
    sent = client.post(address, {"issuing_body": "Bộ Nội vụ", "subject": "Nội dung khác", "number": "9"})

    assert again.headers["Location"] == f"/documents/incoming/{letter.pk}/"
    assert sent.status_code == 409
    assert f"đã được đăng ký, số đến {letter.shown_arrival}." in sent.content.decode()
    before = letter.subject
    letter.refresh_from_db()
    assert letter.subject == before
