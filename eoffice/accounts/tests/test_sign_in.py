from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from eoffice.accounts import services
from eoffice.accounts.errors import AccountLocked, AddressRefused, SignInRefused
from eoffice.accounts.models import SignInAttempt, User
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid

NOBODY = ActorRef(person_id=None, source="cli")
PASSWORD = "mot-mat-khau-du-dai"
pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return services.create_user(actor=NOBODY, email="Huong@truongxuan.example", password=PASSWORD, now=clock.now())


def test_right_password_opens_whatever_the_capitals_of_the_email(user):
    assert services.sign_in(email="huong@TRUONGXUAN.example", password=PASSWORD, now=clock.now()) == user


def test_fifth_wrong_try_locks_for_fifteen_minutes(user):
    now = clock.now()

    left = []
    for _ in range(4):
        with pytest.raises(SignInRefused) as refused:
            services.sign_in(email=user.email, password="sai", now=now)
        left.append(refused.value.details["tries_left"])
    with pytest.raises(AccountLocked):
        services.sign_in(email=user.email, password="sai", now=now)

    assert left == [4, 3, 2, 1]
    with pytest.raises(AccountLocked):
        services.sign_in(email=user.email, password=PASSWORD, now=now + timedelta(minutes=14))
    assert services.sign_in(email=user.email, password=PASSWORD, now=now + timedelta(minutes=16)) == user


def test_an_unknown_email_is_refused_like_a_known_one(user):
    with pytest.raises(SignInRefused, match="E-mail hoặc mật khẩu chưa đúng"):
        services.sign_in(email="nobody@truongxuan.example", password=PASSWORD, now=clock.now())


def test_an_address_that_guesses_over_many_accounts_is_slowed_down(user):
    now = clock.now()
    SignInAttempt.objects.bulk_create([SignInAttempt(address="192.0.2.7", at=now) for _ in range(40)])

    with pytest.raises(AddressRefused):
        services.sign_in(email=user.email, password=PASSWORD, now=now, address="192.0.2.7")

    assert services.sign_in(email=user.email, password=PASSWORD, now=now, address="192.0.2.8") == user


def test_a_closed_account_does_not_open(user):
    User.objects.filter(pk=user.pk).update(is_active=False)

    with pytest.raises(SignInRefused):
        services.sign_in(email=user.email, password=PASSWORD, now=clock.now())


def test_the_same_email_is_not_taken_twice(user):
    with pytest.raises(Invalid, match="Đã có tài khoản"):
        services.create_user(actor=NOBODY, email="HUONG@truongxuan.example", password=PASSWORD, now=clock.now())

    assert User.objects.count() == 1


@pytest.mark.parametrize("weak", ["ngan", "password123", "1234567890"])
def test_a_weak_password_is_refused(user, weak):
    with pytest.raises(Invalid):
        services.change_password(actor=NOBODY, user_id=user.pk, old=PASSWORD, new=weak, now=clock.now())

    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_login_page_goes_on_only_to_our_own_pages(user):
    client = Client()

    answer = client.post(
        "/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("words", ["-1", "tai-khoan", "a b", "javascript:alert(1)", "//evil.example/"])
def test_the_login_page_sends_whoever_is_signed_in_home_for_anything_but_a_path(user, words):
    client = Client()
    client.force_login(user)

    answer = client.get("/tai-khoan/dang-nhap/", {"next": words})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_refused_try_keeps_the_email_and_says_how_many_are_left(user):
    answer = Client().post("/tai-khoan/dang-nhap/", {"email": user.email, "password": "sai"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert user.email in page
    assert "Còn 4 lần thử" in page
