"""Coming in with two proofs: password and SMS code, an authenticator app, a passkey, a recovery code."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from eoffice.accounts import services as accounts
from eoffice.accounts.holders import Holder
from eoffice.accounts.services.doors import DoorEntry, create_door
from eoffice.accounts.services.second_factor_phones import set_phone
from eoffice.accounts.services.second_factor_policy import PolicyEntry, set_policy
from eoffice.accounts.tests.forging_provider import CLIENT_ID, CLIENT_SECRET, running
from eoffice.accounts.tests.test_authenticator_app import phone_code
from eoffice.core import clock
from eoffice.core.channels import sending
from eoffice.core.channels.gateways import GatewayEntry, add_gateway
from eoffice.core.models import InboxMessage, OutboundMessage
from eoffice.documents.tests.cast import Cast, make_cast
from eoffice.organization import services as organization
from eoffice.organization.models import Person, Role
from tests.browser.conftest import SitDown

PASSWORD = "mot-mat-khau-du-dai"
ADMINISTRATOR = Holder(roles=frozenset({"administrator"}))
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def clerk(cast: Cast, sit_down: SitDown, settings: Settings) -> Person:
    """A clerk with a password and a phone, in a demo that asks clerks for a code."""
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=True)
    now = clock.now()
    person = organization.create_person(
        actor=ADMINISTRATOR.ref, full_name="Võ Thị Mã", email="ma@txg.test", password=PASSWORD, now=now
    )
    assert person.user is not None
    organization.appoint(
        actor=ADMINISTRATOR.ref, person=person, unit=cast.group, position_name="Văn thư", rank=9,
        starts_on=clock.local_date(now), now=now,
    )  # fmt: skip
    organization.grant_role(
        actor=ADMINISTRATOR.ref, person=person, unit=cast.group, role=Role.CLERK, starts_on=clock.local_date(now),
        now=now,
    )  # fmt: skip
    add_gateway(entry=GatewayEntry(name="Hộp thư", channel="sms", kind="inbox", settings={}), now=now)
    set_policy(actor=ADMINISTRATOR, entry=PolicyEntry(always_roles=("clerk",)), now=now)
    set_phone(actor=ADMINISTRATOR, user_id=person.user.pk, typed="0901234567", reason="Số của bài thử này", now=now)
    return person


def give_password(page: Page) -> None:
    page.goto("/tai-khoan/dang-nhap/?next=/tai-khoan/bao-mat/")
    page.get_by_label("E-mail").first.fill("ma@txg.test")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("heading", name="Xác thực lần hai")).to_be_visible()


def code_from_inbox(page: Page) -> str:
    """Read the newest code in the simulated phone, in a tab beside the page, as a person trying the product does."""
    for message in OutboundMessage.objects.filter(state="waiting").order_by("pk"):
        sending.try_to_send(message_id=message.pk, now=clock.now())
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Mở hộp thư SMS thử nghiệm").click()
    inbox = opened.value
    newest = inbox.get_by_role("list", name="Tin đã nhận, mới nhất trước").get_by_role("listitem").first
    code = re.search(r"\b(\d{6}) là mã", newest.inner_text())
    assert code is not None
    inbox.close()
    return code[1]


def give_code(page: Page, code: str, label: str = "Mã xác thực") -> None:
    page.get_by_label(label, exact=True).fill(code)
    page.get_by_role("button", name="Xác nhận", exact=True).click()


def come_in_by_sms(page: Page) -> None:
    give_password(page)
    expect(page.get_by_text("090****567")).to_be_visible()
    give_code(page, code_from_inbox(page))
    expect(page.get_by_role("heading", name="Bảo mật đăng nhập")).to_be_visible()


def sign_out(page: Page) -> None:
    page.context.clear_cookies(name=django_settings.SESSION_COOKIE_NAME)


def test_password_and_sms_code_let_in_and_a_trusted_device_is_not_asked_again(clerk: Person, sit_down: SitDown) -> None:
    page = sit_down(None)
    give_password(page)
    code = code_from_inbox(page)
    give_code(page, f"{(int(code) + 1) % 1_000_000:06d}")
    expect(page.get_by_role("alert")).to_contain_text("Còn 4 lần thử với mã này")

    page.get_by_label("Thiết bị này của tôi: không hỏi lại trong 30 ngày").check()
    give_code(page, code)
    expect(page.get_by_role("heading", name="Bảo mật đăng nhập")).to_be_visible()
    sign_out(page)

    page.goto("/tai-khoan/dang-nhap/?next=/tai-khoan/bao-mat/")
    page.get_by_label("E-mail").first.fill("ma@txg.test")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("heading", name="Bảo mật đăng nhập")).to_be_visible()
    expect(page.get_by_role("button", name="Bỏ tin cậy")).to_be_visible()


def test_the_groups_sign_on_and_a_code_by_sms_let_in(clerk: Person, sit_down: SitDown) -> None:
    with running() as provider:
        provider.claims = {"email": "ma@txg.test"}
        settings = {"issuer": provider.issuer, "client_id": CLIENT_ID}
        entry = DoorEntry(
            code="tap-doan", kind="oidc", name="Đăng nhập bằng tài khoản Tập đoàn", is_on=True, settings=settings,
            secret=CLIENT_SECRET,
        )  # fmt: skip
        create_door(actor=ADMINISTRATOR.ref, entry=entry, now=clock.now())
        page = sit_down(None)
        page.goto("/tai-khoan/dang-nhap/?next=/tai-khoan/bao-mat/")
        page.get_by_role("button", name="Đăng nhập bằng tài khoản Tập đoàn").click()

        expect(page.get_by_role("heading", name="Xác thực lần hai")).to_be_visible()
        give_code(page, code_from_inbox(page))

        expect(page.get_by_role("heading", name="Bảo mật đăng nhập")).to_be_visible()


def test_who_is_invited_sets_a_password_and_is_asked_for_the_code(clerk: Person, sit_down: SitDown) -> None:
    assert clerk.user is not None
    clerk.user.set_unusable_password()
    clerk.user.save()
    add_gateway(entry=GatewayEntry(name="Thư", channel="mail", kind="inbox", settings={}), now=clock.now())
    accounts.send_link(actor=ADMINISTRATOR.ref, user_id=clerk.user.pk, now=clock.now())
    for message in OutboundMessage.objects.filter(state="waiting").order_by("pk"):
        sending.try_to_send(message_id=message.pk, now=clock.now())
    found = re.search(r"/tai-khoan/dat-mat-khau/\S+", InboxMessage.objects.get().body)
    assert found is not None
    page = sit_down(None, phone=True)
    page.goto(found[0])
    page.get_by_label("Mật khẩu mới", exact=True).fill("cau-khac-han-va-dai")
    page.get_by_label("Nhập lại mật khẩu mới").fill("cau-khac-han-va-dai")
    page.get_by_role("button", name="Đặt mật khẩu").click()

    expect(page.get_by_role("heading", name="Xác thực lần hai")).to_be_visible()
    give_code(page, code_from_inbox(page))
    page.wait_for_url("**/")
    page.goto(found[0])
    expect(page.get_by_role("heading", name="Liên kết không còn dùng được")).to_be_visible()


def test_app_is_enrolled_by_its_picture_and_asked_at_the_next_sign_in(clerk: Person, sit_down: SitDown) -> None:
    page = sit_down(None)
    come_in_by_sms(page)
    page.get_by_role("button", name="Thêm ứng dụng xác thực").click()
    picture = page.get_by_role("img", name="Mã QR để thêm eOffice vào ứng dụng xác thực")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 100
    secret = page.locator("p", has_text="Khóa để nhập tay").locator("code").inner_text()
    page.get_by_label("Mã đang hiện trong ứng dụng").fill(phone_code(secret, clock.now()))
    page.get_by_role("button", name="Xác nhận ứng dụng").click()
    expect(page.get_by_text("Đã thêm ứng dụng xác thực.")).to_be_visible()
    sign_out(page)

    give_password(page)
    expect(page.get_by_text("Mở ứng dụng xác thực trên điện thoại")).to_be_visible()
    # The step of the enrolment counts no more; a phone's clock may run half a minute ahead.
    give_code(page, phone_code(secret, clock.now() + timedelta(seconds=30)))
    expect(page.get_by_role("heading", name="Bảo mật đăng nhập")).to_be_visible()


def test_recovery_code_lets_in_once(clerk: Person, sit_down: SitDown) -> None:
    page = sit_down(None)
    come_in_by_sms(page)
    page.get_by_role("button", name="Tạo mười mã mới").click()
    codes = page.locator("#recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải về").click()
    assert codes[0] in download.value.path().read_text()
    sign_out(page)

    for expected in ("Bảo mật đăng nhập", "Xác thực lần hai"):
        give_password(page)
        page.get_by_role("link", name="Mã khôi phục").click()
        give_code(page, codes[0], "Mã khôi phục")
        expect(page.get_by_role("heading", name=expected)).to_be_visible()
        sign_out(page)


def test_passkey_of_this_machine_is_added_and_lets_in(
    clerk: Person, sit_down: SitDown, live_server: LiveServer
) -> None:
    page = sit_down(None)
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    # Browsers give passkeys to names, never to numeric addresses.
    home = f"http://localhost:{urlsplit(live_server.url).port}"
    page.goto(f"{home}/tai-khoan/dang-nhap/?next=/tai-khoan/bao-mat/")
    page.get_by_label("E-mail").first.fill("ma@txg.test")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    give_code(page, code_from_inbox(page))
    page.get_by_label("Tên khóa").fill("Máy tính này")
    page.get_by_role("button", name="Thêm khóa đăng nhập").click()
    expect(page.get_by_role("cell", name="Máy tính này", exact=True)).to_be_visible()
    sign_out(page)

    page.goto(f"{home}/tai-khoan/dang-nhap/?next=/tai-khoan/bao-mat/")
    page.get_by_label("E-mail").first.fill("ma@txg.test")
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.get_by_role("button", name="Dùng khóa đăng nhập").click()
    expect(page.get_by_role("heading", name="Bảo mật đăng nhập")).to_be_visible()
    expect(page.get_by_role("cell", name="Chưa dùng")).to_have_count(0)
