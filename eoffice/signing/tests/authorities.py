"""Certificates of every shape, and a responder on loopback that speaks OCSP and serves lists and time stamps."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from eoffice.signing.engine.authority import PrivateKey
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.tests.factories import NOW

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a certificate differs from an ordinary signer's."""

    made: datetime = NOW - 30 * DAY
    days: int = 365
    usages: Sequence[ObjectIdentifier] = ()
    signs: bool = True
    is_authority: bool = False
    has_addresses: bool = True
    has_list: bool = True
    has_responder: bool = True
    """Which of the addresses a signer's certificate names."""
    no_check: bool = False
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)


@dataclass(frozen=True)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)


class House:
    """A root, an issuing authority and whom they certify; revocation is told by a `Responder`."""

    def __init__(self, address: str = "", *, name: str = "Nhà thử", made: datetime = NOW - 800 * DAY) -> None:
        self.address = address
        self.revoked: dict[int, datetime] = {}
        self.suspended: set[int] = set()
        """Which of the revoked are so for a while (certificateHold)."""
        self.list_is_delta = False
        self.root = self._make(f"{name} gốc", None, None, Shape(made=made, days=3650, is_authority=True))
        self.issuing = self._make(f"{name} cấp", None, self.root, Shape(made=made, days=3000, is_authority=True))
        self.ocsp_signer = self._make(
            f"{name} OCSP", None, self.issuing,
            Shape(made=made, days=3000, usages=[ExtendedKeyUsageOID.OCSP_SIGNING], no_check=True, has_addresses=False),
        )  # fmt: skip

    def signer(self, name: str, *, key: PrivateKey | None = None, shape: Shape | None = None) -> SoftwareKey:
        holder = self.holder(name, key=key, shape=shape)
        return SoftwareKey(certificate=holder.der, chain=(self.issuing.der,), private_key=holder.key)

    def holder(self, name: str, *, key: PrivateKey | None = None, shape: Shape | None = None) -> Holder:
        return self._make(name, key, self.issuing, shape or Shape())

    def revoke(self, certificate: bytes, *, at: datetime) -> None:
        self.revoked[x509.load_der_x509_certificate(certificate).serial_number] = at

    def crl(self, authority: Holder, *, now: datetime, days: int = 1, age: timedelta = timedelta(minutes=5)) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.certificate.subject)
            .last_update(now - age)
            .next_update(now + days * DAY)
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        if self.list_is_delta:
            builder = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)
        for serial, at in self.revoked.items():
            line = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            if serial in self.suspended:
                line = line.add_extension(x509.CRLReason(x509.ReasonFlags.certificate_hold), critical=False)
            builder = builder.add_revoked_certificate(line.build())
        return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def ocsp(self, question: bytes, *, now: datetime) -> bytes:
        asked = ocsp.load_der_ocsp_request(question)
        at = self.revoked.get(asked.serial_number)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=asked.issuer_name_hash,
                issuer_key_hash=asked.issuer_key_hash,
                serial_number=asked.serial_number,
                algorithm=asked.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.REVOKED if at else ocsp.OCSPCertStatus.GOOD,
                this_update=now - timedelta(minutes=5),
                next_update=now + timedelta(hours=12),
                revocation_time=at,
                revocation_reason=x509.ReasonFlags.certificate_hold if asked.serial_number in self.suspended else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.ocsp_signer.certificate)
            .certificates([self.ocsp_signer.certificate])
        )
        answer = builder.sign(self.ocsp_signer.key, hashes.SHA256())
        return answer.public_bytes(serialization.Encoding.DER)

    def _make(self, name: str, key: PrivateKey | None, issuer: Holder | None, shape: Shape) -> Holder:
        private_key: PrivateKey = key or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
        )
        public_key = private_key.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(shape.made)
            .not_valid_after(shape.made + shape.days * DAY)
            .add_extension(x509.BasicConstraints(ca=shape.is_authority, path_length=None), critical=True)
            .add_extension(_usage(signs=shape.signs, certifies=shape.is_authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        )
        if issuer is not None:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
            builder = builder.add_extension(identifier, critical=False)
            if self.address and shape.has_addresses:
                builder = self._with_addresses(builder, issuer, shape)
        if shape.usages:
            stamps = list(shape.usages) == [ExtendedKeyUsageOID.TIME_STAMPING]
            builder = builder.add_extension(x509.ExtendedKeyUsage(shape.usages), critical=stamps)
        if shape.no_check:
            builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
        signing_key = issuer.key if issuer else private_key
        return Holder(builder.sign(signing_key, shape.digest), private_key)  # type: ignore[arg-type]  # SHA-1 too

    def _with_addresses(
        self, builder: x509.CertificateBuilder, issuer: Holder, shape: Shape
    ) -> x509.CertificateBuilder:
        which = "root" if issuer is self.root else "issuing"
        address = x509.UniformResourceIdentifier(f"{self.address}/crl/{which}")
        point = x509.DistributionPoint([address], None, None, None)
        if shape.has_list:
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        if issuer is self.root or not shape.has_responder:
            return builder
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{self.address}/ocsp")
        )
        return builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass
class Responder:
    """What the loopback server does; tests change it between questions."""

    house: House | None = None
    host: str = ""
    now: datetime = NOW
    asked: list[str] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    """Paths (`/ocsp`, `/crl/issuing`) that answer 503."""
    forged: dict[str, bytes] = field(default_factory=dict)
    pause_s: float = 0.0
    list_age: timedelta = timedelta(minutes=5)

    def answer(self, path: str, body: bytes) -> bytes | None:
        self.asked.append(path)
        time.sleep(self.pause_s)
        house = self.house
        if house is None or path in self.down:
            return None
        if path in self.forged:
            return self.forged[path]
        if path == "/ocsp":
            return house.ocsp(body, now=self.now)
        return house.crl(house.root if path == "/crl/root" else house.issuing, now=self.now, age=self.list_age)


@contextmanager
def responding() -> Iterator[Responder]:
    """A responder for a new `House` on a free port of loopback."""
    responder = Responder()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(responder.answer(self.path, b""))

        def do_POST(self) -> None:
            self._say(responder.answer(self.path, self.rfile.read(int(self.headers["Content-Length"]))))

        def _say(self, body: bytes | None) -> None:
            self.send_response(200 if body is not None else 503)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    responder.host = f"127.0.0.1:{server.server_port}"
    responder.house = House(f"http://{responder.host}")
    try:
        yield responder
    finally:
        server.shutdown()
        server.server_close()


def _usage(*, signs: bool, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs and not certifies,
        content_commitment=signs and not certifies,
        key_encipherment=not signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )
