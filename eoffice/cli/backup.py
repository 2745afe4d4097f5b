"""`eoffice backup DIR`: database, files and keys in one directory, each with its hash; while the system runs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from eoffice.audit import queries as audit
from eoffice.core import clock, keeping
from eoffice.core.postgres import programs_for


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("backup", help="sao lưu cơ sở dữ liệu, tệp và khóa vào một thư mục")
    parser.add_argument("directory", type=Path, metavar="THƯ_MỤC")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 when everything is in the backup and sound, 1 when a stored file no longer matches its hash."""
    directory: Path = arguments.directory.resolve()
    environment = settings.ENVIRONMENT
    keeping.require_empty(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    # First the head, then the dump, then the files: each later part contains at least what the earlier one names.
    head = audit.newest_root()
    print("Sao lưu cơ sở dữ liệu", file=sys.stderr)
    owner_url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    programs, _ = programs_for(owner_url, environment.postgres_bin)
    keeping.dump(programs.directory, owner_url, directory / keeping.DUMP_NAME)
    print("Sao lưu tệp và khóa", file=sys.stderr)
    damaged = keeping.copy_files(environment.files_dir, directory / "files")
    keeping.copy_keys(environment.keys_dir, directory / "keys")
    manifest = keeping.Manifest(
        format=keeping.FORMAT,
        created_at=clock.now().isoformat(timespec="seconds"),
        database_version=str(connection.pg_version),  # type: ignore[attr-defined]  # of the PostgreSQL backend
        audit_head=head,
        parts=keeping.parts_of(directory),
    )
    manifest.write(directory)
    print(f"Đã sao lưu {len(manifest.parts)} tệp vào {directory}")
    if damaged:
        print("CẢNH BÁO: tệp đã lưu không còn khớp mã băm: " + ", ".join(damaged), file=sys.stderr)
        return 1
    return 0
