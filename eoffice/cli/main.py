"""Reads the command line and hands over to one command.

Every command module offers `register(subparsers)`; a command's function takes the parsed arguments and returns the
exit code. Modules under `_STANDALONE` run before Django exists (they start the database, or replace this process); all
others run with Django set up and the database reachable.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, cast

import django
from django.db import ProgrammingError

from eoffice import environment as env
from eoffice.cli import migrate, restore, scratch_database, serve, up
from eoffice.cli.database import connected
from eoffice.cli.vietnamese_help import speak_vietnamese
from eoffice.core.errors import ExpectedError, Invalid
from eoffice.core.keeping import BackupDamaged
from eoffice.core.locks import AlreadyHeld
from eoffice.core.postgres import PostgresUnusable, has_cluster

_STANDALONE: Final = (up, serve, migrate, restore, scratch_database)
_STANDALONE_NAMES: Final = {"up", "serve", "migrate", "restore", "scratch-database"}
_WITH_DJANGO: Final = (
    "eoffice.cli.init",
    "eoffice.cli.check",
    "eoffice.cli.jobs",
    "eoffice.cli.backup",
    "eoffice.audit.commands",
    "eoffice.signing.commands",
    "eoffice.organization.commands",
    "eoffice.documents.commands",
    "eoffice.web.commands",
)
_WITHOUT_DATABASE: Final = {"-h", "--help"}
_COULD_NOT_JUDGE: Final = 5
"""The exit code of a check of signatures that was not made; 1 and 2 are its verdicts (design part 6)."""
_NOBODY_BELIEVED: Final = (
    "Chưa có hệ thống nào ở đây nên không có danh sách tin cậy: chỉ xét được chữ ký còn nguyên vẹn hay không. "
    "Ghi --trust TỆP để nói tin ai."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; expected errors are told in one message on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in _STANDALONE_NAMES:
            return _run(_parser(), words)
        if not words or words[0] in _WITHOUT_DATABASE or words[-1] in _WITHOUT_DATABASE or _carries_trust(words):
            return _run_with_django(words or ["--help"])
        if words[0] == "verify" and not _has_installation(env.read()):
            print(_NOBODY_BELIEVED, file=sys.stderr)
            return _run_with_django([*words, "--no-list"])
        if words[0] == "init" and (code := _made_ready()):
            return code
        with connected(env.read()):
            return _run_on_ready_database(words)
    except (env.EnvironmentInvalid, PostgresUnusable, BackupDamaged) as error:
        return _tell(str(error), words)
    except Invalid as error:
        return _tell("\n".join(dict.fromkeys([error.message, *error.fields.values()])), words)
    except ExpectedError as error:
        return _tell(error.message, words)
    except AlreadyHeld as error:
        return _tell(
            f"Thư mục dữ liệu đang được dùng bởi tiến trình {error.pid or '?'}. Dừng tiến trình đó trước.", words
        )
    except KeyboardInterrupt:
        return 130


def _carries_trust(words: Sequence[str]) -> bool:
    """Whether a check of signatures names whom it believes: it then asks no installation."""
    named = {word.partition("=")[0] for word in words}
    return words[0] == "verify" and not named.isdisjoint({"--trust", "--no-list"})


def _has_installation(environment: env.Environment) -> bool:
    return bool(environment.database_url) or has_cluster(environment.data_dir)


def _made_ready() -> int:
    """Make the tables of a new installation, whose first command is `init`. A process of its own: it is the owner's."""
    return subprocess.run([sys.executable, "-m", "eoffice.cli", "migrate"], check=False).returncode


def _run_on_ready_database(words: list[str]) -> int:
    try:
        return _run_with_django(words)
    except ProgrammingError:
        if not migrate.pending_of_database():
            raise
        message = "Cơ sở dữ liệu chưa đúng phiên bản của chương trình. Chạy «eoffice migrate» trước, rồi làm lại."
        return _tell(message, words)


def _run_with_django(words: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eoffice.settings")
    django.setup()
    return _run(_parser(*(import_module(name) for name in _WITH_DJANGO)), words)


def _parser(*modules: object) -> argparse.ArgumentParser:
    speak_vietnamese()
    parser = argparse.ArgumentParser(prog="eoffice", description="Hệ thống quản lý văn bản và điều hành eOffice.")
    subparsers = parser.add_subparsers(title="lệnh", metavar="LỆNH", required=True)
    for module in (*_STANDALONE, *modules):
        module.register(subparsers)  # type: ignore[attr-defined]  # each module offers it; see the docstring
    return parser


def _run(parser: argparse.ArgumentParser, words: Sequence[str]) -> int:
    try:
        parsed = parser.parse_args(words)
    except SystemExit as ended:
        if ended.code and words[:1] == ["verify"]:
            raise SystemExit(_COULD_NOT_JUDGE) from ended
        raise
    return cast("int", parsed.run(parsed))


def _tell(message: str, words: Sequence[str]) -> int:
    print(message, file=sys.stderr)
    return _COULD_NOT_JUDGE if words[:1] == ["verify"] else 1
