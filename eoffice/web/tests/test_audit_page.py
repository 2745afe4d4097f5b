"""The audit page names people, also where an entry only knows an account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.accounts import services as accounts
from eoffice.accounts.errors import SignInRefused
from eoffice.audit import services as audit
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.paging import PAGE_SIZE
from eoffice.web.tests.factories import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def _audit_page(client: Client, cast: Cast, query: str = "") -> str:
    """The page as an administrator reads it: with special powers in force."""
    administrator = cast.people["administrator"]
    assert administrator.user is not None
    client.force_login(administrator.user)
    client.post(reverse("organization:powers"), {"reason": "Tìm người đăng nhập sai", "password": PASSWORD})
    return client.get(f"/quan-tri/nhat-ky/{query}").content.decode()


def test_sign_in_shows_who_signed_in(client: Client, cast: Cast) -> None:
    officer = cast.people["officer"]
    Client().post(reverse("accounts:login"), {"email": cast.email("officer"), "password": PASSWORD})

    page = _audit_page(client, cast, f"?person={officer.pk}")

    assert "Nhật ký của Hoàng Ngọc Bảo Trâm" in page
    row = next(each for each in page.split("<tr>") if 'title="accounts.user.signed_in"' in each)
    assert f'?person={officer.pk}">Hoàng Ngọc Bảo Trâm</a>' in row
    assert "Tài khoản của Hoàng Ngọc Bảo Trâm" in row


def test_refused_sign_in_accuses_nobody(client: Client, cast: Cast) -> None:
    with pytest.raises(SignInRefused):
        accounts.sign_in(email=cast.email("officer"), password="Sai-mat-khau-1", now=clock.now())

    page = _audit_page(client, cast)

    row = next(each for each in page.split("<tr>") if 'title="accounts.user.sign_in_refused"' in each)
    assert "Chưa đăng nhập" in row
    assert "Tài khoản của Hoàng Ngọc Bảo Trâm" in row


def _rows(page: str) -> list[str]:
    return [each for each in page.split("<tr>") if "</td>" in each]


def test_trail_is_narrowed_by_object_and_by_day(client: Client, cast: Cast) -> None:
    Client().post(reverse("accounts:login"), {"email": cast.email("officer"), "password": PASSWORD})
    today = clock.local_date(clock.now())
    account = cast.people["officer"].user_id

    about = _audit_page(client, cast, f"?kind=user&object={account}")
    tomorrow = _audit_page(client, cast, f"?since={today + timedelta(days=1):%d/%m/%Y}")
    today_only = _audit_page(client, cast, f"?since={today:%d/%m/%Y}&until={today:%d/%m/%Y}")

    assert _rows(about)
    assert all("Tài khoản của Hoàng Ngọc Bảo Trâm" in row for row in _rows(about))
    assert f'value="{account}"' in about
    assert "Không có dòng nhật ký nào" in tomorrow
    assert not _rows(tomorrow)
    assert any('title="accounts.user.signed_in"' in row for row in _rows(today_only))


def test_wrong_days_are_told_and_kept(client: Client, cast: Cast) -> None:
    page = _audit_page(client, cast, "?since=02/03/2026&until=01/03/2026")

    assert "Ngày kết thúc phải từ ngày bắt đầu trở đi." in page
    assert 'value="02/03/2026"' in page
    assert not _rows(page)


def test_next_page_keeps_the_filter(client: Client, cast: Cast) -> None:
    for number in range(PAGE_SIZE + 1):
        audit.record(
            actor=ActorRef(None, source="job"), action="documents.incoming.registered", object_kind="incoming",
            object_id=number, now=clock.now(),
        )  # fmt: skip

    first = _audit_page(client, cast, "?kind=incoming")
    after = re.findall(r'href="/quan-tri/nhat-ky/(\?kind=incoming&amp;after=\d+)"', first)
    later = client.get(f"/quan-tri/nhat-ky/{after[0].replace('&amp;', '&')}").content.decode()

    assert (len(_rows(first)), len(_rows(later))) == (PAGE_SIZE, 1)
    assert 'href="/quan-tri/nhat-ky/?kind=incoming"' in later
