"""`eoffice audit verify`: prove that nothing recorded was changed or removed."""

from __future__ import annotations

import argparse
import dataclasses
import json

from eoffice.audit import services


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("audit", help="nhật ký hệ thống")
    commands = parser.add_subparsers(required=True, metavar="verify")
    verify = commands.add_parser("verify", help="kiểm tra chuỗi nhật ký còn nguyên vẹn")
    verify.add_argument("--expect", metavar="MÃ", help="mã khối đã ghi nhận trước đây, phải còn trong chuỗi")
    verify.add_argument("--json", action="store_true", help="kết quả dạng JSON")
    verify.set_defaults(run=run_verify)


def run_verify(arguments: argparse.Namespace) -> int:
    """Exit 0 whole, 1 broken. `--json` prints the fields of AuditVerdict."""
    verdict = services.verify(expected_root=arguments.expect)
    if arguments.json:
        print(json.dumps(dataclasses.asdict(verdict), ensure_ascii=False))
    elif verdict.whole:
        print(
            f"Nhật ký nguyên vẹn: {verdict.blocks} khối, {verdict.sealed} dòng đã niêm phong, {verdict.tail} dòng chờ."
        )
        print(f"Mã khối mới nhất: {verdict.head or 'chưa có khối nào'}")
    else:
        place = f"Khối {verdict.broken_block}: " if verdict.broken_block is not None else ""
        print(f"Nhật ký KHÔNG nguyên vẹn. {place}{verdict.reason}")
    return 0 if verdict.whole else 1
