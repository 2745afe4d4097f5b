"""Who sees which places, and what the frame carries."""

from __future__ import annotations

import pytest
from django.test import Client

from eoffice.core import clock
from eoffice.organization import queries
from eoffice.organization.actor import Actor
from eoffice.web import navigation
from eoffice.web.navigation import Count
from eoffice.web.tests.factories import Cast

pytestmark = pytest.mark.django_db


def _actor(cast: Cast, key: str) -> Actor:
    user = cast.people[key].user
    assert user is not None
    return queries.actor_of(user_id=user.pk, now=clock.now())


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("leader", ["", "Chờ tôi", "Tôi đã giao", "Tra cứu"]),
        ("clerk", ["", "Văn bản đến", "Văn bản đi", "Việc của tôi", "Hồ sơ, tra cứu"]),
        ("officer", ["", "Văn bản đến", "Văn bản đi", "Hồ sơ, tra cứu"]),
        (
            "administrator",
            [
                "",
                "Văn bản đến",
                "Văn bản đi",
                "Hồ sơ, tra cứu",
                "Quản trị tổ chức, quyền",
                "Quản trị ký số",
                "Quản trị văn bản",
                "Quản trị hệ thống",
            ],
        ),
    ],
)
def test_sections_follow_the_roles(cast: Cast, key: str, expected: list[str]) -> None:
    assert [section.words for section in navigation.sections_for(_actor(cast, key))] == expected


def test_the_clerk_reaches_what_she_may_set(cast: Cast) -> None:
    places = {place.route for section in navigation.sections_for(_actor(cast, "clerk")) for place in section.places}

    assert {"documents:rule_list", "documents:mark_places"} <= places


def test_place_of_a_room_that_is_not_installed_is_left_out() -> None:
    places = (
        navigation.Place("home", "Trang chủ", "home", "web:home"),
        navigation.Place("x", "Không có", "home", "nobody:nothing"),
    )

    drawn = navigation.draw_places(places, counts={"home": Count(3, late=1)}, full_path="/")

    assert [(item.words, item.href, item.count, item.is_current) for item in drawn] == [
        ("Trang chủ", "/", Count(3, late=1), True)
    ]


def test_current_place_is_told_by_its_query() -> None:
    places = (
        navigation.Place("a", "A", "home", "web:home", "queue=to-do"),
        navigation.Place("b", "B", "home", "web:home", "queue=done"),
    )

    drawn = navigation.draw_places(places, counts={}, full_path="/?page=2&queue=done")

    assert [item.is_current for item in drawn] == [False, True]


def test_stranger_is_sent_to_the_door(client: Client) -> None:
    response = client.get("/")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/tai-khoan/dang-nhap/")


def test_home_shows_person_post_and_theme(client: Client, cast: Cast) -> None:
    user = cast.people["leader"].user
    assert user is not None
    client.force_login(user)
    client.cookies["eo_theme"] = "dark"

    page = client.get("/").content.decode()

    assert '<html lang="vi" data-bs-theme="dark"' in page
    assert "Trần Quốc Khánh" in page
    assert "Tổng Giám đốc" in page
    assert "Hỗ trợ: 1800 0000" in page
    assert page.count("<h1") == 1


def test_lists_look_as_the_person_chose_on_any_device(client: Client, cast: Cast) -> None:
    leader, officer = cast.people["leader"].user, cast.people["officer"].user
    assert leader is not None
    assert officer is not None
    client.force_login(leader)

    assert client.post("/web/choices/", {"density": "compact"}).status_code == 204
    assert client.post("/web/choices/", {"list_width": "420"}).status_code == 204

    elsewhere = Client()
    elsewhere.force_login(leader)
    page = elsewhere.get("/").content.decode()
    assert 'data-density="compact" data-list-width="420"' in page
    # Somebody else at the same browser has the own choices.
    client.force_login(officer)
    page = client.get("/").content.decode()
    assert 'data-density="roomy"' in page
    assert "data-list-width" not in page


def test_width_of_the_list_stays_between_its_limits(client: Client, cast: Cast) -> None:
    leader = cast.people["leader"].user
    assert leader is not None
    client.force_login(leader)

    assert client.post("/web/choices/", {"list_width": "9000"}).status_code == 422

    leader.refresh_from_db()
    assert leader.list_width_px is None


def test_theme_cookie_is_never_echoed(client: Client, cast: Cast) -> None:
    client.cookies["eo_theme"] = "x onload"

    page = client.get("/tai-khoan/dang-nhap/").content.decode()

    assert 'data-bs-theme="light"' in page
    assert "onload" not in page


def test_counters_are_only_for_the_signed_in(client: Client, cast: Cast) -> None:
    assert client.get("/web/counters/", headers={"HX-Request": "true"}).status_code == 401
    user = cast.people["officer"].user
    assert user is not None
    client.force_login(user)

    response = client.get("/web/counters/")

    assert response.status_code == 200
    assert all(set(count) == {"waiting", "late"} for count in response.json().values())


def test_login_page_names_the_house_and_its_help(client: Client, cast: Cast) -> None:
    page = client.get("/tai-khoan/dang-nhap/").content.decode()

    assert "Tập đoàn Hạ tầng số Trường Xuân" in page
    assert "hotro@truongxuan.example" in page
    assert 'autocomplete="current-password"' in page
