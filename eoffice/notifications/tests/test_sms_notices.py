"""Notices by SMS: never unless chosen and switched on, never content, never beyond the ceilings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from eoffice.accounts.models import ConfirmedPhone
from eoffice.core.channels import sending
from eoffice.core.errors import Invalid, NotPermitted
from eoffice.core.models import Channel, OutboundMessage, OutboxEvent
from eoffice.notifications import services
from eoffice.notifications.models import SmsChoice, SmsRules
from eoffice.notifications.services.texting import WANTED, used_this_month
from eoffice.notifications.sms_kinds import NoticeWanted, SmsKind
from eoffice.organization.tests.office import NOW, actor, make_office

pytestmark = pytest.mark.django_db
NUMBER = "+84901234567"


@pytest.fixture
def office():
    return make_office()


def phone(person, number=NUMBER):
    ConfirmedPhone.objects.create(user_id=person.user_id, number=number, confirmed_at=NOW)


def switch_on(office, most=1000):
    services.set_sms_rules(actor=actor(office.administrator), is_on=True, monthly_most=most, now=NOW)


def choose(person, *kinds):
    services.set_sms_choices(actor=actor(person), kinds=kinds, now=NOW)


def wanted(*people, key="letter:1", kind=SmsKind.URGENT):
    return NoticeWanted([each.pk for each in people], str(kind), "eOffice: văn bản khẩn số 15/QĐ-BNV chờ xử lý.", key)


def test_a_notice_reaches_who_chose_it_once(office):
    switch_on(office)
    for person, number in ((office.leader, NUMBER), (office.deputy, "+84901234568")):
        phone(person, number)
    choose(office.leader, SmsKind.URGENT)
    choose(office.deputy, SmsKind.LATE)
    people = (office.leader, office.deputy, office.officer)
    assert services.send_sms(wanted=wanted(*people), now=NOW) == 1
    assert services.send_sms(wanted=wanted(*people), now=NOW + timedelta(seconds=1)) == 0
    sent = OutboundMessage.objects.get()
    assert (sent.recipient, sent.channel, sent.purpose) == (NUMBER, Channel.SMS, sending.NOTICE)


def test_nothing_goes_out_unless_switched_on_chosen_and_confirmed(office):
    with pytest.raises(Invalid, match="Chưa có số điện thoại đã xác nhận"):
        choose(office.leader, SmsKind.URGENT)
    assert not SmsChoice.objects.exists()
    phone(office.leader)
    choose(office.leader, SmsKind.URGENT)
    assert services.send_sms(wanted=wanted(office.leader), now=NOW) == 0
    switch_on(office)
    ConfirmedPhone.objects.all().delete()
    assert services.send_sms(wanted=wanted(office.leader), now=NOW) == 0
    assert not OutboundMessage.objects.exists()


def test_who_left_is_told_nothing(office):
    switch_on(office)
    phone(office.leader)
    choose(office.leader, SmsKind.URGENT)
    office.leader.left_on = NOW.date()
    office.leader.save(update_fields=["left_on"])
    assert services.send_sms(wanted=wanted(office.leader), now=NOW) == 0


def test_the_months_ceiling_holds(office):
    switch_on(office, most=2)
    people = (office.leader, office.deputy, office.head)
    for number, person in enumerate(people):
        phone(person, f"+8490123456{number}")
        choose(person, SmsKind.URGENT)
    assert services.send_sms(wanted=wanted(*people), now=NOW) == 2
    assert used_this_month(NOW) == 2
    assert services.send_sms(wanted=wanted(*people, key="letter:2"), now=NOW) == 0
    assert services.send_sms(wanted=wanted(*people, key="letter:3"), now=NOW + timedelta(days=31)) == 2


def test_one_number_is_not_flooded_and_codes_still_get_through(office):
    switch_on(office)
    phone(office.leader)
    choose(office.leader, SmsKind.URGENT)
    ordered = sum(services.send_sms(wanted=wanted(office.leader, key=str(each)), now=NOW) for each in range(9))
    assert ordered == 5
    code = sending.Order(
        key="code:1", channel=Channel.SMS, purpose="code_sign_in", recipient=NUMBER, text="Mã", expires_at=NOW
    )
    limit = sending.Limit(1, timedelta(minutes=10))
    assert sending.order_message(order=code, now=NOW, per_recipient=[limit]).purpose == "code_sign_in"


def test_nobody_is_asked_for_while_it_is_off(office):
    services.want_sms(person_ids=[office.leader.pk], kind=SmsKind.URGENT, words="x", key="1", now=NOW)
    assert not OutboxEvent.objects.filter(name=WANTED).exists()
    switch_on(office)
    services.want_sms(person_ids=[], kind=SmsKind.URGENT, words="x", key="1", now=NOW)
    assert not OutboxEvent.objects.filter(name=WANTED).exists()
    services.want_sms(person_ids=[office.leader.pk], kind=SmsKind.URGENT, words="x", key="1", now=NOW)
    assert OutboxEvent.objects.get(name=WANTED).payload["person_ids"] == [office.leader.pk]


def test_only_administrators_set_the_rules(office):
    for most in (0, -1, 10**9):
        with pytest.raises(Invalid):
            switch_on(office, most=most)
    with pytest.raises(NotPermitted):
        services.set_sms_rules(actor=actor(office.leader), is_on=True, monthly_most=10, now=NOW)
    assert not SmsRules.objects.exists()


def test_the_pages_keep_choices_and_rules(office):
    keeper, leader = Client(), Client()
    keeper.force_login(office.administrator.user)
    leader.force_login(office.leader.user)
    rules, own = reverse("notifications:sms_rules"), reverse("notifications:sms_choices")
    assert leader.get(rules).status_code == 403
    assert "Chưa có cổng SMS nào đang bật" in keeper.get(rules).content.decode()
    bad = keeper.post(rules, {"is_on": "on", "monthly_most": "nhiều"})
    assert bad.status_code == 422
    assert "nhiều" in bad.content.decode()
    assert keeper.post(rules, {"is_on": "on", "monthly_most": "50"}).status_code == 303
    assert SmsRules.objects.get().monthly_most == 50
    refused = leader.post(own, {"kinds": ["late"]})
    assert refused.status_code == 422
    assert not SmsChoice.objects.exists()
    phone(office.leader)
    assert "090****567" in leader.get(own).content.decode()
    assert leader.post(own, {"kinds": ["late", "urgent"]}).status_code == 303
    assert leader.post(own, {}).status_code == 303
    assert not SmsChoice.objects.exists()
    assert "Tin nhắn SMS" in leader.get(reverse("notifications:mail_choices")).content.decode()
