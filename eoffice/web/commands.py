"""`eoffice demo`: a believable group of companies, made through the services."""

from __future__ import annotations

import argparse
import sys

from procrastinate.exceptions import AlreadyEnqueued

from eoffice.core import clock
from eoffice.organization import queries as organization
from eoffice.organization.models import Role
from eoffice.web.demo import crowd, filling, resetting, second_factor
from eoffice.web.demo.organization import PASSWORD
from eoffice.web.demo.stages import PIN
from eoffice.web.jobs import play_demo_story


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("demo", help="dựng tập đoàn mẫu")
    parser.add_argument("--all", action="store_true", help="dựng đủ mọi văn bản ngay, không chờ việc nền")
    parser.add_argument("--units", type=int, default=0, metavar="N", help="cả tập đoàn có ít nhất N đơn vị")
    parser.add_argument("--people", type=int, default=0, metavar="N", help="cả tập đoàn có ít nhất N người")
    parser.add_argument("--reset", action="store_true", help="xóa tập đoàn mẫu đang có rồi dựng lại từ đầu")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Raise the group, once; a second call only adds units and people that are missing. Raises NotADemo."""
    if arguments.reset:
        _tell("Xóa tập đoàn mẫu đang có")
        resetting.empty_demo()
    if not resetting.require_demo():
        _tell("Dựng đơn vị, con người, sổ đăng ký")
        filling.raise_group(now=clock.now())
    if arguments.units or arguments.people:
        _tell("Dựng các đơn vị, người còn lại")
        made = crowd.add_crowd(wanted_units=arguments.units, wanted_people=arguments.people, now=clock.now())
        _tell(f"Thêm {made.units} đơn vị, {made.people} người")
    _play_first(everything=arguments.all)
    following = filling.next_position()
    if following is not None:
        try:
            play_demo_story.configure(queueing_lock="demo").defer(position=following)
        except AlreadyEnqueued:
            pass  # An earlier call has put it there: the worker goes on where it stopped.
    _print_accounts()
    return 0


def _play_first(*, everything: bool) -> None:
    while (position := filling.next_position()) is not None and (everything or position < filling.FIRST):
        filling.play(position, now=clock.now())
        _tell(f"Văn bản mẫu {position + 1}", same_line=True)
    _tell("")


def _print_accounts() -> None:
    today = clock.local_date(clock.now())
    root = organization.active_units()[0]
    lines = [("Văn thư", Role.CLERK), ("Lãnh đạo", Role.LEADER), ("Chánh Văn phòng", Role.CHIEF_OF_OFFICE)]
    lines += [("Quản trị", Role.ADMINISTRATOR), ("Kiểm tra", Role.AUDITOR), ("Thư ký", Role.SECRETARY)]
    print(f"Tài khoản dùng thử (mật khẩu chung: {PASSWORD}, mã PIN ký số và con dấu: {PIN}):")
    for words, role in lines:
        for person in organization.holders_of(role, root.pk, on=today)[:2]:
            print(f"  {words:<18}{person.full_name:<26}{person.user.email if person.user else ''}")
    board = next(unit for unit in organization.active_units() if unit.symbol == "CN")
    for posting in organization.people_in(board.pk, on=today)[:2]:
        mail = posting.person.user.email if posting.person.user else ""
        print(f"  {posting.position.name:<18}{posting.person.full_name:<26}{mail}")
    print(f"Tài khoản {second_factor.ASKED.label} được hỏi thêm mã SMS; đọc mã ở trang {second_factor.INBOX_PATH}.")


def _tell(words: str, *, same_line: bool = False) -> None:
    print(f"\r{words}" if same_line else words, end="" if same_line else "\n", file=sys.stderr, flush=True)
