"""`eoffice bench numbers|letters|people|sign|verify|polls|certificates`: figures of docs/performance.md, as tables."""

from __future__ import annotations

import argparse
import sys

from eoffice.core import clock
from eoffice.documents.services.benching_figures import Figure
from eoffice.documents.services.benching_group import make_group, require_empty_database
from eoffice.documents.services.benching_letters import bench_letters
from eoffice.documents.services.benching_numbers import NumbersPlan, bench_numbers
from eoffice.documents.services.benching_pages import SMALLEST
from eoffice.organization.benching import bench_people
from eoffice.organization.benching_doors import bench_doors
from eoffice.signing.benching import bench_verify
from eoffice.signing.benching_certificates import bench_certificates
from eoffice.signing.benching_polls import bench_polls
from eoffice.signing.benching_signatures import LARGE_MB, PAPERS, bench_large, bench_papers, bench_together


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("bench", help="đo hiệu năng trên cơ sở dữ liệu trống")
    what = parser.add_subparsers(title="đo", metavar="ĐO", required=True)
    numbers = what.add_parser("numbers", help="lấy số đồng thời, có kết nối bị ngắt giữa chừng")
    numbers.add_argument("--numbers", type=int, default=100_000)
    numbers.add_argument("--processes", type=int, default=2)
    numbers.add_argument("--connections", type=int, default=32)
    numbers.add_argument("--killed", type=float, default=0.01, help="phần giao dịch bị ngắt (0.01 là 1%%)")
    numbers.set_defaults(run=run_numbers)
    letters = what.add_parser("letters", help="đăng ký, bút phê, phát hành, trang danh sách")
    letters.add_argument("--letters", type=int, default=200)
    letters.add_argument("--units", type=int, default=700)
    letters.add_argument("--documents", type=int, default=100_000)
    letters.set_defaults(run=run_letters)
    people = what.add_parser("people", help="tìm người, dựng người đang làm, đăng nhập; trên dữ liệu đang có")
    people.add_argument("--email", default="huong.ntt@truongxuan.example")
    people.add_argument("--password", default="TruongXuan@2026")
    people.set_defaults(run=run_people)
    polls = what.add_parser("polls", help="hỏi kết quả các yêu cầu ký từ xa đang mở")
    polls.add_argument("--requests", type=int, default=500)
    polls.add_argument("--seconds", type=float, default=180)
    polls.set_defaults(run=run_polls)
    certificates = what.add_parser("certificates", help="một lượt hỏi nơi cấp về các chứng thư đang dùng")
    certificates.add_argument("--listed", type=int, default=40_000, help="có danh sách thu hồi")
    certificates.add_argument("--alone", type=int, default=2_000, help="chỉ có OCSP")
    certificates.set_defaults(run=run_certificates)
    what.add_parser("sign", help="ký một trang, so với một phép ký thô").set_defaults(run=run_sign)
    what.add_parser("verify", help="kiểm tra một tệp bốn chữ ký, so với openssl speed").set_defaults(run=run_verify)


def run_numbers(arguments: argparse.Namespace) -> int:
    """Exit 1 when a number stands twice or is unexplained."""
    plan = NumbersPlan(
        numbers=arguments.numbers,
        processes=arguments.processes,
        connections=arguments.connections,
        killed_share=arguments.killed,
    )
    _note(f"Lấy {plan.numbers} số qua {plan.connections} kết nối, {plan.processes} tiến trình…")
    result = bench_numbers(plan, now=clock.now())
    _table(
        ("Số đã cấp", "Giao dịch bị ngắt", "Giây", "Số/giây", "Trùng", "Không giải trình"),
        [
            (
                result.taken,
                result.killed,
                f"{result.seconds:.1f}",
                f"{result.taken / result.seconds:.0f}",
                result.doubled,
                result.unexplained,
            )
        ],
    )
    return 0 if result.is_sound else 1


def run_letters(arguments: argparse.Namespace) -> int:
    _note("Dựng đơn vị, văn bản để đo…")
    figures = bench_letters(
        letters=arguments.letters, units=arguments.units, documents=arguments.documents, now=clock.now()
    )
    _table(
        ("Việc", "Lần", "Trung vị (ms)", "p95 (ms)", "Câu lệnh SQL", "Trong SQL"),
        [(*_times(figure), figure.statements, f"{figure.sql_share:.0%}") for figure in figures.way],
    )
    for documents, pages in figures.pages.items():
        smallest = next(figure.cpu_ms for figure in pages if figure.what == SMALLEST)
        print()
        _table(
            (f"{documents} văn bản", "Lần", "Trung vị (ms)", "p95 (ms)", "Câu lệnh SQL", "SQL (ms)", "CPU ngoài SQL"),
            [
                (*_times(figure), figure.statements, f"{figure.sql_ms:.1f}", f"{figure.cpu_ms / smallest:.1f}×")
                for figure in pages
            ],
        )
    return 0


def _times(figure: Figure) -> tuple[str, int, str, str]:
    return figure.what, figure.pieces, f"{figure.median_ms:.1f}", f"{figure.p95_ms:.1f}"


def run_people(arguments: argparse.Namespace) -> int:
    figures = bench_people(email=arguments.email, password=arguments.password, now=clock.now())
    _table(
        ("Việc", "Lần", "Trung vị (ms)", "p95 (ms)", "Câu lệnh SQL"),
        [(f.what, f.pieces, f"{f.median_ms:.1f}", f"{f.p95_ms:.1f}", f.statements) for f in figures],
    )
    doors = bench_doors(password=arguments.password)
    print()
    _table(
        ("Cùng lúc", "Một phút", "Trung vị (ms)", "p95 (ms)", "Không được"),
        [(f.what, f"{f.per_minute:.0f}", f"{f.median_ms:.0f}", f"{f.p95_ms:.0f}", f.failed) for f in doors],
    )
    return 0


def run_sign(arguments: argparse.Namespace) -> int:
    now = clock.now()
    rows: list[tuple[object, ...]] = []
    for figure in bench_papers(now=now):
        raw = f"{figure.raw_ms:.4f}" if figure.raw_ms else "không đo được"
        multiple = f"{figure.multiple:.0f}×" if figure.multiple else "không đo được"
        sizes = (f"{figure.grows_kb:.1f}", f"{figure.grows_long_term_kb:.1f}")
        rows.append((figure.algorithm, f"{figure.papers_s:.2f}", f"{figure.paper_ms:.1f}", raw, multiple, *sizes))
    weights = ("Thêm ở B-B (KB)", "Thêm ở B-LT (KB)")
    _table(
        ("Khóa", f"{PAPERS} văn bản (s)", "Một văn bản (ms)", "Một phép ký thô (ms)", "So với ký thô", *weights), rows
    )
    large, together = bench_large(now=now), bench_together(now=now)
    print()
    _table(
        ("Tệp lớn (MB)", "Ký (s)", "Bộ nhớ cao nhất (MB)"), [(LARGE_MB, f"{large.seconds:.2f}", f"{large.peak_mb:.0f}")]
    )
    print()
    _table(
        ("Một tiến trình (văn bản/s)", "Hai tiến trình (văn bản/s)", "Gấp"),
        [(f"{together.alone:.1f}", f"{together.together:.1f}", f"{together.gain:.2f}×")],
    )
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    rows: list[tuple[object, ...]] = []
    for figure in bench_verify(now=clock.now()):
        raw = f"{figure.raw_ms:.4f}" if figure.raw_ms else "không đo được"
        multiple = f"{figure.multiple:.0f}×" if figure.multiple else "không đo được"
        rows.append((figure.algorithm, f"{figure.file_ms:.0f}", f"{figure.cpu_ms:.0f}", raw, multiple))
    head = ("Khóa", "Tệp bốn chữ ký (ms)", "Thời gian bộ xử lý (ms)", "Một phép kiểm thô (ms)", "So với một phép")
    _table(head, rows)
    return 0


def run_polls(arguments: argparse.Namespace) -> int:
    """Exit 1 when a request was asked for later than five seconds after it was due."""
    require_empty_database()
    now = clock.now()
    person_id = make_group(companies=0, now=now).clerk.person_id
    _note(f"Hỏi {arguments.requests} yêu cầu trong {arguments.seconds:.0f} giây…")
    result = bench_polls(person_id=person_id, requests=arguments.requests, seconds=arguments.seconds, now=now)
    _table(
        ("Yêu cầu mở", "Giây", "Lượt hỏi", "Phần một lõi", "CPU một lượt (ms)", "Trễ nhất (s)"),
        [
            (
                result.requests,
                f"{result.seconds:.0f}",
                result.questions,
                f"{result.core_share:.1%}",
                f"{1000 * result.core_share * result.seconds / max(1, result.questions):.1f}",
                f"{result.latest_s:.1f}",
            )
        ],
    )
    return 0 if result.latest_s <= _LATEST_S else 1


def run_certificates(arguments: argparse.Namespace) -> int:
    require_empty_database()
    now = clock.now()
    person_id = make_group(companies=0, now=now).clerk.person_id
    _note(f"Hỏi về {arguments.listed} chứng thư có danh sách, {arguments.alone} chứng thư chỉ có OCSP…")
    _table(
        ("Lượt", "Giây", "Giây bộ xử lý", "Câu lệnh SQL", "Có trả lời", "Đã biết bị thu hồi"),
        [
            (f.what, f"{f.seconds:.1f}", f"{f.cpu_s:.1f}", f.statements, f.answered, f.revoked)
            for f in bench_certificates(person_id=person_id, listed=arguments.listed, alone=arguments.alone, now=now)
        ],
    )
    return 0


_LATEST_S = 5.0


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """A table in Markdown, as docs/performance.md keeps it."""
    for row in (head, ("---",) * len(head), *rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def _note(words: str) -> None:
    print(words, file=sys.stderr)
