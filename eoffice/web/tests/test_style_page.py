"""The style page in a real Chromium: accessibility in both themes, widths, and the islands at work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from eoffice.web.tests.factories import PASSWORD, Cast

AXE_PATH = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(
    browser: Browser, live_server: LiveServer, settings: Settings, cast: Cast, request: pytest.FixtureRequest
) -> Iterator[Page]:
    settings.ROOT_URLCONF = "tests.style_urls"
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    context.close()
    assert faults == []


def sign_in(page: Page, cast: Cast, key: str) -> None:
    page.goto("/tai-khoan/dang-nhap/")
    page.get_by_label("E-mail công việc").fill(cast.email(key))
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("navigation", name="Điều hướng chính")).to_be_visible()


def axe_faults(page: Page) -> list[str]:
    # Through the debugger, so the policy of the page stays as it is in production.
    page.evaluate(AXE_PATH.read_text(encoding="utf-8") + ";0")
    result = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/style/", "/", "/khong-co/"])
def test_page_has_no_accessibility_fault(page: Page, cast: Cast, theme: str, address: str) -> None:
    sign_in(page, cast, "leader")
    page.context.add_cookies([{"name": "eo_theme", "value": theme, "url": page.url}])
    page.goto(address)
    page.wait_for_load_state("networkidle")

    assert axe_faults(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_login_has_no_accessibility_fault(page: Page, theme: str, live_server: LiveServer) -> None:
    page.context.add_cookies([{"name": "eo_theme", "value": theme, "url": live_server.url}])
    page.goto("/tai-khoan/dang-nhap/")

    assert axe_faults(page) == []


@pytest.mark.parametrize("width", [360, 390, 900, 1180, 1440, 2560])
def test_nothing_runs_over_the_edge(page: Page, cast: Cast, width: int) -> None:
    sign_in(page, cast, "officer")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/style/")
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth")


def test_theme_is_remembered(page: Page, cast: Cast) -> None:
    sign_in(page, cast, "officer")
    page.get_by_role("button", name="Giao diện tối").first.click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_question_mark_lists_the_keys(page: Page, cast: Cast) -> None:
    sign_in(page, cast, "officer")
    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_hidden()


def test_picker_finds_without_tone_marks_and_moves_the_lead(page: Page, cast: Cast) -> None:
    sign_in(page, cast, "leader")
    page.goto("/style/")
    page.get_by_role("button", name="Bút phê", exact=True).click()
    dialog = page.get_by_role("dialog", name="Bút phê")
    search = dialog.get_by_role("searchbox", name="Tìm nơi nhận")
    search.fill("cong nghe")
    dialog.get_by_role("button", name="Chủ trì: Ban Công nghệ và An toàn thông tin").click()
    search.fill("bao tram")
    dialog.get_by_role("button", name="Chủ trì: Hoàng Ngọc Bảo Trâm").click()

    expect(dialog.get_by_role("status").first).to_have_text(
        "Chủ trì chuyển sang Hoàng Ngọc Bảo Trâm. Ban Công nghệ và An toàn thông tin thành phối hợp."
    )
    expect(dialog.get_by_text("1 chủ trì, 1 phối hợp")).to_be_visible()


def test_viewer_draws_pages_and_finds_words(page: Page, cast: Cast) -> None:
    sign_in(page, cast, "leader")
    page.goto("/style/")
    viewer = page.locator("[data-island=pdf-viewer]")
    viewer.scroll_into_view_if_needed()
    expect(viewer.locator("canvas").first).to_be_visible()
    expect(viewer.get_by_role("button", name="Dấu 4: Trích yếu")).to_be_visible()

    viewer.get_by_role("button", name="Tìm trong văn bản").click()
    viewer.get_by_role("searchbox", name="Tìm trong văn bản").fill("trang thu hai")
    page.keyboard.press("Enter")

    expect(viewer.get_by_role("status")).to_have_text("1 / 1")
    expect(viewer.get_by_role("textbox", name="Trang")).to_have_value("2")


def test_editor_keeps_the_closed_schema(page: Page, cast: Cast) -> None:
    sign_in(page, cast, "leader")
    page.goto("/style/")
    # Until the editor is drawn, the bare field answers to the same name.
    editor = page.get_by_role("textbox", name="Nội dung").and_(page.locator("[contenteditable=true]"))
    editor.click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("Giao Văn phòng theo dõi.")

    store = page.locator("textarea[name=body]")
    assert '"text":"Giao Văn phòng theo dõi."' in store.input_value()
    assert '"type":"article"' in store.input_value()
