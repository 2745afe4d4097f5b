"""What a log line must not carry."""

from __future__ import annotations

import logging
import re


class HidesPart(logging.Filter):
    """Replaces the part of a logged address that follows `before`: whoever reads logs could use it."""

    def __init__(self, before: str) -> None:
        super().__init__()
        self._part = re.compile(rf"({re.escape(before)})[^/\s]+")

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(self._part.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True
