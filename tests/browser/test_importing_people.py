"""A list of people with faults is turned down by row and column; mended, shown and confirmed, its people are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from eoffice.documents.tests.cast import Cast
from eoffice.organization.models import ImportRun, Person, RunState, Unit
from eoffice.organization.tests.lists import people_csv
from tests.browser.choosing import search_box
from tests.browser.conftest import SitDown
from tests.browser.test_every_page_is_fit_to_use import faults_of
from tests.working import work

NEWCOMER = "NV1;Nguyễn Hoài Phương;phuong.nh@truongxuan.example;0901 234 567;CN;Chuyên viên;9;01/01/2026;"
FAULTY = (
    NEWCOMER.replace("0901 234 567", "12"),
    "NV2;Đặng Thu Thủy;thuy.dt@truongxuan.example;;KHONG-CO;Chuyên viên;9;31/02/2026;",
)
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def hand_in(page: Page, path: Path, content: bytes) -> None:
    """Give a file to the form, sent with the key of its button."""
    path.write_bytes(content)
    page.get_by_role("button", name=re.compile("Thả tệp danh sách vào đây")).set_input_files(path)
    expect(page.get_by_text(path.name).first).to_be_visible()
    page.locator("body").press("g")
    page.wait_for_url(re.compile(r"/co-cau/nhap/\d+/$"))


def test_a_faulty_list_is_mended_shown_confirmed_and_its_person_found(
    cast: Cast, sit_down: SitDown, tmp_path: Path
) -> None:
    Unit.objects.filter(pk=cast.technology.pk).update(code="CN")
    page = sit_down(cast.administrator)
    page.goto("/co-cau/nhap/")
    hand_in(page, tmp_path / "co-loi.csv", people_csv(*FAULTY))
    expect(page.get_by_text("Đóng trang này được")).to_be_visible()
    work()

    expect(page.get_by_role("alert").filter(has_text="2 dòng có lỗi. Chưa có gì được ghi.")).to_be_visible()
    first, second = (page.get_by_role("row").filter(has_text=key) for key in ("NV1", "NV2"))
    expect(first.get_by_role("cell", name="2", exact=True)).to_be_visible()
    expect(first).to_contain_text("Điện thoại «12»")
    expect(second.get_by_role("cell", name="3", exact=True)).to_be_visible()
    expect(second).to_contain_text("Mã đơn vị «KHONG-CO»")
    expect(second).to_contain_text("Từ ngày «31/02/2026»")
    assert not Person.objects.filter(code="NV1").exists()
    faulty = ImportRun.objects.get()
    assert faults_of(page, f"/co-cau/nhap/{faulty.pk}/") == []

    page.get_by_role("link", name="Nhập tệp đã sửa").press("Enter")
    page.wait_for_url("**/co-cau/nhap/")
    hand_in(page, tmp_path / "da-sua.csv", people_csv(NEWCOMER))
    work()
    expect(page.get_by_text("1 thêm.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="NV1")).to_contain_text("Nguyễn Hoài Phương")
    assert not Person.objects.filter(code="NV1").exists()
    page.locator("body").press("g")
    expect(page.get_by_text("Đóng trang này được")).to_be_visible()
    work()

    expect(page.get_by_text("Đã nhập 1 thêm")).to_be_visible()
    states = ImportRun.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [RunState.FAULTY, RunState.APPLIED]
    leader = sit_down(cast.leader)
    leader.goto("/organization/uy-quyen/them/")
    picker = search_box(leader, "Người nhận ủy quyền")
    picker.click()
    picker.press_sequentially("ng hoai ph")
    expect(leader.get_by_role("option").filter(has_text="Nguyễn Hoài Phương")).to_be_visible()
