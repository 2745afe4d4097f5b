"""Story 7: number, seal, issue; the other registry has it at once; recall."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from eoffice.documents.models import IncomingDocument, OutgoingDocument, RegisterEntry
from eoffice.documents.states import OutgoingState
from eoffice.documents.tests.cast import Cast
from tests.browser import stages
from tests.browser.conftest import SitDown
from tests.working import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def set_seal_pin(page: Page, unit_id: int) -> None:
    """The clerk makes the organisation's key, once."""
    page.goto(f"/signing/seals/{unit_id}/")
    page.get_by_label("Mã PIN mới", exact=True).fill(stages.SEAL_PIN)
    page.get_by_label("Nhập lại mã PIN mới", exact=True).fill(stages.SEAL_PIN)
    page.get_by_role("button", name="Đặt mã PIN và tạo chữ ký số").click()
    expect(page.get_by_text("Đã tạo chữ ký số cơ quan.")).to_be_visible()


def test_clerk_numbers_seals_issues_and_the_other_tray_has_it_at_once(cast: Cast, sit_down: SitDown) -> None:
    stages.draft_signed(cast)
    other = sit_down(cast.company_clerk)
    other.goto("/")
    places = other.get_by_role("navigation", name="Điều hướng chính")
    expect(places.get_by_role("link", name="Chờ đăng ký", exact=True)).to_be_visible()
    clerk = sit_down(cast.clerk)
    set_seal_pin(clerk, cast.group.pk)

    clerk.get_by_role("link", name="Chờ cấp số, đóng dấu").first.click()
    clerk.get_by_role("link", name=re.compile(stages.SUBJECT)).click()
    expect(clerk.get_by_role("heading", level=1, name=re.compile(stages.SUBJECT))).to_be_visible()
    clerk.get_by_role("button", name="Cấp số").click()
    expect(clerk.get_by_role("status").get_by_text("Đã cấp số 01/TXG-CN")).to_be_visible()
    work()
    clerk.reload()
    clerk.keyboard.press("g")
    dialog = clerk.get_by_role("dialog", name="Ký số cơ quan 01/TXG-CN")
    dialog.get_by_label("Mã PIN chữ ký số cơ quan").fill(stages.SEAL_PIN)
    clerk.keyboard.press("Control+Enter")
    expect(clerk.get_by_role("button", name="Phát hành")).to_be_visible(timeout=30_000)
    clerk.keyboard.press("g")
    dialog = clerk.get_by_role("dialog", name="Phát hành 01/TXG-CN")
    dialog.get_by_role("button", name="Phát hành 3 nơi nhận").click()
    expect(clerk.get_by_text("Đã phát hành").first).to_be_visible()
    work()

    # Nobody touched the other clerk's page.
    counter = places.get_by_role("link", name="Chờ đăng ký 1", exact=True)
    expect(counter).to_be_visible()
    counter.click()
    with other.expect_response(lambda answer: answer.url.endswith("/read/")):
        other.get_by_role("link", name=re.compile(stages.SUBJECT)).click()
    expect(other.get_by_role("heading", level=1, name=re.compile(stages.SUBJECT))).to_be_visible()
    expect(other.locator(".read-h").get_by_text("01/TXG-CN")).to_be_visible()
    clerk.reload()
    recipients = clerk.get_by_role("list", name="Nơi nhận")
    company = recipients.get_by_role("listitem").filter(has_text=cast.company.name)
    expect(company).to_contain_text("Đã đến")
    expect(company).to_contain_text("đã xem")
    assert OutgoingDocument.objects.get().state == OutgoingState.ISSUED


def test_recall_is_seen_by_the_recipients(cast: Cast, sit_down: SitDown) -> None:
    outgoing = stages.issued(cast)
    clerk = sit_down(cast.clerk)
    clerk.goto(f"/documents/outgoing/{outgoing.pk}/")

    clerk.get_by_role("group").filter(has_text="Thu hồi").locator("summary").click()
    clerk.get_by_role("button", name="Thu hồi", exact=True).click()
    dialog = clerk.get_by_role("dialog", name="Thu hồi 01/TXG-CN")
    dialog.get_by_role("button", name=re.compile("Thu hồi")).click()
    expect(dialog).to_be_visible()  # the browser asks for the reason first
    dialog.get_by_label("Lý do").fill("Phát hành nhầm bản chưa có phụ lục.")
    dialog.get_by_role("button", name=re.compile("Thu hồi")).click()
    expect(clerk.get_by_text(re.compile("Đã thu hồi lúc"))).to_be_visible()
    work()

    arrived = IncomingDocument.objects.get(registry=cast.company)
    other = sit_down(cast.company_clerk)
    other.goto(f"/documents/incoming/{arrived.pk}/")
    expect(other.get_by_text("Nơi gửi đã thu hồi ngày").first).to_be_visible()
    expect(other.get_by_role("link", name="Đăng ký", exact=True)).to_have_count(0)


def test_number_taken_in_vain_is_voided_and_kept_in_the_ledger(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_signed(cast)
    page = sit_down(cast.clerk)
    page.goto(f"/documents/drafts/{draft.pk}/number/")
    page.get_by_role("button", name="Cấp số").dblclick()
    expect(page.get_by_role("status").get_by_text("Đã cấp số 01/TXG-CN")).to_be_visible()
    assert RegisterEntry.objects.filter(register=cast.outgoing_register).count() == 1

    page.get_by_role("group").filter(has_text="Hủy số").locator("summary").click()
    page.get_by_role("button", name="Hủy số", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Hủy số 01/TXG-CN")
    dialog.get_by_label("Lý do").fill("Cấp nhầm cho văn bản chưa đủ phụ lục.")
    dialog.get_by_role("button", name="Hủy số").click()
    expect(dialog).to_be_hidden()

    page.goto(f"/documents/registers/{cast.outgoing_register.pk}/")
    gaps = page.get_by_role("region", name="Số bỏ trống, có lý do")
    expect(gaps.get_by_role("row").filter(has_text="Cấp nhầm cho văn bản chưa đủ phụ lục.")).to_contain_text("01")
