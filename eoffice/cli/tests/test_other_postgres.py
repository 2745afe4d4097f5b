"""An installation on a PostgreSQL of its own operator: the system's programs, an older server, backup and restore."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from eoffice import environment as env
from eoffice.cli.tests.installation import Installation, installed
from eoffice.cli.tests.test_backup import FOUNDING
from eoffice.core import keeping, postgres
from eoffice.core.postgres import DatabaseUrls, PostgresUnusable

_SYSTEM = [directory for directory in postgres._system_directories() if (directory / "postgres").is_file()]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _SYSTEM, reason="no PostgreSQL of the operating system on this machine (postgresql-15)"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseUrls]:
    """A server run with the system's programs instead of the wheel's."""
    # Not pytest's directory: that one is closed to the account the database runs under.
    directory = Path(tempfile.mkdtemp(prefix="eoffice-test-"))
    directory.chmod(0o755)
    chosen = env.read({"EOFFICE_DATA": str(directory), "EOFFICE_POSTGRES_BIN": str(_SYSTEM[-1])})
    running = postgres.Server(chosen, durable=False)
    yield running.start()
    running.stop()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def backup(server: DatabaseUrls) -> Iterator[Path]:
    """Of an installation founded on that server by DATABASE_URL."""
    with installed() as founded:
        on_server = {"DATABASE_URL": server.app, "DATABASE_OWNER_URL": server.owner}
        assert founded.run("migrate", **on_server).returncode == 0
        done = founded.run("init", *FOUNDING, stdin="mot-mat-khau-dai-2026\n", **on_server)
        assert done.returncode == 0, done.stderr
        check = founded.run("check", **on_server)
        assert check.returncode == 0, check.stdout
        kept = founded.run("backup", str(founded.root / "backup"), **on_server)
        assert kept.returncode == 0, kept.stderr
        assert not (founded.data / "pg").exists()
        yield founded.root / "backup"


def test_the_system_server_runs_in_its_own_version(server: DatabaseUrls) -> None:
    with psycopg.connect(server.app) as connection:
        major = connection.info.server_version // 10_000

    assert f"/{major}/" in f"{_SYSTEM[-1]}/"


def test_backup_comes_back_to_the_server_it_was_taken_from(server: DatabaseUrls, backup: Path) -> None:
    with psycopg.connect(server.superuser, autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored OWNER eoffice_owner")
    with installed() as other:
        restored = _restore(other, backup, DATABASE_URL=_at(server.app), DATABASE_OWNER_URL=_at(server.owner))
        again = other.run("check", DATABASE_URL=_at(server.app), DATABASE_OWNER_URL=_at(server.owner))

    assert "Nhật ký nguyên vẹn" in restored
    assert again.returncode == 0, again.stdout
    assert "Đã khởi tạo cho «Tập đoàn Hạ tầng số Trường Xuân»" in again.stdout


def test_backup_of_another_server_comes_back_to_the_embedded_one(backup: Path) -> None:
    with installed() as other:
        assert "Nhật ký nguyên vẹn" in _restore(other, backup)


def test_damaged_dump_leaves_an_older_server_empty(server: DatabaseUrls, backup: Path, tmp_path: Path) -> None:
    with psycopg.connect(server.superuser, autocommit=True) as connection:
        connection.execute("CREATE DATABASE half OWNER eoffice_owner")
    half = tmp_path / "database.dump"
    half.write_bytes((backup / "database.dump").read_bytes()[:-20_000])
    programs, major = postgres.programs_for(_at(server.owner, "half"), None)

    with pytest.raises(keeping.BackupDamaged):
        keeping.load(programs.directory, _at(server.owner, "half"), half, is_older=major < programs.major)

    with psycopg.connect(_at(server.owner, "half")) as connection:
        left = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert left == (0,)


def test_server_newer_than_every_program_is_told() -> None:
    with pytest.raises(PostgresUnusable, match="postgresql-client-99"):
        postgres.find_programs(None, at_least=99)


def _restore(into: Installation, backup: Path, **more: str) -> str:
    done = into.run("restore", str(backup), **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _at(url: str, database: str = "restored") -> str:
    return f"{url.rpartition('/')[0]}/{database}"
