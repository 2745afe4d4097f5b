"""Sessions: seen, limited, ended; and what signing in costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from eoffice.accounts import services
from eoffice.accounts.jobs import forget_old_entries
from eoffice.accounts.models import OpenSession, SessionEnd, SignInAttempt, User
from eoffice.accounts.services.doors import EntryRules, change_entry_policy
from eoffice.accounts.session_store import SessionStore
from eoffice.accounts.views.entering import ENTERED
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef

SYSTEM = ActorRef(person_id=None, source="cli")
PASSWORD = "mot-mat-khau-du-dai"
DEVICES = "/tai-khoan/thiet-bi/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return services.create_user(actor=SYSTEM, email="huong@truongxuan.example", password=PASSWORD, now=clock.now())


def signed_in(user: User, agent: str = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0") -> Client:
    client = Client(headers={"User-Agent": agent})
    answer = client.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 303
    return client


def wind_back(client: Client, **by: int) -> None:
    """As if the session had begun, or been used, so many seconds earlier."""
    session = client.session
    session[ENTERED] = {name: value - by.get(name, 0) for name, value in session[ENTERED].items()}
    session.save()


def test_my_devices_are_listed_and_this_one_is_named(user):
    here = signed_in(user)
    signed_in(user, "Mozilla/5.0 (iPhone) Version/18.0 Safari/605")

    page = here.get(DEVICES).content.decode()

    assert "Chrome trên Windows" in page
    assert "Safari trên iPhone" in page
    assert page.count("Thiết bị này") == 1


def test_a_device_is_signed_out_by_its_owner_and_nobody_else(user):
    here, there = signed_in(user), signed_in(user)
    stranger = services.create_user(actor=SYSTEM, email="la@truongxuan.example", password=PASSWORD, now=clock.now())
    row = OpenSession.objects.get(session_key=there.session.session_key)
    assert signed_in(stranger).post(f"{DEVICES}{row.pk}/dang-xuat/").status_code == 404

    assert here.post(f"{DEVICES}{row.pk}/dang-xuat/").status_code == 303

    assert there.get(DEVICES).status_code == 302
    assert here.get(DEVICES).status_code == 200


def test_all_other_devices_are_signed_out_at_once(user):
    here, *others = (signed_in(user) for _ in range(3))

    here.post(f"{DEVICES}khac/dang-xuat/")

    assert [other.get(DEVICES).status_code for other in others] == [302, 302]
    assert here.get(DEVICES).status_code == 200


def test_a_session_left_alone_ends(user):
    client = signed_in(user)
    wind_back(client, seen=4 * 3600)

    assert client.get(DEVICES).status_code == 302
    assert OpenSession.objects.get().ended_because == SessionEnd.IDLE


def test_a_session_ends_after_its_longest_time_however_busy(user):
    client = signed_in(user)
    wind_back(client, at=12 * 3600)

    assert client.get(DEVICES).status_code == 302
    assert OpenSession.objects.get().ended_because == SessionEnd.TOO_LONG


def test_use_is_noted_once_a_minute_and_keeps_the_session(user):
    client = signed_in(user)
    OpenSession.objects.update(seen_at=clock.now() - timedelta(hours=1))
    client.get(DEVICES)
    assert OpenSession.objects.get().seen_at < clock.now() - timedelta(minutes=30)
    wind_back(client, seen=3600)

    assert client.get(DEVICES).status_code == 200
    assert OpenSession.objects.get().seen_at > clock.now() - timedelta(minutes=1)


def test_limits_set_by_the_administrator_hold_for_new_sessions(user):
    change_entry_policy(
        actor=SYSTEM,
        rules=EntryRules(local_passwords=True, idle_minutes=10, special_idle_minutes=5, absolute_hours=2),
        now=clock.now(),
    )
    client = signed_in(user)
    wind_back(client, seen=600)

    assert client.get(DEVICES).status_code == 302


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(user):
    here, there = signed_in(user), signed_in(user)
    fresh = "mot-mat-khau-khac-han"

    here.post("/tai-khoan/", {"old": PASSWORD, "new": fresh, "again": fresh})

    assert there.get(DEVICES).status_code == 302
    assert here.get(DEVICES).status_code == 200
    assert OpenSession.objects.get(ended_at=None).session_key == here.session.session_key


def test_signing_out_ends_the_session_for_good(user):
    client = signed_in(user)
    key = client.session.session_key

    client.post("/tai-khoan/dang-xuat/")

    assert not Session.objects.filter(session_key=key).exists()
    assert OpenSession.objects.get().ended_because == SessionEnd.SIGNED_OUT


def test_only_emergency_accounts_use_a_password_kept_here_when_it_is_off(user):
    chief = services.create_user(actor=SYSTEM, email="quan@truongxuan.example", password=PASSWORD, now=clock.now())
    services.set_emergency(actor=SYSTEM, user_id=chief.pk, is_emergency=True, now=clock.now())
    change_entry_policy(
        actor=SYSTEM,
        rules=EntryRules(local_passwords=False, idle_minutes=240, special_idle_minutes=60, absolute_hours=12),
        now=clock.now(),
    )

    refused = Client().post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD})
    half_way = signed_in(chief)

    assert refused.status_code == 422
    # Half signed in: the second factor is asked first, and no page opens before it.
    assert half_way.session["half_signed_in"]["user_id"] == chief.pk
    assert half_way.get(DEVICES).status_code == 302


def test_signing_in_costs_at_most_twelve_queries_and_one_hash(user, monkeypatch):
    client = signed_in(user)
    client.cookies.pop("sessionid")
    hashed: list[str] = []
    verify = Argon2PasswordHasher.verify

    def counted(self, password, encoded):
        hashed.append(encoded[:8])
        return verify(self, password, encoded)

    monkeypatch.setattr(Argon2PasswordHasher, "verify", counted)
    with CaptureQueriesContext(connection) as captured:
        answer = client.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD})
    # Each transaction, here a savepoint in the test's own, costs two more round trips on a server: they count too.
    asked = [each["sql"] for each in captured]

    assert answer.status_code == 303
    assert len(hashed) == 1
    assert len(asked) <= 12, "\n".join(sql[:110] for sql in asked)


def test_a_new_session_is_written_once_with_all_that_was_put_in(user):
    client = Client()
    with CaptureQueriesContext(connection) as captured:
        client.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD})
    touched = [each["sql"].split()[0] for each in captured if '"django_session"' in each["sql"]]

    assert touched == ["INSERT"]
    assert Session.objects.get().get_decoded()["entered"]["at"]


def test_a_session_ended_elsewhere_comes_back_by_no_late_write(user):
    client = signed_in(user)
    late = SessionStore(client.session.session_key)
    late["thu"] = 1
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        late.save()
    assert not Session.objects.exists()


def test_what_is_old_is_forgotten_at_night_and_what_still_counts_stays(user):
    client = signed_in(user)
    now = clock.now()
    Client().post("/tai-khoan/dang-nhap/", {"email": user.email, "password": "sai"})
    forget_old_entries(timestamp=int(now.timestamp()))
    assert (SignInAttempt.objects.count(), OpenSession.objects.count()) == (1, 1)

    SignInAttempt.objects.update(at=now - timedelta(minutes=16))
    OpenSession.objects.update(seen_at=now - timedelta(days=91))
    forget_old_entries(timestamp=int(now.timestamp()))

    assert (SignInAttempt.objects.count(), OpenSession.objects.count()) == (0, 0)
    assert client.get(DEVICES).status_code == 200
