"""Story 10: a unit is closed by decision; its running letter goes on, its old letter keeps the old name."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from eoffice.organization.models import Person
from tests.browser import stages
from tests.browser.choosing import search_box
from tests.browser.conftest import SitDown
from tests.working import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "TruongXuan@2026"
OLD, NEW = "Ban Công nghệ và An toàn thông tin", "Ban Chuyển đổi số"


def give_password(person: Person) -> None:
    """On the very row the desk signs in with: a session hangs on the password."""
    assert person.user is not None
    person.user.set_password(PASSWORD)
    person.user.save(update_fields=["password"])


def pick(page: Page, label: str, typed: str, name: str) -> None:
    """Choose a unit in a list that is searched."""
    box = search_box(page, label)
    box.click()
    box.fill(typed)
    page.get_by_role("option", name=name).first.click()


def test_a_unit_becomes_another_and_its_work_goes_on(cast: Cast, sit_down: SitDown) -> None:
    give_password(cast.administrator)
    old_letter = stages.issued(cast)
    letter = letters.directed(cast, [letters.to_unit(cast.technology)], now=clock.now(), due_on=None)
    today = f"{local_date(clock.now()):%d/%m/%Y}"

    page = sit_down(cast.administrator)
    page.goto("/")
    page.get_by_role("navigation", name="Điều hướng chính").get_by_role("link", name="Sắp xếp tổ chức").click()
    page.get_by_role("link", name="Lập sắp xếp").click()
    page.get_by_label("Tên gọi").fill("Lập Ban Chuyển đổi số")
    page.get_by_label("Số quyết định").fill("77/QĐ-TXG")
    page.get_by_label("Ngày quyết định").fill(today)
    page.get_by_label("Hiệu lực từ ngày").fill(today)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("link", name="Sáp nhập, hợp nhất").click()
    pick(page, "Đơn vị thứ 1", "cong nghe", OLD)
    pick(page, "Đơn vị thứ 2", "phap che", cast.legal.name)
    page.get_by_label("Tên", exact=True).fill(NEW)
    page.get_by_label("Viết tắt trong ký hiệu").fill("CĐS")
    page.get_by_role("button", name="Thêm bước").click()
    expect(page.get_by_role("heading", name=f"Hợp nhất {OLD}")).to_be_visible()
    expect(page.get_by_text("Việc đơn vị đang giữ")).to_be_visible()
    page.get_by_role("button", name="Gửi xác nhận").click()
    # The administrator's powers are switched on first; then it is sent again.
    page.get_by_role("textbox", name="Lý do").fill("Theo quyết định của Hội đồng")
    page.get_by_role("textbox", name="Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Bật quyền quản trị").click()
    page.get_by_role("button", name="Gửi xác nhận").click()
    expect(page.get_by_text("Tổ chức chưa thay đổi. Chờ quản trị")).to_be_visible()

    page = sit_down(cast.chief)
    page.goto("/")
    page.get_by_role("navigation", name="Điều hướng chính").get_by_role("link", name="Sắp xếp tổ chức").click()
    page.get_by_role("link", name="Lập Ban Chuyển đổi số").click()
    page.get_by_role("button", name="Xác nhận", exact=True).click()
    expect(page.get_by_text("Đã xác nhận. Thực hiện lúc 00:00")).to_be_visible()
    work()
    page.reload()
    expect(page.get_by_text("Đã thực hiện xong, không còn việc nào")).to_be_visible()

    page = sit_down(cast.head)
    page.goto(f"/documents/incoming/{letter.pk}/")
    expect(page.get_by_text(NEW).first).to_be_visible()
    page.get_by_role("button", name="Tiếp nhận").first.click()
    expect(page.get_by_text("tiếp nhận", exact=False).first).to_be_visible()
    page = sit_down(cast.clerk)
    page.goto(f"/documents/outgoing/{old_letter.pk}/")
    expect(page.get_by_text(OLD).first).to_be_visible()
    expect(page.get_by_text(NEW)).to_have_count(0)
