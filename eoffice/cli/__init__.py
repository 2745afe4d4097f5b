"""The command line `eoffice`."""

from __future__ import annotations

from eoffice.cli.main import main

__all__ = ["main"]
