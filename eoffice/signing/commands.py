"""`eoffice verify`: judge every signature of a PDF; and the figures of `eoffice bench sign`."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from eoffice.core import clock
from eoffice.core.geometry import Box, LetterPlaces
from eoffice.core.typesetting import typeset
from eoffice.signing import services
from eoffice.signing.engine.authority import (
    KeyAlgorithm,
    Subject,
    generate_key,
    issue_certificate,
    make_issuing,
    make_root,
)
from eoffice.signing.engine.marks import name_mark
from eoffice.signing.engine.preparing import prepare
from eoffice.signing.engine.signing import SoftwareKey, sign_pdf
from eoffice.signing.engine.verdicts import FileState, Verdict, Word
from eoffice.signing.engine.verifying import verify_pdf

_EXIT_CODES: Final = {Word.VALID: 0, Word.INVALID: 1, Word.INDETERMINATE: 2}
_EXIT_NONE: Final = 3
_EXIT_UNREADABLE: Final = 4
_BENCH_PAPERS: Final = 50
_LINE: Final = Path(__file__).resolve().parent / "engine" / "templates" / "line.typ"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = subparsers.add_parser("verify", help="kiểm tra chữ ký của một tệp PDF")
    verify.add_argument("file", type=Path, metavar="TỆP")
    verify.add_argument("--json", action="store_true", help="kết quả dạng JSON")
    verify.set_defaults(run=run_verify)


def run_verify(arguments: argparse.Namespace) -> int:
    """Exit 0 valid, 1 invalid, 2 indeterminate, 3 no signature, 4 unreadable (design part 6)."""
    path: Path = arguments.file
    if not path.is_file():
        print(f"Không có tệp {path}.", file=sys.stderr)
        return _EXIT_UNREADABLE
    now = clock.now()
    verdict = verify_pdf(path, services.trust_anchors(now=now), now, revocation=services.WebRevocation())
    if arguments.json:
        print(json.dumps(verdict.to_json(), ensure_ascii=False))
    else:
        print("\n".join(_lines(verdict)))
    return exit_code_of(verdict)


def exit_code_of(verdict: Verdict) -> int:
    if verdict.state is FileState.UNREADABLE:
        return _EXIT_UNREADABLE
    return _EXIT_NONE if verdict.state is FileState.UNSIGNED else _EXIT_CODES[verdict.verdict]


def _lines(verdict: Verdict) -> list[str]:
    if verdict.state is not FileState.SIGNED:
        return [verdict.reason]
    lines = [f"{verdict.verdict.label.upper()}: {verdict.reason}"]
    for signature in verdict.signatures:
        lines.append(f"- {signature.field}: {signature.signer or 'không đọc được người ký'}")
        lines.append(f"    {signature.reason}")
        lines.append(f"    Thời gian: {signature.time or 'không rõ'}; loại: {signature.level or 'không rõ'}")
        lines.extend(
            f"    Sau khi ký: {change.field} = {change.value}{'' if change.allowed else ' (chưa xác nhận được)'}"
            for change in signature.changes
        )
    return lines


def bench_sign() -> list[tuple[str, float, float]]:
    """Measure signing: (what, milliseconds a paper, multiple of one raw private-key operation) for each key kind.

    One B-B signature of a one-page letter, file to file, with its mark (design part 8, "Sign").
    """
    rows = []
    with tempfile.TemporaryDirectory(prefix="eoffice-") as name:
        directory = Path(name)
        for algorithm in KeyAlgorithm:
            key = _bench_key(algorithm)
            raw = _median_ms(lambda key=key: key.sign_raw(b"x" * 200))  # type: ignore[misc]  # bound at definition
            source, mark = _bench_letter(directory)

            def sign(key: SoftwareKey = key, source: Path = source, mark: Path = mark) -> None:
                target = directory / "signed.pdf"
                sign_pdf(source, target, key=key, field="ky_1", mark=mark, now=clock.now())

            paper = _median_ms(sign)
            rows.append((str(algorithm), round(paper, 2), round(paper / raw, 1)))
    return rows


def _median_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_BENCH_PAPERS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def _bench_key(algorithm: KeyAlgorithm) -> SoftwareKey:
    now = clock.now()
    root = make_root(name="Gốc đo tốc độ", now=now)
    issuing = make_issuing(root, name="Cấp phát đo tốc độ", now=now)
    private_key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = generate_key(algorithm)
    certificate = issue_certificate(
        issuing,
        subject=Subject(common_name="Đo tốc độ", organization="Đo tốc độ"),
        public_key=private_key.public_key(),
        now=now,
        valid_for=timedelta(days=1),
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    return SoftwareKey(certificate=der, chain=(issuing.der,), private_key=private_key)


def _bench_letter(directory: Path) -> tuple[Path, Path]:
    source, prepared, mark = directory / "letter.pdf", directory / "prepared.pdf", directory / "mark.pdf"
    page: dict[str, object] = {"width": 595, "height": 842, "text": "Công văn đo tốc độ", "size": 14, "style": "normal"}
    source.write_bytes(typeset(_LINE, page))
    box = Box(0, 350, 100, 470, 160)
    prepare(source, prepared, LetterPlaces(number=None, date=None, signatures=(box,), seal=None))
    mark.write_bytes(name_mark("Đo tốc độ", width=box.width, height=box.height))
    return prepared, mark
