"""`eoffice bench sign`: papers beside one raw signature, what a signature weighs, a large file, two processes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pikepdf
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.core.geometry import Box, LetterPlaces
from eoffice.core.typesetting import typeset
from eoffice.signing.benching import openssl_ms
from eoffice.signing.engine.authority import (
    CertifiedKey,
    KeyAlgorithm,
    Subject,
    generate_key,
    issue_certificate,
    issue_crl,
    make_issuing,
    make_root,
)
from eoffice.signing.engine.completing import complete_pdf, evidence_for
from eoffice.signing.engine.gathering import links_of
from eoffice.signing.engine.marks import name_mark
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.revocation import RevocationMaterial
from eoffice.signing.engine.signing import LongTerm, SoftwareKey, sign_pdf
from eoffice.signing.engine.verdicts import TrustAnchors

PAPERS: Final = 50
LARGE_MB: Final = 62
_LARGE_ROUNDS: Final = 3
_TOGETHER: Final = 2
_LINE: Final = Path(__file__).resolve().parent / "engine" / "templates" / "line.typ"
_BOX: Final = Box(0, 350, 100, 470, 160)
_FIELD: Final = "ky_1"


@dataclass(frozen=True, slots=True)
class PaperFigure:
    """One kind of key: seconds for `PAPERS` papers with their marks, milliseconds and multiple of a raw signature for
    each, and the KB a signature adds at B-B and at B-LT.
    """

    algorithm: str
    papers_s: float
    paper_ms: float
    raw_ms: float | None
    multiple: float | None
    grows_kb: float
    grows_long_term_kb: float


@dataclass(frozen=True, slots=True)
class LargeFigure:
    """A file of `LARGE_MB` megabytes: seconds to sign it, and the peak memory of the process that did (MB)."""

    seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class TogetherFigure:
    """Papers a second by one worker process and by two at once."""

    alone: float
    together: float

    @property
    def gain(self) -> float:
        return self.together / self.alone


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """A signer at work: his key and the authorities above it, a page made ready and the picture of his signature."""

    key: SoftwareKey
    root: CertifiedKey
    issuing: CertifiedKey
    page: Path
    mark: Path


def bench_papers(*, now: datetime) -> list[PaperFigure]:
    """One-page letters, file to file, with the visible mark (design part 8, "Sign")."""
    with TemporaryDirectory(prefix="eoffice-") as name:
        return [_papers(_desk(Path(name), algorithm, now), algorithm, now) for algorithm in KeyAlgorithm]


def bench_large(*, now: datetime) -> LargeFigure:
    """A scan of `LARGE_MB` megabytes, signed in a process of its own whose memory is looked at afterwards."""
    with TemporaryDirectory(prefix="eoffice-") as name, _workers(1) as pool:
        desk = _desk(Path(name), KeyAlgorithm.ECDSA_P256, now)
        page, ready = Path(name) / "scan.pdf", Path(name) / "scan-ready.pdf"
        _write_scan(page)
        _make_ready(page, ready)
        seconds, peak_mb = pool.submit(_sign_large, _key_text(desk.key), str(ready), str(desk.mark), now).result()
    return LargeFigure(seconds, peak_mb)


def bench_together(*, now: datetime) -> TogetherFigure:
    """The same papers by one worker process, then by two, each with the key loaded and warm."""
    with TemporaryDirectory(prefix="eoffice-") as name, _workers(_TOGETHER) as pool:
        desk = _desk(Path(name), KeyAlgorithm.RSA_2048, now)
        work = (_key_text(desk.key), str(desk.page), str(desk.mark), now)
        for each in [pool.submit(_sign_many, *work, 3) for _ in range(_TOGETHER)]:
            each.result()
        started = time.perf_counter()
        pool.submit(_sign_many, *work, PAPERS).result()
        alone = PAPERS / (time.perf_counter() - started)
        started = time.perf_counter()
        for each in [pool.submit(_sign_many, *work, PAPERS) for _ in range(_TOGETHER)]:
            each.result()
        return TogetherFigure(alone, _TOGETHER * PAPERS / (time.perf_counter() - started))


def _papers(desk: _Desk, algorithm: KeyAlgorithm, now: datetime) -> PaperFigure:
    target = desk.page.with_name("signed.pdf")
    times = _times_ms(lambda: _sign(desk.key, desk.page, target, desk.mark, now))
    raw_ms = openssl_ms(algorithm, signing=True)
    paper_ms = statistics.median(times)
    return PaperFigure(
        algorithm=str(algorithm),
        papers_s=sum(times) / 1000,
        paper_ms=paper_ms,
        raw_ms=raw_ms,
        multiple=paper_ms / raw_ms if raw_ms else None,
        grows_kb=_grown_kb(desk.page, target),
        grows_long_term_kb=_grown_kb(desk.page, _long_term(desk, now)),
    )


def _times_ms(work: Callable[[], None]) -> list[float]:
    work()
    times = []
    for _ in range(PAPERS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return times


def _sign(
    key: SoftwareKey, page: Path, target: Path, mark: Path, now: datetime, long_term: LongTerm | None = None
) -> None:
    sign_pdf(page, target, key=key, field=_FIELD, mark=mark, now=now, long_term=long_term)


def _long_term(desk: _Desk, now: datetime) -> Path:
    """Signed with a time stamp, then completed with what proves both, as the job does it."""
    stamped, completed = desk.page.with_name("stamped.pdf"), desk.page.with_name("completed.pdf")
    stamps, stamp_root = _time_stamps(now)
    _sign(desk.key, desk.page, stamped, desk.mark, now, LongTerm(time_stamper=stamps))
    trust = TrustAnchors(
        roots=(desk.root.der,),
        intermediates=(desk.issuing.der,),
        time_stamp_roots=(stamp_root.der,),
    ).with_revocation(
        RevocationMaterial(
            crls=tuple(issue_crl(each, revoked=[], number=1, now=now) for each in (desk.root, desk.issuing, stamp_root))
        )
    )
    complete_pdf(stamped, completed, evidence=evidence_for(links_of(stamped, trust), trust), time_stamper=None)
    return completed


def _time_stamps(now: datetime) -> tuple[DummyTimeStamper, CertifiedKey]:
    """A time stamp authority in this process, so that no network is measured."""
    root = make_root(name="Gốc cấp dấu thời gian đo tốc độ", now=now)
    key = generate_key(KeyAlgorithm.RSA_2048)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dấu thời gian đo tốc độ")]))
        .issuer_name(root.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(root.private_key, hashes.SHA256())
    )
    authorities = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    authorities.register(asn1_x509.Certificate.load(root.der))
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stamper = DummyTimeStamper(
        asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(private),
        certs_to_embed=authorities,
        fixed_dt=now,
    )
    return stamper, root


def _desk(directory: Path, algorithm: KeyAlgorithm, now: datetime) -> _Desk:
    home = directory / str(algorithm)
    home.mkdir()
    root = make_root(name="Gốc đo tốc độ", now=now)
    issuing = make_issuing(root, name="Cấp phát đo tốc độ", now=now)
    private_key = generate_key(algorithm)
    certificate = issue_certificate(
        issuing,
        subject=Subject(common_name="Đo tốc độ", organization="Đo tốc độ"),
        public_key=private_key.public_key(),
        now=now,
        valid_for=timedelta(days=1),
    )
    source, ready, mark = home / "letter.pdf", home / "ready.pdf", home / "mark.pdf"
    page: dict[str, object] = {"width": 595, "height": 842, "text": "Công văn đo tốc độ", "size": 14, "style": "normal"}
    source.write_bytes(typeset(_LINE, page))
    _make_ready(source, ready)
    mark.write_bytes(name_mark("Đo tốc độ", width=_BOX.width, height=_BOX.height))
    der = certificate.public_bytes(serialization.Encoding.DER)
    key = SoftwareKey(certificate=der, chain=(issuing.der,), private_key=private_key)
    return _Desk(key=key, root=root, issuing=issuing, page=ready, mark=mark)


def _make_ready(source: Path, ready: Path) -> None:
    places = LetterPlaces(number=None, date=None, signatures=(_BOX,), seal=None)
    prepare(source, ready, places, signer_fields=(_FIELD,))


def _write_scan(path: Path) -> None:
    """A scan that no compression makes smaller: one page for each megabyte."""
    with pikepdf.new() as pdf:
        for _ in range(LARGE_MB):
            page = pdf.add_blank_page(page_size=(595, 842))
            picture = pdf.make_stream(
                os.urandom(1024 * 1024),
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1024, Height=1024,
                ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
            )  # fmt: skip
            name = page.add_resource(picture, pikepdf.Name.XObject)
            page.contents_add(f"595 0 0 842 0 0 cm {name} Do".encode())
        pdf.save(path)


def _grown_kb(before: Path, after: Path) -> float:
    return (after.stat().st_size - before.stat().st_size) / 1024


def _workers(count: int) -> ProcessPoolExecutor:
    """Fresh processes, as workers are: nothing of this one's memory comes along."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


_KeyText = tuple[bytes, tuple[bytes, ...], bytes]


def _key_text(key: SoftwareKey) -> _KeyText:
    private = key.private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key.certificate, key.chain, private


def _loaded(text: _KeyText) -> SoftwareKey:
    certificate, chain, private = text
    key = serialization.load_der_private_key(private, password=None)
    return SoftwareKey(certificate=certificate, chain=chain, private_key=key)  # type: ignore[arg-type]  # as written


def _sign_large(key: _KeyText, page: str, mark: str, now: datetime) -> tuple[float, float]:
    """Seconds of the middle round and this process's peak memory in megabytes."""
    loaded, target, times = _loaded(key), Path(page).with_name("scan-signed.pdf"), []
    for _ in range(_LARGE_ROUNDS):
        started = time.perf_counter()
        _sign(loaded, Path(page), target, Path(mark), now)
        times.append(time.perf_counter() - started)
    return statistics.median(times), _peak_mb()


def _peak_mb() -> float:
    """What this process ever held in memory at once; unlike `getrusage`, not what its parent held when it began."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _sign_many(key: _KeyText, page: str, mark: str, now: datetime, papers: int) -> None:
    loaded, target = _loaded(key), Path(page).with_name(f"signed-{os.getpid()}.pdf")
    for _ in range(papers):
        _sign(loaded, Path(page), target, Path(mark), now)
