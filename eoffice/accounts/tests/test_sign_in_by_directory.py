"""A real OpenLDAP and a real Dovecot say whose password it is."""

from __future__ import annotations

import pytest

from eoffice.accounts import services
from eoffice.accounts.errors import DoorUnreachable, SignInRefused, SlowedDown, UnknownPerson
from eoffice.accounts.models import Door, ForeignIdentity, SignInAttempt
from eoffice.accounts.services.doors import DoorEntry, EntryRules, change_entry_policy, create_door, try_door
from eoffice.accounts.tests import real_servers
from eoffice.accounts.tests.real_servers import PASSWORD, READER_PASSWORD, SUFFIX
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid

SYSTEM = ActorRef(person_id=None, source="cli")
EMAIL = "huong@truongxuan.example"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def slapd():
    with real_servers.slapd() as it:
        yield it


@pytest.fixture(scope="module")
def dovecot():
    with real_servers.dovecot() as it:
        yield it


@pytest.fixture
def user():
    return services.create_user(actor=SYSTEM, email=EMAIL, password=None, now=clock.now())


def ldap_door(server, **more):
    settings = {
        "host": "127.0.0.1",
        "port": server.tls_port,
        "security": "ldaps",
        "ca_pem": server.ca_pem,
        "reader_dn": f"cn=doc,{SUFFIX}",
        "base_dn": SUFFIX,
        "person_filter": "(mail={login})",
        **more,
    }
    entry = DoorEntry(
        code="thu-muc", kind="ldap", name="Tài khoản thư điện tử", is_on=True, settings=settings, secret=READER_PASSWORD
    )
    return create_door(actor=SYSTEM, entry=entry, now=clock.now())


def imap_door(server, **more):
    settings = {
        "host": "127.0.0.1",
        "port": server.tls_port,
        "security": "tls",
        "ca_pem": server.ca_pem,
        "domains": ["truongxuan.example"],
        **more,
    }
    entry = DoorEntry(code="hop-thu", kind="imap", name="Hộp thư công ty", is_on=True, settings=settings)
    return create_door(actor=SYSTEM, entry=entry, now=clock.now())


def come(password=PASSWORD, email=EMAIL):
    return services.sign_in(email=email, password=password, now=clock.now(), address="192.0.2.7")


@pytest.mark.parametrize("security", ["ldaps", "starttls", "none"])
def test_the_directorys_password_opens(slapd, user, security):
    ldap_door(slapd, security=security, port=slapd.tls_port if security == "ldaps" else slapd.port)

    assert (come().user, come().door) == (user, "thu-muc")
    assert len(ForeignIdentity.objects.get().subject) == 36


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_mailboxs_password_opens(dovecot, user, security):
    imap_door(dovecot, security=security, port=dovecot.tls_port if security == "tls" else dovecot.port)

    assert (come().user, come().door) == (user, "hop-thu")


@pytest.fixture(params=["ldap", "imap"])
def door(request, slapd, dovecot):
    return ldap_door(slapd) if request.param == "ldap" else imap_door(dovecot)


@pytest.mark.parametrize("wrong", ["sai", "", PASSWORD + " ", "*", "mật khẩu có dấu"])
def test_a_wrong_or_empty_password_opens_nothing_and_is_counted(door, user, wrong):
    with pytest.raises(SignInRefused):
        come(wrong)

    assert SignInAttempt.objects.count() == 1
    assert not ForeignIdentity.objects.exists()


@pytest.mark.parametrize("email", ["*@truongxuan.example", "*", "huong)(uid=*@truongxuan.example", 'h"uong@x.example'])
def test_an_email_written_like_a_filter_finds_nobody(door, user, email):
    with pytest.raises(SignInRefused):
        come(email=email)


def test_somebody_the_server_knows_and_we_do_not_is_told_whom_to_ask(door, user):
    with pytest.raises(UnknownPerson):
        come(email="la@truongxuan.example")


def test_guessing_at_the_directory_is_slowed(door, user):
    for _ in range(5):
        with pytest.raises(SignInRefused):
            come("sai")

    with pytest.raises(SlowedDown):
        come()


def test_a_server_that_is_down_counts_no_wrong_try_and_the_emergency_account_gets_in(door, user):
    Door.objects.update(settings={**door.settings, "port": real_servers.free_port()})
    chief = services.create_user(
        actor=SYSTEM, email="quan@truongxuan.example", password="Mot-mat-khau-rieng", now=clock.now()
    )
    services.set_emergency(actor=SYSTEM, user_id=chief.pk, is_emergency=True, now=clock.now())
    change_entry_policy(
        actor=SYSTEM,
        rules=EntryRules(local_passwords=False, idle_minutes=240, special_idle_minutes=60, absolute_hours=12),
        now=clock.now(),
    )

    with pytest.raises(DoorUnreachable):
        come()

    assert not SignInAttempt.objects.exists()
    assert come("Mot-mat-khau-rieng", chief.email).user == chief


def test_a_server_with_a_strange_certificate_never_gets_the_password(door, user, tmp_path):
    Door.objects.update(settings={**door.settings, "ca_pem": real_servers.other_certificate(tmp_path / "other")})

    with pytest.raises(DoorUnreachable):
        come()


def test_trying_a_door_says_what_was_seen_and_what_is_wrong(door):
    good = try_door(door=door, now=clock.now())
    door.settings = {**door.settings, "port": real_servers.free_port()}
    down = try_door(door=door, now=clock.now())

    assert (good.is_good, "Kết nối được" in good.words) == (True, True)
    assert (down.is_good, "Không kết nối được" in down.words) == (False, True)


def test_a_reading_account_with_a_wrong_password_is_named_when_tried(slapd):
    door = ldap_door(slapd, reader_dn=f"cn=sai,{SUFFIX}")

    tried = try_door(door=door, now=clock.now())

    assert (tried.is_good, "tài khoản đọc" in tried.words) == (False, True)


def test_a_password_never_leaves_this_machine_in_the_clear(slapd):
    with pytest.raises(Invalid) as refused:
        ldap_door(slapd, host="ldap.truongxuan.example", security="none")

    assert "security" in refused.value.fields
