"""After a directive: it is undone from its toast; a letter is linked by search; a rule shows what it would take."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from eoffice.core import clock
from eoffice.documents.models import DocumentLink
from eoffice.documents.states import IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from tests.browser import stages
from tests.browser.choosing import search_box
from tests.browser.conftest import SitDown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_leader_takes_a_directive_back_from_the_toast(cast: Cast, sit_down: SitDown) -> None:
    letter = letters.forwarded(cast, now=clock.now(), issued_on=stages.yesterday())
    page = sit_down(cast.leader)
    page.goto(f"/documents/incoming/{letter.pk}/")
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog", name="Bút phê")
    dialog.get_by_label("Nội dung chỉ đạo").fill("Ban Công nghệ chủ trì.")
    dialog.get_by_role("searchbox", name="Tìm nơi nhận").fill("cong nghe")
    dialog.get_by_role("button", name=f"Chủ trì: {cast.technology.name}").click()
    dialog.get_by_role("button", name="Chuyển", exact=True).click()

    undo = page.get_by_role("button", name=re.compile(r"^Hoàn tác \(\d+\)$"))
    expect(undo).to_be_visible()
    undo.click()

    expect(page.get_by_text("Đã rút lại ý kiến chỉ đạo.")).to_be_visible()
    letter.refresh_from_db()
    assert letter.state == IncomingState.AWAITING_DIRECTION


def test_clerk_links_a_letter_found_by_its_number(cast: Cast, sit_down: SitDown) -> None:
    now = clock.now()
    letter = letters.registered(cast, now=now, issued_on=stages.yesterday(), number="7701")
    other = letters.registered(cast, now=now, issued_on=stages.yesterday(), number="7702")
    page = sit_down(cast.clerk)
    page.goto(f"/documents/incoming/{letter.pk}/")
    page.get_by_label("Thao tác khác").click()
    page.get_by_role("link", name="Liên kết văn bản").click()
    dialog = page.get_by_role("dialog", name="Liên kết văn bản")
    dialog.get_by_label("Tìm văn bản").press_sequentially("7702")
    dialog.get_by_role("radio", name=re.compile("7702")).check()
    dialog.get_by_role("button", name="Liên kết", exact=True).click()

    expect(page.get_by_text("Đã liên kết văn bản.")).to_be_visible()
    assert DocumentLink.objects.get().to_id == other.pk


def test_chief_sees_what_a_rule_would_take_while_typing(cast: Cast, sit_down: SitDown) -> None:
    subject = "Công điện ứng phó bão số 14"
    letters.registered(cast, now=clock.now(), issued_on=stages.yesterday(), subject=subject)
    page = sit_down(cast.chief)
    page.goto("/documents/distribution-rules/")
    page.get_by_role("link", name="Thêm quy tắc").click()
    matches = page.get_by_role("region", name="Văn bản gần đây sẽ khớp")
    expect(matches.get_by_text("Không văn bản nào khớp")).to_be_visible()

    page.get_by_label("Tên quy tắc").fill("Ứng phó thiên tai")
    page.get_by_label("Trích yếu có chữ").press_sequentially("BAO")
    expect(matches.get_by_role("link", name=subject)).to_be_visible()
    search_box(page, "Đơn vị chủ trì").click()
    search_box(page, "Đơn vị chủ trì").press_sequentially("Ban Công nghệ")
    page.get_by_role("listbox", name="Đơn vị chủ trì").get_by_role("option", name=cast.technology.name).click()
    page.get_by_role("button", name="Lưu quy tắc").click()

    expect(page.get_by_text("Đã lưu quy tắc “Ứng phó thiên tai”.")).to_be_visible()
