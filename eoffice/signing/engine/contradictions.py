"""Lists that call revoked what an answer calls good: the library asks the answer first and stops there."""

from __future__ import annotations

import asyncio
from typing import Final

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import CRLValidationError, OCSPValidationError, RevokedError
from pyhanko_certvalidator.ltv.poe import digest_for_poe
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response
from pyhanko_certvalidator.validate import async_validate_path

from eoffice.signing.engine.examining import HOSTILE
from eoffice.signing.engine.long_lists import names_serial

ON_HOLD: Final = "certificate_hold"
"""Of `RevokedError.reason`: suspended for a while, which leaves a signature "chưa xác định" (EN 319 102-1, 5.2.6)."""


def revoked_after_all(path: ValidationPath | None, context: ValidationContext) -> RevokedError | None:
    """What a list or an answer says against a path that passed; None when nothing does.

    A file may bring an answer from before the revocation that is still in force, while the list of today tells. And a
    certificate that names no responder may have been answered about all the same. All that is known is heard.
    """
    if path is None or not context.ocsps or not context.crls:
        return None  # only one kind is there: the check of the path has heard all of it
    return asyncio.run(_heard(path, context))


async def _heard(path: ValidationPath, context: ValidationContext) -> RevokedError | None:
    for certificate in path.iter_certs(include_root=False):
        if not isinstance(certificate, asn1_x509.Certificate):
            continue
        is_listed = any(names_serial(listed.dump(), certificate.serial_number) for listed in context.crls)
        for ask in (verify_crl, verify_ocsp_response) if is_listed else (verify_ocsp_response,):
            try:
                await ask(certificate, path, context)
            except RevokedError as error:
                return error
            except (CRLValidationError, OCSPValidationError, *HOSTILE):
                continue  # says nothing about this certificate, or nothing to be relied on
    return None


def rests_on_strange_lists(path: ValidationPath | None, context: ValidationContext) -> bool:
    """Whether a path passes only with lists of authorities that issued none of its certificates.

    Once it knows who signed a list, the library lets it speak for every certificate of the authority above as well: the
    list of a sister authority stood for the missing one. Judged again here without lists of others (RFC 5280, 6.3.3 b).
    """
    if path is None:
        return False
    issuers = [each.issuer for each in path.iter_certs(include_root=False) if isinstance(each, asn1_x509.Certificate)]
    delegates = any(
        point["crl_issuer"].native
        for each in path.iter_certs(include_root=False)
        if isinstance(each, asn1_x509.Certificate)
        for point in each.crl_distribution_points_value or ()
    )
    strange = {
        digest_for_poe(listed.dump())
        for listed in context.crls
        if listed.issuer not in issuers and not (delegates and _is_indirect(listed))
    }
    if not strange:
        return False
    context.revinfo_manager.evict_crls(strange)
    try:
        asyncio.run(async_validate_path(context, path))
    except (CRLValidationError, OCSPValidationError, *HOSTILE):
        return True
    return False


def _is_indirect(listed: asn1_crl.CertificateList) -> bool:
    point = listed.issuing_distribution_point_value
    return point is not None and bool(point["indirect_crl"].native)
