"""Somebody leaves: one screen ends the account at once and gives the running work to a successor, who finds it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.models import HandOver, IncomingDocument
from eoffice.documents.services import assigning
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast, actor_of
from tests.browser import stages
from tests.browser.choosing import search_box
from tests.browser.conftest import SitDown
from tests.browser.test_every_page_is_fit_to_use import faults_of
from tests.working import work

BASIS = "Quyết định số 152/QĐ-TXG ngày 20/11/2026"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_the_officer(cast: Cast) -> IncomingDocument:
    """A letter that the head of Ban Công nghệ has passed on to the officer."""
    now = clock.now()
    letter = letters.directed(cast, now=now, due_on=stages.working_day(5))
    head, line = actor_of(cast.head, now=now), letters.line_of(letter, cast.technology)
    assigning.accept_assignment(actor=head, assignment_id=line.pk, now=now)
    assigning.pass_on(
        actor=head, assignment_id=line.pk, recipients=[letters.to_person(cast.officer)],
        instruction="Dự thảo trả lời.", now=now,
    )  # fmt: skip
    return letter


def pick(page: Page, label: str, words: str, name: str) -> None:
    picker = search_box(page, label)
    picker.click()
    picker.press_sequentially(words)
    expect(page.get_by_role("option").filter(has_text=name)).to_be_visible()
    picker.press("Enter")


def test_running_work_goes_to_the_successor_and_the_account_is_off_at_once(cast: Cast, sit_down: SitDown) -> None:
    letter = with_the_officer(cast)
    desk = sit_down(cast.officer)
    desk.goto(f"/documents/incoming/{letter.pk}/?box=to_handle")
    expect(desk.get_by_role("heading", level=1, name=re.compile(letter.subject))).to_be_visible()
    page = sit_down(cast.administrator)
    page.goto(f"/co-cau/nguoi/{cast.officer.pk}/")
    page.get_by_role("link", name="Cho nghỉ, chuyển công tác").press("Enter")
    expect(page.get_by_role("heading", level=1, name="Cho nghỉ, chuyển công tác")).to_be_visible()
    assert faults_of(page, page.url) == []

    page.get_by_role("button", name="Kết thúc và bàn giao").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Chưa có gì thay đổi.")).to_be_visible()
    page.get_by_label("Căn cứ").fill(BASIS)
    pick(page, "Người nhận mọi việc", "xuan truong", cast.second_officer.full_name)
    page.get_by_role("button", name="Kết thúc và bàn giao").press("Enter")
    expect(page.get_by_role("heading", level=1, name=f"Bàn giao việc của {cast.officer.full_name}")).to_be_visible()

    # Before any job has run, the desk of who left is shut.
    desk.goto("/")
    expect(desk).to_have_url(re.compile("/tai-khoan/dang-nhap/"))
    cast.officer.refresh_from_db()
    assert cast.officer.left_on == local_date(clock.now())
    work()
    expect(page.get_by_text("Đã bàn giao xong, không còn việc nào.")).to_be_visible()
    expect(page.get_by_role("region", name="Đã giao")).to_contain_text(cast.second_officer.full_name)
    row = HandOver.objects.get()
    assert (row.basis, row.kept) == (BASIS, [])
    assert faults_of(page, f"/documents/hand-overs/{row.pk}/") == []

    successor = sit_down(cast.second_officer)
    successor.goto("/documents/incoming/?box=to_handle")
    successor.get_by_role("link", name=re.compile(letter.subject)).press("Enter")
    expect(successor.get_by_role("heading", level=1, name=re.compile(letter.subject))).to_be_visible()
