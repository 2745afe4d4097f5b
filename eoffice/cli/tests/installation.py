"""A real installation for the length of a test: its own data directory, ports and processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path


def two_free_ports() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port


class Installation:
    """`eoffice` commands on one data directory; `up` in the background."""

    def __init__(self) -> None:
        # Not pytest's directory: that one is closed to the account the database runs under.
        self.root = Path(tempfile.mkdtemp(prefix="eoffice-test-"))
        self.root.chmod(0o755)
        self.data = self.root / "data"
        self.port = two_free_ports()
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "EOFFICE_"))}
        return {**kept, "EOFFICE_DATA": str(self.data), "EOFFICE_PORT": str(self.port), "PYTHONWARNINGS": "", **more}

    def run(self, *words: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "eoffice.cli", *words],
            env=self.environment(**more),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,  # the first command of a new installation makes its tables
        )

    def up(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "eoffice.cli", "up"],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        self.wait_for(lambda: any("sẵn sàng" in line for line in self.lines), "ready")

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.lines.extend(process.stdout)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.process = None
        return code

    def wait_for(self, condition: object, what: str, patience_s: float = 90) -> None:
        deadline = time.monotonic() + patience_s
        while not condition():  # type: ignore[operator]  # a plain callable
            assert time.monotonic() < deadline, f"{what} not within {patience_s} s:\n{''.join(self.lines)}"
            time.sleep(0.1)

    def status(self, path: str, *, offset: int = 0) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port + offset}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return 0

    def processes(self) -> dict[int, str]:
        """Living processes of this installation by number, with their command lines."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                surroundings = (entry / "environ").read_bytes().decode(errors="replace")
                if str(self.data) in words or f"EOFFICE_DATA={self.data}\0" in surroundings:
                    found[int(entry.name)] = words
        return found

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        shutil.rmtree(self.root, ignore_errors=True)


@contextlib.contextmanager
def installed() -> Iterator[Installation]:
    installation = Installation()
    try:
        yield installation
    finally:
        installation.end()
