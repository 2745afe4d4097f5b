"""A live server with everything it has in production, and a desk with a browser for each person."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import uvicorn
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, ViewportSize, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from eoffice.organization.models import Person
from eoffice.web import events

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
RESTS = 8
"""Looks, a tenth of a second apart, at which the server must have nothing to do."""
PATIENCE_MS = 30_000
"""Longer than any answer takes on two busy cores."""
expect.set_options(timeout=PATIENCE_MS)
SitDown = Callable[..., Page]


@pytest.fixture(scope="session")
def events_server(live_server: LiveServer) -> Iterator[None]:
    """The process for server-sent events, at the port after the web server's as in production."""
    port = (urlsplit(live_server.url).port or 0) + 1
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(events.application, lifespan="off", log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield
    server.should_exit = server.force_exit = True
    thread.join(timeout=20)
    listener.close()


@pytest.fixture
def sit_down(
    browser: Browser,
    live_server: LiveServer,
    events_server: None,
    settings: Settings,
    transactional_db: None,
) -> Iterator[SitDown]:
    """`sit_down(person)` opens a page as that person, signed in; nothing of the page may fail unseen."""
    settings.ENVIRONMENT = dataclasses.replace(
        django_settings.ENVIRONMENT, port=urlsplit(live_server.url).port or 0, public_url=None
    )
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def sit(
        person: Person | None, *, phone: bool = False, theme: str = "light", trusts_own_computer: bool = False
    ) -> Page:
        size = PHONE if phone else DESK
        context = browser.new_context(
            viewport=size, base_url=live_server.url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", has_touch=phone,
            ignore_https_errors=trusts_own_computer,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        cookies = [{"name": "eo_theme", "value": theme, "url": live_server.url}]
        if person is not None:
            cookies.append(
                {"name": django_settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": live_server.url}
            )
        context.add_cookies(cookies)  # type: ignore[arg-type]  # plain dictionaries are what it takes
        contexts.append(context)
        page = context.new_page()
        watch(page, faults)
        return page

    yield sit
    for context in contexts:
        context.close()
    until_server_rests()
    assert faults == []


def session_of(person: Person) -> str:
    """Sign a person in beside the door, as her browser would hold it afterwards."""
    assert person.user is not None
    session = SessionStore()
    session[SESSION_KEY] = str(person.user.pk)
    session[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.user.get_session_auth_hash()
    session.save()
    assert session.session_key is not None
    return session.session_key


def watch(page: Page, faults: list[str]) -> None:
    """Note what a person at the desk would not see: script errors, blocked resources, missing files, server errors."""

    def hear(message: ConsoleMessage) -> None:
        # An answer of 4xx to what somebody did is told by browser and htmx as well; `look` tells which are faults.
        told = message.text.startswith(("Failed to load resource", "Response Status Error Code 4"))
        if message.type == "error" and not told:
            faults.append(f"{page.url}: {message.text}")

    def look(response: Response) -> None:
        part_of_page = response.request.resource_type in {"stylesheet", "script", "image", "font"}
        if response.status >= 500 or (response.status >= 400 and part_of_page):
            faults.append(f"{response.status} {response.url}")

    page.on("console", hear)
    page.on("response", look)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))


def until_server_rests() -> None:
    """Wait until no request is under way: the tables are emptied next.

    Between two statements of one request its connection is idle too, so the server must have rested for a while.
    """
    deadline = time.monotonic() + 20
    rested = 0
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            rested = rested + 1 if cursor.fetchone() == (0,) else 0
        if rested == RESTS:
            return
        time.sleep(0.1)
    raise AssertionError("the server is still at work")
