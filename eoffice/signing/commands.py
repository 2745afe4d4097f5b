"""`eoffice verify` judges the signatures of a PDF or XML file; `eoffice internal-authority` sets an office's own up."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eoffice.core import clock
from eoffice.core.errors import Invalid
from eoffice.signing import services
from eoffice.signing.engine.authority import fingerprint_of
from eoffice.signing.engine.verdicts import FileState, TrustAnchors, Verdict, Word
from eoffice.signing.engine.verifying import verify_file

_PEM: Final = b"-----BEGIN"
_EXIT_CODES: Final = {Word.VALID: 0, Word.INVALID: 1, Word.INDETERMINATE: 2}
_EXIT_NONE: Final = 3
_EXIT_UNREADABLE: Final = 4


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = subparsers.add_parser("verify", help="kiểm tra chữ ký của một tệp PDF, XML")
    verify.add_argument("file", type=Path, metavar="TỆP")
    verify.add_argument("--json", action="store_true", help="kết quả dạng JSON")
    verify.add_argument(
        "--trust", action="append", type=Path, metavar="CHỨNG_THƯ", default=[],
        help="chỉ tin các chứng thư trong tệp PEM hoặc DER này; khi đó không cần cơ sở dữ liệu (ghi được nhiều lần)",
    )  # fmt: skip
    verify.add_argument(
        "--crl",
        action="append",
        type=Path,
        metavar="DANH_SÁCH",
        default=[],
        help="danh sách thu hồi cầm theo, PEM hoặc DER",
    )
    verify.add_argument(
        "--no-list", action="store_true",
        help="không tin ai: chỉ xét chữ ký còn nguyên vẹn hay không; khi đó không cần cơ sở dữ liệu",
    )  # fmt: skip
    verify.add_argument("--at", metavar="THỜI_ĐIỂM", help="xét tại thời điểm này, ví dụ 2026-11-28T09:00:00+07:00")
    verify.add_argument("--offline", action="store_true", help="không hỏi thông tin thu hồi trên mạng")
    verify.set_defaults(run=run_verify)
    founding = subparsers.add_parser(
        "internal-authority", help="lập nơi cấp chứng thư nội bộ (không phải chữ ký số công cộng)"
    )
    founding.add_argument("--basis", required=True, metavar="CĂN_CỨ", help="quyết định cho phép dùng trong nội bộ")
    founding.set_defaults(run=run_found_authority)


def run_verify(arguments: argparse.Namespace) -> int:
    """Exit 0 valid, 1 invalid, 2 indeterminate, 3 no signature, 4 unreadable (design part 6); 5 is for refusals."""
    path: Path = arguments.file
    if not path.is_file():
        print(f"Không có tệp {path}.", file=sys.stderr)
        return _EXIT_UNREADABLE
    now = _moment(arguments.at)
    asks_nobody = bool(arguments.trust) or arguments.no_list
    trust = _carried(arguments.trust) if asks_nobody else services.trust_anchors(now=now)
    trust = replace(trust, crls=(*trust.crls, *map(_crl_in, arguments.crl)))
    source = services.PassingRevocation() if asks_nobody else services.WebRevocation()
    verdict = verify_file(path, trust, now, revocation=None if arguments.offline else source)
    if arguments.json:
        print(json.dumps(verdict.to_json(), ensure_ascii=False))
    else:
        print("\n".join(_lines(verdict)))
    return exit_code_of(verdict)


def _moment(text: str | None) -> datetime:
    """The moment to judge at; Vietnamese time where no zone is given. Raises Invalid."""
    if text is None:
        return clock.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("--at: ghi thời điểm như 2026-11-28T09:00:00+07:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.VIETNAM)


def _carried(paths: Sequence[Path]) -> TrustAnchors:
    """Whom these files name, for signers and time stamps; those whose issuer is named too only help to reach him.

    So an issuing authority given alone is believed, as its root would be (RFC 5280, 6.1.1: any key may be an anchor).
    """
    certificates = [certificate for path in paths for certificate in _certificates_in(path)]
    subjects = {each.subject for each in certificates}
    led = [each.issuer != each.subject and each.issuer in subjects for each in certificates]
    roots = tuple(_der(each) for each, is_led in zip(certificates, led, strict=True) if not is_led)
    others = tuple(_der(each) for each, is_led in zip(certificates, led, strict=True) if is_led)
    return TrustAnchors(roots=roots, intermediates=others, time_stamp_roots=roots)


def _certificates_in(path: Path) -> list[x509.Certificate]:
    content = _content_of(path)
    try:
        if content.lstrip().startswith(_PEM):
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except ValueError as error:
        raise Invalid(f"{path}: không phải chứng thư số dạng PEM hoặc DER.") from error


def _crl_in(path: Path) -> bytes:
    content = _content_of(path)
    try:
        is_pem = content.lstrip().startswith(_PEM)
        listed = x509.load_pem_x509_crl(content) if is_pem else x509.load_der_x509_crl(content)
        return listed.public_bytes(Encoding.DER)
    except ValueError as error:
        raise Invalid(f"{path}: không phải danh sách thu hồi dạng PEM hoặc DER.") from error


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"Không đọc được tệp {path}.") from error


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def run_found_authority(arguments: argparse.Namespace) -> int:
    """Set up the office's own authority, by the operator."""
    authority = services.found_authority(actor=None, basis=arguments.basis, now=clock.now())
    print("Đã lập nơi cấp chứng thư nội bộ. Mọi chứng thư ghi rõ «CHỨNG THƯ NỘI BỘ»; bên ngoài không kiểm tra được.")
    print(f"Dấu vân tay SHA-256 của chứng thư gốc: {fingerprint_of(authority.root.der)}")
    return 0


def exit_code_of(verdict: Verdict) -> int:
    if verdict.state is FileState.UNREADABLE:
        return _EXIT_UNREADABLE
    return _EXIT_NONE if verdict.state is FileState.UNSIGNED else _EXIT_CODES[verdict.verdict]


def _lines(verdict: Verdict) -> list[str]:
    if verdict.state is not FileState.SIGNED:
        return [verdict.reason]
    lines = [f"{verdict.verdict.label.upper()}: {verdict.why}"]
    for signature in verdict.signatures:
        lines.append(f"- {signature.field}: {signature.signer or 'không đọc được người ký'}")
        lines.append(f"    {signature.reason}")
        lines.append(f"    Thời gian: {signature.time or 'không rõ'}; loại: {signature.level or 'không rõ'}")
        lines.extend(
            f"    Sau khi ký: {change.field} = {change.value}{'' if change.allowed else ' (chưa xác nhận được)'}"
            for change in signature.changes
        )
    return lines
