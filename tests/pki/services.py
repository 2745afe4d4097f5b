"""The services of `pki.yml` behind one free port, with a clock to set, faults to cause and a record of requests."""

from __future__ import annotations

import base64
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml
from asn1crypto import crl
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture, ServiceLabel
from certomancer.registry.issued.general import RevocationStatus
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from eoffice.signing.engine.authority import PrivateKey
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.engine.verdicts import TrustAnchors

_WORLD: Final = Path(__file__).resolve().parent / "pki.yml"
_ARCHITECTURE: Final = "vn"
_SILENCE_S: Final = 30


class Fault(StrEnum):
    """How a service fails."""

    BROKEN = "broken"
    """Answers 503."""
    GARBAGE = "garbage"
    """Answers 200 with bytes that are no answer."""
    SILENT = "silent"
    """Takes the request and says nothing until the fault ends, half a minute at most."""
    FLOOD = "flood"
    """Answers more bytes than anybody should read."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that came in: its path (`/vn/tsa/tsa`) and its headers in lower case."""

    path: str
    headers: dict[str, str]


class LoopbackPki:
    """Root, issuing authority, people, seal, time stamps, OCSP and revocation lists, served on 127.0.0.1.

    `url` is where it listens, `secure_url` the same over TLS with a client's certificate asked for but not demanded.
    Labels are those of `pki.yml`. Tests use the true time, or set the services' clock with `at`. A certificate that
    is revoked in the middle of a test is so for OCSP at once and for the lists from the next one on, as in life.
    """

    def __init__(self, directory: Path) -> None:
        self._faults: dict[str, Fault] = {}
        self._left: dict[str, int] = {}
        self._password: tuple[str, str] | None = None
        self._ends = threading.Event()
        self._moment: datetime | None = None
        self.calls: list[Call] = []
        self._servers = [_listen(self), _listen(self)]
        self.url = f"http://127.0.0.1:{self._servers[0].port}"
        self.secure_url = f"https://127.0.0.1:{self._servers[1].port}"
        self._world = _load_world(directory, self.url)
        self._animator = Animator(AnimatorArchStore({ArchLabel(_ARCHITECTURE): self._world}), with_web_ui=False)
        self._servers[1].socket = self._secured(directory).wrap_socket(self._servers[1].socket, server_side=True)
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._ends.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def certificate(self, label: str) -> bytes:
        """A certificate, DER."""
        return bytes(self._world.get_cert(CertLabel(label)).dump())

    def chain(self, label: str) -> tuple[bytes, ...]:
        """The authorities above a certificate, its issuer first, without the root."""
        above = [bytes(self._world.get_cert(name).dump()) for name in self._world.get_chain(CertLabel(label))]
        roots = {self.certificate(name) for name in ("root", "tsa-root", "stranger-root")}
        return tuple(der for der in above if der not in roots)

    def private_key(self, label: str) -> PrivateKey:
        name = self._world.get_cert_spec(CertLabel(label)).subject_key
        der = self._world.key_set.get_private_key(name).dump()
        key = serialization.load_der_private_key(der, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        return key

    def signer(self, label: str) -> SoftwareKey:
        """A key ready to sign with."""
        return SoftwareKey(
            certificate=self.certificate(label), chain=self.chain(label), private_key=self.private_key(label)
        )

    def pkcs12(self, label: str, password: str) -> bytes:
        return bytes(self._world.package_pkcs12(CertLabel(label), password=password.encode()))

    def trust(self, *, crls: bool = True, now: datetime | None = None) -> TrustAnchors:
        """Root and issuing authority believed for signatures, `tsa-root` for time stamps; with lists or without."""
        moment = now or self.now()
        return TrustAnchors(
            roots=(self.certificate("root"),),
            intermediates=(self.certificate("issuing"),),
            crls=tuple(self.crl(name, now=moment) for name in ("root", "issuing", "tsa-root")) if crls else (),
            time_stamp_roots=(self.certificate("tsa-root"),),
        )

    def crl(self, label: str, *, now: datetime | None = None) -> bytes:
        """The revocation list of `root`, `issuing` or `tsa-root` at a moment, DER."""
        return bytes(self._world.service_registry.get_crl(ServiceLabel(label), now or self.now()).dump())

    def tsa_url(self, label: str = "tsa", *, secure: bool = False) -> str:
        return f"{self.secure_url if secure else self.url}/{_ARCHITECTURE}/tsa/{label}"

    def ocsp_url(self, label: str = "issuing") -> str:
        return f"{self.url}/{_ARCHITECTURE}/ocsp/{label}"

    def crl_url(self, label: str = "issuing") -> str:
        return f"{self.url}/{_ARCHITECTURE}/crls/{label}/latest.crl"

    @property
    def dead_url(self) -> str:
        """An address where nothing listens: connections are refused."""
        return "http://127.0.0.1:9/none"

    def now(self) -> datetime:
        """The services' time, whole seconds: fractions are refused by strict readers of OCSP answers."""
        return (self._moment or datetime.now(tz=UTC)).replace(microsecond=0)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Set the services' clock."""
        before, self._moment = self._moment, moment
        try:
            yield
        finally:
            self._moment = before

    @contextmanager
    def failing(self, part: str, fault: Fault = Fault.BROKEN) -> Iterator[None]:
        """Let every service fail whose path contains `part`: "/tsa/", "/tsa/tsa$" (`$` is its end), "/ocsp/", "/"."""
        self._ends.clear()
        self._faults[part] = fault
        try:
            yield
        finally:
            del self._faults[part]
            self._ends.set()

    @contextmanager
    def breaking_after(self, part: str, answers: int) -> Iterator[None]:
        """Let the services of `part` answer so many times, then fail for the rest of the block: ended in mid-way."""
        self._left[part] = answers
        try:
            yield
        finally:
            del self._left[part]

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Nothing listens on `url` for a while: connections are refused, as when the whole house is dark."""
        before = self._servers[0]
        before.shutdown()
        before.server_close()
        try:
            yield
        finally:
            self._servers[0] = _listen(self, before.port)
            threading.Thread(target=self._servers[0].serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @contextmanager
    def asking_for(self, user: str, password: str) -> Iterator[None]:
        """Demand basic authentication for time stamps."""
        self._password = (user, password)
        try:
            yield
        finally:
            self._password = None

    @contextmanager
    def revoked(self, label: str, *, since: datetime, reason: str = "key_compromise") -> Iterator[None]:
        """Revoke a certificate for a while."""
        spec = self._world.get_cert_spec(CertLabel(label))
        before = spec.revocation
        # The world is read-only by design; a test that revokes changes this one fact of it and takes it back.
        object.__setattr__(spec, "revocation", RevocationStatus(since, crl.CRLReason(reason)))
        try:
            yield
        finally:
            object.__setattr__(spec, "revocation", before)

    def calls_of(self, part: str) -> list[Call]:
        return [call for call in self.calls if part in call.path]

    def answer(self, request: Request) -> Response:
        """One request: recorded, held to the password, failed as asked, else answered."""
        self.calls.append(Call(request.path, {key.lower(): value for key, value in request.headers.items()}))
        fault = next((kind for part, kind in self._faults.items() if part in f"{request.path}$"), None)
        for part in [part for part in self._left if part in f"{request.path}$"]:
            self._left[part] -= 1
            if self._left[part] < 0:
                fault = Fault.BROKEN
        if fault is not None:
            return self._failed(fault)
        if self._password is not None and "/tsa/" in request.path:
            expected = base64.b64encode(":".join(self._password).encode()).decode()
            if request.headers.get("Authorization") != f"Basic {expected}":
                return Response(status=401, headers={"WWW-Authenticate": "Basic"})
        self._animator.fixed_time = self.now()
        answer = self._animator.dispatch(request)
        return answer if isinstance(answer, Response) else answer.get_response(request.environ)

    def _failed(self, fault: Fault) -> Response:
        if fault is Fault.SILENT:
            self._ends.wait(_SILENCE_S)
        if fault is Fault.GARBAGE:
            return Response(b"\x30\x03khong phai cau tra loi", mimetype="application/octet-stream")
        if fault is Fault.FLOOD:
            return Response((bytes(65536) for _ in range(2000)), mimetype="application/timestamp-reply")
        return Response(status=503)

    def _secured(self, directory: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem_with_key("server", directory))
        context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(self.certificate("root")))
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def pem_with_key(self, label: str, directory: Path) -> Path:
        """A file with a certificate and its private key, PEM, for a TLS server or client."""
        path = directory / f"{label}.pem"
        key = self.private_key(label).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(key + ssl.DER_cert_to_PEM_cert(self.certificate(label)).encode())
        return path


class _Handler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing on standard error."""


def _listen(pki: LoopbackPki, port: int = 0) -> BaseWSGIServer:
    return make_server("127.0.0.1", port, Request.application(pki.answer), threaded=True, request_handler=_Handler)


def _load_world(directory: Path, url: str) -> PKIArchitecture:
    world = yaml.safe_load(_WORLD.read_text())
    specs = world["pki-architectures"][_ARCHITECTURE]["certs"]
    soon = (datetime.fromtimestamp(time.time(), tz=UTC) + timedelta(days=20)).isoformat(timespec="seconds")
    for spec in specs.values():
        if spec["validity"]["valid-to"] == "soon":
            spec["validity"] = {**spec["validity"], "valid-to": soon}
    names = {str(spec.get("subject-key", spec["subject"])) for spec in specs.values()}
    world["keysets"][_ARCHITECTURE]["keys"] = {name: {"path": f"{name}.key"} for name in names}
    for name in names:
        (directory / f"{name}.key").write_bytes(_new_key(name))
    world["external-url-prefix"] = url
    config = CertomancerConfig(world, key_search_dir=str(directory))
    return config.get_pki_arch(ArchLabel(_ARCHITECTURE))


def _new_key(name: str) -> bytes:
    key: PrivateKey
    if name.startswith("rsa-"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elif name == "weak":
        key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
