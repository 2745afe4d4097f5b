"""Invitations and the way back of who forgot the password: single use, for a time, and nothing told to strangers."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import cast

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from eoffice.accounts import jobs, services
from eoffice.accounts.doors.identity import Identity
from eoffice.accounts.errors import AccountUnknown, LinkRefused, NoLocalDoor, NoMail, TooManyResets
from eoffice.accounts.models import (
    Door,
    DoorKind,
    OpenSession,
    PasswordLink,
    ResetRequest,
    SecondFactorPolicy,
    TrustedDevice,
    User,
)
from eoffice.accounts.services import password_links
from eoffice.accounts.services.doors import EntryRules, change_entry_policy
from eoffice.accounts.services.foreign_sign_in import account_of
from eoffice.audit.models import AuditEntry
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.channels import gateways, sending
from eoffice.core.channels.gateways import GatewayEntry
from eoffice.core.models import Gateway, InboxMessage, OutboundMessage, OutboxEvent

SYSTEM = ActorRef(person_id=None, source="cli")
PASSWORD, FRESH = "mot-mat-khau-du-dai", "cau-khac-han-va-dai"
FORGOTTEN = "/tai-khoan/quen-mat-khau/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox(settings: Settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=True)
    gateways.add_gateway(entry=GatewayEntry(name="Hộp thư", channel="mail", kind="inbox", settings={}), now=clock.now())


@pytest.fixture
def user() -> User:
    return services.create_user(actor=SYSTEM, email="huong@txg.example", password=PASSWORD, now=clock.now())


@pytest.fixture
def newcomer() -> User:
    return services.create_user(actor=SYSTEM, email="moi@txg.example", password=None, now=clock.now())


def mails() -> list[InboxMessage]:
    """Whatever was ordered is sent; the mails, oldest first."""
    for message in OutboundMessage.objects.filter(state="waiting").order_by("pk"):
        sending.try_to_send(message_id=message.pk, now=clock.now())
    return list(InboxMessage.objects.order_by("pk"))


def path_in(mail: InboxMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/tai-khoan/dat-mat-khau/\S+)", mail.body)
    assert found is not None, mail.body
    return found[1]


def token_in(mail: InboxMessage) -> str:
    return path_in(mail).rstrip("/").rpartition("/")[2]


def ask(email: str, client: Client | None = None) -> HttpResponse:
    return cast("HttpResponse", (client or Client()).post(FORGOTTEN, {"email": email}))


def answer_all() -> None:
    for row in ResetRequest.objects.filter(answered_at=None).order_by("pk"):
        jobs.answer_reset_request(request_id=row.pk)


def invite(user: User) -> str:
    services.send_link(actor=SYSTEM, user_id=user.pk, now=clock.now())
    return path_in(mails()[-1])


def test_who_is_invited_sets_a_password_once_and_is_in(newcomer: User) -> None:
    client, path = Client(), invite(newcomer)
    assert "moi@txg.example" in client.get(path).content.decode()
    assert newcomer.password_links.get().used_at is None, "looking uses nothing up"

    answer = client.post(path, {"new": FRESH, "again": FRESH})

    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert OpenSession.objects.get(ended_at=None).user == newcomer
    assert services.sign_in(email=newcomer.email, password=FRESH, now=clock.now()).user == newcomer
    for again in (Client().get(path), Client().post(path, {"new": PASSWORD, "again": PASSWORD})):
        assert again.status_code == 404
    newcomer.refresh_from_db()
    assert newcomer.check_password(FRESH)


def test_the_second_factor_is_asked_after_an_invitation_as_the_rules_say(newcomer: User) -> None:
    SecondFactorPolicy.objects.create(everybody_else="always")
    client, path = Client(), invite(newcomer)

    answer = client.post(path, {"new": FRESH, "again": FRESH})

    assert answer["Location"] == "/tai-khoan/xac-thuc/"
    assert not OpenSession.objects.exists()


def test_a_weak_password_or_a_slip_uses_no_link_up(newcomer: User) -> None:
    client, path = Client(), invite(newcomer)

    weak = client.post(path, {"new": "1234567890", "again": "1234567890"})
    slip = client.post(path, {"new": FRESH, "again": PASSWORD})

    assert (weak.status_code, slip.status_code) == (422, 422)
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()
    assert newcomer.password_links.get().used_at is None


def test_a_link_ends_with_its_time_and_with_a_newer_one(newcomer: User) -> None:
    first = invite(newcomer)
    second = invite(newcomer)

    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    with pytest.raises(LinkRefused):
        password_links.link_of(second.rstrip("/").rpartition("/")[2], now=clock.now() + timedelta(days=7, minutes=1))


def test_a_link_sent_to_an_old_mailbox_or_a_closed_account_opens_nothing(newcomer: User) -> None:
    path = invite(newcomer)
    User.objects.filter(pk=newcomer.pk).update(email="khac@txg.example")
    assert Client().post(path, {"new": FRESH, "again": FRESH}).status_code == 404

    User.objects.filter(pk=newcomer.pk).update(email="moi@txg.example", is_active=False)
    assert Client().post(path, {"new": FRESH, "again": FRESH}).status_code == 404
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()


def test_the_link_page_tells_its_address_to_no_other_page(newcomer: User) -> None:
    answer = Client().get(invite(newcomer))

    assert answer["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer["Cache-Control"]


def test_a_forgotten_password_is_set_anew_and_everything_else_ends(user: User) -> None:
    elsewhere, client = Client(), Client()
    elsewhere.post("/tai-khoan/dang-nhap/", {"email": user.email, "password": PASSWORD})
    TrustedDevice.objects.create(
        user=user, digest="d" * 64, trusted_at=clock.now(), expires_at=clock.now() + timedelta(days=9)
    )
    ask(user.email.upper(), client)
    answer_all()

    answer = client.post(path_in(mails()[-1]), {"new": FRESH, "again": FRESH})

    assert answer["Location"] == "/tai-khoan/dang-nhap/?password=set"
    assert "Đã đặt mật khẩu mới" in client.get(answer["Location"]).content.decode()
    assert elsewhere.get("/tai-khoan/thiet-bi/").status_code == 302
    assert OpenSession.objects.get().ended_because == "password"
    assert TrustedDevice.objects.get().revoked_at is not None
    assert mails()[-1].subject == "Mật khẩu eOffice vừa được đặt lại"
    assert OutboxEvent.objects.filter(name="accounts.password_changed", payload__by="reset").count() == 1
    assert services.sign_in(email=user.email, password=FRESH, now=clock.now()).user == user


def test_known_unknown_closed_and_uninvited_get_the_same_answer_at_the_same_cost(user: User, newcomer: User) -> None:
    closed = services.create_user(actor=SYSTEM, email="nghi@txg.example", password=PASSWORD, now=clock.now())
    services.close_account(actor=SYSTEM, user_id=closed.pk, reason="nghỉ việc", now=clock.now())
    seen = set()
    for email in (user.email, newcomer.email, closed.email, "khong-co@txg.example"):
        client = Client()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = ask(email, client)
        page = client.get(answer["Location"]).content.decode()
        seen.add((answer.status_code, answer["Location"], len(queries), email in page))
    assert len(seen) == 1
    assert OutboundMessage.objects.count() == 0, "nothing is sent while somebody waits for the page"

    answer_all()

    assert [mail.recipient for mail in mails()] == [user.email]


def test_an_account_gets_three_mails_in_an_hour_and_the_page_says_nothing_of_it(user: User) -> None:
    answers = {ask(user.email).status_code for _ in range(5)}
    answer_all()

    assert answers == {303}
    assert len(mails()) == 3


def test_a_request_is_answered_once_though_the_job_runs_twice(user: User) -> None:
    ask(user.email)
    row = ResetRequest.objects.get()
    jobs.answer_reset_request(request_id=row.pk)
    jobs.answer_reset_request(request_id=row.pk)

    assert PasswordLink.objects.count() == 1


def test_a_network_is_stopped_and_another_is_not(user: User) -> None:
    now = clock.now()
    for number in range(password_links.REQUESTS_OF_A_NETWORK):
        password_links.request_reset(email=f"{number}@txg.example", address="2001:db8:7::1", now=now)

    with pytest.raises(TooManyResets):
        password_links.request_reset(email=user.email, address="2001:db8:7::2", now=now)
    password_links.request_reset(email=user.email, address="2001:db8:8::1", now=now)

    assert ResetRequest.objects.filter(email=user.email).count() == 1


def test_without_a_mail_gateway_the_page_says_whom_to_call(user: User) -> None:
    Gateway.objects.all().delete()

    answer = ask(user.email)

    assert answer.status_code == 503
    assert not ResetRequest.objects.exists()
    with pytest.raises(NoMail):
        services.send_link(actor=SYSTEM, user_id=user.pk, now=clock.now())


def shut_local_door() -> None:
    chief = services.create_user(actor=SYSTEM, email="quan@txg.example", password=PASSWORD, now=clock.now())
    services.set_emergency(actor=SYSTEM, user_id=chief.pk, is_emergency=True, now=clock.now())
    rules = EntryRules(local_passwords=False, idle_minutes=240, special_idle_minutes=60, absolute_hours=12)
    change_entry_policy(actor=SYSTEM, rules=rules, now=clock.now())


def test_where_the_local_door_is_shut_only_emergency_accounts_get_links(user: User, newcomer: User) -> None:
    under_way = invite(newcomer)
    shut_local_door()

    with pytest.raises(NoLocalDoor):
        services.send_link(actor=SYSTEM, user_id=newcomer.pk, now=clock.now())
    assert Client().post(under_way, {"new": FRESH, "again": FRESH}).status_code == 404
    for email in (user.email, "quan@txg.example"):
        ask(email)
    answer_all()

    subjects = [(mail.recipient, mail.subject) for mail in mails()[1:]]
    assert subjects == [
        (user.email, "Tài khoản eOffice dùng đăng nhập chung"),
        ("quan@txg.example", "Đặt lại mật khẩu eOffice"),
    ]


def test_who_comes_in_by_another_door_gets_no_password_here_through_a_mailbox(newcomer: User) -> None:
    door = Door.objects.create(code="tap-doan", kind=DoorKind.OIDC, name="Tập đoàn", is_on=True)
    identity = Identity(subject="s1", email=newcomer.email, email_is_verified=True)
    account_of(door=door, identity=identity, now=clock.now())

    with pytest.raises(NoLocalDoor):
        services.send_link(actor=SYSTEM, user_id=newcomer.pk, now=clock.now())

    assert not PasswordLink.objects.exists()


def test_a_password_changed_by_its_owner_voids_a_link_under_way(user: User) -> None:
    path = invite(user)

    services.change_password(actor=SYSTEM, user_id=user.pk, old=PASSWORD, new=FRESH, now=clock.now())

    assert Client().post(path, {"new": PASSWORD, "again": PASSWORD}).status_code == 404
    user.refresh_from_db()
    assert user.check_password(FRESH)


def test_the_token_stands_in_no_table_and_no_audit_entry(newcomer: User) -> None:
    services.send_link(actor=SYSTEM, user_id=newcomer.pk, now=clock.now())
    waiting = OutboundMessage.objects.get()
    token = token_in(mails()[-1])

    assert token not in waiting.body
    assert PasswordLink.objects.get().digest != token
    assert not any(token in str(entry.detail) for entry in AuditEntry.objects.all())


def test_old_links_are_forgotten(newcomer: User) -> None:
    invite(newcomer)
    later = clock.now() + timedelta(days=100)

    assert password_links.forget_old_links(now=later) == 1


def test_where_no_mail_goes_out_the_operator_gets_the_link(newcomer: User) -> None:
    Gateway.objects.all().delete()
    with pytest.raises(NoMail, match="eoffice org invite"):
        services.send_link(actor=SYSTEM, user_id=newcomer.pk, now=clock.now())
    assert not newcomer.password_links.exists()

    handed = password_links.hand_link(actor=SYSTEM, email=" MOI@txg.example ", now=clock.now())

    client, path = Client(), "/" + handed.address.split("/", 3)[3]
    assert client.post(path, {"new": FRESH, "again": FRESH}).status_code == 303
    assert services.sign_in(email=newcomer.email, password=FRESH, now=clock.now()).user == newcomer
    entry = AuditEntry.objects.get(action="accounts.password_link.handed")
    assert (entry.object_id, entry.source) == (str(newcomer.pk), "cli")
    assert handed.address.rstrip("/").rpartition("/")[2] not in str(entry.detail)
    assert OutboundMessage.objects.count() == 0


def test_no_link_is_handed_for_nobody_or_for_another_door(newcomer: User) -> None:
    with pytest.raises(AccountUnknown):
        password_links.hand_link(actor=SYSTEM, email="khong-co@txg.example", now=clock.now())
    User.objects.filter(pk=newcomer.pk).update(is_active=False)
    with pytest.raises(AccountUnknown):
        password_links.hand_link(actor=SYSTEM, email=newcomer.email, now=clock.now())

    assert not PasswordLink.objects.exists()
