"""`eoffice up` on real processes: started, refused, crashed, stopped."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from eoffice.cli.tests.installation import Installation, installed

pytestmark = pytest.mark.slow


@pytest.fixture
def installation() -> Iterator[Installation]:
    with installed() as installation:
        yield installation


def pid_of(installation: Installation, words: str) -> int:
    return min(pid for pid, line in installation.processes().items() if words in line)


def test_everything_starts_heals_and_stops(installation: Installation) -> None:
    """One start for several questions: each start of a whole installation takes ten seconds and more."""
    installation.up()
    assert installation.status("/healthz") == 200
    assert installation.status("/readyz") == 200
    assert installation.status("/healthz", offset=1) == 200
    assert installation.status("/events", offset=1) == 401
    assert any(f"http://127.0.0.1:{installation.port}" in line for line in installation.lines)
    assert any(str(installation.data) in line for line in installation.lines)

    installation.wait_for(lambda: any("CHƯA KHỞI TẠO" in line for line in installation.lines), "what to do next")

    second = installation.run("up", EOFFICE_PORT=str(installation.port + 10))
    assert second.returncode == 1
    assert "đang chạy trên thư mục dữ liệu" in second.stderr

    check = installation.run("check")
    assert "vai trò phục vụ «eoffice_app»" in check.stdout
    assert "không sửa, xóa được nhật ký" in check.stdout

    os.kill(pid_of(installation, "postgres -D"), signal.SIGKILL)
    installation.wait_for(lambda: any("Cơ sở dữ liệu dừng đột ngột" in x for x in installation.lines), "notice")
    installation.wait_for(lambda: installation.status("/readyz") == 200, "answer after the crash")

    web = pid_of(installation, "--interface wsgi")
    os.kill(web, signal.SIGKILL)
    installation.wait_for(lambda: any("Phần «máy chủ web» dừng" in x for x in installation.lines), "notice")
    installation.wait_for(lambda: installation.status("/readyz") == 200, "answer after the crash")

    assert installation.stop() == 0
    assert installation.processes() == {}
    assert installation.status("/healthz") == 0


def test_nothing_outlives_a_killed_supervisor(installation: Installation) -> None:
    installation.up()

    installation.stop(signal.SIGKILL)

    installation.wait_for(lambda: installation.processes() == {}, "end of all processes", patience_s=40)
    installation.lines.clear()
    installation.up()
    assert installation.status("/readyz") == 200


def test_taken_port_is_told_before_anything_starts(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port + 1))
        taken.listen()

        refused = installation.run("up")

    assert refused.returncode == 1
    assert f"cổng {installation.port + 1}" in refused.stderr
    assert "EOFFICE_PORT" in refused.stderr
    assert not (installation.data / "pg").exists()


def test_fault_in_the_environment_is_told_in_full(installation: Installation) -> None:
    refused = installation.run("up", EOFFICE_PORT="abc", DATABASE_URL="sqlite:///x")

    assert refused.returncode == 1
    assert "EOFFICE_PORT" in refused.stderr
    assert "DATABASE_URL" in refused.stderr
    assert "Traceback" not in refused.stderr
