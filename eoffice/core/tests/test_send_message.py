"""From the order to the report: once, in order of gateways, again after failure, never too late, never too many."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicRegistry
from pytest_django import Settings

from eoffice.core.channels import gateways, links, receipts, sending
from eoffice.core.channels.errors import TooManyMessages
from eoffice.core.channels.gateways import GatewayEntry
from eoffice.core.channels.sending import Limit, Order, order_message, try_to_send
from eoffice.core.errors import Invalid
from eoffice.core.models import Gateway, InboxMessage, MessagePart, OutboundMessage
from eoffice.core.tests.message_centre import PASSWORD, MessageCentre

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NUMBER = "+84901234567"
TEXT = "Mã đăng nhập 135790"
DEAD = {"url": "http://127.0.0.1:9/"}


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.ENVIRONMENT = dataclasses.replace(django_settings.ENVIRONMENT, demo=True)


def gateway(kind: str = "inbox", name: str = "Hộp thư", **settings: object) -> Gateway:
    entry = GatewayEntry(name=name, channel="sms", kind=kind, settings=settings, secret=PASSWORD)
    return gateways.add_gateway(entry=entry, now=NOW)


def order(key: str = "k", **changes: object) -> Order:
    base = Order(
        key=key,
        channel="sms",
        purpose="sign_in_code",
        recipient=NUMBER,
        text=TEXT,
        expires_at=NOW + timedelta(minutes=5),
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_message_waits_encrypted_and_leaves_no_words_behind(demo: None) -> None:
    gateway()
    message = order_message(order=order(), now=NOW)
    assert "135790" not in message.body

    try_to_send(message_id=message.pk, now=NOW)

    message.refresh_from_db()
    assert (message.state, message.attempts, message.body) == ("sent", 1, "")
    assert InboxMessage.objects.get().body == TEXT


@pytest.mark.django_db
def test_same_key_is_one_message_and_a_job_run_twice_sends_once(demo: None) -> None:
    gateway()
    first = order_message(order=order(), now=NOW)
    again = order_message(order=order(text="Một lời khác"), now=NOW)

    for _ in range(2):
        try_to_send(message_id=first.pk, now=NOW)

    assert again.pk == first.pk
    assert [kept.body for kept in InboxMessage.objects.all()] == [TEXT]


@pytest.mark.django_db
def test_second_gateway_sends_what_the_first_cannot(demo: None) -> None:
    gateway("http", "Chính", **DEAD)
    second = gateway(name="Dự phòng")
    message = order_message(order=order(), now=NOW)

    try_to_send(message_id=message.pk, now=NOW)

    message.refresh_from_db()
    assert (message.state, message.gateway_id) == ("sent", second.pk)


@pytest.mark.django_db
def test_failed_try_comes_again_with_growing_pauses_until_the_message_expires() -> None:
    gateway("http", "Chính", **DEAD)
    message = order_message(order=order(), now=NOW)
    now, pauses = NOW, []

    while True:
        try_to_send(message_id=message.pk, now=now)
        message.refresh_from_db()
        if message.state == "failed":
            break
        planned = scheduled_for(message.pk)
        pauses.append((planned - now).total_seconds())
        now = planned

    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert (
        message.failure
        == "Chính: Không nối được tới 127.0.0.1: máy chủ từ chối kết nối; kiểm tra cổng và dịch vụ ở máy chủ."
    )
    assert message.body == ""


def scheduled_for(message_id: int) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(scheduled_at) FROM procrastinate_jobs"
            " WHERE task_name = %s AND (args->>'message_id')::bigint = %s",
            [sending.TASK, message_id],
        )
        planned: datetime = cursor.fetchone()[0]
    return planned


@pytest.mark.django_db
def test_nothing_is_sent_after_its_time(demo: None) -> None:
    gateway()
    message = order_message(order=order(), now=NOW)

    try_to_send(message_id=message.pk, now=NOW + timedelta(minutes=5))

    message.refresh_from_db()
    assert (message.state, message.failure) == ("failed", "Quá hạn gửi.")
    assert not InboxMessage.objects.exists()


@pytest.mark.django_db
def test_try_of_a_dead_worker_is_made_again_after_its_lease(demo: None) -> None:
    gateway()
    message = order_message(order=order(), now=NOW)
    assert sending._reserve(message.pk, NOW) is not None

    try_to_send(message_id=message.pk, now=NOW + timedelta(seconds=30))
    assert not InboxMessage.objects.exists()
    assert scheduled_for(message.pk) == NOW + sending.LEASE
    try_to_send(message_id=message.pk, now=NOW + sending.LEASE)

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)


@pytest.mark.django_db
def test_number_and_address_have_their_limits() -> None:
    per_number = [Limit(2, timedelta(minutes=10))]
    for key in "ab":
        order_message(order=order(key), now=NOW, per_recipient=per_number)

    with pytest.raises(TooManyMessages) as refused:
        order_message(order=order("c"), now=NOW + timedelta(minutes=4), per_recipient=per_number)
    assert refused.value.wait_s == 361
    order_message(order=order("c"), now=NOW + timedelta(minutes=10, seconds=1), per_recipient=per_number)

    per_client = [Limit(1, timedelta(minutes=10))]
    other = order("d", recipient="+84907654321", client_address="10.0.0.9")
    order_message(order=other, now=NOW, per_client=per_client)
    with pytest.raises(TooManyMessages):
        order_message(
            order=dataclasses.replace(other, key="e", recipient="+84909999999"), now=NOW, per_client=per_client
        )


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_orders_at_once(empty_queue: None) -> None:
    refused: list[str] = []

    def ask(number: int) -> None:
        try:
            order_message(order=order(f"k{number}"), now=NOW, per_recipient=[Limit(3, timedelta(minutes=10))])
        except TooManyMessages as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert OutboundMessage.objects.count() == 3
    assert len(refused) == 5


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_once(demo: None, empty_queue: None) -> None:
    gateway()
    message = order_message(order=order(), now=NOW)

    def run() -> None:
        try_to_send(message_id=message.pk, now=NOW)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert InboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_smpp_message_is_reported_as_delivered_by_a_worker(empty_queue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "PAUSE_S", 1)
    with MessageCentre() as centre:
        made = gateway("smpp", "SMPP", host="127.0.0.1", port=centre.port, system_id="txg", sender="TXG")
        long = "Mã đăng nhập eOffice là 123456, có hiệu lực 5 phút. Không đưa mã này cho bất kỳ ai khác."
        message = order_message(order=order(text=long, expires_at=datetime.max.replace(tzinfo=UTC)), now=NOW)
        work_until(lambda: sending.state_of(message.pk) == "delivered")
        links.close_all()

    message.refresh_from_db()
    assert (message.state, message.gateway_id, len(centre.submitted)) == ("delivered", made.pk, 2)
    assert sorted(MessagePart.objects.values_list("provider_id", "state")) == [("A1", "delivered"), ("A2", "delivered")]


def work_until(done: Callable[[], bool]) -> None:
    """Run the queue with a real worker, again and again: receipts arrive, and come back, while it works."""
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        worker_app.periodic_registry = PeriodicRegistry()  # only the jobs of the test
        worker_app.run_worker(queues=[sending.QUEUE], wait=False, install_signal_handlers=False)
        time.sleep(0.05)


@pytest.mark.django_db
def test_report_before_its_row_is_looked_at_again_and_a_strangers_is_dropped(demo: None) -> None:
    made = gateway()

    assert receipts.record_receipt(gateway_id=made.pk, provider_id="77", delivered=True, now=NOW) is False


@pytest.mark.django_db
def test_one_part_that_did_not_arrive_spoils_the_message(demo: None) -> None:
    made = gateway()
    message = order_message(order=order(), now=NOW)
    try_to_send(message_id=message.pk, now=NOW)
    for provider_id in ("1", "2"):
        MessagePart.objects.create(message=message, gateway=made, provider_id=provider_id)

    receipts.record_receipt(gateway_id=made.pk, provider_id="1", delivered=False, now=NOW)
    receipts.record_receipt(gateway_id=made.pk, provider_id="2", delivered=True, now=NOW)

    message.refresh_from_db()
    assert message.state == "undelivered"


@pytest.mark.django_db
def test_secret_is_kept_when_not_typed_again_and_stands_nowhere_readable() -> None:
    made = gateway("http", "Cổng", url="https://sms.example/")
    entry = GatewayEntry(name="Cổng mới", channel="sms", kind="http", settings={"url": "https://sms2.example/"})

    changed = gateways.change_gateway(gateway_id=made.pk, entry=entry, now=NOW)

    assert gateways.secret_of(changed) == PASSWORD
    assert PASSWORD not in changed.secrets + str(changed.settings)
    assert gateways.settings_of(changed).url == "https://sms2.example/"  # type: ignore[union-attr]


@pytest.mark.django_db
def test_gateways_are_tried_in_the_order_set() -> None:
    first, second, third = gateway(name="1"), gateway(name="2"), gateway(name="3")

    gateways.move_gateway_up(gateway_id=third.pk, now=NOW)

    assert [each.pk for each in gateways.gateways_in_use("sms")] == [first.pk, third.pk, second.pk]
    with pytest.raises(Invalid):
        gateways.add_gateway(entry=GatewayEntry(name="x", channel="mail", kind="smpp", settings={}), now=NOW)


@given(st.integers(1, 2**64 - 1))
def test_hexadecimal_and_decimal_names_of_a_part_find_each_other(number: int) -> None:
    assert f"{number:X}" in receipts._spellings(str(number))
    assert str(number) in receipts._spellings(f"{number:x}")
