from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, verify_password
from django.test import Client

from eoffice.accounts import services
from eoffice.accounts.errors import AddressRefused, SignInRefused, SlowedDown
from eoffice.accounts.models import EntryPolicy, OpenSession, SessionEnd, SignInAttempt, User
from eoffice.accounts.services.passwords import keep_anew
from eoffice.accounts.services.slowing import digest_of
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
    assert services.sign_in(email="huong@TRUONGXUAN.example", password=PASSWORD, now=clock.now()).user == user


def guess(user, times, *, now, address="192.0.2.7", device=""):
    left = []
    for _ in range(times):
        with pytest.raises(SignInRefused) as refused:
            services.sign_in(email=user.email, password="sai", now=now, address=address, device_token=device)
        left.append(refused.value.details["tries_left"])
    return left


def test_after_five_wrong_tries_an_address_waits_fifteen_minutes(user):
    now = clock.now()

    assert guess(user, 5, now=now) == [4, 3, 2, 1, 0]

    with pytest.raises(SlowedDown):
        services.sign_in(email=user.email, password=PASSWORD, now=now + timedelta(minutes=14), address="192.0.2.7")
    later = now + timedelta(minutes=16)
    assert services.sign_in(email=user.email, password=PASSWORD, now=later, address="192.0.2.7").user == user


def test_a_stranger_elsewhere_stops_nobody(user):
    now = clock.now()
    guess(user, 5, now=now, address="198.51.100.9")

    assert services.sign_in(email=user.email, password=PASSWORD, now=now, address="192.0.2.7").user == user


def guess_from_everywhere(user, now):
    SignInAttempt.objects.bulk_create(
        SignInAttempt(address=f"198.51.100.{host}", email_digest=digest_of(user.email), at=now) for host in range(50)
    )


def test_a_known_device_gets_in_while_strangers_guess_from_everywhere(user):
    now = clock.now()
    device = services.sign_in(email=user.email, password=PASSWORD, now=now, address="192.0.2.7").device_token
    guess_from_everywhere(user, now)
    with pytest.raises(SlowedDown):
        services.sign_in(email=user.email, password=PASSWORD, now=now, address="203.0.113.1")
    with pytest.raises(SlowedDown):
        services.sign_in(email=user.email, password=PASSWORD, now=now, address="203.0.113.1", device_token="x" * 43)

    known = services.sign_in(email=user.email, password=PASSWORD, now=now, address="203.0.113.1", device_token=device)

    assert (known.user, known.device_token) == (user, device)


def test_a_known_device_is_slowed_by_its_own_wrong_tries(user):
    now = clock.now()
    device = services.sign_in(email=user.email, password=PASSWORD, now=now).device_token
    guess(user, 5, now=now, device=device)

    with pytest.raises(SlowedDown):
        services.sign_in(email=user.email, password=PASSWORD, now=now, device_token=device)


def test_a_device_is_known_to_the_accounts_that_signed_in_on_it_and_no_other(user):
    now = clock.now()
    device = services.sign_in(email=user.email, password=PASSWORD, now=now).device_token
    other = services.create_user(actor=NOBODY, email="khanh@truongxuan.example", password=PASSWORD, now=now)
    guess_from_everywhere(other, now)

    with pytest.raises(SlowedDown):
        services.sign_in(email=other.email, password=PASSWORD, now=now, device_token=device)


def test_the_right_password_ends_the_count(user):
    now = clock.now()
    guess(user, 4, now=now)
    services.sign_in(email=user.email, password=PASSWORD, now=now, address="192.0.2.7")

    assert guess(user, 5, now=now) == [4, 3, 2, 1, 0]


def test_an_unknown_email_is_slowed_like_a_known_one():
    now = clock.now()
    nobody = User(email="nobody@truongxuan.example")

    assert guess(nobody, 5, now=now) == [4, 3, 2, 1, 0]
    with pytest.raises(SlowedDown):
        services.sign_in(email=nobody.email, password=PASSWORD, now=now, address="192.0.2.7")


def test_an_unknown_email_is_refused_like_a_known_one(user):
    with pytest.raises(SignInRefused, match="E-mail hoặc mật khẩu chưa đúng"):
        services.sign_in(email="nobody@truongxuan.example", password=PASSWORD, now=clock.now())


@pytest.mark.parametrize("who", ["known", "unknown", "closed", "without a password"])
def test_every_email_costs_one_hash_whoever_it_belongs_to(user, monkeypatch, who):
    """Equal work, not equal milliseconds: a clock on a busy machine proves nothing."""
    if who == "closed":
        services.close_account(actor=NOBODY, user_id=user.pk, reason="nghỉ việc", now=clock.now())
    if who == "without a password":
        user.set_unusable_password()
        user.save()
    done: list[str] = []
    verify, encode = Argon2PasswordHasher.verify, Argon2PasswordHasher.encode
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda *a, **k: done.append("verify") or verify(*a, **k))
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *a, **k: done.append("encode") or encode(*a, **k))

    with pytest.raises(SignInRefused):
        services.sign_in(
            email="khong-co@truongxuan.example" if who == "unknown" else user.email, password="sai", now=clock.now()
        )

    assert len(done) == 1


class OlderHasher(Argon2PasswordHasher):
    """Argon2id as it was kept before: cheaper in memory."""

    memory_cost = 8_192
    time_cost = 1
    parallelism = 1


def keep_as_before(user: User) -> str:
    older = OlderHasher()
    user.password = older.encode(PASSWORD, older.salt())
    user.save(update_fields=["password"])
    return user.password


def test_a_password_hashed_with_older_parameters_is_hashed_anew_at_sign_in(user):
    older = keep_as_before(user)
    other, client = Client(), Client()
    other.force_login(user)
    now, key = clock.now(), other.session.session_key
    OpenSession.objects.create(user=user, session_key=key, door_code="local", started_at=now, seen_at=now)

    answer = client.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD})

    user.refresh_from_db()
    assert (answer.status_code, client.get("/tai-khoan/").status_code) == (303, 200)
    assert user.password != older
    assert verify_password(PASSWORD, user.password) == (True, False)
    # A session is bound to the hash: the one on the other device ended, and its line says why.
    assert OpenSession.objects.get(session_key=key).ended_because == SessionEnd.KEPT_ANEW
    assert other.get("/tai-khoan/").status_code == 302
    kept = user.password
    services.sign_in(email=user.email, password=PASSWORD, now=clock.now())
    user.refresh_from_db()
    assert user.password == kept


def test_a_wrong_password_and_a_shut_door_leave_the_older_hash(user):
    older = keep_as_before(user)

    guess(user, 1, now=clock.now())
    EntryPolicy.objects.update_or_create(pk=1, defaults={"local_passwords": False})
    with pytest.raises(SignInRefused):
        services.sign_in(email=user.email, password=PASSWORD, now=clock.now())

    user.refresh_from_db()
    assert user.password == older


def test_of_two_sign_ins_at_once_the_second_goes_on_with_the_hash_of_the_first(user):
    keep_as_before(user)
    one, two = User.objects.get(pk=user.pk), User.objects.get(pk=user.pk)

    assert keep_anew(actor=NOBODY, user=one, password=PASSWORD, now=clock.now())
    assert keep_anew(actor=NOBODY, user=two, password=PASSWORD, now=clock.now())
    assert one.password == two.password == User.objects.get(pk=user.pk).password

    keep_as_before(user)
    late = User.objects.get(pk=user.pk)
    services.change_password(actor=NOBODY, user_id=user.pk, old=PASSWORD, new="mot-cau-khac-han", now=clock.now())
    assert not keep_anew(actor=NOBODY, user=late, password=PASSWORD, now=clock.now())
    user.refresh_from_db()
    assert user.check_password("mot-cau-khac-han")


def test_an_address_that_guesses_over_many_accounts_is_slowed_down(user):
    now = clock.now()
    SignInAttempt.objects.bulk_create([SignInAttempt(address="192.0.2.7", at=now) for _ in range(40)])

    with pytest.raises(AddressRefused):
        services.sign_in(email=user.email, password=PASSWORD, now=now, address="192.0.2.7")

    assert services.sign_in(email=user.email, password=PASSWORD, now=now, address="192.0.2.8").user == user


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
