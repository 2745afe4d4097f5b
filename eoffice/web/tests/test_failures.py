"""One error, told to a reader, to htmx and to a program."""

from __future__ import annotations

import logging

import pytest
from django.test import Client
from pytest_django import Settings

from eoffice.web.tests.factories import Cast

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _pages_that_fail(settings: Settings, cast: Cast) -> None:
    settings.ROOT_URLCONF = "tests.style_urls"


def test_reader_gets_a_page_that_says_what_to_do(client: Client) -> None:
    response = client.get("/fail/conflict/")

    assert response.status_code == 409
    page = response.content.decode()
    assert "Mai Lan Anh vừa lưu lần 4." in page
    assert 'href="/fail/conflict/">Tải lại trang' in page
    assert "HX-Request" in response.headers["Vary"]


def test_press_by_htmx_gets_a_notice_over_the_page(client: Client) -> None:
    response = client.post("/fail/refusal/", headers=HTMX)

    assert response.status_code == 403
    assert response.headers["X-Error-Notice"] == "1"
    assert response.content.decode().lstrip().startswith("<dialog")
    assert "Chỉ người chủ trì mới giao được." in response.content.decode()


def test_what_was_asked_for_as_a_dialog_gets_a_notice_too(client: Client) -> None:
    response = client.get("/fail/refusal/", headers={**HTMX, "HX-Target": "dialog-slot"})

    assert response.status_code == 403
    assert response.headers["X-Error-Notice"] == "1"
    assert response.content.decode().lstrip().startswith("<dialog")


def test_reading_by_htmx_gets_the_panel_itself(client: Client) -> None:
    response = client.get("/fail/refusal/", headers=HTMX)

    assert response.status_code == 403
    assert "X-Error-Notice" not in response.headers
    assert "<html" not in response.content.decode()
    assert 'id="error"' in response.content.decode()


def test_program_gets_code_message_and_fields(client: Client) -> None:
    response = client.get("/api/fail/fault/")

    assert response.status_code == 422
    assert response.json() == {
        "code": "invalid",
        "message": "Chưa lưu được.",
        "fields": {"due_on": "22/11/2026 là Chủ nhật."},
    }


def test_unknown_address_is_told_in_vietnamese(client: Client) -> None:
    response = client.get("/khong-co-trang-nay/")

    assert response.status_code == 404
    assert "Đường dẫn sai, văn bản đã thu hồi" in response.content.decode()


def test_bug_shows_a_support_code_that_the_log_carries(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR, logger="eoffice.web"):
        response = client.get("/fail/bug/")

    code = next(vars(record)["support_code"] for record in caplog.records if record.name == "eoffice.web")
    assert response.status_code == 500
    assert f'Mã hỗ trợ: <b class="num">{code}</b>' in response.content.decode()
    assert "ZeroDivisionError" not in response.content.decode()


def test_old_page_is_refused_with_its_reason(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/tai-khoan/dang-nhap/", {"email": "a@b.example", "password": "x"})

    assert response.status_code == 403
    page = response.content.decode()
    assert "Trang này được mở trước lần đăng nhập gần nhất." in page
    assert "Phiên đăng nhập đã thay đổi" in page
    assert "Chưa được giao việc này" not in page


def test_policy_allows_no_inline_style_or_script(client: Client) -> None:
    policy = client.get("/tai-khoan/dang-nhap/").headers["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
