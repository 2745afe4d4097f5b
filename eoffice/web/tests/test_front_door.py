from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from PIL import Image

from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.documents.tests.cast import make_cast
from eoffice.organization import services as organization
from eoffice.organization.models import SystemNotice
from eoffice.organization.services.front_door import clean_logo

SYSTEM = ActorRef(person_id=None, source="cli")
PAGE = "/mat-tien/"
WORDS = {
    "name": "Tập đoàn Hạ tầng số Trường Xuân",
    "hotline": "1800 0000",
    "hotline_note": "Miễn phí, 7:00–19:00",
    "support_email": "hotro@truongxuan.example",
    "support_contacts": "Miền Trung: chị Lan, máy lẻ 204",
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    organization.install(actor=SYSTEM, name="Cơ quan", is_demo=True, now=clock.now())
    return make_cast(now=clock.now())


@pytest.fixture
def administrator(cast):
    client = Client()
    client.force_login(cast.administrator.user)
    return client


def picture(kind: str = "PNG", size: tuple[int, int] = (120, 40)) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, "#1a5599").save(drawn, kind)
    return drawn.getvalue()


def test_what_the_administrator_writes_stands_on_the_login_page(administrator):
    logo = io.BytesIO(picture())
    logo.name = "logo.png"
    assert administrator.post(PAGE, {**WORDS, "logo": logo}).status_code == 303

    page = Client().get("/tai-khoan/dang-nhap/").content.decode()

    assert [words for words in WORDS.values() if words not in page] == []
    address = page.split('src="/mat-tien/logo/')[1].split('"')[0]
    shown = Client().get(f"/mat-tien/logo/{address}")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")


def test_the_preview_shows_and_saves_nothing(administrator):
    page = administrator.post(PAGE, {**WORDS, "preview": "1"}).content.decode()

    assert "1800 0000" in page
    assert "1800 0000" not in Client().get("/tai-khoan/dang-nhap/").content.decode()


def test_a_notice_is_shown_from_its_first_to_its_last_moment(administrator):
    now = clock.now()
    for text, starts, ends in [("Đang bảo trì", -1, 1), ("Sắp bảo trì", 1, 2), ("Đã bảo trì", -2, -1)]:
        SystemNotice.objects.create(
            text=text, starts_at=now + timedelta(hours=starts), ends_at=now + timedelta(hours=ends)
        )

    page = Client().get("/tai-khoan/dang-nhap/").content.decode()

    assert "Đang bảo trì" in page
    assert "Sắp bảo trì" not in page
    assert "Đã bảo trì" not in page


def test_a_notice_is_added_and_taken_off(administrator):
    span = {"starts_at": "01/01/2026 00:00", "ends_at": "31/12/2099 00:00"}
    administrator.post(f"{PAGE}thong-bao/", {"text": "Bảo trì tối nay", **span})
    notice = SystemNotice.objects.get()

    administrator.post(f"{PAGE}thong-bao/{notice.pk}/go/")

    assert "Bảo trì tối nay" not in Client().get("/tai-khoan/dang-nhap/").content.decode()


def test_a_notice_that_ends_before_it_begins_is_refused_and_what_was_typed_stays(administrator):
    span = {"starts_at": "02/01/2099 00:00", "ends_at": "01/01/2099 00:00"}

    answer = administrator.post(f"{PAGE}thong-bao/", {"text": "Bảo trì", **span})

    assert answer.status_code == 422
    assert "02/01/2099 00:00" in answer.content.decode()
    assert not SystemNotice.objects.exists()


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"%PDF-1.7", picture(size=(8, 8)), picture()[:60]])
def test_what_is_no_good_picture_is_no_logo(content):
    with pytest.raises(Invalid):
        clean_logo(content)


def test_what_a_picture_carries_besides_is_left_behind():
    carried = picture() + b"<script>alert(1)</script>"

    assert b"script" not in clean_logo(carried)


def test_nobody_but_an_administrator_edits_the_login_page(cast):
    client = Client()
    client.force_login(cast.clerk.user)

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, WORDS).status_code == 403
    assert client.post(f"{PAGE}thong-bao/", {}).status_code == 403
