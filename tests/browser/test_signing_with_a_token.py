"""A leader adds the USB token of her computer by its agent and signs a paper with it, through a wrong PIN."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from eoffice.documents.models import Draft
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import Cast
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.tests import soft_hsm
from eoffice.signing.tests.factories import Pki
from eoffice.signing.tests.soft_hsm import TOKEN_PIN
from tests.browser import stages
from tests.browser.conftest import SitDown
from tests.browser.test_every_page_is_fit_to_use import faults_of
from tests.token.desk import Desk, desk
from tests.working import work

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not soft_hsm.is_installed(), reason="needs SoftHSM2 and OpenSC (scripts/prepare test)"),
]


@pytest.fixture
def her_desk(cast: Cast, live_server: LiveServer, settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    """Her computer: the token with her certificate is in, the agent runs for this site."""
    with soft_hsm.soft_token(tmp_path / "hsm", label="Token VT") as token:
        token.put(Pki().key(cast.leader.full_name, algorithm=KeyAlgorithm.RSA_2048), key_id="01")
        with desk(tmp_path / "home", live_server.url) as made:
            settings.DESK_AGENT = made.origin
            yield made


def type_pin(page: Page, address: str, pin: str) -> None:
    """On the page the agent opened in her browser."""
    window = page.context.new_page()
    window.goto(address)
    expect(window.get_by_text(stages.SUBJECT)).to_be_visible()
    window.get_by_label("Mã PIN của token").fill("00000000")
    window.get_by_role("button", name="Ký", exact=True).click()
    expect(window.get_by_role("alert").filter(has_text="Mã PIN không đúng")).to_be_visible()
    window.get_by_label("Mã PIN của token").fill(pin)
    window.get_by_role("button", name="Ký", exact=True).click()
    expect(window.get_by_text("Đã ký 1 văn bản.")).to_be_visible()
    window.close()


def test_token_is_added_and_signs_a_paper(cast: Cast, sit_down: SitDown, her_desk: Desk) -> None:
    draft = stages.draft_to_sign(cast)
    page = sit_down(cast.leader)
    page.goto("/signing/methods/")
    page.get_by_role("button", name="Tìm token trên máy này").click()
    page.get_by_label("Mã ghép nối trong cửa sổ eoffice-token").fill(her_desk.code())
    page.get_by_role("button", name="Ghép nối").click()
    page.get_by_role("button", name="Dùng chứng thư này").click()
    expect(page.get_by_role("heading", name="USB token trên máy tính")).to_be_visible()
    assert faults_of(page, "/signing/methods/") == []

    page.goto(f"/documents/drafts/sign/?show={draft.pk}&ids={draft.pk}")
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    expect(page.get_by_role("heading", name="Ký bằng USB token")).to_be_visible()
    work()
    type_pin(page, her_desk.consent_address(), TOKEN_PIN)
    expect(page.get_by_text("Đã nhận chữ ký từ token.")).to_be_visible()
    work()

    expect(page.get_by_text(re.compile("Đã ký 1 văn bản"))).to_be_visible()
    assert Draft.objects.get(pk=draft.pk).state == DraftState.SIGNED
