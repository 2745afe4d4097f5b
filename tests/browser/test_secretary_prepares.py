"""A secretary prepares, the leader sends in one press, on the desk and on the phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from eoffice.core import clock
from eoffice.core.clock import local_date
from eoffice.documents.models import Assignment, Directive, IncomingDocument, ProposedDirective
from eoffice.documents.tests import letters
from eoffice.documents.tests.cast import Cast, actor_of
from eoffice.organization.services import secretaries
from eoffice.organization.services.secretaries import ServiceTerms
from tests.browser import stages
from tests.browser.conftest import SitDown

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def served(cast: Cast) -> IncomingDocument:
    """Mai Lan Anh serves the general director; one letter waits for him."""
    now = clock.now()
    secretaries.name_secretary(
        actor=actor_of(cast.leader, now=now),
        secretary_id=cast.legal_officer.pk,
        terms=ServiceTerms(basis="Thông báo số 12/TB-TXG", starts_on=local_date(now)),
        now=now,
    )
    return letters.forwarded(cast, now=now, issued_on=stages.yesterday())


@pytest.mark.parametrize("phone", [False, True])
def test_what_the_secretary_prepared_goes_in_one_press(cast: Cast, sit_down: SitDown, phone: bool) -> None:
    letter = served(cast)
    desk = sit_down(cast.legal_officer)
    desk.goto("/")
    navigation = desk.get_by_role("navigation", name="Điều hướng chính")
    expect(navigation.get_by_text(f"Chuẩn bị cho ông/bà {cast.leader.full_name}")).to_be_visible()
    navigation.get_by_role("link", name="Chờ cho ý kiến 1").click()
    desk.get_by_role("link", name=re.compile(letter.subject)).click()
    expect(desk.get_by_role("heading", level=1, name=re.compile(letter.subject))).to_be_focused()
    expect(desk.get_by_role("button", name="Gửi theo dự kiến")).to_have_count(0)

    desk.keyboard.press("g")
    dialog = desk.get_by_role("dialog", name="Dự kiến bút phê")
    dialog.get_by_role("searchbox", name="Tìm nơi nhận").fill("cong nghe")
    dialog.get_by_role("button", name=f"Chủ trì: {cast.technology.name}").click()
    dialog.get_by_label("Nội dung chỉ đạo").fill("Giao Ban Công nghệ chủ trì tham mưu.")
    dialog.get_by_role("button", name="Lưu dự kiến").click()

    expect(desk.get_by_role("status").get_by_text("Đã lưu dự kiến.")).to_be_visible()
    assert not Directive.objects.exists()
    leader = sit_down(cast.leader, phone=phone)
    leader.goto("/documents/incoming/?box=to_direct")
    expect(leader.get_by_text("Có dự kiến bút phê")).to_be_visible()
    leader.get_by_role("link", name=re.compile(letter.subject)).click()
    prepared = leader.get_by_role("region", name="Dự kiến bút phê")
    expect(prepared.get_by_text("Giao Ban Công nghệ chủ trì tham mưu.")).to_be_visible()
    expect(prepared.get_by_text(f"Thư ký {cast.legal_officer.full_name} chuẩn bị")).to_be_visible()
    expect(prepared.get_by_role("button", name="Gửi theo dự kiến")).to_be_in_viewport()
    prepared.get_by_role("button", name="Gửi theo dự kiến").click()

    expect(leader.get_by_role("status").get_by_text("Đã gửi bút phê theo dự kiến.")).to_be_visible()
    directive = Directive.objects.get()
    assert (directive.author, directive.prepared_by) == (cast.leader, cast.legal_officer)
    assert Assignment.objects.get().unit == cast.technology


def test_the_leader_mends_what_was_prepared(cast: Cast, sit_down: SitDown) -> None:
    letter = served(cast)
    ProposedDirective.objects.create(
        incoming=letter, leader=cast.leader, prepared_by=cast.legal_officer, text="Giao Ban Công nghệ.",
        recipients=[{"kind": "unit", "id": cast.technology.pk, "role": "lead"}], prepared_at=clock.now(),
    )  # fmt: skip
    leader = sit_down(cast.leader)
    leader.goto(f"/documents/incoming/{letter.pk}/")

    leader.get_by_role("link", name="Sửa rồi gửi").click()
    dialog = leader.get_by_role("dialog", name="Bút phê")
    expect(dialog.get_by_label("Nội dung chỉ đạo")).to_have_value("Giao Ban Công nghệ.")
    dialog.get_by_label("Nội dung chỉ đạo").fill("Giao Ban Công nghệ, báo cáo tôi trước thứ Sáu.")
    dialog.get_by_role("button", name="Chuyển", exact=True).click()

    expect(leader.get_by_role("status").get_by_text("Đã chuyển 1 nơi nhận.")).to_be_visible()
    directive = Directive.objects.get()
    assert (directive.text, directive.prepared_by) == (
        "Giao Ban Công nghệ, báo cáo tôi trước thứ Sáu.", cast.legal_officer
    )  # fmt: skip
