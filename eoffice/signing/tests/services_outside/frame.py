"""What the services have in common: people with keys, orders that wait for a finger on a phone, a small web server."""

from __future__ import annotations

import html
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from eoffice.signing.engine.authority import CertifiedKey, Subject, issue_certificate, make_issuing, make_root

WAITING, CONFIRMED, REFUSED, EXPIRED = "waiting", "confirmed", "refused", "expired"


@dataclass
class Holder:
    """Somebody with a key in the service's safe."""

    account: str
    name: str
    certificate: x509.Certificate
    private_key: rsa.RSAPrivateKey
    status: str = "Đang hoạt động"
    is_locked: bool = False
    wrong_tries: int = 0

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def serial(self) -> str:
        return f"{self.certificate.serial_number:x}"

    def sign(self, digest: bytes) -> bytes:
        return self.private_key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))


@dataclass
class Job:
    """An order that lies on a phone."""

    id: str
    holder: Holder
    documents: list[tuple[str, bytes]]
    description: str
    state: str = WAITING
    expires_at: float = 0.0
    made: float = field(default_factory=time.monotonic)

    def now_is(self) -> str:
        if self.state == WAITING and self.expires_at and time.monotonic() > self.expires_at:
            self.state = EXPIRED
        return self.state


Answer = tuple[int, Any]


class Service:
    """A service with its own authority; `routes` maps paths to what answers a JSON or form body."""

    def __init__(self, *, now: datetime | None = None, port: int = 0, lasts_s: float = 300.0) -> None:
        made = (now or datetime.now(UTC)) - timedelta(days=30)
        self.root: CertifiedKey = make_root(name="Gốc dịch vụ mô phỏng", now=made)
        self.issuing: CertifiedKey = make_issuing(self.root, name="CA dịch vụ mô phỏng", now=made)
        self.made = made
        self.lasts_s = lasts_s
        self.holders: dict[str, Holder] = {}
        self.jobs: dict[str, Job] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.is_down = False
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, account: str, name: str, *, days: int = 365) -> Holder:
        """Give somebody a key and a certificate."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = issue_certificate(
            self.issuing,
            subject=Subject(common_name=name, organization="Tập đoàn Hạ tầng số Trường Xuân"),
            public_key=key.public_key(),
            now=self.made,
            valid_for=timedelta(days=days),
        )
        self.holders[account] = Holder(account, name, certificate, key)
        return self.holders[account]

    def confirm(self, job_id: str = "") -> None:
        """A finger on the phone: all that waits, or one order."""
        self._decide(CONFIRMED, job_id)

    def refuse(self, job_id: str = "") -> None:
        self._decide(REFUSED, job_id)

    def _decide(self, state: str, job_id: str) -> None:
        with self.lock:
            chosen = [job for job in self.jobs.values() if job.now_is() == WAITING and job_id in ("", job.id)]
            for job in chosen:
                job.state = state
        for job in chosen:
            self.decided(job)

    def decided(self, job: Job) -> None:
        """Whatever a service does as soon as the person has decided."""

    def count(self, path: str) -> int:
        return sum(called == path for called, _ in self.calls)

    def answer(self, path: str, body: dict[str, Any], headers: Mapping[str, str]) -> Answer:
        """What the service says to a POST."""
        raise NotImplementedError

    def page(self, path: str, query: Mapping[str, str]) -> tuple[int, str, str]:
        """Status, address or HTML of a GET; the phone is everybody's."""
        if path == "/phone":
            return 200, "", self._phone()
        return 404, "", "not here"

    def _phone(self) -> str:
        cards = "".join(
            f"<article><h2>{html.escape(job.description)}</h2><p>{html.escape(job.holder.name)}</p><ul>"
            + "".join(f"<li>{html.escape(doc_id)}</li>" for doc_id, _ in job.documents)
            + "</ul>"
            + "".join(
                f"<form method='post' action='/phone/{verb}'><input type='hidden' name='job' value='{job.id}'>"
                f"<button>{words}</button></form>"
                for verb, words in (("confirm", "Xác nhận"), ("refuse", "Từ chối"))
            )
            + "</article>"
            for job in self.jobs.values()
            if job.now_is() == WAITING
        )
        return f"<!doctype html><html lang='vi'><title>Điện thoại</title><h1>Điện thoại</h1>{cards or '<p>Trống</p>'}"


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            if path.startswith("/phone/"):
                job_id = parse_qs(content.decode())["job"][0]
                (service.confirm if path.endswith("confirm") else service.refuse)(job_id)
                self._send(303, b"", {"Location": "/phone"})
                return
            if service.is_down:
                self._send(503, b"{}", {})
                return
            body = _body(content, self.headers.get("Content-Type") or "")
            service.calls.append((path, body))
            status, answer = service.answer(path, body, dict(self.headers.items()))
            said = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
            self._send(status, said, {"Content-Type": "application/json; charset=utf-8"})

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, address, shown = service.page(parts.path, query)
            headers = {"Content-Type": "text/html; charset=utf-8"} | ({"Location": address} if address else {})
            self._send(status, shown.encode(), headers)

        def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def _body(content: bytes, content_type: str) -> dict[str, Any]:
    if "form" in content_type:
        return {name: values[0] for name, values in parse_qs(content.decode()).items()}
    found = json.loads(content or b"{}")
    return found if isinstance(found, dict) else {}


Maker = Callable[[int], Service]
