"""`eoffice bench certificates`: a turn of asking issuers, against lists and OCSP served by a process of its own."""

from __future__ import annotations

import itertools
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from django.db import connection, connections

from eoffice.signing.engine.authority import CertifiedKey, generate_key, make_issuing, make_root
from eoffice.signing.models import (
    AnchorPurpose,
    HeldCertificate,
    MethodKind,
    RevocationRules,
    SigningMethod,
    TrustAnchor,
)
from eoffice.signing.services.asking_issuers import ask_issuers

ISSUERS: Final = 3
LIST_LINES: Final = 2000
"""Revoked certificates of others on each issuer's list."""
REVOKED: Final = 5
"""Of ours, at each issuer, before the second turn."""
_CHUNK: Final = 2000
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TurnFigure:
    """One turn: seconds by the clock, seconds of processor time, statements, and what it left in the register."""

    what: str
    seconds: float
    cpu_s: float
    statements: int
    answered: int
    revoked: int


def bench_certificates(*, person_id: int, listed: int, alone: int, now: datetime) -> Iterator[TurnFigure]:
    """Turns over `listed` certificates of `ISSUERS` issuers with lists, and `alone` of one that has only OCSP.

    The first finds out who issued each; before the second, fifty minutes later, some are revoked at every issuer; the
    third comes ten minutes after it, when nothing is due. The issuers' own work is not counted.
    """
    connections.close_all()
    root = make_root(name="Gốc đo tốc độ", now=now)
    issuers = [make_issuing(root, name=f"Cấp phát đo tốc độ {number}", now=now) for number in range(ISSUERS + 1)]
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    house = context.Process(target=serve_issuers, args=(theirs, issuers, now), daemon=True)
    house.start()
    port = int(ours.recv())
    try:
        _believe([root, *issuers], port, now)
        counts = [listed // ISSUERS] * ISSUERS + [alone]
        revoked: list[list[int]] = []
        for number, (issuer, count) in enumerate(zip(issuers, counts, strict=True)):
            made = certificates_of(issuer, count, port=port, number=number, has_list=number < ISSUERS, now=now)
            revoked.append(enter_certificates(person_id, made, now=now)[:REVOKED])
        yield _turn("Lượt đầu, tìm nơi cấp của từng chứng thư", now)
        ours.send(revoked)
        ours.recv()
        yield _turn("Lượt sau 50 phút", now + timedelta(minutes=50))
        yield _turn("Lượt sau đó 10 phút, chưa đến hạn hỏi", now + timedelta(minutes=60))
    finally:
        house.terminate()


def certificates_of(
    issuer: CertifiedKey, count: int, *, port: int, number: int, has_list: bool, now: datetime
) -> Iterator[x509.Certificate]:
    """So many certificates, all for one key, that name a list or a responder on loopback."""
    key = generate_key().public_key()
    base = f"http://127.0.0.1:{port}"
    source: x509.ExtensionType
    if has_list:
        name = x509.UniformResourceIdentifier(f"{base}/crl/{number}")
        source = x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)])
    else:
        name = x509.UniformResourceIdentifier(f"{base}/ocsp/{number}")
        source = x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, name)])
    for each in range(count):
        yield (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Người ký {each}")]))
            .issuer_name(issuer.certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + 365 * _DAY)
            .add_extension(source, critical=False)
            .sign(issuer.private_key, hashes.SHA256())
        )


def enter_certificates(person_id: int, made: Iterator[x509.Certificate], *, now: datetime) -> list[int]:
    """Ways of signing with these certificates and their lines in the register, in bulk; the serial numbers."""
    serials = []
    while chunk := list(itertools.islice(made, _CHUNK)):
        methods = SigningMethod.objects.bulk_create([_method(person_id, each, now) for each in chunk])
        HeldCertificate.objects.bulk_create([_held(person_id, each, now) for each in methods])
        serials += [each.serial_number for each in chunk]
    return serials


def _method(person_id: int, certificate: x509.Certificate, now: datetime) -> SigningMethod:
    return SigningMethod(
        person_id=person_id,
        kind=MethodKind.TOKEN,
        certificate=certificate.public_bytes(serialization.Encoding.DER),
        serial=f"{certificate.serial_number:x}",
        subject="bench",
        issuer=certificate.issuer.rfc4514_string(),
        starts_at=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
        added_by_id=person_id,
        added_at=now,
    )


def _held(person_id: int, method: SigningMethod, now: datetime) -> HeldCertificate:
    return HeldCertificate(
        method=method,
        person_id=person_id,
        holder_name="Đo tốc độ",
        holder_sort="do toc do",
        holder_fold="do toc do",
        subject="bench",
        issuer=method.issuer,
        serial=method.serial,
        starts_at=method.starts_at,
        expires_at=method.expires_at,
        noted_at=now,
        compared_at=now,
        ask_at=now,
    )


def _believe(authorities: Sequence[CertifiedKey], port: int, now: datetime) -> None:
    RevocationRules.objects.create(pk=1, inside_hosts=f"127.0.0.1:{port}")
    TrustAnchor.objects.bulk_create(
        [
            TrustAnchor(
                fingerprint=each.certificate.fingerprint(hashes.SHA256()).hex(),
                purpose=AnchorPurpose.PUBLIC,
                certificate=each.der,
                is_intermediate=position > 0,
                name=each.certificate.subject.rfc4514_string(),
                added_at=now,
            )
            for position, each in enumerate(authorities)
        ]
    )


def _turn(what: str, now: datetime) -> TurnFigure:
    statements = 0

    def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - Django's own shape
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    cpu, started = time.process_time(), time.perf_counter()
    with connection.execute_wrapper(count):
        ask_issuers(now=now)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    rows = HeldCertificate.objects
    return TurnFigure(
        what, seconds, cpu, statements,
        answered=rows.filter(checked_at=now).count(), revoked=rows.filter(revoked_at__isnull=False).count(),
    )  # fmt: skip


def serve_issuers(pipe: Connection, issuers: Sequence[CertifiedKey], now: datetime) -> None:
    """Serve each issuer's list and OCSP; serial numbers sent down the pipe, by issuer, are revoked from then on."""
    revoked: list[set[int]] = [set() for _ in issuers]
    strangers = [[x509.random_serial_number() for _ in range(LIST_LINES)] for _ in issuers]
    lists = [_list(issuer, those, now) for issuer, those in zip(issuers, strangers, strict=True)]

    class Issuers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(lists[int(self.path.rpartition("/")[2])])

        def do_POST(self) -> None:
            number = int(self.path.rpartition("/")[2])
            question = self.rfile.read(int(self.headers["Content-Length"]))
            self._say(_ocsp_answer(issuers[number], question, revoked[number], now))

        def _say(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

        def service_actions(self) -> None:
            if pipe.poll():
                for number, serials in enumerate(pipe.recv()):
                    revoked[number].update(serials)
                    lists[number] = _list(issuers[number], [*strangers[number], *serials], now)
                pipe.send("done")

    server = Server(("127.0.0.1", 0), Issuers)
    pipe.send(server.server_address[1])
    server.serve_forever(poll_interval=0.05)


def _list(issuer: CertifiedKey, serials: Sequence[int], now: datetime) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now)
        .next_update(now + _DAY)
    )
    for serial in serials:
        line = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
        builder = builder.add_revoked_certificate(line.build())
    return builder.sign(issuer.private_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _ocsp_answer(issuer: CertifiedKey, question: bytes, revoked: set[int], now: datetime) -> bytes:
    asked = ocsp.load_der_ocsp_request(question)
    is_revoked = asked.serial_number in revoked
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=asked.serial_number,
        algorithm=asked.hash_algorithm,
        cert_status=ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
        this_update=now,
        next_update=now + _DAY,
        revocation_time=now if is_revoked else None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    return builder.sign(issuer.private_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
