"""Story 4: the officer writes in the editor, sees the finished page, takes the DOCX; or brings a file of her own."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.documents.models import Draft
from eoffice.documents.services import assigning
from eoffice.documents.states import DraftState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast, actor_of
from tests.browser import stages
from tests.browser.conftest import SitDown
from tests.working import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FROM_WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office">
<head><style>p.MsoNormal{color:red}</style></head><body><!--StartFragment-->
<p class="MsoNormal" style="mso-margin-top-alt:auto;color:red"><b>Về kinh phí</b><o:p></o:p></p>
<p class="MsoListParagraph" style="mso-list:l0 level1 lfo1">
<span style="mso-list:Ignore">1.<span>&nbsp;&nbsp;</span></span>Rà soát dự toán.</p>
<p class="MsoListParagraph" style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">2.</span>
Báo cáo trước ngày 30.</p><script>alert(1)</script><!--EndFragment--></body></html>"""


def begin(page: Page, subject: str, *, way: str = "Soạn trên hệ thống") -> Draft:
    """Begin a công văn from the key C."""
    page.goto("/")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1, name=re.compile("Soạn văn bản"))).to_be_visible()
    page.get_by_label(re.compile("^Trích yếu")).fill(subject)
    page.get_by_label(way).check()
    page.get_by_role("button", name="Bắt đầu soạn").click()
    expect(page.get_by_role("heading", level=1, name=subject)).to_be_visible()
    return Draft.objects.latest("pk")


def paste(page: Page, html: str) -> None:
    """Paste into what has the focus, as Word puts it on the clipboard."""
    page.evaluate(
        "html => { const data = new DataTransfer(); data.setData('text/html', html);"
        " document.activeElement.dispatchEvent("
        "new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})) }",
        html,
    )


def test_reply_is_written_previewed_and_submitted(cast: Cast, sit_down: SitDown) -> None:
    letter, now = (
        letters.directed(cast, now=clock.now(), due_on=stages.working_day(8), requires_reply=True),
        clock.now(),
    )
    line, head = letters.line_of(letter, cast.technology), actor_of(cast.head, now=now)
    assigning.accept_assignment(actor=head, assignment_id=line.pk, now=now)
    own = assigning.pass_on(
        actor=head, assignment_id=line.pk, recipients=[letters.to_person(cast.officer)], instruction="Soạn.", now=now
    )[0]
    assigning.accept_assignment(actor=actor_of(cast.officer, now=now), assignment_id=own.pk, now=now)
    page = sit_down(cast.officer)
    page.goto(f"/documents/incoming/{letter.pk}/")
    page.keyboard.press("g")
    page.get_by_label(re.compile("^Trích yếu")).fill("Trả lời về hệ thống quản lý văn bản")
    page.get_by_role("button", name="Bắt đầu soạn").click()

    page.get_by_role("textbox", name="Nội dung", exact=True).click()
    page.keyboard.insert_text("Tập đoàn gửi kết quả triển khai như sau.")
    page.keyboard.press("Enter")
    paste(page, FROM_WORD)
    page.get_by_label(re.compile("^Người ký")).select_option(index=1)
    page.get_by_role("searchbox", name="Tìm nơi nhận").fill("nam trung bo")
    page.get_by_role("button", name=f"Chọn {cast.company.name}").click()
    page.get_by_label(re.compile("^Nội dung trình")).fill("Kính trình Tổng Giám đốc ký.")
    expect(page.get_by_role("status").filter(has_text="Tự lưu")).to_be_visible()
    draft = Draft.objects.get()
    expect_body_saved(page, draft, "Báo cáo trước ngày 30.")
    expect(page.locator("#draft-page canvas").first).to_be_visible()
    shown = page.request.get(f"/documents/drafts/{draft.pk}/preview/").body()
    assert "Tập đoàn gửi kết quả triển khai như sau." in text_of(shown)

    page.get_by_role("button", name="Trình duyệt").dblclick()
    expect(page.get_by_text(re.compile("Chờ duyệt|đang chờ")).first).to_be_visible()
    draft.refresh_from_db()
    assert (draft.state, draft.in_reply_to_id) == (DraftState.IN_REVIEW, letter.pk)
    kinds = [block["type"] for block in draft.body["content"]]
    assert "ordered_list" in kinds
    assert not re.search("Mso|mso-|script|color", str(draft.body))


def expect_body_saved(page: Page, draft: Draft, words: str) -> None:
    """The editor saves by itself; wait until the last words are in the database."""
    for _ in range(60):
        draft.refresh_from_db()
        if words in str(draft.body):
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"not saved: {words}")


def text_of(pdf: bytes) -> str:
    """The words on the pages, on one line."""
    ran = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(ran.stdout.decode().split())


def test_finished_page_is_taken_home_as_docx(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_in_hand(cast)
    page = sit_down(cast.officer)
    page.goto(f"/documents/drafts/{draft.pk}/")
    page.get_by_role("group").filter(has_text="Tải DOCX").locator("summary").first.click()

    with page.expect_download() as download:
        page.get_by_role("link", name="Tải DOCX").click()

    content = Path(download.value.path()).read_bytes()
    words = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)
    assert "Tập đoàn đề nghị các đơn vị triển khai chữ ký số và báo cáo kết quả." in words


def test_own_file_is_brought_and_its_places_are_shown(cast: Cast, sit_down: SitDown, tmp_path: Path) -> None:
    path = tmp_path / "van-ban.pdf"
    path.write_bytes(stages.letter_pdf(4))
    page = sit_down(cast.officer)
    draft = begin(page, "Văn bản soạn sẵn", way="Tải tệp DOCX, PDF lên")
    page.get_by_role("button", name="Tải tệp lên").first.click()
    dialog = page.get_by_role("dialog", name="Tải tệp văn bản lên")
    dialog.locator("input[type=file]").set_input_files(path)
    dialog.get_by_role("button", name="Tải lên").click()
    expect(dialog).to_be_hidden()
    work()
    page.goto(f"/documents/drafts/{draft.pk}/")

    expect(page.get_by_text("Vị trí số, ngày, chữ ký, dấu")).to_be_visible()
    boxes = page.locator(".place-box")
    expect(boxes.first).to_be_visible()
    boxes.first.focus()
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_role("button", name="Lưu vị trí").click()
    expect(page.get_by_role("status").filter(has_text=re.compile("vị trí", re.IGNORECASE)).first).to_be_visible()
