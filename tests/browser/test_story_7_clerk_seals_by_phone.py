"""Story 7, with the seal at a remote service: connected on its page, asked for, confirmed on the phone, issued."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from eoffice.core import clock
from eoffice.documents.models import OutgoingDocument
from eoffice.documents.services import numbering_outgoing
from eoffice.documents.states import OutgoingState
from eoffice.documents.tests.cast import Cast, actor_of
from eoffice.signing.tests.services_outside.smartca import SmartCaService
from tests.browser import stages
from tests.browser.conftest import SitDown
from tests.browser.test_story_6_leader_signs_by_phone import press_on_phone
from tests.working import aside, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TAX_CODE = "0100109106"


@pytest.fixture
def phone(cast: Cast) -> Iterator[SmartCaService]:
    with SmartCaService(now=clock.now() - timedelta(days=1)) as service:
        service.add(TAX_CODE, cast.group.name.upper())
        yield service


def test_clerk_seals_by_phone_and_issues(cast: Cast, phone: SmartCaService, sit_down: SitDown) -> None:
    now = clock.now()
    stages.signing_service(actor_of(cast.administrator, now=now), phone, now)
    draft = stages.draft_signed(cast)
    clerk = actor_of(cast.clerk, now=now)
    outgoing = aside(lambda: numbering_outgoing.number_draft(actor=clerk, draft_id=draft.pk, now=now))
    work()
    page = sit_down(cast.clerk)
    page.goto(f"/signing/seals/{cast.group.pk}/")
    page.get_by_label("Tài khoản ở dịch vụ").fill(TAX_CODE)
    page.get_by_role("button", name="Lấy chứng thư").click()
    page.get_by_role("button", name="Dùng chứng thư này").click()
    expect(page.get_by_text("Đã thêm cách ký.")).to_be_visible()
    expect(page.get_by_role("heading", name="Cách ký khác của con dấu")).to_be_visible()

    page.goto(f"/documents/outgoing/{outgoing.pk}/?box=to_number")
    page.get_by_role("button", name="Ký số cơ quan").first.click()
    dialog = page.get_by_role("dialog", name=re.compile("Ký số cơ quan"))
    expect(dialog.get_by_role("radio", name=re.compile("Ký trên điện thoại"))).to_be_checked()
    dialog.get_by_role("button", name="Ký số cơ quan").click()
    expect(page.get_by_role("heading", level=1, name="Ký số cơ quan 01/TXG-CN")).to_be_visible()
    worker = threading.Thread(target=work)
    worker.start()
    expect(page.get_by_text("Mở ứng dụng trên điện thoại và xác nhận")).to_be_visible()
    press_on_phone(sit_down(None), phone, "Xác nhận")
    expect(page.get_by_text("Đã ký 1 văn bản.")).to_be_visible(timeout=60_000)
    worker.join(timeout=120)

    page.get_by_role("link", name="Về văn bản").last.click()
    page.get_by_role("button", name="Phát hành").first.click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Phát hành 3 nơi nhận")).click()
    expect(page.get_by_text("Đã phát hành").first).to_be_visible()
    assert OutgoingDocument.objects.get().state == OutgoingState.ISSUED
