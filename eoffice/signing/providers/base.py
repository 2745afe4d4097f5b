"""What the database keeps of a key that lives here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """One key kept in this installation; `closed_key` is encrypted, `context` is what it is bound to."""

    certificate: bytes
    chain: tuple[bytes, ...]
    closed_key: bytes
    context: str
