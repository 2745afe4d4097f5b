"""Story 2: the leader reads and writes a directive; one lead only; taken back within the window."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from eoffice.core import clock
from eoffice.documents.models import Assignment, Directive, IncomingDocument
from eoffice.documents.states import IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from tests.browser import stages
from tests.browser.conftest import SitDown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def forwarded(cast: Cast) -> IncomingDocument:
    return letters.forwarded(cast, now=clock.now(), issued_on=stages.yesterday())


def directive_dialog(page: Page, letter: IncomingDocument) -> Locator:
    """Open the letter from the tray and press the key of its primary button."""
    page.goto("/")
    page.get_by_role("navigation", name="Điều hướng chính").get_by_role("link", name="Chờ chỉ đạo 1").click()
    page.get_by_role("link", name=re.compile(letter.subject)).click()
    expect(page.get_by_role("heading", level=1, name=re.compile(letter.subject))).to_be_focused()
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog", name="Bút phê")
    expect(dialog).to_be_visible()
    return dialog


def test_leader_directs_with_names_typed_without_tone_marks(cast: Cast, sit_down: SitDown) -> None:
    letter = forwarded(cast)
    page = sit_down(cast.leader)
    dialog = directive_dialog(page, letter)
    search = dialog.get_by_role("searchbox", name="Tìm nơi nhận")

    search.fill("phap che")
    dialog.get_by_role("button", name=f"Chủ trì: {cast.legal.name}").click()
    search.fill("cong nghe")
    dialog.get_by_role("button", name=f"Chủ trì: {cast.technology.name}").click()
    moved = f"Chủ trì chuyển sang {cast.technology.name}. {cast.legal.name} thành phối hợp."
    expect(dialog.get_by_text(moved)).to_be_visible()
    search.fill("minh duc")
    dialog.get_by_role("button", name=f"Để biết: {cast.deputy_leader.full_name}").click()
    dialog.get_by_label("Nội dung chỉ đạo").fill("Ban Công nghệ chủ trì, dự thảo văn bản trả lời.")
    dialog.get_by_label("Nội dung chỉ đạo").press("Control+Enter")

    expect(page.get_by_role("status").get_by_text("Đã chuyển 3 nơi nhận.")).to_be_visible()
    given = Assignment.objects.filter(incoming=letter).order_by("role")
    assert {(line.role, line.unit_id or line.person_id) for line in given} == {
        ("lead", cast.technology.pk),
        ("support", cast.legal.pk),
        ("informed", cast.deputy_leader.pk),
    }


def test_directive_is_taken_back_within_the_window(cast: Cast, sit_down: SitDown) -> None:
    letter = letters.directed(cast, now=clock.now(), due_on=stages.working_day(5))
    page = sit_down(cast.leader)
    page.goto(f"/documents/incoming/{letter.pk}/")

    page.keyboard.press("u")

    expect(page.get_by_role("status").get_by_text("Đã rút lại ý kiến chỉ đạo.")).to_be_visible()
    letter.refresh_from_db()
    assert letter.state == IncomingState.AWAITING_DIRECTION
    expect(page.get_by_text("Đã rút lại", exact=True)).to_have_count(0)
    head = sit_down(cast.head)
    assert head.goto(f"/documents/incoming/{letter.pk}/").status == 404  # type: ignore[union-attr]  # an address answers


def test_a_directive_that_was_given_does_not_come_back_into_the_dialog(cast: Cast, sit_down: SitDown) -> None:
    letter = forwarded(cast)
    page = sit_down(cast.leader)
    dialog = directive_dialog(page, letter)
    dialog.get_by_role("searchbox", name="Tìm nơi nhận").fill("cong nghe")
    dialog.get_by_role("button", name=f"Chủ trì: {cast.technology.name}").click()
    dialog.get_by_label("Nội dung chỉ đạo").fill("Tham mưu xử lý.")
    dialog.get_by_role("button", name="Chuyển", exact=True).click()
    page.get_by_role("button", name=re.compile(r"Hoàn tác \(")).click()
    expect(page.get_by_role("status").get_by_text("Đã rút lại ý kiến chỉ đạo.")).to_be_visible()

    page.keyboard.press("g")

    expect(dialog.get_by_label("Nội dung chỉ đạo")).to_have_value("")
    expect(dialog.get_by_text("Chưa chọn nơi nhận")).to_be_visible()


def test_leader_returns_the_letter_with_a_reason(cast: Cast, sit_down: SitDown) -> None:
    letter = forwarded(cast)
    page = sit_down(cast.leader)
    page.goto(f"/documents/incoming/{letter.pk}/")

    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Trả lại văn thư")
    dialog.get_by_label("Lý do").fill("Trình Phó Tổng Giám đốc phụ trách.")
    dialog.get_by_role("button", name="Trả lại").click()

    expect(page.get_by_role("status").get_by_text("Đã trả lại văn thư.")).to_be_visible()
    clerk = sit_down(cast.clerk)
    clerk.goto(f"/documents/incoming/{letter.pk}/?box=returned")
    expect(clerk.get_by_text("Trình Phó Tổng Giám đốc phụ trách.").first).to_be_visible()


def test_send_pressed_twice_makes_one_directive(cast: Cast, sit_down: SitDown) -> None:
    letter = forwarded(cast)
    page = sit_down(cast.leader)
    dialog = directive_dialog(page, letter)
    dialog.get_by_role("searchbox", name="Tìm nơi nhận").fill("cong nghe")
    dialog.get_by_role("button", name=f"Chủ trì: {cast.technology.name}").click()
    dialog.get_by_label("Nội dung chỉ đạo").fill("Tham mưu xử lý.")

    dialog.get_by_role("button", name="Chuyển", exact=True).dblclick()

    expect(page.get_by_role("status").get_by_text("Đã chuyển 1 nơi nhận.")).to_be_visible()
    assert Directive.objects.filter(incoming=letter).count() == 1
    assert Assignment.objects.filter(incoming=letter).count() == 1


def test_directive_without_lead_keeps_the_text(cast: Cast, sit_down: SitDown) -> None:
    letter = forwarded(cast)
    page = sit_down(cast.leader)
    dialog = directive_dialog(page, letter)
    dialog.get_by_label("Nội dung chỉ đạo").fill("Tham mưu xử lý trước ngày 30.")

    dialog.get_by_role("button", name="Chuyển", exact=True).click()

    expect(dialog.get_by_role("alert").first).to_be_visible()
    expect(dialog.get_by_label("Nội dung chỉ đạo")).to_have_value("Tham mưu xử lý trước ngày 30.")
    assert not Directive.objects.exists()


def test_outsider_with_the_address_finds_nothing(cast: Cast, sit_down: SitDown) -> None:
    letter = letters.directed(cast, now=clock.now(), due_on=stages.working_day(5))
    page = sit_down(cast.outsider)

    answers = [page.goto(f"/documents/incoming/{letter.pk}/{part}") for part in ("", "direct/", "slip/", "access/")]

    assert [answer.status if answer else 0 for answer in answers] == [404] * 4
    expect(page.get_by_text(letter.subject)).to_have_count(0)
    expect(page.get_by_role("heading", level=1, name=re.compile("Không tìm thấy"))).to_be_visible()
