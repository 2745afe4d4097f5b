"""Server-sent events: tells a signed-in person's open pages that their counters changed.

One small ASGI application: `GET /events` with the session cookie of the web server gives a stream of
`event: counters` whenever `core.live.counters_changed` names the person, and a comment line every twenty seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest

from eoffice.core import clock, live
from eoffice.organization import queries as organization
from eoffice.organization.errors import NoPosting

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

HEARTBEAT_S: Final = 20.0
LONGEST_STREAM_S: Final = 600.0
"""Then the browser opens a new stream by itself, and the session is looked at again."""
_RECONNECT_PAUSE_S: Final = 2.0
_LONGEST_DEAF_S: Final = 10.0


class Listeners:
    """Open streams by person, and the one database connection that hears for all of them. Belongs to one event loop."""

    def __init__(self) -> None:
        self._streams: dict[int, set[asyncio.Event]] = {}
        self._hearing: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()

    @contextlib.asynccontextmanager
    async def stream_of(self, person_id: int) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever this person's counters change, for the length of one stream.

        Entered once the database is heard: whatever is told from then on reaches the stream. Raises TimeoutError when
        it cannot be heard for a while.
        """
        if self._hearing is None or self._hearing.done():
            self._hears = asyncio.Event()
            self._hearing = asyncio.create_task(self._hear_for_ever())
        changed = asyncio.Event()
        self._streams.setdefault(person_id, set()).add(changed)
        try:
            async with asyncio.timeout(_LONGEST_DEAF_S):
                await self._hears.wait()
            yield changed
        finally:
            self._streams[person_id].discard(changed)
            if not self._streams[person_id]:
                del self._streams[person_id]

    def tell(self, person_ids: Iterable[int]) -> None:
        for person_id in person_ids:
            for changed in self._streams.get(person_id, ()):
                changed.set()

    async def _hear_for_ever(self) -> None:
        was_deaf = False
        while True:
            try:
                await self._hear(was_deaf=was_deaf)
            except psycopg.OperationalError:
                # The database restarts now and then.
                self._hears.clear()
                was_deaf = True
                await asyncio.sleep(_RECONNECT_PAUSE_S)

    async def _hear(self, *, was_deaf: bool) -> None:
        parameters = connection.get_connection_params()
        chosen = {key: parameters[key] for key in ("dbname", "user", "password", "host", "port") if key in parameters}
        async with await psycopg.AsyncConnection.connect(**chosen, autocommit=True) as listening:
            await listening.execute(f"LISTEN {live.CHANNEL}")
            self._hears.set()
            if was_deaf:
                # Something may have been told meanwhile: let all look again.
                self.tell(list(self._streams))
            async for notice in listening.notifies():
                self.tell(int(word) for word in notice.payload.split(",") if word.isdigit())


def application_with(listeners: Listeners) -> Application:
    """The ASGI callable: 404 for any other path, 401 without a session, else the stream. One for each event loop."""

    async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _answer_lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["path"] == "/healthz":
            await _answer(send, 200)
        elif scope["path"] != "/events" or scope["method"] != "GET":
            await _answer(send, 404)
        elif (
            person_id := await sync_to_async(_person_of_cookie, thread_sensitive=False)(headers.get("cookie", ""))
        ) is None:
            await _answer(send, 401, _cross_origin(headers))
        else:
            await _stream(listeners, person_id, headers, receive, send)

    return application


application = application_with(Listeners())


def _person_of_cookie(cookie: str) -> int | None:
    """The person behind the session cookie of the web server, or None when nobody is signed in."""
    try:
        return _person_of_session(cookie)
    finally:
        # Asked once per stream, from a pool of threads: an open connection in each would be kept for nothing.
        connection.close()


def _person_of_session(cookie: str) -> int | None:
    try:
        morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if morsel is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    user = get_user(request)
    if not user.is_authenticated or user.pk is None:
        return None
    try:
        return organization.actor_of(user_id=user.pk, now=clock.now()).person_id
    except NoPosting:
        return None


async def _stream(
    listeners: Listeners, person_id: int, headers: Mapping[str, str], receive: Receive, send: Send
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
                *_cross_origin(headers),
            ],
        }
    )
    gone = asyncio.create_task(_until_disconnected(receive))
    try:
        async with listeners.stream_of(person_id) as changed:
            await _write(send, "retry: 5000\n\n")
            await _tell_changes(changed, gone, send)
    except TimeoutError:
        pass  # the browser opens a new stream by itself
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _tell_changes(changed: asyncio.Event, gone: asyncio.Task[None], send: Send) -> None:
    ends_at = asyncio.get_running_loop().time() + LONGEST_STREAM_S
    while not gone.done() and asyncio.get_running_loop().time() < ends_at:
        waiting = asyncio.create_task(changed.wait())
        await asyncio.wait({waiting, gone}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if changed.is_set():
            changed.clear()
            await _write(send, "event: counters\ndata: {}\n\n")
        elif not gone.done():
            await _write(send, ": \n\n")


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers or []})
    await send({"type": "http.response.body", "body": b""})


def _cross_origin(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Lets the web server's own pages, one port away on the same host name, read the stream; nobody else."""
    origin = headers.get("origin", "")
    parts, host = urlsplit(origin), urlsplit("//" + headers.get("host", ""))
    allowed = {settings.ENVIRONMENT.base_url, f"{parts.scheme}://{host.hostname}:{settings.ENVIRONMENT.port}"}
    if origin not in allowed or parts.hostname != host.hostname:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


async def _answer_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
