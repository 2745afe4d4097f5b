"""Story 6, with a phone: a service is connected, the leader takes it as his way, asks, confirms, refuses."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from eoffice.core import clock
from eoffice.documents.models import Draft
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import Cast, actor_of
from eoffice.signing import services as signing
from eoffice.signing.models import AnchorPurpose
from eoffice.signing.tests.services_outside import smartca
from eoffice.signing.tests.services_outside.smartca import SmartCaService
from tests.browser import stages
from tests.browser.conftest import SitDown
from tests.working import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "TruongXuan@2026"
CITIZEN = "001085012345"


@pytest.fixture
def phone(cast: Cast) -> Iterator[SmartCaService]:
    with SmartCaService(now=clock.now() - timedelta(days=1)) as service:
        service.add(CITIZEN, cast.leader.full_name)
        yield service


def press_on_phone(page: Page, phone: SmartCaService, button: str) -> None:
    page.goto(f"{phone.url}/phone")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("Trống")).to_be_visible()


def test_leader_signs_with_his_phone(cast: Cast, phone: SmartCaService, sit_down: SitDown) -> None:
    now = clock.now()
    root = signing.AnchorEntry(certificate=phone.root.der, purpose=AnchorPurpose.TEST, basis="Dịch vụ mô phỏng")
    signing.add_trust_anchor(actor=actor_of(cast.administrator, now=now), entry=root, now=now)
    assert cast.administrator.user is not None
    cast.administrator.user.set_password(PASSWORD)
    cast.administrator.user.save(update_fields=["password"])
    admin = sit_down(cast.administrator)
    admin.goto("/signing/providers/")
    admin.get_by_role("textbox", name="Lý do").fill("Kết nối dịch vụ ký số SmartCA")
    admin.get_by_role("textbox", name="Mật khẩu").fill(PASSWORD)
    admin.get_by_role("button", name="Bật quyền quản trị").click()
    admin.get_by_role("link", name=re.compile("SP769 v1")).click()
    admin.get_by_label("Tên hiện cho người dùng").fill("SmartCA")
    admin.get_by_label("Địa chỉ dịch vụ").fill(phone.base_url)
    admin.get_by_label("Mã nhà cung cấp (sp_id)").fill(smartca.SP_ID)
    admin.get_by_label("Khóa bí mật (sp_password)").fill(smartca.SP_PASSWORD)
    admin.get_by_role("button", name="Lưu").click()
    admin.get_by_label(re.compile("Số CCCD")).fill(CITIZEN)
    admin.get_by_role("button", name="Thử kết nối").click()
    expect(admin.get_by_text("Thử kết nối được.")).to_be_visible()

    drafts = [stages.draft_to_sign(cast, f"{stages.SUBJECT} đợt {number}") for number in (1, 2)]
    page = sit_down(cast.leader, phone=True)
    page.goto("/signing/methods/")
    page.get_by_label("Tài khoản ở dịch vụ").fill(CITIZEN)
    page.get_by_role("button", name="Lấy chứng thư").click()
    page.get_by_role("button", name="Dùng chứng thư này").click()
    expect(page.get_by_text("Đã thêm cách ký.")).to_be_visible()

    page.goto(f"/documents/drafts/sign/?ids={drafts[0].pk}&ids={drafts[1].pk}&show={drafts[0].pk}")
    expect(page.get_by_role("radio", name=re.compile("SmartCA"))).to_be_checked()
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    expect(page.get_by_role("heading", level=1, name=re.compile("Ký 2 văn bản"))).to_be_visible()
    worker = threading.Thread(target=work)
    worker.start()
    expect(page.get_by_text("Mở ứng dụng trên điện thoại và xác nhận")).to_be_visible()

    press_on_phone(sit_down(None), phone, "Xác nhận")

    expect(page.get_by_text("Đã ký 2 văn bản.")).to_be_visible(timeout=60_000)
    worker.join(timeout=120)
    assert {draft.state for draft in Draft.objects.all()} == {DraftState.SIGNED}


def test_refusal_on_the_phone_is_told_and_the_paper_offered_again(
    cast: Cast, phone: SmartCaService, sit_down: SitDown
) -> None:
    now = clock.now()
    admin = actor_of(cast.administrator, now=now)
    provider = stages.signing_service(admin, phone, now)
    signing.add_method(
        actor=actor_of(cast.leader, now=now), provider_id=provider, account=CITIZEN,
        serial=phone.holders[CITIZEN].serial, now=now,
    )  # fmt: skip
    draft = stages.draft_to_sign(cast)
    page = sit_down(cast.leader)
    page.goto(f"/documents/drafts/sign/?ids={draft.pk}&show={draft.pk}")
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    worker = threading.Thread(target=work)
    worker.start()
    expect(page.get_by_text("Mở ứng dụng trên điện thoại và xác nhận")).to_be_visible()

    press_on_phone(sit_down(None), phone, "Từ chối")

    expect(page.get_by_text("Người ký đã từ chối trên điện thoại.").first).to_be_visible(timeout=60_000)
    worker.join(timeout=120)
    page.get_by_role("link", name=re.compile("Ký lại 1 văn bản")).click()
    expect(page.get_by_role("checkbox", name=re.compile(draft.subject))).to_be_checked()
    assert Draft.objects.get(pk=draft.pk).state == DraftState.AWAITING_SIGNATURE
