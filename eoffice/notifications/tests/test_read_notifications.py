"""The bell and the list, as a browser without JavaScript sees them."""

from __future__ import annotations

import pytest

from eoffice.notifications import queries
from eoffice.notifications.models import Notification
from eoffice.notifications.tests.test_notify import acting, hire, make_unit, tell


@pytest.fixture
def officer(db):
    return hire(make_unit(), "Đỗ Hữu Nghĩa", "nghia@txg.example")


@pytest.fixture
def browser(client, officer):
    client.force_login(officer.user)
    return client


def test_the_list_shows_the_newest_first_and_says_how_many_are_unread(browser, officer):
    tell(officer, title="Được giao xử lý văn bản số 12")
    tell(officer, title="Đã cho ý kiến văn bản số 13")

    page = browser.get("/notifications/").content.decode()

    assert "2 tin chưa đọc." in page
    assert page.index("văn bản số 13") < page.index("văn bản số 12")


def test_an_empty_list_says_so(browser):
    page = browser.get("/notifications/").content.decode()

    assert "Chưa có thông báo" in page
    assert "Đánh dấu đã đọc" not in page


def test_opening_one_marks_it_and_goes_where_it_points(browser, officer):
    tell(officer, url="/documents/incoming/12/")
    (row,) = queries.newest(acting(officer))

    answer = browser.post(f"/notifications/{row.pk}/read/")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/documents/incoming/12/")
    assert queries.unread_count(acting(officer)) == 0


def test_looking_changes_nothing(browser, officer):
    tell(officer)
    (row,) = queries.newest(acting(officer))

    browser.get("/notifications/")
    browser.get("/notifications/bell/")

    assert browser.get(f"/notifications/{row.pk}/read/").status_code == 405
    assert queries.unread_count(acting(officer)) == 1


def test_all_can_be_marked_at_once_with_and_without_htmx(browser, officer):
    tell(officer)
    newest = queries.newest(acting(officer))[0].pk
    plain = browser.post("/notifications/read-all/", {"up_to": newest})
    tell(officer)
    newest = queries.newest(acting(officer))[0].pk
    fragment = browser.post("/notifications/read-all/", {"up_to": newest}, headers={"HX-Request": "true"})

    assert (plain.status_code, plain.headers["Location"]) == (303, "/notifications/")
    assert fragment.status_code == 200
    assert 'id="notifications-bell"' in fragment.content.decode()
    assert Notification.objects.filter(read_at__isnull=True).count() == 0


def test_the_bell_is_a_fragment_with_one_root(browser, officer):
    tell(officer, title="Được giao xử lý văn bản số 12")

    fragment = browser.get("/notifications/bell/").content.decode().strip()

    assert fragment.startswith('<section class="panel" id="notifications-bell"')
    assert fragment.endswith("</section>")
    assert "văn bản số 12" in fragment


def test_a_title_cannot_bring_markup_into_the_page(browser, officer):
    tell(officer, title="<script>alert(1)</script>")

    page = browser.get("/notifications/").content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_another_persons_notification_is_not_found(browser, officer):
    other = hire(officer.postings.get().unit, "Lê Thu Hà", "ha@txg.example")
    tell(other)
    (row,) = queries.newest(acting(other))

    assert browser.post(f"/notifications/{row.pk}/read/").status_code == 404
    assert "Lê" not in browser.get("/notifications/").content.decode()


@pytest.mark.parametrize("up_to", ["", "abc", "-1"])
def test_a_form_without_a_key_marks_nothing(browser, officer, up_to):
    tell(officer)

    assert browser.post("/notifications/read-all/", {"up_to": up_to}).status_code == 303
    assert queries.unread_count(acting(officer)) == 1


def test_the_list_costs_the_same_queries_for_two_and_for_thirty(browser, officer, django_assert_max_num_queries):
    for number in range(30):
        tell(officer, title=f"Tin {number}")
    browser.get("/notifications/")

    with django_assert_max_num_queries(20) as asked:
        browser.get("/notifications/")

    own = [query for query in asked.captured_queries if "notifications_notification" in query["sql"]]
    assert len(own) == 3  # the list, how many are unread, and the bell of the frame


def test_a_stranger_is_sent_to_the_door(client, db):
    assert client.get("/notifications/").status_code == 302


def test_a_program_reads_and_marks_as_the_page_does(browser, officer):
    tell(officer, title="Một")
    tell(officer, title="Hai")

    page = browser.get("/api/v1/notifications").json()
    first = browser.post(f"/api/v1/notifications/{page['rows'][0]['id']}/read")
    rest = browser.post(
        "/api/v1/notifications/read-all", {"up_to_id": page["rows"][0]["id"]}, content_type="application/json"
    )

    assert [row["title"] for row in page["rows"]] == ["Hai", "Một"]
    assert (page["unread"], page["next_after"]) == (2, None)
    assert first.json()["read_at"] is not None
    assert rest.json() == {"marked": 1}
    assert browser.get("/api/v1/notifications").json()["unread"] == 0


def test_a_program_cannot_mark_another_persons(browser, officer):
    other = hire(officer.postings.get().unit, "Lê Thu Hà", "ha@txg.example")
    tell(other)
    (row,) = queries.newest(acting(other))

    assert browser.post(f"/api/v1/notifications/{row.pk}/read").status_code == 404
    assert queries.unread_count(acting(other)) == 1


def test_a_program_without_sign_in_is_refused(client, db):
    assert client.get("/api/v1/notifications").status_code == 401
