"""`eoffice bench verify`: checking one file with four signatures, beside what openssl needs for one operation."""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization

from eoffice.core.geometry import Box, LetterPlaces
from eoffice.core.typesetting import typeset
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
from eoffice.signing.engine.checking import check
from eoffice.signing.engine.gathering import links_of
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.revocation import Link, RevocationMaterial
from eoffice.signing.engine.signing import SoftwareKey, sign_pdf
from eoffice.signing.engine.verdicts import TrustAnchors, Word
from eoffice.signing.engine.verifying import verify_file

_LINE: Final = Path(__file__).resolve().parent / "engine" / "templates" / "line.typ"
_SIGNERS: Final = 4
_ROUNDS: Final = 9
_SPEED: Final = {KeyAlgorithm.ECDSA_P256: "ecdsap256", KeyAlgorithm.RSA_2048: "rsa2048"}


@dataclass(frozen=True, slots=True)
class VerifyFigure:
    """Milliseconds for the whole file (by the clock through the child processes; of processor time in this one),
    milliseconds of one raw verification, and how many of them the processor time is.
    """

    algorithm: str
    file_ms: float
    cpu_ms: float
    raw_ms: float | None
    multiple: float | None


class _Kept:
    """Revocation as it comes from the database: nobody is asked."""

    def __init__(self, crls: tuple[bytes, ...]) -> None:
        self.known = RevocationMaterial(crls=crls)

    def material(self, links: Sequence[Link], *, now: datetime, fresh: bool = False) -> RevocationMaterial:
        return self.known


def bench_verify(*, now: datetime) -> list[VerifyFigure]:
    """Median over some rounds for each kind of key, the checker's process being warm (design part 8; issue "Scale")."""
    with tempfile.TemporaryDirectory(prefix="eoffice-") as name:
        return [_figure(Path(name), algorithm, now) for algorithm in KeyAlgorithm]


def _figure(directory: Path, algorithm: KeyAlgorithm, now: datetime) -> VerifyFigure:
    root = make_root(name="Gốc đo tốc độ", now=now)
    issuing = make_issuing(root, name="Cấp phát đo tốc độ", now=now)
    path = _letter(directory / str(algorithm), issuing, algorithm, now)
    kept = _Kept((issue_crl(root, revoked=[], number=1, now=now), issue_crl(issuing, revoked=[], number=1, now=now)))
    trust = TrustAnchors(roots=(root.der,), intermediates=(issuing.der,))
    times = []
    for _ in range(_ROUNDS + 1):
        started = time.perf_counter()
        verdict = verify_file(path, trust, now, revocation=kept)
        times.append((time.perf_counter() - started) * 1000)
        if verdict.verdict is not Word.VALID or len(verdict.signatures) != _SIGNERS:
            raise RuntimeError(verdict.reason)
    file_ms, cpu_ms = statistics.median(times[1:]), _cpu_ms(path, trust.with_revocation(kept.known), now)
    raw_ms = openssl_ms(algorithm)
    return VerifyFigure(str(algorithm), file_ms, cpu_ms, raw_ms, cpu_ms / raw_ms if raw_ms else None)


def _cpu_ms(path: Path, trust: TrustAnchors, now: datetime) -> float:
    """Processor time of naming the certificates and judging, which a busy machine does not change much."""
    times = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        links_of(path, trust)
        check(path, trust, now)
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times)


def _letter(directory: Path, issuing: CertifiedKey, algorithm: KeyAlgorithm, now: datetime) -> Path:
    directory.mkdir()
    source, current = directory / "source.pdf", directory / "prepared.pdf"
    page: dict[str, object] = {"width": 595, "height": 842, "text": "Công văn đo tốc độ", "size": 14, "style": "normal"}
    source.write_bytes(typeset(_LINE, page))
    boxes = tuple(Box(0, 350, 100 + 90 * step, 470, 160 + 90 * step) for step in range(_SIGNERS))
    fields = tuple(f"ky_{step + 1}" for step in range(_SIGNERS))
    prepare(source, current, LetterPlaces(number=None, date=None, signatures=boxes, seal=None), signer_fields=fields)
    for field in fields:
        target = directory / f"{field}.pdf"
        sign_pdf(current, target, key=_key(issuing, algorithm, now), field=field, mark=None, now=now)
        current = target
    return current


def _key(issuing: CertifiedKey, algorithm: KeyAlgorithm, now: datetime) -> SoftwareKey:
    private_key = generate_key(algorithm)
    certificate = issue_certificate(
        issuing,
        subject=Subject(common_name="Đo tốc độ", organization="Đo tốc độ"),
        public_key=private_key.public_key(),
        now=now,
        valid_for=timedelta(days=1),
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    return SoftwareKey(certificate=der, chain=(issuing.der,), private_key=private_key)


def openssl_ms(algorithm: KeyAlgorithm, *, signing: bool = False) -> float | None:
    """One raw verification, or one raw signature, by `openssl speed` in this same run (milliseconds).

    None where openssl is not installed.
    """
    try:
        ran = subprocess.run(
            ["openssl", "speed", "-seconds", "1", _SPEED[algorithm]],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    a_second = re.search(r"([\d.]+)\s+([\d.]+)\s*$", ran.stdout.strip().splitlines()[-1])
    return 1000 / float(a_second[1 if signing else 2]) if a_second else None
