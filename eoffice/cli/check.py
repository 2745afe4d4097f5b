"""`eoffice check`: is this installation ready, and what is missing."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from django.conf import settings
from django.db import Error, connection

from eoffice.core import job_board, roles
from eoffice.core.typesetting import FONTS_DIR
from eoffice.core.views import pending_migrations
from eoffice.environment import Environment
from eoffice.organization import queries as organization

_LEAST_FREE_BYTES: Final = 2 * 1024**3
_MARK: Final = {"good": "[tốt]    ", "warning": "[lưu ý]  ", "fault": "[lỗi]    "}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. A `fault` keeps the installation from working as it must."""

    level: Literal["good", "warning", "fault"]
    text: str


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("check", help="kiểm tra hệ thống đã sẵn sàng chưa")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 when nothing is at fault (warnings allowed), else 1."""
    findings = list(findings_of(settings.ENVIRONMENT))
    for finding in findings:
        print(_MARK[finding.level] + finding.text)
    return 1 if any(finding.level == "fault" for finding in findings) else 0


def findings_of(environment: Environment) -> Iterator[Finding]:
    yield from _database()
    yield from _programs()
    yield from _places(environment)


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), current_user")
            version, role = cursor.fetchone()
    except Error as error:
        yield Finding("fault", f"Không kết nối được cơ sở dữ liệu: {error}")
        return
    yield Finding("good", f"PostgreSQL {version}, vai trò phục vụ «{role}»")
    pending = pending_migrations()
    if pending:
        yield Finding("fault", f"Còn {len(pending)} bước cập nhật dữ liệu chưa chạy: dùng «eoffice migrate»")
        return
    yield Finding("good", "Cấu trúc dữ liệu đúng phiên bản")
    yield from _rights()
    yield from _installation()
    failed = job_board.counts().failed
    if failed:
        yield Finding("warning", f"{failed} việc nền bị lỗi: xem «eoffice jobs»")


def _rights() -> Iterator[Finding]:
    excess = roles.excess_rights()
    if not excess:
        yield Finding("good", "Vai trò phục vụ không sửa, xóa được nhật ký và tệp đã lưu")
    elif settings.DATABASE_APP_ROLE is None:
        yield Finding(
            "warning",
            "Chỉ có một địa chỉ cơ sở dữ liệu nên vai trò phục vụ sửa được nhật ký. Tạo hai vai trò, đặt DATABASE_URL"
            " (phục vụ) và DATABASE_OWNER_URL (chủ sở hữu), rồi chạy «eoffice migrate»",
        )
    else:
        yield Finding("fault", "Vai trò phục vụ có quyền thừa: " + ", ".join(excess))


def _installation() -> Iterator[Finding]:
    installation = organization.installation()
    if installation is None:
        yield Finding("fault", "Chưa khởi tạo: chạy «eoffice init» (hệ thống thật) hoặc «eoffice demo» (dùng thử)")
    elif installation.is_demo and settings.ENVIRONMENT.public_url:
        yield Finding("warning", "Đây là dữ liệu mẫu với chứng thư số thử nghiệm: không dùng cho việc thật")
    else:
        yield Finding("good", f"Đã khởi tạo cho «{installation.name}»")


def _programs() -> Iterator[Finding]:
    if shutil.which("soffice") or shutil.which("libreoffice"):
        yield Finding("good", "LibreOffice có sẵn: nhận được DOC, DOCX, XLSX, ODT")
    else:
        yield Finding(
            "warning",
            "Không có LibreOffice: chỉ nhận PDF và ảnh. Cài: apt-get install libreoffice-writer-nogui"
            " libreoffice-calc-nogui python3-uno fonts-liberation2",
        )
    missing = [
        name for name in ("Regular", "Bold", "Italic", "BoldItalic") if not (FONTS_DIR / f"Tinos-{name}.ttf").exists()
    ]
    if missing:
        yield Finding("fault", "Thiếu phông chữ Tinos: " + ", ".join(missing))
    else:
        yield Finding("good", "Đủ phông chữ của văn bản")


def _places(environment: Environment) -> Iterator[Finding]:
    free = shutil.disk_usage(environment.data_dir).free
    words = f"Thư mục dữ liệu {environment.data_dir} còn trống {free / 1024**3:.1f} GB"
    yield Finding("good" if free >= _LEAST_FREE_BYTES else "warning", words)
    open_to_others = [path for path in environment.keys_dir.iterdir() if path.is_file() and path.stat().st_mode & 0o077]
    if open_to_others:
        yield Finding("fault", "Tệp khóa đọc được bởi tài khoản khác: " + ", ".join(p.name for p in open_to_others))
