"""Bytes of the house: stored once under their SHA-256, never overwritten, never changed."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO, NewType

from django.conf import settings

from eoffice.core.errors import NotFound
from eoffice.core.models import StoredFile

Sha256 = NewType("Sha256", str)
_CHUNK: int = 1024 * 1024


def path_of(sha256: str) -> Path:
    """Where the bytes lie in this installation's data directory."""
    return Path(settings.ENVIRONMENT.files_dir) / sha256[:2] / sha256[2:4] / sha256


def open_file(sha256: str) -> BinaryIO:
    return path_of(sha256).open("rb")


def read(sha256: str) -> bytes:
    return path_of(sha256).read_bytes()


def get(sha256: str) -> StoredFile:
    """The record of stored bytes. Raises NotFound."""
    stored = StoredFile.objects.filter(pk=sha256).first()
    if stored is None:
        raise NotFound
    return stored


def store(content: bytes, *, media_type: str) -> StoredFile:
    """Keep `content` durably and record it; the same bytes are kept once.

    The file is on disk (fsync) before the row is written, so a committed row always has its bytes;
    a rolled-back transaction leaves at most an unreferenced file.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    target = path_of(sha256)
    if not target.exists():
        temporary = _temporary_beside(target)
        with temporary.open("xb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(target)
        target.chmod(0o440)
    return _record(sha256, len(content), media_type)


def store_path(source: Path, *, media_type: str) -> StoredFile:
    """Like `store`, from a file, without holding it in memory."""
    digest = hashlib.sha256()
    size = 0
    with source.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    target = path_of(digest.hexdigest())
    if not target.exists():
        temporary = _temporary_beside(target)
        with source.open("rb") as incoming, temporary.open("xb") as outgoing:
            while chunk := incoming.read(_CHUNK):
                outgoing.write(chunk)
            outgoing.flush()
            os.fsync(outgoing.fileno())
        temporary.replace(target)
        target.chmod(0o440)
    return _record(digest.hexdigest(), size, media_type)


def _temporary_beside(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.with_name(f".{secrets.token_hex(8)}")


def _record(sha256: str, size_bytes: int, media_type: str) -> StoredFile:
    stored, _ = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size_bytes": size_bytes, "media_type": media_type}
    )
    return stored
