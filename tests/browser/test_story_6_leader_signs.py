"""Story 6: the first PIN, one paper, several papers with one that cannot be signed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from eoffice.core import clock
from eoffice.documents.models import Draft
from eoffice.documents.services import reviewing
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import Cast, actor_of
from tests.browser import stages
from tests.browser.conftest import SitDown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_leader_sets_the_first_pin_and_signs(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_to_sign(cast)
    page = sit_down(cast.leader)
    page.goto(f"/documents/drafts/{draft.pk}/?box=to_sign")
    page.keyboard.press("g")

    expect(page.get_by_role("heading", name="Chữ ký của tôi")).to_be_visible()
    page.get_by_label("Mã PIN mới", exact=True).fill("111111")
    page.get_by_label("Nhập lại mã PIN mới", exact=True).fill("111111")
    page.get_by_role("button", name="Đặt mã PIN và tạo chữ ký số").click()
    expect(page.get_by_role("alert").filter(has_text="Chưa đặt được mã PIN.")).to_be_visible()
    page.get_by_label("Mã PIN mới", exact=True).fill(stages.LEADER_PIN)
    page.get_by_label("Nhập lại mã PIN mới", exact=True).fill(stages.LEADER_PIN)
    page.get_by_role("button", name="Đặt mã PIN và tạo chữ ký số").click()
    expect(page.get_by_text("Đã tạo chữ ký số.")).to_be_visible()

    page.goto(f"/documents/drafts/{draft.pk}/?box=to_sign")
    page.keyboard.press("g")
    expect(page.get_by_role("group", name=re.compile("Chữ ký"))).to_be_visible()
    pin = page.get_by_label("Mã PIN chữ ký số")
    pin.fill("999999")
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    expect(page.get_by_text(re.compile("Mã PIN không đúng. Chưa có gì được ký"))).to_be_visible()
    assert Draft.objects.get(pk=draft.pk).state == DraftState.AWAITING_SIGNATURE
    pin.fill(stages.LEADER_PIN)
    pin.press("Control+Enter")
    expect(page.get_by_text("Đã ký, chuyển văn thư")).to_be_visible()

    draft.refresh_from_db()
    assert draft.state == DraftState.SIGNED


def test_several_are_signed_in_one_go_and_the_changed_one_says_why(cast: Cast, sit_down: SitDown) -> None:
    drafts = [stages.draft_to_sign(cast, f"{stages.SUBJECT} đợt {number}") for number in (1, 2, 3)]
    stages.with_leader_key(cast)
    page = sit_down(cast.leader)
    page.goto("/documents/drafts/?box=to_sign")
    for draft in drafts:
        page.get_by_role("checkbox", name=re.compile(draft.subject)).check()
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    expect(page.get_by_role("heading", level=1, name="Ký 3 văn bản")).to_be_visible()
    # While he reads, the drafter takes one back.
    now = clock.now()
    reviewing.withdraw_draft(
        actor=actor_of(cast.officer, now=now), draft_id=drafts[1].pk, reason="Sửa số liệu.", now=now
    )

    page.get_by_label("Mã PIN chữ ký số").fill(stages.LEADER_PIN)
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()

    expect(page.get_by_role("status").filter(has_text="2 xong")).to_contain_text("1 lỗi")
    expect(page.get_by_text("Đã ký, chuyển văn thư")).to_have_count(2)
    states = Draft.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [DraftState.SIGNED, DraftState.DRAFT, DraftState.SIGNED]


def test_signature_is_moved_by_keys_before_the_first_signature(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_to_sign(cast)
    stages.with_leader_key(cast)
    page = sit_down(cast.leader)
    page.goto(f"/documents/drafts/sign/?show={draft.pk}&ids={draft.pk}")
    before = draft.files.filter(purpose="signing").latest("pk").pk

    page.get_by_role("group", name=re.compile("Chữ ký")).focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.get_by_role("button", name="Lưu vị trí").click()

    expect(page.get_by_role("status").get_by_text("Đã đổi vị trí chữ ký.")).to_be_visible()
    assert draft.files.filter(purpose="signing").latest("pk").pk != before


def test_who_has_no_capacity_is_not_offered_to_sign(cast: Cast, sit_down: SitDown) -> None:
    draft = stages.draft_to_sign(cast)
    page = sit_down(cast.head)
    page.goto(f"/documents/drafts/{draft.pk}/")

    expect(page.get_by_role("heading", level=1, name=draft.subject)).to_be_visible()
    expect(page.get_by_role("link", name="Ký", exact=True)).to_have_count(0)
