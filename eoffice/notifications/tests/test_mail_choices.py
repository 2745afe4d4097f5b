from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from eoffice.core.channels import gateways, sending
from eoffice.core.channels.gateways import GatewayEntry
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.core.models import OutboundMessage
from eoffice.core.tests.test_mail_gateway import Mailbox, free_port
from eoffice.notifications import services
from eoffice.notifications.models import MailItem, MailSchedule, Notification
from eoffice.notifications.services import MailWish
from eoffice.notifications.tests.test_notify import acting, hire, make_unit
from eoffice.notifications.topics import topic_of
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""12:00 in Vietnam."""


@pytest.fixture
def officer() -> Person:
    return hire(make_unit(), "Vũ Đình Phúc", "phuc.vd@truongxuan.example")


@pytest.fixture
def administrator(officer: Person) -> Actor:
    """The same person with the role, as the rules see him."""
    actor = acting(officer)
    return replace(actor, roles=actor.roles | {(str(Role.ADMINISTRATOR), 1)})


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server, set up as the mail gateway of the installation."""
    kept = Mailbox()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    smtp = {"host": "127.0.0.1", "port": controller.port, "security": "none", "sender": "eoffice@truongxuan.example"}
    gateways.add_gateway(entry=GatewayEntry(name="Thư", channel="mail", kind="smtp", settings=smtp), now=NOON)
    yield kept
    controller.stop()


def switch_on(administrator: Actor, *, tells_titles: bool = True, **modes: str) -> None:
    wish = MailWish(modes=modes, digest_hour=7)
    services.set_mail_rules(actor=administrator, is_on=True, tells_titles=tells_titles, wish=wish, now=NOON)


def tell(
    person: Person, kind: str = "documents.incoming.assigned_lead", title: str = "Việc mới", at: datetime = NOON
) -> None:
    services.notify(person_ids=[person.pk], kind=kind, title=title, url="/documents/incoming/1/", now=at)


def run_mail(now: datetime) -> int:
    """What the two jobs do: order what is due, try to send it."""
    ordered = services.send_due_mail(now=now)
    for message in OutboundMessage.objects.filter(state="waiting").order_by("pk"):
        sending.try_to_send(message_id=message.pk, now=now)
    return ordered


def read(mail: bytes) -> EmailMessage:
    parsed = message_from_bytes(mail, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(mail: bytes) -> str:
    part = read(mail).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_without_the_administrators_word_no_mail_waits(officer: Person):
    tell(officer)

    assert not MailItem.objects.exists()
    assert services.send_due_mail(now=NOON) == 0


def test_mail_at_once_says_what_waits_and_links_to_it_once(officer: Person, administrator: Actor, mailbox: Mailbox):
    switch_on(administrator)
    tell(officer, title="Việc mới: 07/CĐ-TXG Ứng phó bão số 14")

    assert [run_mail(NOON), run_mail(NOON)] == [1, 0]

    assert len(mailbox.mails) == 1
    mail = read(mailbox.mails[0])
    assert (mail["To"], mail["Subject"]) == (
        "phuc.vd@truongxuan.example",
        "Việc mới: 07/CĐ-TXG Ứng phó bão số 14",
    )
    text = body(mailbox.mails[0])
    assert text.count("/documents/incoming/1/") == 1
    assert "/notifications/choices/" in text


def test_what_comes_together_is_one_mail(officer: Person, administrator: Actor, mailbox: Mailbox):
    switch_on(administrator)
    for number in range(60):
        tell(officer, title=f"Việc số {number}")

    run_mail(NOON)

    assert len(mailbox.mails) == 1
    assert str(read(mailbox.mails[0])["Subject"]).startswith("60 thông báo mới")
    assert "và 10 thông báo khác" in body(mailbox.mails[0])


def test_what_was_read_meanwhile_needs_no_mail(officer: Person, administrator: Actor, mailbox: Mailbox):
    switch_on(administrator)
    tell(officer)
    services.mark_read(actor=acting(officer), notification_id=Notification.objects.get().pk, now=NOON)

    assert run_mail(NOON) == 0
    assert MailItem.objects.get().closed_at == NOON


def test_daily_mail_waits_for_the_hour_the_person_chose(officer: Person, administrator: Actor, mailbox: Mailbox):
    switch_on(administrator)
    services.set_mail_choices(actor=acting(officer), wish=MailWish(modes={"work": "daily"}, digest_hour=16), now=NOON)
    tell(officer, at=NOON + timedelta(minutes=20))
    tell(officer, title="Chờ ký", kind="draft_to_sign", at=NOON)

    assert run_mail(NOON + timedelta(minutes=30)) == 1
    assert run_mail(NOON + timedelta(hours=3, minutes=59)) == 0
    assert run_mail(NOON + timedelta(hours=4)) == 1
    assert [str(read(mail)["Subject"]) for mail in mailbox.mails] == ["Chờ ký", "Việc mới"]


@pytest.mark.parametrize("hour", range(24))
def test_daily_mail_is_due_within_a_day_at_its_hour(officer: Person, administrator: Actor, hour: int):
    switch_on(administrator)
    services.set_mail_choices(actor=acting(officer), wish=MailWish(modes={"work": "daily"}, digest_hour=hour), now=NOON)

    tell(officer, at=NOON + timedelta(minutes=20))

    due = MailItem.objects.get().due_at
    assert NOON < due <= NOON + timedelta(days=1)
    assert ((due + timedelta(hours=7)).hour, due.minute) == (hour, 0)


def test_quiet_hours_over_midnight_hold_mail_back(officer: Person, administrator: Actor, mailbox: Mailbox):
    switch_on(administrator)
    wish = MailWish(modes={}, quiet_from=22, quiet_until=6)
    services.set_mail_choices(actor=acting(officer), wish=wish, now=NOON)
    night = NOON + timedelta(hours=11, minutes=30)
    tell(officer, at=night)

    assert run_mail(night) == 0
    assert run_mail(NOON + timedelta(hours=17, minutes=59)) == 0
    assert run_mail(NOON + timedelta(hours=18)) == 1


def test_topic_switched_off_sends_nothing_but_rings(officer: Person, administrator: Actor):
    switch_on(administrator, work="off")

    tell(officer)

    assert Notification.objects.count() == 1
    assert not MailItem.objects.exists()


def test_titles_stay_inside_where_the_administrator_says_so(officer: Person, administrator: Actor, mailbox: Mailbox):
    switch_on(administrator, tells_titles=False)
    tell(officer, title="Việc mới: tuyệt đối không lộ")

    run_mail(NOON)

    assert "không lộ" not in mailbox.mails[0].decode() + body(mailbox.mails[0]) + str(read(mailbox.mails[0])["Subject"])
    assert "Việc được giao, nhắc việc, ý kiến: 1" in body(mailbox.mails[0])


def test_address_that_refuses_for_good_is_noticed_and_left_alone(
    officer: Person, administrator: Actor, mailbox: Mailbox
):
    switch_on(administrator)
    gone = hire(make_unit(), "Đỗ Văn Quang", "khong-co@truongxuan.example")
    tell(gone)
    run_mail(NOON)

    services.close_sent_mail(now=NOON + timedelta(minutes=5))
    tell(gone, at=NOON + timedelta(minutes=6))

    assert run_mail(NOON + timedelta(minutes=6)) == 0
    assert MailSchedule.objects.get(pk=gone.pk).dead_address == "khong-co@truongxuan.example"
    assert Notification.objects.filter(person=gone, kind="notifications.mail_refused").count() == 1
    services.close_sent_mail(now=NOON + timedelta(minutes=10))
    assert Notification.objects.filter(person=gone, kind="notifications.mail_refused").count() == 1

    services.try_address_again(actor=acting(gone), now=NOON)
    tell(gone, at=NOON + timedelta(minutes=7))
    assert run_mail(NOON + timedelta(minutes=7)) == 1


def test_closed_account_gets_no_mail(officer: Person, administrator: Actor, mailbox: Mailbox):
    switch_on(administrator)
    assert officer.user is not None
    officer.user.is_active = False
    officer.user.save(update_fields=["is_active"])
    tell(officer)

    assert run_mail(NOON) == 0


def test_telling_a_thousand_people_stays_one_statement(officer: Person, administrator: Actor):
    switch_on(administrator)
    with CaptureQueriesContext(connection) as queries:
        tell(officer)

    assert sum("INSERT" in query["sql"] for query in queries) == 1


def test_every_kind_has_a_topic():
    assert topic_of("documents.outgoing.issued").code == "arrivals"
    assert topic_of("draft_to_sign").code == "approval"
    assert topic_of("accounts.second_factor").code == "account"
    assert topic_of("một loại lạ").code == "work"


@pytest.mark.parametrize(
    "wish",
    [
        MailWish(modes={"work": "weekly"}),
        MailWish(modes={"unknown": "off"}),
        MailWish(modes={}, digest_hour=24),
        MailWish(modes={}, quiet_from=22),
        MailWish(modes={}, quiet_from=6, quiet_until=6),
    ],
)
def test_choices_that_mean_nothing_are_refused(officer: Person, wish: MailWish):
    with pytest.raises(Invalid):
        services.set_mail_choices(actor=acting(officer), wish=wish, now=NOON)


def test_only_administrators_set_the_rules(officer: Person, client: Client):
    with pytest.raises(NotPermitted):
        switch_on(acting(officer))
    assert officer.user is not None
    client.force_login(officer.user)
    assert client.get("/notifications/mail-rules/").status_code == 403


def test_choices_are_kept_on_the_page(officer: Person, client: Client):
    assert officer.user is not None
    client.force_login(officer.user)
    sent = {"approval": "at_once", "arrivals": "off", "account": "daily", "work": "daily", "digest_hour": "17"}

    bad = client.post("/notifications/choices/", sent | {"quiet_from": "22"})
    good = client.post("/notifications/choices/", sent | {"quiet_from": "22", "quiet_until": "6"})

    assert (bad.status_code, good.status_code) == (422, 303)
    assert "Chọn cả giờ bắt đầu và giờ kết thúc" in bad.content.decode()
    schedule = MailSchedule.objects.get()
    assert (schedule.digest_hour, schedule.quiet_from, schedule.quiet_until) == (17, 22, 6)
    assert "Đã lưu cách nhận thông báo" in client.get("/notifications/choices/?saved=choices").content.decode()
