"""`eoffice init`: a real installation: organisation and first administrator; no fiction, no demo certificates."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Final

from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.errors import Invalid
from eoffice.organization.founding import Founding, found_installation

_HOW_TO_SIGN: Final = """Để ký số, chọn một hoặc nhiều cách:
  1. Mỗi người tải tệp khóa .p12, .pfx của nơi cấp chứng thư: Tài khoản › Cách ký (con dấu: trang Chữ ký số cơ quan).
  2. Quản trị kết nối dịch vụ ký số từ xa (SmartCA, MySign, CSC): Quản trị › Dịch vụ ký số.
  3. Cơ quan tự cấp chứng thư chỉ cho việc nội bộ, khi có quyết định: cùng trang đó, hoặc «eoffice internal-authority».
Với cách 1 và 2, thêm chứng thư gốc của nơi cấp vào Quản trị › Chứng thư tin cậy."""

_HOW_TO_INVITE: Final = """Để người khác đăng nhập: thêm cổng gửi thư ở Quản trị › Xác thực, cổng tin rồi gửi thư mời,
hoặc lấy liên kết trao tận tay bằng «eoffice org invite E-MAIL»."""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("init", help="khởi tạo hệ thống thật: cơ quan, người quản trị đầu tiên")
    parser.add_argument("--name", help="tên cơ quan, tổ chức")
    parser.add_argument("--symbol", help="chữ viết tắt trong ký hiệu văn bản")
    parser.add_argument("--place", help="địa danh ghi trên văn bản")
    parser.add_argument("--admin-name", help="họ và tên người quản trị")
    parser.add_argument("--admin-email", help="e-mail đăng nhập của người quản trị")
    parser.add_argument("--password-stdin", action="store_true", help="đọc mật khẩu từ đầu vào chuẩn")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    founding = Founding(
        name=arguments.name or _ask("Tên cơ quan, tổ chức"),
        symbol=arguments.symbol or _ask("Chữ viết tắt trong ký hiệu"),
        place=arguments.place or _ask("Địa danh"),
        administrator_name=arguments.admin_name or _ask("Họ và tên người quản trị"),
        administrator_email=arguments.admin_email or _ask("E-mail đăng nhập"),
        administrator_password=_password(from_stdin=arguments.password_stdin),
    )
    found_installation(actor=ActorRef(person_id=None, source="cli"), founding=founding, now=clock.now())
    print(f"Đã khởi tạo «{founding.name}». Chạy «eoffice up» rồi đăng nhập bằng {founding.administrator_email}.")
    print(_HOW_TO_SIGN)
    print(_HOW_TO_INVITE)
    return 0


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise Invalid(f"Thiếu «{question}»: chạy trong cửa sổ lệnh để được hỏi, hoặc dùng các tham số (--help).")
    return input(f"{question}: ").strip()


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise Invalid("Thiếu mật khẩu: dùng --password-stdin khi không chạy trong cửa sổ lệnh.")
    first = getpass.getpass("Mật khẩu: ")
    if getpass.getpass("Nhập lại mật khẩu: ") != first:
        raise Invalid("Hai lần nhập mật khẩu không giống nhau. Chưa có gì được ghi.")
    return first
