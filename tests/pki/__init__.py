"""A certificate authority, time stamps, OCSP and revocation lists on loopback, for tests."""

from __future__ import annotations

from tests.pki.services import Fault, LoopbackPki

__all__ = ["Fault", "LoopbackPki"]
