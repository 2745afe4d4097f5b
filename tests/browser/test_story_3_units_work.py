"""Story 3: the unit accepts, passes on, works, consults, asks for time, reports; the giver confirms."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.documents.models import Assignment, AssignmentRole, IncomingDocument
from eoffice.documents.services import assigning
from eoffice.documents.services.distributing import Recipient
from eoffice.documents.states import AssignmentState, IncomingState
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast, actor_of
from tests.browser import stages
from tests.browser.conftest import SitDown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def directed(cast: Cast) -> IncomingDocument:
    return letters.directed(cast, now=clock.now(), due_on=stages.working_day(10))


def with_officer(cast: Cast) -> Assignment:
    """Accepted by the head, given to the officer, accepted by her."""
    letter, now = directed(cast), clock.now()
    head, line = actor_of(cast.head, now=now), letters.line_of(letter, cast.technology)
    assigning.accept_assignment(actor=head, assignment_id=line.pk, now=now)
    recipient = Recipient("person", cast.officer.pk, AssignmentRole.LEAD, stages.working_day(5))
    own = assigning.pass_on(actor=head, assignment_id=line.pk, recipients=[recipient], instruction="Tổng hợp.", now=now)
    return assigning.accept_assignment(actor=actor_of(cast.officer, now=now), assignment_id=own[0].pk, now=now)


def choose_more(page: Page, words: str) -> None:
    """Take an entry of the menu of further steps."""
    page.locator("#reading summary").filter(has=page.locator("[aria-label='Thao tác khác'], svg")).first.click()
    page.get_by_role("link", name=words).click()


def told(page: Page, words: str) -> None:
    expect(page.get_by_role("status").get_by_text(words)).to_be_visible()


def test_letter_goes_from_head_to_officer_and_back_until_it_is_done(cast: Cast, sit_down: SitDown) -> None:
    letter = directed(cast)
    head = sit_down(cast.head)
    head.goto(f"/documents/incoming/{letter.pk}/?box=to_handle")
    head.keyboard.press("g")
    told(head, "Đã tiếp nhận.")
    head.keyboard.press("g")
    dialog = head.get_by_role("dialog", name="Giao chuyên viên")
    dialog.get_by_role("searchbox").fill("bao tram")
    dialog.get_by_role("button", name=f"Chủ trì: {cast.officer.full_name}").click()
    dialog.get_by_label("Nội dung giao việc").fill("Tổng hợp, dự thảo báo cáo.")
    dialog.get_by_label("Nội dung giao việc").press("Control+Enter")
    expect(dialog).to_be_hidden()

    officer = sit_down(cast.officer)
    officer.goto("/")
    officer.get_by_role("navigation", name="Điều hướng chính").get_by_role("link", name="Chờ xử lý 1").click()
    officer.get_by_role("link", name=letter.subject).first.click()
    expect(officer.get_by_text("Tổng hợp, dự thảo báo cáo.").first).to_be_visible()
    officer.get_by_role("button", name="Tiếp nhận").click()
    told(officer, "Đã tiếp nhận.")
    choose_more(officer, "Báo cáo tiến độ")
    dialog = officer.get_by_role("dialog", name="Báo cáo tiến độ")
    dialog.get_by_label("Tiến độ").fill("Đã có số liệu của hai phòng.")
    dialog.get_by_label("Tỷ lệ hoàn thành (%)").fill("45")
    dialog.get_by_role("button", name="Ghi tiến độ").click()
    told(officer, "Đã ghi tiến độ.")
    officer.get_by_role("link", name="Hoàn thành").click()
    dialog = officer.get_by_role("dialog", name="Báo cáo hoàn thành")
    dialog.get_by_label("Kết quả xử lý").fill("Đã báo cáo Bộ.")
    dialog.get_by_role("button", name="Hoàn thành").click()
    told(officer, "Đã báo cáo hoàn thành, chờ xác nhận.")

    head.goto(f"/documents/incoming/{letter.pk}/")
    head.get_by_role("button", name="Xác nhận").click()
    told(head, "Đã xác nhận hoàn thành.")
    leader = sit_down(cast.leader)
    leader.goto(f"/documents/incoming/{letter.pk}/")
    leader.get_by_role("button", name="Xác nhận").dblclick()
    told(leader, "Đã xác nhận hoàn thành.")
    letter.refresh_from_db()
    assert letter.state == IncomingState.COMPLETED


def test_later_deadline_is_asked_and_granted(cast: Cast, sit_down: SitDown) -> None:
    line = with_officer(cast)
    later = stages.working_day(9)
    officer = sit_down(cast.officer)
    officer.goto(f"/documents/incoming/{line.incoming_id}/")
    choose_more(officer, "Xin gia hạn")
    dialog = officer.get_by_role("dialog", name="Xin gia hạn")
    dialog.get_by_label("Xin gia hạn đến").fill(f"{later:%d/%m/%Y}")
    dialog.get_by_label("Lý do").fill("Hai phòng chưa gửi số liệu.")
    dialog.get_by_role("button", name="Gửi đề nghị").click()
    told(officer, "Đã gửi đề nghị gia hạn.")

    head = sit_down(cast.head)
    head.goto(f"/documents/incoming/{line.incoming_id}/")
    head.get_by_role("link", name="Quyết định gia hạn").click()
    head.get_by_role("dialog", name="Đề nghị gia hạn").get_by_role("button", name="Quyết định").click()
    told(head, "Đã cho gia hạn.")

    line.refresh_from_db()
    assert line.due_at is not None
    assert clock.local_date(line.due_at) == later


def test_another_unit_is_consulted_and_answers(cast: Cast, sit_down: SitDown) -> None:
    line = with_officer(cast)
    officer = sit_down(cast.officer)
    officer.goto(f"/documents/incoming/{line.incoming_id}/")
    officer.keyboard.press("y")
    dialog = officer.get_by_role("dialog", name="Xin ý kiến")
    dialog.get_by_role("searchbox").fill("phap che")
    dialog.get_by_role("button", name=f"Chọn {cast.legal.name}").click()
    dialog.get_by_label("Nội dung xin ý kiến").fill("Căn cứ pháp lý của Điều 3.")
    dialog.get_by_role("button", name="Gửi xin ý kiến").click()
    told(officer, "Đã gửi xin ý kiến.")

    legal = sit_down(cast.legal_head)
    legal.goto(f"/documents/incoming/{line.incoming_id}/")
    legal.locator("#reading").get_by_role("link", name="Trả lời ý kiến").first.click()
    dialog = legal.get_by_role("dialog", name="Trả lời xin ý kiến")
    dialog.get_by_label("Ý kiến trả lời").fill("Theo Luật Giao dịch điện tử.")
    dialog.get_by_role("button", name="Gửi ý kiến").click()
    told(legal, "Đã trả lời ý kiến.")

    officer.reload()
    expect(officer.get_by_text("Theo Luật Giao dịch điện tử.").first).to_be_visible()


def test_head_refuses_with_a_reason(cast: Cast, sit_down: SitDown) -> None:
    letter = directed(cast)
    head = sit_down(cast.head)
    head.goto(f"/documents/incoming/{letter.pk}/")
    head.keyboard.press("r")
    dialog = head.get_by_role("dialog", name="Trả lại việc được giao")
    dialog.get_by_label("Lý do").fill("Không thuộc chức năng của Ban.")
    dialog.get_by_role("button", name="Trả lại").click()
    told(head, "Đã trả lại nơi giao.")

    line = letters.line_of(letter, cast.technology)
    assert (line.state, line.return_reason) == (AssignmentState.RETURNED, "Không thuộc chức năng của Ban.")


def test_back_button_leads_from_the_letter_to_the_list(cast: Cast, sit_down: SitDown) -> None:
    letter = directed(cast)
    page = sit_down(cast.head)
    page.goto("/documents/incoming/?box=to_handle")
    page.get_by_role("link", name=letter.subject).first.click()
    expect(page.get_by_role("heading", level=1, name=letter.subject)).to_be_visible()

    page.go_back()

    expect(page).to_have_url(re.compile(r"\?box=to_handle$"))
    expect(page.get_by_role("heading", name="Chọn một văn bản để đọc")).to_be_visible()
