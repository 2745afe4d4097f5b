"""Where uploads wait, encrypted, until they are known to be fit to keep.

A hold lies under `<data>/hold`, which no backup and no index reads, for at most an hour. Each has a key of
its own, kept in its head under the installation's key: destroying the head destroys the bytes. What a
check needs in the clear is written to memory (`/dev/shm`) where the machine has it, and removed after.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import shutil
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from eoffice import environment
from eoffice.core.vietnamese import tidy
from eoffice.renditions.errors import EmptyFile, FileTooLarge, HeldFileGone

LONGEST: Final = timedelta(hours=1)
_CHUNK: Final = 256 * 1024
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - memory, private directories inside
_MEMORY_SPARE: Final = 64 * 1024**2
_NAME_LIMIT: Final = 255
WORK_PREFIX: Final = "eoffice-hold-"


class Stream(Protocol):
    """Anything read in pieces: a request's upload, an open file."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """An upload in the hold. `token` is the only way to it and is unguessable; `sha256` is of the clear bytes."""

    token: str
    name: str
    size_bytes: int
    sha256: str


def hold(stream: Stream, name: str) -> HeldFile:
    """Take an upload into the hold while it streams in, under its name as given (NFC, without folders).

    Raises FileTooLarge as soon as `UPLOAD_LIMIT_BYTES` is passed, and EmptyFile; either leaves nothing behind.
    """
    token = secrets.token_urlsafe(32)
    path = _path_of(token)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _create(path) as handle:
            size_bytes, sha256 = _write(handle, stream, clean_name(name))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return HeldFile(token=token, name=clean_name(name), size_bytes=size_bytes, sha256=sha256)


def clean_name(name: str) -> str:
    """A file name on one line in NFC, without folders; at most 255 characters, the ending kept."""
    bare = tidy(name.replace("\\", "/").rpartition("/")[2]) or "van-ban"
    stem, dot, ending = bare.rpartition(".")
    if len(bare) <= _NAME_LIMIT or not dot or len(ending) > 10:
        return bare[:_NAME_LIMIT]
    return f"{stem[: _NAME_LIMIT - len(ending) - 1]}.{ending}"


def held(token: str) -> HeldFile:
    """What is in the hold under `token`, read through and checked. Raises HeldFileGone."""
    digest = hashlib.sha256()
    size_bytes = 0
    with _opened_head(token) as (handle, key, name):
        for piece in _pieces(handle, key):
            digest.update(piece)
            size_bytes += len(piece)
    return HeldFile(token=token, name=name, size_bytes=size_bytes, sha256=digest.hexdigest())


@contextmanager
def opened(token: str) -> Iterator[Path]:
    """A private clear copy for the checks, gone at the end of the block. Raises HeldFileGone."""
    with _opened_head(token) as (handle, key, _), clear_directory(os.fstat(handle.fileno()).st_size) as directory:
        path = directory / "held"
        with _create(path) as copy:
            for piece in _pieces(handle, key):
                copy.write(piece)
        yield path


@contextmanager
def clear_directory(size_bytes: int) -> Iterator[Path]:
    """A private folder for bytes that must not stay, in memory where `size_bytes` fit; gone at the end."""
    with tempfile.TemporaryDirectory(prefix=WORK_PREFIX, dir=work_place(size_bytes)) as directory:
        yield Path(directory)


def release(token: str) -> bytes:
    """Give the bytes out and end the hold. Raises HeldFileGone; a second release finds nothing."""
    with _opened_head(token) as (handle, key, _):
        content = b"".join(_pieces(handle, key))
    destroy(token)
    return content


def destroy(token: str) -> None:
    """Make the held bytes unreadable for ever: its key is overwritten, then the file removed. Never fails twice."""
    path = _path_of(token)
    try:
        with path.open("r+b") as handle:
            (length,) = struct.unpack(">I", handle.read(4))
            handle.seek(0)
            handle.write(b"\x00" * (length + 4))
            handle.flush()
            os.fsync(handle.fileno())
        path.unlink(missing_ok=True)
    except FileNotFoundError:
        return
    except struct.error:  # a hold cut off while it was written has no key to overwrite
        path.unlink(missing_ok=True)


def purge(*, now: datetime) -> int:
    """Destroy every hold, and every clear copy a killed process left, older than an hour; return how many."""
    count = 0
    for path in _directory().glob("*") if _directory().is_dir() else ():
        if _age(path, now) >= LONGEST:
            destroy(path.name)
            count += 1
    for place in {_MEMORY, _disk_work_directory()}:
        for left in place.glob(f"{WORK_PREFIX}*") if place.is_dir() else ():
            if left.stat().st_uid == os.getuid() and _age(left, now) >= LONGEST:
                shutil.rmtree(left, ignore_errors=True)
                left.unlink(missing_ok=True)
                count += 1
    return count


def _age(path: Path, now: datetime) -> timedelta:
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return timedelta(0)


def _directory() -> Path:
    return Path(settings.ENVIRONMENT.hold_dir)


def _disk_work_directory() -> Path:
    return Path(settings.ENVIRONMENT.run_dir) / "hold"


def work_place(size_bytes: int) -> Path:
    """Where clear bytes may lie for a moment: memory where it has room, else a private folder of ours.

    Whoever puts something there names it with `WORK_PREFIX`, so that the purge finds what a killed process left.
    """
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK):
        room = os.statvfs(_MEMORY)
        if room.f_bavail * room.f_frsize > size_bytes + _MEMORY_SPARE:
            return _MEMORY
    _disk_work_directory().mkdir(parents=True, exist_ok=True, mode=0o700)
    return _disk_work_directory()


def _path_of(token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise HeldFileGone
    return _directory() / token


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


# Format: length (4 bytes) and head {key, name} under the installation's key; then length and piece, each
# under the file's key. A piece begins with its number and whether it is the last, so that none can be
# moved, repeated or cut off unseen.


def _installation_key() -> Fernet:
    secret = environment.secret(settings.ENVIRONMENT, "hold")
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))


def _write(handle: BinaryIO, stream: Stream, name: str) -> tuple[int, str]:
    key = Fernet.generate_key()
    head = json.dumps({"key": key.decode(), "name": name}).encode()
    _write_block(handle, _installation_key().encrypt(head))
    cipher = Fernet(key)
    digest = hashlib.sha256()
    size = number = 0
    piece = stream.read(_CHUNK)
    while piece:
        size += len(piece)
        if size > settings.UPLOAD_LIMIT_BYTES:
            raise FileTooLarge(settings.UPLOAD_LIMIT_BYTES)
        digest.update(piece)
        following = stream.read(_CHUNK)
        _write_block(handle, cipher.encrypt(struct.pack(">Q?", number, not following) + piece))
        piece, number = following, number + 1
    if size == 0:
        raise EmptyFile
    return size, digest.hexdigest()


def _write_block(handle: BinaryIO, block: bytes) -> None:
    handle.write(struct.pack(">I", len(block)) + block)


def _read_block(handle: BinaryIO) -> bytes:
    try:
        (length,) = struct.unpack(">I", handle.read(4))
    except struct.error as error:
        raise HeldFileGone from error
    return handle.read(length)


@contextmanager
def _opened_head(token: str) -> Iterator[tuple[BinaryIO, Fernet, str]]:
    try:
        handle = _path_of(token).open("rb")
    except FileNotFoundError as error:
        raise HeldFileGone from error
    with handle:
        try:
            head = json.loads(_installation_key().decrypt(_read_block(handle)))
        except InvalidToken as error:
            raise HeldFileGone from error
        yield handle, Fernet(head["key"]), head["name"]


def _pieces(handle: BinaryIO, key: Fernet) -> Iterator[bytes]:
    expected = 0
    last = False
    while not last:
        try:
            piece = key.decrypt(_read_block(handle))
        except InvalidToken as error:
            raise HeldFileGone from error
        number, last = struct.unpack_from(">Q?", piece)
        if number != expected:
            raise HeldFileGone
        expected += 1
        yield piece[9:]
