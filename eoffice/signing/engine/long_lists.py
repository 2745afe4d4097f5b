"""Revocation lists of tens of thousands of lines, as public authorities publish them, looked up in a moment.

The library reads such a list line by line in Python for every certificate of every check: four signatures under a list
of 60,000 lines took eight seconds of processor time, and under one of 400,000 the time a check may have.
"""

from __future__ import annotations

from typing import Final

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko_certvalidator.revinfo import validate_crl

from eoffice.signing.engine.revocation import UNREADABLE

LONG: Final = 64 * 1024
"""Octets from which on a list is long."""
_line_by_line: Final = validate_crl.find_cert_in_list


def names_serial(crl: bytes, serial: int) -> bool:
    """Whether a list (DER) has a line for a number, whosever it is; true for a list only the library may read."""
    try:
        return x509.load_der_x509_crl(crl).get_revoked_certificate_by_serial_number(serial) is not None
    except (OverflowError, *UNREADABLE):
        return True


def is_whole(crl: bytes) -> bool:
    """Whether a list (DER) can be read from end to end."""
    try:
        x509.load_der_x509_crl(crl)
    except UNREADABLE:
        return False
    return True


def hasten_lookups() -> None:
    """Let the library read a long list line by line only where it names the certificate.

    There is no other place to say so: it asks a list for a line in one function. Of a number that no line bears it
    would find nothing (RFC 5280, 6.3.3 i and j); anything else is left to it.
    """
    validate_crl.find_cert_in_list = _find


def _find(
    cert: asn1_x509.Certificate | cms.AttributeCertificateV2,
    cert_issuer_name: asn1_x509.Name,
    certificate_list: asn1_crl.CertificateList,
    crl_authority_name: asn1_x509.Name,
) -> object:
    if isinstance(cert, asn1_x509.Certificate):
        content = certificate_list.dump()
        if len(content) > LONG and not names_serial(content, cert.serial_number):
            return None, None
    return _line_by_line(cert, cert_issuer_name, certificate_list, crl_authority_name)
