"""`eoffice jobs`: what waits, runs and failed; run failed ones again."""

from __future__ import annotations

import argparse

from eoffice.core import clock, job_board


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("jobs", help="công việc nền: đang chờ, đang chạy, bị lỗi")
    parser.add_argument("--retry", type=int, metavar="SỐ", help="chạy lại một việc lỗi")
    parser.add_argument("--retry-all", action="store_true", help="chạy lại mọi việc lỗi")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if arguments.retry is not None:
        job_board.retry_failed(job_id=arguments.retry, now=clock.now())
    if arguments.retry_all:
        print(f"Chạy lại {job_board.retry_all_failed(now=clock.now())} việc.")
    counts = job_board.counts()
    print(f"Đang chờ: {counts.waiting}   Đang chạy: {counts.running}   Lỗi: {counts.failed}")
    for job in job_board.failed_jobs():
        print(f"  {job.id}  {job.task_name}  đã thử {job.attempts} lần  {job.arguments}  {job.fault}")
    return 0
