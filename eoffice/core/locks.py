"""One at a time, per data directory or per name: locks that vanish with their holder, however it ends."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from django.db import connection


class AlreadyHeld(Exception):
    """Another living process holds the lock; `pid` is its number where known."""

    def __init__(self, path: Path, pid: int | None) -> None:
        self.path = path
        self.pid = pid
        super().__init__(f"{path} is held by {pid}")


class FileLock:
    """An exclusive lock on a file, as a context manager. Raises AlreadyHeld at once instead of waiting."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode(errors="replace").strip()
            os.close(descriptor)
            raise AlreadyHeld(self.path, int(holder) if holder.isdigit() else None) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def key_of(name: str) -> int:
    """The key of PostgreSQL's advisory lock for a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@contextmanager
def one_at_a_time(names: Iterable[str]) -> Iterator[None]:
    """Do long work on named things outside any transaction, while nobody else of this database does.

    Waits for the others, takes the names in one order so that two never wait for each other, and belongs to the
    database session: the lock of a killed process is free at once.
    """
    keys = sorted({key_of(name) for name in names})
    taken: list[int] = []
    try:
        with connection.cursor() as cursor:
            for key in keys:
                cursor.execute("SELECT pg_advisory_lock(%s)", [key])
                taken.append(key)
        yield
    finally:
        if taken and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(key) FROM unnest(%s::bigint[]) AS key", [taken])


@contextmanager
def one_of(name: str, places: int) -> Iterator[bool]:
    """Hold one of a number of places of this database while work is done; False when all are taken.

    Never waits. The place of a killed process is free at once.
    """
    keys = [key_of(f"{name}:{place}") for place in range(places)]
    held: int | None = None
    try:
        with connection.cursor() as cursor:
            for key in keys:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
                if cursor.fetchone() == (True,):
                    held = key
                    break
        yield held is not None
    finally:
        if held is not None and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [held])
