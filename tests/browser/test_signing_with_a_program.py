"""A leader adds the signing program of her computer (VGCA Sign Service) and signs with it, after she cancelled once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from eoffice.core import clock
from eoffice.documents.models import Draft
from eoffice.documents.states import DraftState
from eoffice.documents.tests.cast import Cast, actor_of
from eoffice.signing import services as signing
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.models import AnchorPurpose, ProviderKind
from eoffice.signing.tests.factories import Pki
from eoffice.signing.tests.remote import provider_entry
from eoffice.signing.tests.services_outside.vgca import Desk, SignService
from tests.browser import stages
from tests.browser.conftest import SitDown
from tests.browser.test_every_page_is_fit_to_use import faults_of
from tests.working import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def her_desk(cast: Cast, tmp_path: Path) -> Iterator[Desk]:
    """The program runs on her computer with her token in it; the administrator has switched it on."""
    pki, now = Pki(), clock.now()
    administrator = actor_of(cast.administrator, now=now)
    root = signing.AnchorEntry(certificate=pki.root.der, purpose=AnchorPurpose.TEST, basis="Thử")
    signing.add_trust_anchor(actor=administrator, entry=root, now=now)
    with Desk(SignService(pki.key(cast.leader.full_name, algorithm=KeyAlgorithm.RSA_2048)), tmp_path) as desk:
        entry = provider_entry(ProviderKind.VGCA, desk.address, name="VGCA Sign Service", confirm_s=1800)
        signing.add_provider(actor=administrator, kind=ProviderKind.VGCA, entry=entry, now=now)
        yield desk


def test_program_is_added_and_signs_papers(cast: Cast, sit_down: SitDown, her_desk: Desk) -> None:
    draft = stages.draft_to_sign(cast)
    page = sit_down(cast.leader, trusts_own_computer=True)
    page.goto("/signing/methods/")
    page.get_by_role("button", name="Lấy chứng thư", exact=True).last.click()
    expect(page.get_by_role("heading", name="VGCA Sign Service", exact=True)).to_be_visible()
    assert faults_of(page, "/signing/methods/") == []

    her_desk.service.mood = "cancel"
    page.goto(f"/documents/drafts/sign/?show={draft.pk}&ids={draft.pk}")
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    expect(page.get_by_role("heading", name="Ký bằng VGCA Sign Service")).to_be_visible()
    work()
    expect(page.get_by_text("Người ký đã bấm hủy trong VGCA Sign Service").first).to_be_visible()
    assert Draft.objects.get(pk=draft.pk).state == DraftState.AWAITING_SIGNATURE

    her_desk.service.mood = "sign"
    page.get_by_role("link", name="Ký lại 1 văn bản chưa ký").click()
    page.get_by_role("button", name="Ký các văn bản đã chọn").click()
    expect(page.get_by_role("heading", name="Ký bằng VGCA Sign Service")).to_be_visible()
    work()
    expect(page.get_by_text("đã xong lượt này")).to_be_visible()
    work()

    expect(page.get_by_text(re.compile("Đã ký 1 văn bản"))).to_be_visible()
    assert [name for name, _ in her_desk.service.said] == ["GetCertInfo", "SignApproved", "SignApproved"]
    assert Draft.objects.get(pk=draft.pk).state == DraftState.SIGNED
