"""Story 5: a reviewer passes, returns with comments, edits as a new version; who is next and why; compare."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from eoffice.documents.models import Draft
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import Cast
from tests.browser import stages
from tests.browser.conftest import SitDown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_head_passes_and_the_office_is_next(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_in_review(cast)
    page = sit_down(cast.head)
    page.goto("/")
    page.get_by_role("navigation", name="Điều hướng chính").get_by_role("link", name="Chờ tôi duyệt 1").click()
    page.get_by_role("link", name=re.compile(draft.subject)).click()
    expect(page.locator("#reading").get_by_role("heading", level=1, name=draft.subject)).to_be_visible()
    page.get_by_role("button", name="Duyệt", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Ý kiến (nếu có)").fill("Đồng ý nội dung.")
    dialog.get_by_role("button", name="Duyệt", exact=True).dblclick()
    expect(dialog).to_be_hidden()

    page.goto(f"/documents/drafts/{draft.pk}/")
    steps = page.get_by_role("region", name="Ai tiếp theo và vì sao")
    expect(steps.get_by_text("Đồng ý nội dung.")).to_be_visible()
    expect(steps.get_by_role("listitem").filter(has_text="đang chờ")).to_contain_text(cast.clerk.full_name)


def test_head_returns_and_the_officer_reads_why(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_in_review(cast)
    page = sit_down(cast.head)
    page.goto(f"/documents/drafts/{draft.pk}/")
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Trả lại dự thảo")
    dialog.get_by_label("Lý do").fill("Bổ sung số liệu khu vực Tây Nam Bộ.")
    dialog.get_by_role("button", name="Trả lại").click()
    expect(dialog).to_be_hidden()

    officer = sit_down(cast.officer)
    officer.goto(f"/documents/drafts/{draft.pk}/")
    expect(officer.get_by_text("Bổ sung số liệu khu vực Tây Nam Bộ.").first).to_be_visible()
    draft.refresh_from_db()
    assert draft.state == DraftState.DRAFT


def test_head_edits_a_new_version_and_compares_it(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_in_review(cast)
    page = sit_down(cast.head)
    page.goto(f"/documents/drafts/{draft.pk}/")
    page.get_by_role("link", name="Sửa", exact=True).click()
    page.get_by_label(re.compile("^Trích yếu")).fill(f"{stages.SUBJECT} năm 2027")
    page.get_by_label("Ghi chú cho lần mới").fill("Thêm năm.")
    page.get_by_role("button", name="Lưu thành lần mới").click()
    expect(page.get_by_role("heading", level=1, name=f"{stages.SUBJECT} năm 2027")).to_be_visible()

    page.goto(f"/documents/drafts/{draft.pk}/compare/")
    expect(page.get_by_role("heading", level=1, name="So sánh lần 1 với lần 2")).to_be_visible()
    expect(page.get_by_role("insertion").filter(has_text="2027")).to_be_visible()
    assert Draft.objects.get(pk=draft.pk).version == 2


def test_outsider_with_the_address_finds_no_draft(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_in_review(cast)
    page = sit_down(cast.outsider)

    addresses = ("", "preview/", "docx/", "slip/", "compare/")
    answers = [page.goto(f"/documents/drafts/{draft.pk}/{address}") for address in addresses]

    assert [answer.status if answer else 0 for answer in answers] == [404] * len(addresses)
