"""What a signature is held against at a moment: anchors in force then, certificates and revocation known."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.ades.report import AdESPassed, AdESSubIndic
from pyhanko.sign.validation.ades import (
    ades_basic_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.errors import InsufficientRevinfoError, PathError, ValidationError
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    DisallowWeakAlgorithmsPolicy,
    RevocationCheckingPolicy,
)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from eoffice.signing.engine.anchors import anchors_of
from eoffice.signing.engine.examining import ExaminedFile

LENIENT: Final = CMSAlgorithmUsagePolicy.lift_policy(
    DisallowWeakAlgorithmsPolicy(  # type: ignore[no-untyped-call]  # pyHanko leaves some calls untyped
        weak_hash_algos=frozenset({"md2", "md5"}), rsa_key_size_threshold=1024
    )
)
"""SHA-1 is checked, so that we can say the file is intact, and then never called valid."""
_SIGNS: Final = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
_UNLIMITED: Final = KeyUsageConstraints(key_usage=set())
_LOCAL_ONLY: Final = RevocationInfoGatheringSpec(
    online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
    certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
)
_REQUIRED: Final = CertRevTrustPolicy(RevocationCheckingPolicy.from_legacy("require"), retroactive_revinfo=True)


def key_usage(signature: EmbeddedPdfSignature) -> KeyUsageConstraints:
    """What the signer's certificate must be for; one that limits its key to nothing may sign (RFC 5280, 4.2.1.3)."""
    return _UNLIMITED if signature.signer_cert.key_usage_value is None else _SIGNS


def signer_context(file: ExaminedFile, moment: datetime) -> ValidationContext:
    """Against the anchors believed for signers at `moment`."""
    return _context(file, file.trust.roots_at(moment), moment)


def stamp_context(file: ExaminedFile, moment: datetime) -> ValidationContext:
    """Against the anchors believed for time stamps at `moment`: never those of signers."""
    return _context(file, file.trust.time_stamp_roots_at(moment), moment)


async def entry_point(
    file: ExaminedFile, signature: EmbeddedPdfSignature, *, is_stamped: bool, proven: datetime | None
) -> AdESSubIndic:
    """The word of EN 319 102-1 by the level at hand: basic (5.3) without a time stamp of its own, else with time (5.5).

    What fails with time may still be held by document time stamps (5.6): `stamps` walks them from the newest to the
    oldest, and the signature is then judged at the time they prove. The library's own walk is not used: it finds no
    proof for certificates that have ended although lists and stamps are complete.
    """
    signed, digest = signature.signed_data, signature.compute_digest()
    spec = _specification(file, believed_at=proven or file.now, usage=key_usage(signature))
    if is_stamped:
        timing = ValidationTimingInfo(file.now, file.now, point_in_time_validation=True)
        found = (await ades_with_time_validation(signed, spec, timing_info=timing, raw_digest=digest)).ades_subindic
        if found is AdESPassed.OK or not any(stamp.proves for stamp in file.stamps):
            return found
    moment = proven or file.now
    timing = ValidationTimingInfo(moment, moment, point_in_time_validation=True)
    return (await ades_basic_validation(signed, spec, timing_info=timing, raw_digest=digest)).ades_subindic


def _specification(file: ExaminedFile, *, believed_at: datetime, usage: KeyUsageConstraints) -> SignatureValidationSpec:
    certificates, crls, ocsps = _brought_along(file)
    known = LocalKnowledge(
        known_ocsps=[part for der in ocsps for part in OCSPContainer.load_multi(asn1_ocsp.OCSPResponse.load(der))],
        known_crls=[CRLContainer(asn1_crl.CertificateList.load(der)) for der in crls],
        known_certs=certificates,
    )
    # What we know exists now at the latest; the library would count from the machine's clock, a moment later.
    known = replace(known, known_poes=list(known.assert_existence_known_at(file.now)))
    return SignatureValidationSpec(
        cert_validation_policy=_policy(file.trust.roots_at(believed_at)),
        ts_cert_validation_policy=_policy(file.trust.time_stamp_roots_at(believed_at)),
        revinfo_gathering_policy=_LOCAL_ONLY,
        local_knowledge=known,
        key_usage_settings=usage,
        signature_algorithm_policy=LENIENT,
    )


def _policy(roots: tuple[bytes, ...]) -> CertValidationPolicySpec:
    manager = SimpleTrustManager.build(trust_roots=anchors_of(roots))
    return CertValidationPolicySpec(trust_manager=manager, revinfo_policy=_REQUIRED)


def _context(file: ExaminedFile, roots: tuple[bytes, ...], moment: datetime) -> ValidationContext:
    certificates, crls, ocsps = _brought_along(file)
    return ValidationContext(
        trust_roots=anchors_of(roots),
        other_certs=certificates,
        crls=crls,
        ocsps=ocsps,
        moment=moment,
        revocation_mode="require",
        retroactive_revinfo=True,
        allow_fetching=False,
    )


def _brought_along(file: ExaminedFile) -> tuple[list[asn1_x509.Certificate], list[bytes], list[bytes]]:
    """Certificates, lists and answers that we or the file know; they count only if their issuer signed them."""
    certificates = [*(asn1_x509.Certificate.load(der) for der in file.trust.intermediates), *file.carried.certificates]
    return certificates, [*file.trust.crls, *file.carried.crls], [*file.trust.ocsps, *file.carried.ocsps]


def lacks_revocation(file: ExaminedFile, signature: EmbeddedPdfSignature, proven: datetime | None) -> bool:
    """Whether a path fails for want of lists and answers alone; the library calls that a failure of the chain."""
    context = signer_context(file, proven or file.now)
    validator = CertificateValidator(signature.signer_cert, signature.other_embedded_certs, validation_context=context)
    try:
        asyncio.run(validator.async_validate_path())
    except InsufficientRevinfoError:
        return True
    except (PathError, ValidationError):
        return False
    return False


def lacks_old_answer(file: ExaminedFile, path: ValidationPath | None) -> bool:
    """Whether a certificate of a path has ended and nothing tells of it from before its end."""
    if path is None:
        return False
    _, crls, ocsps = _brought_along(file)
    return ended_without_answer(path, now=file.now, crls=crls, ocsps=ocsps)


def ended_without_answer(path: ValidationPath, *, now: datetime, crls: list[bytes], ocsps: list[bytes]) -> bool:
    """Whether a certificate of a path has ended by `now` and no list or answer was made before its end."""
    return any(
        certificate.not_valid_after < now
        and not _has_answer(certificate, crls, ocsps, until=certificate.not_valid_after)
        for certificate in path.iter_certs(include_root=False)
    )


def _has_answer(certificate: asn1_x509.Certificate, crls: list[bytes], ocsps: list[bytes], *, until: datetime) -> bool:
    """Whether some list or answer of the certificate's issuer was made by `until`.

    Authorities may drop expired certificates from their lists, so one made after the end proves nothing, unless it
    says that it keeps them (expiredCertsOnCRL). Source: EN 319 102-1, 5.2.5; ITU-T X.509, 9.5.2.9.
    """
    for der in crls:
        listed = asn1_crl.CertificateList.load(der)["tbs_cert_list"]
        if listed["issuer"] != certificate.issuer:
            continue
        keeps = any(line["extn_id"].dotted == _EXPIRED_CERTS_ON_CRL for line in listed["crl_extensions"] or ())
        if keeps or listed["this_update"].native <= until:
            return True
    for der in ocsps:
        for part in OCSPContainer.load_multi(asn1_ocsp.OCSPResponse.load(der)):
            single = part.extract_single_response()
            if single is None or single["cert_id"]["serial_number"].native != certificate.serial_number:
                continue
            if single["this_update"].native <= until:
                return True
    return False


_EXPIRED_CERTS_ON_CRL: Final = "2.5.29.60"
