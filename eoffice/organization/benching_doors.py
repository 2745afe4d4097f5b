"""Sign-ins beside served pages: a web server as in production, people who come in five a second, others who read on."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from socket import create_server
from statistics import median, quantiles
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from eoffice.core.errors import Conflict
from eoffice.core.processes import surroundings
from eoffice.organization.models import Person, Role

PER_MINUTE: Final = 300
PAGES_ALONE_S: Final = 20
TOGETHER_S: Final = 60
READERS: Final = 2
WORKERS: Final = 2
_AT_THE_DOOR: Final = 16
_TRIED: Final = 20
_STARTS_WITHIN_S: Final = 60


@dataclass(frozen=True, slots=True)
class DoorFigure:
    """One part of a run: how many a minute, and how long each took (milliseconds)."""

    what: str
    per_minute: float
    median_ms: float
    p95_ms: float
    failed: int


@dataclass(slots=True)
class _Times:
    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def figure(self, what: str, span_s: float) -> DoorFigure:
        taken = [each * 1000 for each in self.seconds] or [0.0, 0.0]
        p95 = quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
        return DoorFigure(what, len(self.seconds) * 60 / span_s, median(taken), p95, self.failed)


def bench_doors(*, password: str) -> list[DoorFigure]:
    """Pages alone, then sign-ins and pages together, in one run on one server of two workers.

    Officers of the demo share one password; their sign-ins leave sessions behind. Raises Conflict where nobody can
    come in with it.
    """
    others = [role for role in Role if role != Role.OFFICER]
    # Who holds another role besides may be asked for a second factor, and would stand at the door for ever.
    officers = (
        Person.objects.filter(role_grants__role=Role.OFFICER, user__is_active=True)
        .exclude(role_grants__role__in=others)
        .order_by("pk")
        .distinct()
    )
    emails = [str(email) for email in officers.values_list("user__email", flat=True)[:PER_MINUTE]]
    if not emails:
        raise Conflict("Chưa có chuyên viên nào có tài khoản để đo.")
    with _served() as port:
        reader = next((email for email in emails[:_TRIED] if _sign_in(port, email, password)), None)
        if reader is None:
            raise Conflict(f"Không đăng nhập được bằng {emails[0]}: mật khẩu chung của bản dùng thử là gì?")
        cookie = _sign_in(port, reader, password)
        _read_for(port, cookie, 3)
        alone = _read_for(port, cookie, PAGES_ALONE_S)
        door = _Times()
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(_read_for, port, cookie, TOGETHER_S)
            _come_in(port, emails, password, door)
            together = reading.result()
    return [
        alone.figure("Trang, khi không ai đăng nhập", PAGES_ALONE_S),
        together.figure("Trang, khi mọi người đang đăng nhập", TOGETHER_S),
        door.figure(f"Đăng nhập, hẹn {PER_MINUTE} lượt một phút", TOGETHER_S),
    ]


@contextmanager
def _served() -> Iterator[int]:
    """A web server of its own on a free port, on the same database and data."""
    with create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    database = settings.DATABASES["default"]
    login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    address = f"postgresql://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = surroundings(EOFFICE_PORT=str(port), DATABASE_URL=address)
    command = [sys.executable, "-m", "eoffice.cli", "serve", "web", "--workers", str(WORKERS)]
    with subprocess.Popen(command, env=environment) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            if _ask(HTTPConnection("127.0.0.1", port, timeout=10), "GET", reverse("accounts:login"))[0] == 200:
                return
        except (OSError, HTTPException):
            time.sleep(0.2)
    raise Conflict("Máy chủ web để đo không khởi động được.")


def _read_for(port: int, cookie: str, seconds: float) -> _Times:
    """`READERS` people who open one page after another."""
    times, until = _Times(), time.monotonic() + seconds
    lock = threading.Lock()

    def read() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < until:
            began = time.perf_counter()
            status, _, _ = _ask(connection, "GET", reverse("web:home"), cookie=cookie)
            with lock:
                times.seconds.append(time.perf_counter() - began)
                times.failed += status != 200

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return times


def _come_in(port: int, emails: list[str], password: str, times: _Times) -> None:
    """One person every fifth of a second, whether the one before is in or not."""
    lock, began = threading.Lock(), time.monotonic()

    def come(email: str) -> None:
        start = time.perf_counter()
        cookie = _sign_in(port, email, password)
        with lock:
            if cookie and time.monotonic() < began + TOGETHER_S:
                times.seconds.append(time.perf_counter() - start)
            else:
                times.failed += 1

    with ThreadPoolExecutor(_AT_THE_DOOR) as pool:
        for number in range(PER_MINUTE * TOGETHER_S // 60):
            time.sleep(max(0.0, began + number * 60 / PER_MINUTE - time.monotonic()))
            pool.submit(come, emails[number % len(emails)])


def _sign_in(port: int, email: str, password: str) -> str:
    """Post the form; the session's cookie, empty where the door stays shut."""
    token = secrets.token_hex(16)
    fields = urlencode({"email": email, "password": password, "csrfmiddlewaretoken": token})
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        status, cookies, onward = _ask(
            connection, "POST", reverse("accounts:login"), cookie=f"{settings.CSRF_COOKIE_NAME}={token}", body=fields
        )
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()
    mine = [each for each in cookies if each.startswith(f"{settings.SESSION_COOKIE_NAME}=")]
    return mine[0] if status == 303 and onward == "/" and mine else ""


def _ask(
    connection: HTTPConnection, method: str, path: str, *, cookie: str = "", body: str = ""
) -> tuple[int, list[str], str]:
    """The status, the cookies set, each as `name=value`, and where it leads."""
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, body=body or None, headers=headers)
    answer = connection.getresponse()
    answer.read()
    cookies = [each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or []]
    return answer.status, cookies, answer.headers.get("Location", "")
