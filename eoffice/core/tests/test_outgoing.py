"""Outgoing requests to addresses that others wrote down."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from eoffice.core.outgoing import NotFetched, checked_address, fetch


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/plain")
            self.end_headers()
        elif self.path == "/moved-inside":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.2/plain")
            self.end_headers()
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            for _ in range(100):
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return
                time.sleep(0.1)
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
        else:
            self._say(b"x" * 1000 if self.path == "/long" else b"plain")

    def do_POST(self) -> None:
        if self.path == "/moved":
            self.do_GET()
        else:
            self._say(self.rfile.read(int(self.headers["Content-Length"])))

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def get(host: str, path: str, **options: object) -> bytes:
    given = {"timeout_s": 5.0, "limit_bytes": 500, "inside": {host}, **options}
    return fetch(f"http://{host}{path}", **given)  # type: ignore[arg-type]  # options of the test


def test_named_hosts_are_asked_and_redirects_followed(host: str):
    assert get(host, "/plain") == b"plain"
    assert get(host, "/moved") == b"plain"
    assert get(host, "/echo", body=b"question", content_type="text/plain") == b"question"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fd00::1]/",
        "http://2130706433/",
        "http://224.0.0.1/",
        "http://8.8.8.8:8080/",
        "http://user@8.8.8.8/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "http://8.8.8.8:99999/",
        "ldap://8.8.8.8/cn=x",
        "nonsense",
    ],
)
def test_addresses_inside_or_unusual_are_not_asked(url: str):
    with pytest.raises(NotFetched):
        checked_address(url)


def test_public_addresses_are_asked():
    assert checked_address("http://8.8.8.8/crl")[1:] == (80, "8.8.8.8")
    assert checked_address("https://[2001:4860:4860::8888]/")[1] == 443


def test_host_not_named_and_redirect_to_another_inside_are_refused(host: str):
    with pytest.raises(NotFetched, match=r"nội bộ|cổng"):
        get(host, "/plain", inside=set())
    with pytest.raises(NotFetched, match="nội bộ"):
        get(host, "/moved-inside")
    with pytest.raises(NotFetched, match="quá nhiều"):
        get(host, "/round")
    with pytest.raises(NotFetched, match="chuyển hướng"):
        get(host, "/moved", body=b"question")


def test_long_slow_and_cut_answers_are_refused(host: str):
    with pytest.raises(NotFetched, match="quá dài"):
        get(host, "/long")
    with pytest.raises(NotFetched, match=r"giữa chừng|không kết nối"):
        get(host, "/cut")
    started = time.monotonic()
    with pytest.raises(NotFetched, match=r"quá chậm|giữa chừng"):
        get(host, "/slow", timeout_s=1.0)
    assert time.monotonic() - started < 3
