"""What passwords and PINs cost in an installation, for the tests that are about that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RealCosts:
    password_kib: int
    pin_log2: int
    """Cost of scrypt as a power of two."""
