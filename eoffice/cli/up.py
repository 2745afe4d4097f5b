"""`eoffice up`: everything on one machine. Database, migrations, web server, events, workers; stops what it started."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

import psycopg

from eoffice import environment as env
from eoffice.core.locks import AlreadyHeld, FileLock
from eoffice.core.postgres import DatabaseUrls, PostgresUnusable, Server
from eoffice.core.processes import spawn, stop, sweep

_FIRST_PAGE_PATIENCE_S: Final = 180.0
"""On a machine at full load the web processes were seen to need 75 s."""
_STOP_PATIENCE_S: Final = 25.0
_LONGEST_PAUSE_S: Final = 30.0


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("up", help="chạy toàn bộ hệ thống trên máy này")
    parser.add_argument("--demo", action="store_true", help="nạp tập đoàn mẫu và in tài khoản dùng thử")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    environment = env.read()
    for port in (environment.port, environment.events_port):
        _refuse_taken(environment.host, port)
    try:
        with FileLock(environment.run_dir / "up.lock"), FileLock(environment.run_dir / "database.lock"):
            return _Installation(environment, demo=arguments.demo).run()
    except AlreadyHeld as held:
        raise env.EnvironmentInvalid(
            f"eOffice đang chạy trên thư mục dữ liệu {environment.data_dir} (tiến trình {held.pid or 'khác'})."
            " Dừng bản đó, hoặc chọn thư mục khác bằng EOFFICE_DATA."
        ) from held


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise env.EnvironmentInvalid(
                f"Không mở được cổng {port} trên {host} ({error.strerror}). Chưa có gì được khởi động."
                " Dừng chương trình đang dùng cổng đó, hoặc chọn cổng khác bằng EOFFICE_PORT"
                " (eOffice dùng cổng đã chọn và cổng kế tiếp)."
            ) from error


class _StopAsked(Exception):
    """SIGINT or SIGTERM arrived."""


@dataclass
class _Part:
    """A child process that is started again when it falls."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    pause_s: float = 1.0
    started_at: float = 0.0
    resume_at: float = 0.0


@dataclass
class _Installation:
    environment: env.Environment
    demo: bool
    database: Server | None = None
    parts: list[_Part] = field(default_factory=list)

    def run(self) -> int:
        with _signals_as_exceptions():
            try:
                self._bring_up()
                self._watch()
            except _StopAsked:
                pass
            finally:
                self._bring_down()
        return 0

    def _bring_up(self) -> None:
        urls = self._start_database()
        self._run_once("Cập nhật cấu trúc dữ liệu", ["migrate"], urls, as_owner=True)
        if self.demo:
            self._run_once("Chuẩn bị tập đoàn mẫu", ["demo"], urls)
        child = self._child_environment(urls)
        self.parts = [
            _Part("máy chủ web", _eoffice("serve", "web")),
            _Part("kênh báo tức thời", _eoffice("serve", "events")),
            # Short jobs have a worker of their own: sealing and events never wait behind a conversion.
            _Part("việc nền nhanh", _eoffice("serve", "worker", "--queues", "system,events", "--concurrency", "4")),
            # A slow or mute gateway holds up nothing but messages.
            _Part("gửi tin nhắn", _eoffice("serve", "worker", "--queues", "messages", "--concurrency", "6")),
            _Part("việc nền", _eoffice("serve", "worker", "--concurrency", "2")),
        ]
        for part in self.parts:
            self._start(part, child)
        self._await_first_page()
        self._tell_where()

    def _start_database(self) -> DatabaseUrls:
        if self.environment.database_url:
            owner = self.environment.database_owner_url or self.environment.database_url
            return DatabaseUrls(app=self.environment.database_url, owner=owner, superuser=owner)
        _say("Khởi động cơ sở dữ liệu")
        self.database = Server(self.environment)
        return self.database.start()

    def _child_environment(self, urls: DatabaseUrls, *, as_owner: bool = False) -> dict[str, str]:
        """Serving processes never learn the owner's password."""
        child = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
        child |= {"DATABASE_URL": urls.app, "EOFFICE_DATA": str(self.environment.data_dir)}
        if as_owner:
            child |= {"DATABASE_OWNER_URL": urls.owner}
        if self.demo:
            child["EOFFICE_DEMO"] = "1"
        return child

    def _run_once(self, title: str, words: list[str], urls: DatabaseUrls, *, as_owner: bool = False) -> None:
        _say(title)
        process = spawn(_eoffice(*words), environment=self._child_environment(urls, as_owner=as_owner))
        try:
            code = process.wait()
        except _StopAsked:
            stop(process, first=signal.SIGTERM, patience_s=_STOP_PATIENCE_S)
            raise
        if code != 0:
            raise env.EnvironmentInvalid(f"«eoffice {' '.join(words)}» dừng với mã {code}; chưa phục vụ được.")

    def _start(self, part: _Part, child: Mapping[str, str]) -> None:
        part.started_at = time.monotonic()
        part.process = spawn(part.command, environment=child)

    def _await_first_page(self) -> None:
        _say("Chờ máy chủ web")
        deadline = time.monotonic() + _FIRST_PAGE_PATIENCE_S
        address = f"http://{self.environment.host}:{self.environment.port}/readyz"
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(address, timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        raise env.EnvironmentInvalid(f"Máy chủ web không trả lời ở {address} sau {_FIRST_PAGE_PATIENCE_S:.0f} giây.")

    def _tell_where(self) -> None:
        kept = self.environment.data_dir
        _say(f"eOffice sẵn sàng: {self.environment.base_url}")
        _say(f"Dữ liệu: {kept}" + (f" (cơ sở dữ liệu: {self.database.home})" if self.database else ""))
        _say("Dừng: Ctrl-C")
        if not self._is_founded():
            _say(
                "CHƯA KHỞI TẠO: chưa ai đăng nhập được. Mở cửa sổ lệnh khác, chạy «eoffice init» với cùng EOFFICE_DATA"
                " để lập cơ quan và người quản trị đầu tiên. Muốn dùng thử với dữ liệu mẫu: dừng, «eoffice up --demo»."
            )

    def _is_founded(self) -> bool:
        with psycopg.connect(self._urls().app) as connection:
            row = connection.execute("SELECT EXISTS (SELECT FROM organization_installation)").fetchone()
        return bool(row and row[0])

    def _watch(self) -> None:
        while True:
            time.sleep(0.5)
            if self.database is not None and self.database.has_died():
                _say("Cơ sở dữ liệu dừng đột ngột; đang khởi động lại")
                self.database.revive()
            for part in self.parts:
                self._keep_up(part)

    def _keep_up(self, part: _Part) -> None:
        now = time.monotonic()
        if part.process is not None and part.process.poll() is not None:
            code = part.process.returncode
            sweep(part.process)
            part.process = None
            # A part that ran for a while starts afresh; one that falls at once waits longer each time.
            lasted = now - part.started_at
            part.pause_s = 1.0 if lasted > _LONGEST_PAUSE_S else min(part.pause_s * 2, _LONGEST_PAUSE_S)
            part.resume_at = now + part.pause_s
            _say(f"Phần «{part.name}» dừng (mã {code}); chạy lại sau {part.pause_s:.0f} giây")
        elif part.process is None and now >= part.resume_at:
            self._start(part, self._child_environment(self._urls()))

    def _urls(self) -> DatabaseUrls:
        return self.database.urls if self.database else self._start_database()

    def _bring_down(self) -> None:
        running = [part for part in self.parts if part.process is not None]
        if running:
            _say("Đang dừng")
        for part in running:
            if part.process is not None and part.process.poll() is None:
                part.process.send_signal(signal.SIGTERM)
        for part in running:
            if part.process is not None:
                stop(part.process, first=signal.SIGTERM, patience_s=_STOP_PATIENCE_S)
        if self.database is not None:
            with contextlib.suppress(PostgresUnusable):
                self.database.stop()


def _eoffice(*words: str) -> list[str]:
    return [sys.executable, "-m", "eoffice.cli", *words]


def _say(line: str) -> None:
    print(line, flush=True)


@contextlib.contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    def raise_stop(number: int, frame: FrameType | None) -> None:
        # One is enough: a second Ctrl-C must not interrupt the orderly stop.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise _StopAsked

    before = {number: signal.signal(number, raise_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
