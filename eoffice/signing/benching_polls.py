"""`eoffice bench polls`: so many open requests asked for by one worker, against a gateway in a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection, connections

from eoffice.core import clock, files
from eoffice.organization import queries as organization
from eoffice.signing.engine.authority import Subject, generate_key, issue_certificate, make_issuing, make_root
from eoffice.signing.models import (
    MethodKind,
    ProviderKind,
    SignatureRequest,
    SignatureRequestPaper,
    SigningMethod,
    SigningProvider,
    Stage,
)
from eoffice.signing.models.methods import PROVIDER_SECRETS
from eoffice.signing.services.polling import poll_while_open
from eoffice.signing.services.signers import closed
from eoffice.signing.states import RequestState

_SAMPLE_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PollsResult:
    """What so many open requests cost one worker; `latest_s` is how long after its due time the latest was asked."""

    requests: int
    seconds: float
    questions: int
    core_share: float
    latest_s: float


def bench_polls(*, person_id: int, requests: int, seconds: float, now: datetime) -> PollsResult:
    """Open `requests` at once, all of them fresh, and ask for them as a worker does for `seconds`.

    The gateway answers "wait" to everything; its work is not counted, that of the worker's threads is.
    """
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    gateway = context.Process(target=serve_gateway, args=(theirs,), daemon=True)
    gateway.start()
    port = int(ours.recv())
    try:
        _open_requests(person_id, requests, port, now)
        lateness = _Lateness()
        lateness.start()
        cpu, started = time.process_time(), time.perf_counter()
        questions = poll_while_open(clock=clock.now, lasts_s=seconds, should_stop=lambda: False)
        cpu, lasted = time.process_time() - cpu, time.perf_counter() - started
        lateness.stop()
    finally:
        gateway.terminate()
    return PollsResult(
        requests=requests, seconds=lasted, questions=questions, core_share=cpu / lasted, latest_s=lateness.latest_s
    )


def serve_gateway(pipe: Connection) -> None:
    """Answer every status question with "wait", over connections that stay open."""
    answer = json.dumps(
        {"status_code": 200, "message": "sig_wait_for_user_confirm", "data": {"transaction_id": "", "signatures": None}}
    ).encode()

    class Gateway(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    pipe.send(server.server_address[1])
    server.serve_forever()


class _Lateness:
    """Looks twice a second how long the most overdue request has been waiting."""

    def __init__(self) -> None:
        self.latest_s = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLE_S):
            with connection.cursor() as cursor:
                cursor.execute("SELECT extract(epoch FROM now() - min(next_poll_at)) FROM signing_request")
                row = cursor.fetchone()
            self.latest_s = max(self.latest_s, float(row[0] or 0) if row else 0.0)
        connection.close()


def _open_requests(person_id: int, count: int, port: int, now: datetime) -> None:
    method = _method(person_id, port, now)
    source = files.store(b"%PDF-1.7 bench", media_type="application/pdf")
    rows = SignatureRequest.objects.bulk_create(
        [
            SignatureRequest(
                reference=secrets.token_hex(16),
                person_id=person_id,
                method=method,
                description="Đo tốc độ",
                state=RequestState.SENT,
                created_at=now,
                expires_at=now + timedelta(days=1),
                dispatched_at=now,
                next_poll_at=clock.now() + timedelta(seconds=3),
            )
            for _ in range(count)
        ]
    )
    SignatureRequestPaper.objects.bulk_create(
        [
            SignatureRequestPaper(
                request=row,
                position=0,
                doc_id=f"{row.reference[:12]}-01",
                title="Đo tốc độ",
                subject_kind="bench",
                subject_id=row.pk,
                source=source,
                field="ky_1",
                stage=Stage.OFFICIAL,
                document_digest=bytes(32),
                hole_start=0,
                hole_end=1,
                signed_attributes=secrets.token_bytes(400),
                state=RequestState.SENT,
            )
            for row in rows
        ]
    )


def _method(person_id: int, port: int, now: datetime) -> SigningMethod:
    provider = SigningProvider.objects.create(
        kind=ProviderKind.SMARTCA,
        name="Cổng đo tốc độ",
        base_url=f"http://127.0.0.1:{port}",
        settings={"sp_id": "bench"},
        secrets=closed({"sp_password": "bench"}, PROVIDER_SECRETS),
        hook=secrets.token_urlsafe(32),
        changed_at=now,
    )
    root = make_root(name="Gốc đo tốc độ", now=now)
    certificate = issue_certificate(
        make_issuing(root, name="Cấp phát đo tốc độ", now=now),
        subject=Subject(common_name=organization.get_person(person_id).full_name, organization=""),
        public_key=generate_key().public_key(),
        now=now,
    )
    return SigningMethod.objects.create(
        person_id=person_id,
        kind=MethodKind.REMOTE,
        provider=provider,
        account="bench",
        certificate=certificate.public_bytes(Encoding.DER),
        serial=f"{certificate.serial_number:x}",
        subject="bench",
        issuer="bench",
        starts_at=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
        added_by_id=person_id,
        added_at=now,
    )
