"""A session that ends, a second press, the wrong file: nothing is lost, nothing is doubled, nothing bad is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.core.models import StoredFile
from eoffice.documents.models import Comment, Directive, IncomingDocument
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast
from tests.browser import stages
from tests.browser.conftest import SitDown

PASSWORD = "Cham-chi-2026-viec"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def end_every_session() -> None:
    Session.objects.all().delete()
    cache.clear()


def give_password(cast: Cast) -> str:
    """The leader's sign-in address; the password is the one of this file."""
    user = cast.leader.user
    assert user is not None
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user.email


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail công việc").fill(email)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def test_directive_typed_while_the_session_ends_is_given_after_signing_in(cast: Cast, sit_down: SitDown) -> None:
    email = give_password(cast)
    letter = letters.forwarded(cast, now=clock.now(), issued_on=stages.yesterday())
    page = sit_down(cast.leader)
    page.goto(f"/documents/incoming/{letter.pk}/")
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog", name="Bút phê")
    dialog.get_by_label("Nội dung chỉ đạo").fill("Ban Công nghệ chủ trì, trả lời trước ngày 30.")
    end_every_session()
    dialog.get_by_role("button", name="Chuyển", exact=True).click()

    ended = page.get_by_role("dialog", name="Phiên làm việc đã hết")
    expect(ended).to_be_visible()
    ended.get_by_role("link", name="Đăng nhập lại").click()
    sign_in(page, email)
    expect(page.get_by_role("heading", level=1, name=letter.subject)).to_be_visible()
    page.keyboard.press("g")
    expect(dialog.get_by_label("Nội dung chỉ đạo")).to_have_value("Ban Công nghệ chủ trì, trả lời trước ngày 30.")
    assert not Directive.objects.exists()


def test_a_draft_typed_after_the_session_ended_is_saved_when_its_page_opens_again(
    cast: Cast, sit_down: SitDown
) -> None:
    draft = stages.draft_in_hand(cast)
    page = sit_down(cast.officer)
    page.goto(f"/documents/drafts/{draft.pk}/")
    page.route("**/edit/", lambda route: route.fulfill(status=401))
    page.get_by_label("Trích yếu").fill("Gõ khi hết phiên")
    expect(page.get_by_role("dialog", name="Phiên làm việc đã hết")).to_be_visible()
    again = page.context.new_page()

    with again.expect_response("**/edit/") as saved:
        again.goto(f"/documents/drafts/{draft.pk}/")

    assert saved.value.status == 200
    expect(again.get_by_text("Đã lấy lại nội dung viết dở")).to_be_visible()
    draft.refresh_from_db()
    assert draft.subject == "Gõ khi hết phiên"


def test_comment_that_was_sent_does_not_come_back_into_its_field(cast: Cast, sit_down: SitDown) -> None:
    letter = letters.forwarded(cast, now=clock.now(), issued_on=stages.yesterday())
    page = sit_down(cast.leader)
    page.goto(f"/documents/incoming/{letter.pk}/")
    field = page.get_by_role("textbox", name="Ghi chú, trao đổi")
    field.fill("Văn phòng theo dõi việc này.")

    page.get_by_role("button", name="Gửi trao đổi").dblclick()

    expect(page.get_by_role("paragraph").filter(has_text="Văn phòng theo dõi việc này.")).to_be_visible()
    expect(field).to_have_value("")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("bao-cao.pdf", b"MZ\x90\x00" + bytes(4096), "không phải|không đúng|chương trình|không nhận"),
        ("cat-ngang.pdf", b"%PDF-1.7\n1 0 obj\n<<", "hỏng|không đọc được"),
    ],
)
def test_wrong_file_is_refused_and_not_kept(
    cast: Cast, sit_down: SitDown, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    before = StoredFile.objects.count()
    page = sit_down(cast.clerk)
    receive(page, path)

    expect(page.get_by_role("alert").filter(has_text=name)).to_contain_text(re.compile(told, re.IGNORECASE))
    assert (IncomingDocument.objects.count(), StoredFile.objects.count()) == (0, before)


def test_letter_marked_secret_is_refused_and_not_kept(cast: Cast, sit_down: SitDown, tmp_path: Path) -> None:
    path = tmp_path / "cong-van.pdf"
    path.write_bytes(letters.pdf("MẬT\n" + "\n".join(f"Dòng {number} của văn bản có chữ." for number in range(30))))
    before = StoredFile.objects.count()
    page = sit_down(cast.clerk)
    receive(page, path)

    refusal = page.get_by_role("alert").filter(has_text="cong-van.pdf")
    expect(refusal).to_contain_text("Không tiếp nhận tài liệu bí mật nhà nước trên hệ thống này.")
    assert (IncomingDocument.objects.count(), StoredFile.objects.count()) == (0, before)


def test_empty_file_is_named_before_it_is_sent(cast: Cast, sit_down: SitDown, tmp_path: Path) -> None:
    path = tmp_path / "rong.pdf"
    path.touch()
    page = sit_down(cast.clerk)
    page.goto("/documents/incoming/receive/")
    page.get_by_role("button", name=re.compile("Thả tệp văn bản vào đây")).set_input_files(path)

    expect(page.get_by_text("Tệp rỗng (0 byte). Chọn lại tệp.")).to_be_visible()


def receive(page: Page, path: Path) -> None:
    page.goto("/documents/incoming/receive/")
    page.get_by_role("button", name=re.compile("Thả tệp văn bản vào đây")).set_input_files(path)
    page.get_by_role("button", name="Tiếp nhận", exact=True).click()
