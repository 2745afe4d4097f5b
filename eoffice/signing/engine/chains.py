"""From a certificate upwards: who issued it, and whether the way ends at somebody we believe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

_LONGEST: Final = 10


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether name and signature say so."""
    if issuer.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def upwards(own: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The authorities above a certificate, in order, as far as `others` has them."""
    chain: list[x509.Certificate] = []
    current = own
    while current.issuer != current.subject and len(chain) < _LONGEST:
        above = next((each for each in others if each not in chain and is_issued_by(current, each)), None)
        if above is None:
            break
        chain.append(above)
        current = above
    return chain


def ends_at(own: x509.Certificate, *, others: Sequence[x509.Certificate], roots: Iterable[x509.Certificate]) -> bool:
    """Whether one of `roots` stands above a certificate. For showing: a check of a signature asks far more."""
    top = [own, *upwards(own, others)][-1]
    return any(top == root or is_issued_by(top, root) for root in roots)
