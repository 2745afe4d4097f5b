"""Ủy quyền xử lý from beginning to end: given, used for a directive, refused for a signature, told in the history."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.models import Directive
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from eoffice.organization.models import Delegation
from eoffice.signing import queries as signing
from tests.browser import stages
from tests.browser.choosing import search_box
from tests.browser.conftest import SitDown
from tests.browser.test_every_page_is_fit_to_use import faults_of

BASIS = "Quyết định số 125/QĐ-TXG ngày 20/11/2026"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def give_to(page: Page, words: str, name: str) -> None:
    """The leader lets somebody direct in his name for three days."""
    page.goto("/organization/uy-quyen/?box=given")
    page.locator("body").press("g")
    expect(page.get_by_role("heading", name="Ủy quyền cho một người")).to_be_visible()
    expect(page.locator("[data-island]:not([data-ready])")).to_have_count(0)  # else the plain choice beneath is found
    picker = search_box(page, "Người nhận ủy quyền")
    picker.click()
    picker.press_sequentially(words)
    expect(page.get_by_role("option").filter(has_text=name)).to_be_visible()
    picker.press("Enter")
    page.get_by_label("Cho ý kiến chỉ đạo, phân công, xác nhận kết quả").check()
    page.get_by_label("Đến hết ngày").fill(f"{local_date(clock.now()) + timedelta(days=3):%d/%m/%Y}")
    page.get_by_label("Quyết định, văn bản ủy quyền").fill(BASIS)
    page.get_by_role("button", name="Ủy quyền", exact=True).press("Enter")
    expect(page.get_by_text(f"Đã ủy quyền cho {name}.")).to_be_visible()


def test_a_deputy_directs_in_the_leaders_name_and_never_signs(cast: Cast, sit_down: SitDown) -> None:
    letter = letters.forwarded(cast, now=clock.now(), issued_on=stages.yesterday())
    leader, page = sit_down(cast.leader), sit_down(cast.deputy_leader)
    give_to(leader, "minh duc", cast.deputy_leader.full_name)
    given = Delegation.objects.get()
    assert faults_of(leader, f"/organization/uy-quyen/{given.pk}/") == []

    # The deputy finds it in his person box and works under it from there.
    page.goto("/")
    page.locator("details.who-menu > summary").press("Enter")
    page.get_by_role("button", name=re.compile(f"{cast.leader.full_name}.*đến hết", re.S)).press("Enter")
    bar = page.get_by_role("status").filter(has_text=f"Đang xử lý theo ủy quyền của {cast.leader.full_name}:")
    expect(bar).to_contain_text("Không ký thay.")

    page.goto("/documents/incoming/?box=to_direct")
    page.get_by_role("link", name=re.compile(letter.subject)).click()
    expect(page.get_by_role("heading", level=1, name=re.compile(letter.subject))).to_be_focused()
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog", name="Bút phê")
    dialog.get_by_role("searchbox", name="Tìm nơi nhận").fill("cong nghe")
    dialog.get_by_role("button", name=f"Chủ trì: {cast.technology.name}").click()
    dialog.get_by_label("Nội dung chỉ đạo").fill("Ban Công nghệ chủ trì tham mưu.")
    dialog.get_by_label("Nội dung chỉ đạo").press("Control+Enter")
    expect(page.get_by_role("status").get_by_text("Đã chuyển 1 nơi nhận.")).to_be_visible()
    directive = Directive.objects.get()
    assert (directive.author, directive.on_behalf_of) == (cast.deputy_leader, cast.leader)

    page.goto("/documents/drafts/sign/")
    expect(page.get_by_text("Ủy quyền không bao gồm ký số")).to_be_visible()
    page.goto("/signing/key/")
    page.get_by_label("Mã PIN mới", exact=True).fill(stages.LEADER_PIN)
    page.get_by_label("Nhập lại mã PIN mới", exact=True).fill(stages.LEADER_PIN)
    page.get_by_role("button", name="Đặt mã PIN và tạo chữ ký số").click()
    expect(page.get_by_text("Xử lý theo ủy quyền không bao gồm ký số. Chưa có gì được ký.").first).to_be_visible()
    assert [signing.key_of_person(person.pk) for person in (cast.leader, cast.deputy_leader)] == [None, None]

    words = f"{cast.deputy_leader.full_name}, xử lý theo ủy quyền của {cast.leader.full_name}"
    leader.goto(f"/documents/incoming/{letter.pk}/")
    expect(leader.get_by_role("list", name="Quá trình")).to_contain_text(words)

    # The leader is back: it ends under the deputy's hands, who is told and goes on in his own name.
    leader.goto(f"/organization/uy-quyen/{given.pk}/")
    leader.get_by_label("Lý do").fill("Đã về sớm hơn dự kiến")
    leader.get_by_role("button", name="Kết thúc ủy quyền").press("Enter")
    expect(leader.get_by_text("Kết thúc sớm").first).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("status").filter(has_text="Ủy quyền đã chọn hết hiệu lực.")).to_be_visible()
    page.get_by_role("button", name="Thôi xử lý theo ủy quyền").press("Enter")
    expect(page.get_by_text("Đã thôi xử lý theo ủy quyền.")).to_be_visible()
    expect(page.locator(".delegated")).to_have_count(0)
