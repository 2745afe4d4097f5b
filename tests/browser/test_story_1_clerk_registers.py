"""Story 1: the clerk receives and registers letters, from the keyboard alone if she likes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock, files
from eoffice.documents.models import IncomingDocument
from eoffice.documents.states import IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from tests.browser import stages
from tests.browser.conftest import SitDown
from tests.working import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def papers(tmp_path: Path) -> list[Path]:
    """Three letters as they lie in the clerk's folder."""
    made = []
    for number in (1, 2, 3):
        path = tmp_path / f"cong-van-{number}.pdf"
        path.write_bytes(stages.letter_pdf(number))
        made.append(path)
    return made


def received(cast: Cast, sit_down: SitDown, papers: list[Path]) -> Page:
    """The clerk drops the files and stands before the first of them."""
    page = sit_down(cast.clerk)
    page.goto("/documents/incoming/receive/")
    page.get_by_role("button", name=re.compile("Thả tệp văn bản vào đây")).set_input_files(papers)
    page.get_by_role("button", name="Tiếp nhận", exact=True).click()
    expect(page.get_by_role("heading", name="Đăng ký văn bản đến")).to_be_visible()
    return page


def type_into(page: Page, label: str, words: str) -> None:
    """Press Tab until the field of that label has the focus, and type over what it holds."""
    field = page.get_by_role("textbox", name=label, exact=True)
    for _ in range(80):
        if field.evaluate("field => field === document.activeElement"):
            page.keyboard.press("Control+a")
            page.keyboard.insert_text(words)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {label}")


def type_entry(page: Page, *, number: str, subject: str) -> None:
    """Fill the registration form without a mouse, in the order of the page."""
    type_into(page, "Cơ quan ban hành", "Bộ Khoa học và Công nghệ")
    type_into(page, "Số", number)
    type_into(page, "Ký hiệu", "BKHCN-CĐSQG")
    type_into(page, "Ngày văn bản", stages.yesterday().strftime("%d/%m/%Y"))
    type_into(page, "Trích yếu", subject)


def test_several_files_dropped_become_letters_waiting(cast: Cast, sit_down: SitDown, papers: list[Path]) -> None:
    page = received(cast, sit_down, papers)

    expect(page.get_by_text("Văn bản 1/3 chờ đăng ký")).to_be_visible()
    assert IncomingDocument.objects.filter(state=IncomingState.RECEIVED, registry=cast.group).count() == 3


def test_page_beside_the_form_is_read_and_its_original_kept(cast: Cast, sit_down: SitDown, papers: list[Path]) -> None:
    page = received(cast, sit_down, papers[:1])
    work()
    page.reload()

    expect(page.locator("[data-island=pdf-viewer] canvas").first).to_be_visible()
    expect(page.get_by_text(re.compile("trường đọc từ trang"))).to_be_visible()
    expect(page.get_by_role("textbox", name="Trích yếu", exact=True)).not_to_have_value("")
    page.get_by_role("button", name="Đăng ký", exact=True).click()
    expect(page.get_by_text("Đã đăng ký, số đến 01.")).to_be_visible()
    page.get_by_role("group").filter(has_text="Tải tệp gốc").locator("summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp gốc").click()
    assert Path(download.value.path()).read_bytes() == papers[0].read_bytes()


def test_letters_of_a_day_are_registered_from_the_keyboard_alone(
    cast: Cast, sit_down: SitDown, papers: list[Path]
) -> None:
    page = received(cast, sit_down, papers[:2])

    type_entry(page, number="2418", subject="Báo cáo an toàn thông tin quý IV")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã đăng ký, số đến 01.")).to_be_visible()
    expect(page.get_by_text("Văn bản 1/1 chờ đăng ký")).to_be_visible()

    # The same number, symbol and body as the letter before: she is warned, looks, and decides.
    type_entry(page, number="2418", subject="Báo cáo an toàn thông tin quý IV")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile("Có thể trùng với văn bản đến số 01")).first).to_be_visible()
    assert IncomingDocument.objects.filter(arrival_number__isnull=False).count() == 1
    type_into(page, "Số", "2419")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã đăng ký, số đến 02.")).to_be_visible()

    registered = IncomingDocument.objects.order_by("arrival_number").values_list("arrival_number", "number")
    assert list(registered) == [(1, "2418"), (2, "2419")]


def test_registered_letters_are_forwarded_several_at_a_time(cast: Cast, sit_down: SitDown) -> None:
    for number in (501, 502):
        letters.registered(cast, now=clock.now(), number=str(number), issued_on=stages.yesterday())
    page = sit_down(cast.clerk)
    page.goto("/documents/incoming/?box=to_forward")

    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_contain_text("2")
    page.get_by_label("Trình lãnh đạo").select_option(label=cast.leader.full_name)
    page.get_by_role("button", name="Trình", exact=True).click()

    expect(page.get_by_text("Đã trình 2 trên 2 văn bản.")).to_be_visible()
    assert IncomingDocument.objects.filter(state=IncomingState.AWAITING_DIRECTION).count() == 2


def test_arrival_stamp_goes_on_a_copy(cast: Cast, sit_down: SitDown) -> None:
    letter = letters.registered(cast, now=clock.now(), issued_on=stages.yesterday())
    before = files.read(letter.files.get().file_id)
    page = sit_down(cast.clerk)
    page.goto(f"/documents/incoming/{letter.pk}/")

    stamped = page.request.get(f"/documents/incoming/{letter.pk}/stamped/")

    assert stamped.status == 200
    assert stamped.body().startswith(b"%PDF")
    assert "ĐẾN" in text_of(stamped.body())
    assert files.read(letter.files.get().file_id) == before


def text_of(pdf: bytes) -> str:
    """The words on the pages."""
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def test_late_subject_of_600_characters_stays_in_the_form(cast: Cast, sit_down: SitDown, papers: list[Path]) -> None:
    page = received(cast, sit_down, papers[:1])
    page.get_by_role("textbox", name="Trích yếu", exact=True).fill("Báo cáo " * 75)
    page.get_by_role("button", name="Đăng ký", exact=True).click()

    expect(page.get_by_role("alert").filter(has_text="Chưa đăng ký")).to_be_visible()
    expect(page.get_by_role("textbox", name="Trích yếu", exact=True)).to_have_value(re.compile("Báo cáo Báo cáo"))
    assert IncomingDocument.objects.get().state == IncomingState.RECEIVED
