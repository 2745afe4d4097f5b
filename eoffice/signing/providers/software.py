"""Keys kept encrypted in our own database, certified by the installation's test authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from cryptography.hazmat.primitives import serialization

from eoffice.signing.engine.authority import CertifiedKey, KeyAlgorithm, Subject, generate_key, issue_certificate
from eoffice.signing.engine.keeping import close_key, open_key
from eoffice.signing.engine.signing import RawSigner, SoftwareKey
from eoffice.signing.providers.base import HeldKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareProvider:
    """Implements `KeyProvider`; `secret` is the installation's, `issuer` certifies new keys at `now`."""

    code: ClassVar[str] = "software"

    secret: str
    issuer: CertifiedKey
    now: datetime
    algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P256

    def make(self, *, subject: Subject, pin: str, context: str) -> HeldKey:
        private_key = generate_key(self.algorithm)
        certificate = issue_certificate(self.issuer, subject=subject, public_key=private_key.public_key(), now=self.now)
        return HeldKey(
            certificate=certificate.public_bytes(serialization.Encoding.DER),
            chain=(self.issuer.der,),
            closed_key=close_key(private_key, pin=pin, secret=self.secret, context=context),
            context=context,
        )

    def open(self, key: HeldKey, *, pin: str) -> RawSigner:
        private_key = open_key(key.closed_key, pin=pin, secret=self.secret, context=key.context)
        return SoftwareKey(certificate=key.certificate, chain=key.chain, private_key=private_key)

    def change_pin(self, key: HeldKey, *, old: str, new: str) -> bytes:
        private_key = open_key(key.closed_key, pin=old, secret=self.secret, context=key.context)
        return close_key(private_key, pin=new, secret=self.secret, context=key.context)
