"""What a holder of private keys offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from eoffice.signing.engine.authority import Subject
from eoffice.signing.engine.signing import RawSigner


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """What the database keeps of a key. `closed_key` is the provider's own: an encrypted key, or a handle."""

    certificate: bytes
    chain: tuple[bytes, ...]
    closed_key: bytes
    context: str


class KeyProvider(Protocol):
    """Makes keys and opens them with a PIN; each call may be slow and runs outside transactions."""

    code: str

    def make(self, *, subject: Subject, pin: str, context: str) -> HeldKey:
        """Make a key and have it certified."""
        ...

    def open(self, key: HeldKey, *, pin: str) -> RawSigner:
        """Open a key for signing. Raises PinDoesNotOpen."""
        ...

    def change_pin(self, key: HeldKey, *, old: str, new: str) -> bytes:
        """The key closed under another PIN. Raises PinDoesNotOpen."""
        ...
