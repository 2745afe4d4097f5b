"""Sessions in the database, each write one statement; Django's own store writes a new one twice.

Django also looks first whether a new key is free.
The key of a new session is drawn (190 bits: it meets no other) and the row is inserted when the answer leaves, with
everything that was put in. Each write is one statement, and so needs no transaction of its own.
"""

from __future__ import annotations

from typing import Final

from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as StoreOfDjango
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import IntegrityError
from django.utils.crypto import get_random_string

_KEY_LENGTH: Final = 32


class SessionStore(StoreOfDjango):
    """What `SESSION_ENGINE` names."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._is_new = False

    def create(self) -> None:
        """Draw a key; the row is written by `save`."""
        self._session_key = get_random_string(_KEY_LENGTH, VALID_KEY_CHARS)
        self._is_new = True
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Insert a new session, update a known one. Raises CreateError, UpdateError where the row is gone."""
        if self.session_key is None:
            self.create()
        is_new = must_create or self._is_new
        # Nothing is read for a new one. The stubs do not know this method of Django's.
        row = self.create_model_instance(self._get_session(no_load=is_new))  # type: ignore[attr-defined]
        if is_new:
            _insert(row)
        elif not _update(row):
            raise UpdateError
        self._is_new = False


def _insert(row: AbstractBaseSession) -> None:
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        raise CreateError from error


def _update(row: AbstractBaseSession) -> bool:
    """Write the row where it still is; False where another browser or an administrator has ended the session."""
    kept = type(row)._default_manager.filter(pk=row.pk)
    return kept.update(session_data=row.session_data, expire_date=row.expire_date) == 1
