"""`eoffice org import FILE`: units, posts and people from lists, as on the page; `org invite`: links to hand over."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from eoffice.accounts.services import password_links
from eoffice.core import clock
from eoffice.core.actor_ref import ActorRef
from eoffice.core.clock import VIETNAM
from eoffice.core.errors import ExpectedError, NotFound
from eoffice.organization.models import ImportRun, RunState
from eoffice.organization.queries import imports
from eoffice.organization.services import importing

_SHOWN_FAULTS = 50


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("org", help="đơn vị, người, chức danh")
    what = parser.add_subparsers(title="việc", metavar="VIỆC", required=True)
    bring = what.add_parser("import", help="nhập từ tệp CSV, XLSX; không có --apply thì chỉ xem trước")
    bring.add_argument("file", metavar="TỆP", type=Path, nargs="+")
    bring.add_argument("--apply", action="store_true", help="ghi vào hệ thống khi không có lỗi")
    bring.add_argument("--full", action="store_true", help="danh sách đầy đủ: ai không còn trong tệp coi như đã nghỉ")
    bring.add_argument("--accept-endings", action="store_true", help="chấp nhận cả khi nhiều người nghỉ")
    bring.add_argument("--faults", type=Path, metavar="TỆP", help="ghi danh sách lỗi ra tệp CSV")
    bring.set_defaults(run=run_import)
    invite = what.add_parser("invite", help="lấy liên kết đặt mật khẩu để trao tận tay, khi chưa có cổng gửi thư")
    invite.add_argument("email", metavar="E-MAIL", nargs="+")
    invite.set_defaults(run=run_invite)


def run_import(arguments: argparse.Namespace) -> int:
    """One file after the other; the first that does not go in ends the command with exit code 1."""
    for path in arguments.file:
        run = _bring_in(path, arguments)
        _tell(run, applies=arguments.apply)
        if run.state in {RunState.FAULTY, RunState.REFUSED}:
            _tell_faults(run, arguments.faults)
            return 1
    return 0


def run_invite(arguments: argparse.Namespace) -> int:
    """One line for each e-mail: the link, or why there is none. Exit 1 when one had none."""
    missed = 0
    for email in arguments.email:
        try:
            link = password_links.hand_link(actor=ActorRef(None, source="cli"), email=email, now=clock.now())
        except ExpectedError as error:
            print(f"{email}: {error.message}", file=sys.stderr)
            missed += 1
        else:
            print(f"{email}  {link.address}  dùng một lần, đến {link.expires_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}")
    return 1 if missed else 0


def _bring_in(path: Path, arguments: argparse.Namespace) -> ImportRun:
    if not path.is_file():
        raise NotFound(f"Không có tệp {path}. Chưa có gì được ghi.")
    return importing.import_at_once(
        actor=ActorRef(person_id=None, source="cli"),
        file_name=path.name,
        content=path.read_bytes(),
        is_full=arguments.full,
        applies=arguments.apply,
        accepts_endings=arguments.accept_endings,
        now=clock.now(),
    )


def _tell(run: ImportRun, *, applies: bool) -> None:
    words = [(text.lower(), run.counts.get(action)) for action, text in imports.ACTION_WORDS.items()]
    counts = ", ".join(f"{text} {count}" for text, count in words if count)
    print(f"{run.file_name}: {run.get_state_display().lower()}. {counts}")
    if run.state == RunState.READY:
        print("Mới xem trước, chưa ghi gì. Thêm --apply để ghi." if not applies else "Dữ liệu vừa thay đổi; chạy lại.")
    if run.refusal:
        print(run.refusal, file=sys.stderr)


def _tell_faults(run: ImportRun, target: Path | None) -> None:
    faults = list(imports.import_faults(run.pk))
    for fault in faults[:_SHOWN_FAULTS]:
        value = f" «{fault.value}»" if fault.value else ""
        print(f"  {fault.sheet}, dòng {fault.line}, cột {fault.column}{value}: {fault.message}", file=sys.stderr)
    if len(faults) > _SHOWN_FAULTS:
        print(f"  … và {len(faults) - _SHOWN_FAULTS} lỗi khác (--faults TỆP ghi đủ)", file=sys.stderr)
    if target is not None:
        with target.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle, delimiter=";")
            writer.writerow(["Bảng", "Dòng", "Khóa", "Cột", "Giá trị", "Lỗi"])
            writer.writerows((f.sheet, f.line, f.key, f.column, f.value, f.message) for f in faults)
