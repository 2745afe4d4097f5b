"""Which sites may ask, and the keys they were given: kept in a file of this account alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_TRIES: Final = 5


def default_place() -> Path:
    """Where settings are kept; `EOFFICE_TOKEN_HOME` names another directory."""
    return Path(os.environ.get("EOFFICE_TOKEN_HOME") or Path.home() / ".eoffice-token") / "settings.json"


class Pairing:
    """Sites, libraries, and the hash of each key given to a site's page."""

    def __init__(self, place: Path, *, sites: Sequence[str] = (), modules: Sequence[str] = ()) -> None:
        kept = json.loads(place.read_text()) if place.exists() else {}
        self._place, self._lock = place, threading.Lock()
        self.sites = list(dict.fromkeys([*(site.rstrip("/") for site in sites), *kept.get("sites", [])]))
        self.modules = list(dict.fromkeys([*modules, *kept.get("modules", [])]))
        self._keys: dict[str, list[str]] = kept.get("keys", {})
        self._tries = 0
        self.code = _new_code()
        self._save()

    def pair(self, origin: str, code: str) -> str | None:
        """A key for a site whose page shows the right code; five wrong ones make a new code."""
        with self._lock:
            self._tries += 1
            if origin not in self.sites or not hmac.compare_digest(code.encode(), self.code.encode()):
                if self._tries >= _TRIES:
                    self._renew()
                return None
            key = secrets.token_urlsafe(32)
            self._keys.setdefault(origin, []).append(_hash(key))
            self._renew()
            self._save()
            return key

    def knows(self, origin: str, key: str) -> bool:
        """Whether a site was given this key."""
        return origin in self.sites and any(
            hmac.compare_digest(_hash(key), kept) for kept in self._keys.get(origin, [])
        )

    def _renew(self) -> None:
        self.code, self._tries = _new_code(), 0
        print(f"Mã ghép nối mới: {self.code}", flush=True)  # noqa: T201 - the person reads it here

    def _save(self) -> None:
        self._place.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"sites": self.sites, "modules": self.modules, "keys": self._keys})
        descriptor = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(content)


def _new_code() -> str:
    return f"{secrets.randbelow(100_000_000):08d}"


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
