"""`eoffice restore DIR`: a backup into an empty data directory and an empty database, checked before and after."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from eoffice import environment as env
from eoffice.cli.database import connected
from eoffice.core import keeping
from eoffice.core.postgres import DatabaseUrls, programs_for


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("restore", help="khôi phục bản sao lưu vào thư mục dữ liệu trống")
    parser.add_argument("directory", type=Path, metavar="THƯ_MỤC")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 when everything is back and the audit chain, up to the backup's head, is whole."""
    directory: Path = arguments.directory.resolve()
    environment = env.read()
    manifest = keeping.Manifest.read(directory)
    _say("Kiểm tra bản sao lưu")
    keeping.require_whole(directory, manifest)
    keeping.require_empty(environment.data_dir)
    _say("Khôi phục tệp và khóa")
    environment.data_dir.mkdir(parents=True, exist_ok=True)
    keeping.copy_keys(directory / "keys", environment.keys_dir)
    damaged = keeping.copy_files(directory / "files", environment.files_dir)
    with connected(environment) as urls:
        _refuse_filled(urls)
        _say("Khôi phục cơ sở dữ liệu")
        programs, major = programs_for(urls.owner, environment.postgres_bin)
        dump = directory / keeping.DUMP_NAME
        keeping.load(programs.directory, urls.owner, dump, is_older=major < programs.major)
        _command("migrate")
        _say("Kiểm tra nhật ký")
        _command("audit", "verify", *(["--expect", manifest.audit_head] if manifest.audit_head else []))
    if damaged:
        raise keeping.BackupDamaged(
            "Đã khôi phục, nhưng các tệp sau đã hỏng từ trước khi sao lưu: " + ", ".join(damaged)
        )
    _say(f"Đã khôi phục vào {environment.data_dir}")
    return 0


def _refuse_filled(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if row and row[0]:
        raise keeping.BackupDamaged("Cơ sở dữ liệu đích không trống. Chưa khôi phục gì vào đó.")


def _command(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "eoffice.cli", *words], env=dict(os.environ), check=False)
    if done.returncode != 0:
        raise keeping.BackupDamaged(f"Khôi phục dừng ở bước «eoffice {' '.join(words)}».")


def _say(line: str) -> None:
    print(line, flush=True)
