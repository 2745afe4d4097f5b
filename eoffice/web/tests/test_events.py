"""The event stream, spoken to as a browser would: who may listen, what arrives, what a rollback says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection, transaction
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from eoffice.core import live
from eoffice.core.actor_ref import ActorRef
from eoffice.organization import services as organization
from eoffice.organization.models import Person, UnitKind
from eoffice.web import events

T = TypeVar("T")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SYSTEM = ActorRef(person_id=None, source="job")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person() -> Person:
    unit = organization.create_unit(
        actor=SYSTEM, parent=None, kind=UnitKind.GROUP, name="Tập đoàn", short_name="TXG", symbol="TXG", now=NOW
    )
    person = organization.create_person(
        actor=SYSTEM, full_name="Trần Thị Văn Thư", email="a@b.example", password="mat-khau-dai-1", now=NOW
    )
    organization.appoint(
        actor=SYSTEM, person=person, unit=unit, position_name="Chuyên viên", rank=9, starts_on=date(2020, 1, 1), now=NOW
    )
    return person


@pytest.fixture
def cookie(person: Person) -> str:
    assert person.user is not None
    session = SessionStore()
    session[SESSION_KEY] = str(person.user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def request(cookie: str = "", *, path: str = "/events", origin: str = "") -> ApplicationCommunicator:
    headers = [(b"host", b"127.0.0.1:8001"), (b"cookie", cookie.encode()), (b"origin", origin.encode())]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
    # Of its own: the browser tests' server may run in this very process, on another event loop.
    return ApplicationCommunicator(events.application_with(events.Listeners()), scope)


async def answer_of(cookie: str = "", *, path: str = "/events", origin: str = "") -> dict[str, Any]:
    stream = request(cookie, path=path, origin=origin)
    await stream.send_input({"type": "http.request"})
    start: dict[str, Any] = await stream.receive_output(10)
    await stream.send_input({"type": "http.disconnect"})
    await stream.wait(10)
    return start


async def lines_of(stream: ApplicationCommunicator) -> AsyncIterator[str]:
    while True:
        yield (await stream.receive_output(10))["body"].decode()


async def elsewhere(function: Callable[[], T]) -> T:
    """Run a query in a thread of its own and leave no connection behind."""

    def run() -> T:
        try:
            return function()
        finally:
            connection.close()

    return await asyncio.to_thread(run)


def change_counters(person_id: int, *, roll_back: bool = False) -> None:
    with transaction.atomic():
        live.counters_changed([person_id])
        transaction.set_rollback(roll_back)


def test_signed_in_person_hears_of_her_own_counters_only(person: Person, cookie: str) -> None:
    async def listen() -> None:
        stream = request(cookie)
        await stream.send_input({"type": "http.request"})
        assert (await stream.receive_output(10))["status"] == 200
        lines = lines_of(stream)
        assert await anext(lines) == "retry: 5000\n\n"

        await elsewhere(lambda: change_counters(person.pk + 1))
        await elsewhere(lambda: change_counters(person.pk, roll_back=True))
        assert await stream.receive_nothing(0.5)
        await elsewhere(lambda: change_counters(person.pk))

        assert await anext(lines) == "event: counters\ndata: {}\n\n"
        await stream.send_input({"type": "http.disconnect"})
        await stream.wait(10)

    asyncio.run(listen())


def end_listening_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query = %s",
            [f"LISTEN {live.CHANNEL}"],
        )
        return int(cursor.fetchone()[0])


def test_all_look_again_after_the_database_was_away(person: Person, cookie: str) -> None:
    async def listen() -> None:
        stream = request(cookie)
        await stream.send_input({"type": "http.request"})
        assert (await stream.receive_output(10))["status"] == 200
        lines = lines_of(stream)
        assert await anext(lines) == "retry: 5000\n\n"

        assert await elsewhere(end_listening_connections) >= 1
        assert await anext(lines) == "event: counters\ndata: {}\n\n"
        await elsewhere(lambda: change_counters(person.pk))

        assert await anext(lines) == "event: counters\ndata: {}\n\n"
        await stream.send_input({"type": "http.disconnect"})
        await stream.wait(10)

    asyncio.run(listen())


def test_nobody_listens_without_a_session() -> None:
    assert asyncio.run(answer_of())["status"] == 401
    assert asyncio.run(answer_of(f"{settings.SESSION_COOKIE_NAME}=made-up"))["status"] == 401


def test_other_paths_are_not_found(cookie: str) -> None:
    assert asyncio.run(answer_of(cookie, path="/documents/"))["status"] == 404


def test_only_our_own_pages_may_read_the_stream(cookie: str) -> None:
    ours = f"http://127.0.0.1:{settings.ENVIRONMENT.port}"

    allowed = dict(asyncio.run(answer_of(cookie, origin=ours))["headers"])
    foreign = dict(asyncio.run(answer_of(cookie, origin="http://evil.example"))["headers"])

    assert allowed[b"access-control-allow-origin"] == ours.encode()
    assert b"access-control-allow-origin" not in foreign


def test_notice_for_many_persons_reaches_each(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ids = range(10**17, 10**17 + 1500)

    with django_assert_num_queries(4):  # 400 to a notice: a payload holds 8,000 bytes
        live.counters_changed(ids)


def test_page_is_allowed_to_open_the_stream_and_nothing_else() -> None:
    request = RequestFactory().get("/", headers={"host": "localhost:8000"})

    assert live.events_url(request) == f"http://localhost:{settings.ENVIRONMENT.events_port}/events"
