"""`eoffice verify` judges every signature of a PDF; `eoffice internal-authority` sets an office's own up."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from eoffice.core import clock
from eoffice.signing import services
from eoffice.signing.engine.authority import fingerprint_of
from eoffice.signing.engine.verdicts import FileState, Verdict, Word
from eoffice.signing.engine.verifying import verify_pdf

_EXIT_CODES: Final = {Word.VALID: 0, Word.INVALID: 1, Word.INDETERMINATE: 2}
_EXIT_NONE: Final = 3
_EXIT_UNREADABLE: Final = 4


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = subparsers.add_parser("verify", help="kiểm tra chữ ký của một tệp PDF")
    verify.add_argument("file", type=Path, metavar="TỆP")
    verify.add_argument("--json", action="store_true", help="kết quả dạng JSON")
    verify.set_defaults(run=run_verify)
    founding = subparsers.add_parser(
        "internal-authority", help="lập nơi cấp chứng thư nội bộ (không phải chữ ký số công cộng)"
    )
    founding.add_argument("--basis", required=True, metavar="CĂN_CỨ", help="quyết định cho phép dùng trong nội bộ")
    founding.set_defaults(run=run_found_authority)


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
