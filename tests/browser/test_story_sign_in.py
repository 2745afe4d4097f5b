"""The front door in a real browser: the button of the group's sign-on, the devices, what the administrator sets up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from eoffice.accounts.services.doors import DoorEntry, create_door
from eoffice.accounts.tests.forging_provider import CLIENT_ID, CLIENT_SECRET, ForgingProvider, running
from eoffice.core import clock
from eoffice.documents.tests.cast import SYSTEM, Cast, actor_of
from eoffice.organization.queries.front_door import front_door_content
from eoffice.organization.services.front_door import add_notice
from tests.browser.conftest import SitDown

PASSWORD = "mot-mat-khau-du-dai"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def provider(cast: Cast) -> Iterator[ForgingProvider]:
    assert cast.clerk.user is not None
    with running() as made:
        made.claims = {"email": cast.clerk.user.email}
        settings = {"issuer": made.issuer, "client_id": CLIENT_ID}
        entry = DoorEntry(
            code="tap-doan",
            kind="oidc",
            name="Đăng nhập bằng tài khoản Tập đoàn",
            is_on=True,
            settings=settings,
            secret=CLIENT_SECRET,
        )
        create_door(actor=SYSTEM, entry=entry, now=clock.now())
        yield made


def test_a_clerk_comes_in_by_the_groups_button_and_goes_on_to_what_she_asked(
    cast: Cast, sit_down: SitDown, provider: ForgingProvider
) -> None:
    now = clock.now()
    add_notice(
        actor=actor_of(cast.administrator),
        text="Bảo trì máy chủ ký số tối nay, vẫn đọc và soạn văn bản bình thường.",
        is_important=True,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=8),
        now=now,
    )
    page = sit_down(None)
    page.goto("/documents/incoming/?box=to_register")
    expect(page.get_by_text("Bảo trì máy chủ ký số tối nay")).to_be_visible()

    page.get_by_role("button", name="Đăng nhập bằng tài khoản Tập đoàn").click()

    page.wait_for_url("**/documents/incoming/?box=to_register")
    page.goto("/tai-khoan/thiet-bi/")
    expect(page.get_by_role("row").filter(has_text="Thiết bị này")).to_have_count(1)


def test_the_administrator_adds_a_door_and_tries_it(cast: Cast, sit_down: SitDown, provider: ForgingProvider) -> None:
    assert cast.administrator.user is not None
    cast.administrator.user.set_password(PASSWORD)
    cast.administrator.user.save()
    page = sit_down(cast.administrator)
    page.goto("/tai-khoan/quan-tri/cua/")
    page.get_by_label("Lý do").fill("Thêm cửa đăng nhập theo kế hoạch")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Bật quyền quản trị").click()
    page.wait_for_url("**/tai-khoan/quan-tri/cua/")
    page.get_by_role("link", name="OpenID Connect").click()
    page.get_by_label("Mã trong địa chỉ").fill("thu")
    page.get_by_label("Tên trên trang đăng nhập").fill("Tài khoản thử")
    page.get_by_label("Địa chỉ nơi đăng nhập (issuer)").fill(provider.issuer)
    page.get_by_label("Mã ứng dụng (client ID)").fill(CLIENT_ID)
    page.get_by_role("button", name="Lưu", exact=True).click()

    expect(page.get_by_text("/tai-khoan/cua/thu/ve/")).to_be_visible()
    page.get_by_role("button", name="Thử kết nối").click()
    expect(page.get_by_text("Thử kết nối được.")).to_be_visible()


def test_the_login_page_is_looked_at_before_it_is_saved(cast: Cast, sit_down: SitDown) -> None:
    page = sit_down(cast.administrator)
    page.goto("/mat-tien/")
    page.get_by_label("Ghi chú cho số hỗ trợ").fill("Miễn phí, 7:00–19:00")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Xem trước").press("Enter")
    expect(opened.value.get_by_text("Miễn phí, 7:00–19:00")).to_be_visible()
    opened.value.close()
    assert front_door_content().hotline_note == ""

    page.get_by_role("button", name="Lưu", exact=True).press("Enter")

    door = sit_down(None)
    expect(page.get_by_label("Ghi chú cho số hỗ trợ")).to_have_value("Miễn phí, 7:00–19:00")
    door.goto("/tai-khoan/dang-nhap/")
    expect(door.get_by_text("Miễn phí, 7:00–19:00")).to_be_visible()
