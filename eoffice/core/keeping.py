"""What a backup consists of: a dump, files and keys, and a manifest that says what each must be.

    DIR/database.dump     pg_dump, custom format
    DIR/files/ab/cd/…     stored files, named by their SHA-256
    DIR/keys/…            secrets and keys of the installation (not the database passwords)
    DIR/manifest.json     size and SHA-256 of all of these

The hold of unchecked uploads, the embedded cluster and run-time files are left out.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

FORMAT: Final = 1
DUMP_NAME: Final = "database.dump"
_MANIFEST_NAME: Final = "manifest.json"
_OWN_KEYS_PREFIX: Final = "database-"
_CHUNK: Final = 1024 * 1024
_RESTORING: Final = ("--no-owner", "--no-privileges", "--no-comments")
_UNKNOWN_BEFORE_17: Final = b"SET transaction_timeout"
_HEAD_LINES: Final = 40
"""pg_restore writes its settings first; a line of data that reads alike comes later."""


class BackupDamaged(Exception):
    """A backup that cannot be trusted, or a place it cannot go; the message is Vietnamese."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup; `path` is relative to its directory, with slashes."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`created_at` in UTC (ISO 8601); `audit_head` is the newest audit root contained in the dump."""

    format: int
    created_at: str
    database_version: str
    audit_head: str
    parts: tuple[Part, ...]

    def write(self, directory: Path) -> None:
        (directory / _MANIFEST_NAME).write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def read(cls, directory: Path) -> Manifest:
        try:
            content = json.loads((directory / _MANIFEST_NAME).read_text())
        except FileNotFoundError:
            raise BackupDamaged(f"{directory} không phải bản sao lưu của eOffice: thiếu {_MANIFEST_NAME}.") from None
        except json.JSONDecodeError as error:
            raise BackupDamaged(f"Bản kê {_MANIFEST_NAME} bị hỏng: {error}.") from error
        if content.get("format") != FORMAT:
            raise BackupDamaged(
                f"Bản sao lưu có định dạng {content.get('format')}; chương trình này đọc định dạng {FORMAT}."
            )
        return cls(**{**content, "parts": tuple(Part(**part) for part in content["parts"])})


def require_empty(directory: Path) -> None:
    """Raise BackupDamaged unless `directory` is missing or empty."""
    if directory.exists() and any(directory.iterdir()):
        raise BackupDamaged(f"Thư mục {directory} không trống. Chưa ghi gì. Chọn thư mục mới.")


def copy_files(source: Path, target: Path) -> list[str]:
    """Copy stored files and return the names of those whose bytes no longer match their name."""
    damaged: list[str] = []
    for path in _files_under(source):
        if path.name.startswith("."):
            continue  # a file still being written
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        copy.chmod(0o440)
        if _sha256(copy) != path.name:
            damaged.append(path.name)
    return damaged


def copy_keys(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in _files_under(source):
        if path.name.startswith(_OWN_KEYS_PREFIX):
            continue
        copy = target / path.relative_to(source)
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        copy.chmod(0o600)


def parts_of(directory: Path) -> tuple[Part, ...]:
    return tuple(
        Part(str(path.relative_to(directory)), path.stat().st_size, _sha256(path))
        for path in _files_under(directory)
        if path.name != _MANIFEST_NAME
    )


def require_whole(directory: Path, manifest: Manifest) -> None:
    """Raise BackupDamaged when a file of the backup is missing, changed, or was added."""
    expected = {part.path: part for part in manifest.parts}
    present = {part.path: part for part in parts_of(directory)}
    wrong = sorted(path for path in expected.keys() | present.keys() if expected.get(path) != present.get(path))
    if wrong:
        shown = ", ".join(wrong[:5]) + (f" và {len(wrong) - 5} tệp khác" if len(wrong) > 5 else "")
        raise BackupDamaged(f"Bản sao lưu không nguyên vẹn: {shown}. Chưa khôi phục gì.")


def dump(programs: Path, url: str, target: Path) -> None:
    _run_tool(programs / "pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"], url)


def load(programs: Path, url: str, source: Path, *, is_older: bool) -> None:
    """Load a dump in one transaction. `is_older`: the server is of an earlier major version than the programs."""
    if is_older:
        _load_as_text(programs, url, source)
        return
    parts = urlsplit(url)
    _run_tool(
        programs / "pg_restore",
        [
            *_RESTORING,
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={unquote(parts.path.lstrip('/'))}",
            str(source),
        ],
        url,
    )


def _load_as_text(programs: Path, url: str, source: Path) -> None:
    """As SQL, without the setting that an older server does not know: pg_restore itself would stop at it."""
    with tempfile.TemporaryFile() as said:
        writer = subprocess.Popen(
            [str(programs / "pg_restore"), *_RESTORING, "--file=-", str(source)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        reader = subprocess.Popen(
            [str(programs / "psql"), "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"],
            env=_surroundings(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        is_whole = _pass_on(writer, reader) and writer.wait() == 0
        if not is_whole:  # before psql meets the end of its input, at which it would commit
            reader.kill()
        writer.communicate()
        reader.communicate()
        if not is_whole or reader.returncode != 0:
            said.seek(0)
            raise BackupDamaged(f"psql dừng với lỗi:\n{said.read().decode(errors='replace').strip()}")


def _pass_on(writer: subprocess.Popen[bytes], reader: subprocess.Popen[bytes]) -> bool:
    """Copy one program's output to another's input; False when the other has stopped reading."""
    if writer.stdout is None or reader.stdin is None:  # pragma: no cover - both are pipes
        return False
    try:
        for line in itertools.islice(writer.stdout, _HEAD_LINES):
            if not line.startswith(_UNKNOWN_BEFORE_17):
                reader.stdin.write(line)
        shutil.copyfileobj(writer.stdout, reader.stdin)
        reader.stdin.flush()
    except BrokenPipeError:
        return False
    return True


def _surroundings(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        **os.environ,
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }


def _run_tool(program: Path, options: list[str], url: str) -> None:
    done = subprocess.run(
        [str(program), *options],
        # In the environment, not among the arguments, which every account of the machine can read.
        env=_surroundings(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupDamaged(f"{program.name} dừng với lỗi:\n{done.stderr.strip()}")


def _files_under(directory: Path) -> Iterator[Path]:
    return (path for path in sorted(directory.rglob("*")) if path.is_file()) if directory.exists() else iter(())


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
