"""The audit page names people, also where an entry only knows an account."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.accounts import services as accounts
from eoffice.accounts.errors import SignInRefused
from eoffice.core import clock
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
