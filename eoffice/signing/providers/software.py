"""Keys kept encrypted in our own database: made and certified here, or brought along in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives import serialization

from eoffice.signing.engine.authority import (
    CertifiedKey,
    KeyAlgorithm,
    PrivateKey,
    Subject,
    generate_key,
    issue_certificate,
)
from eoffice.signing.engine.keeping import close_bytes, close_key, open_bytes, open_key
from eoffice.signing.engine.signing import RawSigner, SoftwareKey
from eoffice.signing.providers.base import HeldKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKeys:
    """Closes and opens keys under PINs; `secret` is the installation's. Each call is slow and opens no transaction."""

    secret: str = field(repr=False)

    def keep(
        self, private_key: PrivateKey, *, certificate: bytes, chain: tuple[bytes, ...], pin: str, context: str
    ) -> HeldKey:
        """Close a key under a PIN."""
        return HeldKey(
            certificate=certificate,
            chain=chain,
            closed_key=close_key(private_key, pin=pin, secret=self.secret, context=context),
            context=context,
        )

    def make(
        self, *, issuer: CertifiedKey, mark: str, subject: Subject, pin: str, context: str, now: datetime
    ) -> HeldKey:
        """Make a key and have it certified by `issuer`, marked with what its certificates are good for."""
        private_key = generate_key(KeyAlgorithm.ECDSA_P256)
        certificate = issue_certificate(
            issuer, subject=subject, public_key=private_key.public_key(), now=now, mark=mark
        ).public_bytes(serialization.Encoding.DER)
        return self.keep(private_key, certificate=certificate, chain=(issuer.der,), pin=pin, context=context)

    def open(self, key: HeldKey, *, pin: str) -> RawSigner:
        """Open a key for signing. Raises PinDoesNotOpen."""
        private_key = open_key(key.closed_key, pin=pin, secret=self.secret, context=key.context)
        return SoftwareKey(certificate=key.certificate, chain=key.chain, private_key=private_key)

    def change_pin(self, key: HeldKey, *, old: str, new: str) -> bytes:
        """The key closed under another PIN. Raises PinDoesNotOpen."""
        content = open_bytes(key.closed_key, pin=old, secret=self.secret, context=key.context)
        return close_bytes(content, pin=new, secret=self.secret, context=key.context)
