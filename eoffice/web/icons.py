"""Icons of the interface: one sprite, built by vite from the names in `frontend/icons.json`."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from django.templatetags.static import static
from markupsafe import Markup

_NAME = re.compile(r'<symbol id="([a-z0-9-]+)"')


class UnknownIcon(KeyError):
    """The sprite has no such icon: add its name to `frontend/icons.json` and build again."""


class IconSprite:
    """The built sprite; read again when the file changes, so a rebuild needs no restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = 0
        self._names: frozenset[str] = frozenset()
        self._version = ""

    def icon(self, name: str, *, size: str = "", label: str = "", classes: str = "") -> Markup:
        """An inline reference to the sprite. `size` is "", "sm" or "lg"; `label` names an icon without words.

        Raises UnknownIcon.
        """
        self._refresh()
        if name not in self._names:
            raise UnknownIcon(name)
        css = " ".join(part for part in ("icon", f"icon-{size}" if size else "", classes) if part)
        spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="{}" {}><use href="{}?v={}#{}"/></svg>').format(
            css, spoken, static("dist/icons.svg"), self._version, name
        )

    def _refresh(self) -> None:
        changed_at = self._path.stat().st_mtime_ns
        if changed_at == self._read_at:
            return
        text = self._path.read_text(encoding="utf-8")
        self._names = frozenset(_NAME.findall(text))
        self._version = hashlib.sha256(text.encode()).hexdigest()[:8]
        self._read_at = changed_at
