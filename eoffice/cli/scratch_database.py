"""`eoffice scratch-database COMMAND…`: run a command on a throw-away PostgreSQL; what `make test` uses."""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from eoffice import environment as env
from eoffice.core.postgres import Server


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("scratch-database", help="chạy một lệnh trên PostgreSQL tạm (dùng khi kiểm thử)")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="LỆNH")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit with the command's own code. With DATABASE_URL set that database is used and nothing is started."""
    environment = env.read()
    if environment.database_url:
        return subprocess.run(arguments.command, check=False).returncode
    directory = Path(tempfile.mkdtemp(prefix="eoffice-scratch-"))
    directory.chmod(0o755)
    # Durability is given up for speed: these rows live as long as one test run.
    server = Server(dataclasses.replace(environment, data_dir=directory), durable=False)
    try:
        urls = server.start()
        child = {**os.environ, "DATABASE_URL": urls.superuser, "EOFFICE_DATA": str(directory)}
        return subprocess.run(arguments.command, check=False, env=child).returncode
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)
