"""The agent as a person runs it: a process of its own, on a free port, with a software token."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from eoffice.signing.tests import soft_hsm

SOURCE = Path(__file__).resolve().parents[2] / "token"


@dataclass
class Desk:
    """A computer with the agent running, and what its window says."""

    port: int
    site: str
    lines: list[str] = field(default_factory=list)
    key: str = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def code(self) -> str:
        """The pairing code shown last."""
        return str(re.findall(r"Mã ghép nối(?: mới)?: (\d{8})", "".join(self.lines))[-1])

    def consent_address(self, *, after: int = 0) -> str:
        """The page that was opened for the person, once it is."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = re.findall(r"Xác nhận ký tại: (\S+)", "".join(self.lines))
            if len(found) > after:
                return str(found[-1])
            time.sleep(0.05)
        raise AssertionError("".join(self.lines))

    def ask(self, path: str, body: object, **headers: str) -> tuple[int, dict[str, Any], dict[str, str]]:
        """As the page of the site does."""
        sent = {
            "Origin": self.site,
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.key}",
            **headers,
        }
        return self.call("POST", path, json.dumps(body), sent)

    def call(
        self, method: str, path: str, body: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body.encode(), headers)
            answer = connection.getresponse()
            content = answer.read().decode()
            is_json = answer.headers.get("Content-Type") == "application/json"
            return answer.status, json.loads(content) if is_json else {"page": content}, dict(answer.headers)
        finally:
            connection.close()

    def pair(self) -> None:
        status, told, _ = self.ask("/pair", {"code": self.code()})
        assert status == 200, told
        self.key = told["key"]

    def type_pin(self, address: str, *, pin: str = "", do: str = "sign") -> str:
        """What the person does on the agent's own page; the page that follows."""
        headers = {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        _, told, _ = self.call("POST", urlsplit(address).path, urlencode({"pin": pin, "do": do}), headers)
        return str(told["page"])


@contextmanager
def desk(directory: Path, site: str, *, module: Path = soft_hsm.MODULE) -> Iterator[Desk]:
    """Start the agent for one site and one library; it is ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ, "PYTHONPATH": str(SOURCE), "EOFFICE_TOKEN_HOME": str(directory), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "eoffice_token.main", "--site", site, "--module", str(module),
         "--port", str(port), "--no-browser"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    made = Desk(port, site)

    def read() -> None:
        assert process.stdout is not None
        made.lines.extend(process.stdout)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while "Mã ghép nối" not in "".join(made.lines):
            assert process.poll() is None, "".join(made.lines)
            assert time.monotonic() < deadline, "".join(made.lines)
            time.sleep(0.05)
        yield made
    finally:
        process.terminate()
        process.wait(20)
        thread.join(20)
        if process.stdout is not None:
            process.stdout.close()
