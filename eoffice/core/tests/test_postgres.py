"""The embedded database on real processes: made, crashed, started twice, moved to another version."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from eoffice import environment as env
from eoffice.core import postgres
from eoffice.core.locks import AlreadyHeld, FileLock


@pytest.fixture
def environment() -> Iterator[env.Environment]:
    # Not pytest's directory: that one is closed to the unprivileged account.
    directory = Path(tempfile.mkdtemp(prefix="eoffice-test-"))
    directory.chmod(0o755)
    yield env.read({"EOFFICE_DATA": str(directory)})
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def server(environment: env.Environment) -> Iterator[postgres.Server]:
    server = postgres.Server(environment, durable=False)
    yield server
    server.stop()


@pytest.fixture
def durable_server(environment: env.Environment) -> Iterator[postgres.Server]:
    server = postgres.Server(environment)
    yield server
    server.stop()


def count_of(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def test_first_start_makes_the_database_and_both_roles(server: postgres.Server) -> None:
    urls = server.start()

    for url, role in ((urls.owner, "eoffice_owner"), (urls.app, "eoffice_app")):
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT current_user, current_database(), rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert row == (role, "eoffice", False)
    assert server.process is not None
    if os.geteuid() == 0:
        assert os.stat(f"/proc/{server.process.pid}").st_uid != 0


def test_owner_may_create_the_extensions_search_needs(server: postgres.Server) -> None:
    with psycopg.connect(server.start().owner) as connection:
        for extension in ("unaccent", "pg_trgm", "btree_gin"):
            connection.execute(f"CREATE EXTENSION {extension}")


def test_passwords_are_needed_and_kept_to_ourselves(server: postgres.Server, environment: env.Environment) -> None:
    urls = server.start()

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://eoffice_owner:wrong@127.0.0.1:{server.port}/eoffice")
    for name in ("postgres", "eoffice_owner", "eoffice_app"):
        assert (environment.keys_dir / f"database-{name}").stat().st_mode & 0o777 == 0o600
    assert "127.0.0.1" in urls.app


def test_data_survives_kill_and_the_server_comes_back_on_its_port(durable_server: postgres.Server) -> None:
    server = durable_server
    urls = server.start()
    with psycopg.connect(urls.owner) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()

    assert server.has_died()
    server.revive()

    assert count_of(urls.owner) == 1000


def test_start_after_everything_was_killed(environment: env.Environment, durable_server: postgres.Server) -> None:
    server = durable_server
    with psycopg.connect(server.start().owner) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 10)")
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()

    again = postgres.Server(environment)
    urls = again.start()

    assert count_of(urls.owner) == 10
    again.stop()


def test_server_ends_with_a_supervisor_that_was_killed(environment: env.Environment) -> None:
    supervisor = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from eoffice import environment as e; from eoffice.core import postgres as p\n"
            "s = p.Server(e.read(), durable=False); s.start(); print(s.process.pid, flush=True); sys.stdin.read()",
        ],
        env={**os.environ, "EOFFICE_DATA": str(environment.data_dir)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())

    supervisor.kill()
    supervisor.communicate()
    again = postgres.Server(environment, durable=False)
    again.start()

    assert again.process is not None
    assert again.process.pid != pid
    again.stop()


def test_data_of_another_version_is_refused_and_untouched(server: postgres.Server) -> None:
    server.start()
    server.stop()
    marker = server.cluster / "PG_VERSION"
    marker.write_text("14\n")

    with pytest.raises(postgres.PostgresUnusable, match="PostgreSQL 14"):
        server.start()
    assert server.process is None


def test_second_command_uses_the_running_server(environment: env.Environment) -> None:
    with postgres.running(environment) as first, postgres.running(environment) as second:
        assert second == first
        with psycopg.connect(second.app) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_interrupted_first_start_begins_anew(environment: env.Environment, server: postgres.Server) -> None:
    half = server.home / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("17\n")

    with psycopg.connect(server.start().app) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")
def test_data_directory_closed_to_the_account_gets_a_cluster_elsewhere() -> None:
    closed = Path(tempfile.mkdtemp(prefix="eoffice-closed-"))
    environment = env.read({"EOFFICE_DATA": str(closed / "data")})
    server = postgres.Server(environment, durable=False)

    try:
        with psycopg.connect(server.start().app) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert (environment.data_dir / "pg-location").read_text() == str(server.home)
        assert postgres.Server(environment).home == server.home
    finally:
        server.stop()
        shutil.rmtree(server.home.parent)
        shutil.rmtree(closed)


def test_unknown_account_is_a_clear_error() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs the server under another account")
    environment = env.read({"EOFFICE_OS_USER": "no-such-account"})

    with pytest.raises(postgres.PostgresUnusable, match="EOFFICE_OS_USER"):
        postgres.Server(environment)


def test_second_holder_of_a_lock_learns_who_has_it(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"), pytest.raises(AlreadyHeld) as refused, FileLock(tmp_path / "lock"):
        pass

    assert refused.value.pid == os.getpid()
    with FileLock(tmp_path / "lock"):
        pass
