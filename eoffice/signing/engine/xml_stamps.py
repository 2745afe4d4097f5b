"""Time stamps and validation data in XAdES signatures (EN 319 132-1, 5.3 and 5.4)."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from eoffice.signing.engine.anchors import anchors_of
from eoffice.signing.engine.carried import carried_in_message, readable
from eoffice.signing.engine.contexts import ended_without_answer
from eoffice.signing.engine.contradictions import rests_on_strange_lists, revoked_after_all
from eoffice.signing.engine.examining import HOSTILE, Carried
from eoffice.signing.engine.verdicts import TrustAnchors
from eoffice.signing.engine.xml_parts import CANONICAL, DS, INCLUSIVE, canonical, encapsulated, octets_within, own_parts

_IMPRINTS: Final = frozenset({"sha256", "sha384", "sha512"})
_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class XmlProof:
    """What proves when a signature existed. `at` is the earliest time of a time stamp that is believed.

    `fault` says why the time stamps it has prove nothing; empty when there is none, or one is believed.
    """

    at: datetime | None = None
    fault: str = ""
    ends_at: datetime | None = None
    """The end of the certificate of the authority that proved it."""


def carried_in(signature: etree._Element) -> Carried:
    """Certificates, lists and answers in the properties of a signature and in its time stamps."""
    certificates = [
        *encapsulated(signature, "CertificateValues", "EncapsulatedX509Certificate"),
        *encapsulated(signature, "AttrAuthoritiesCertValues", "EncapsulatedX509Certificate"),
    ]
    crls = list(encapsulated(signature, "RevocationValues", "EncapsulatedCRLValue"))
    ocsps = list(encapsulated(signature, "RevocationValues", "EncapsulatedOCSPValue"))
    for token in _tokens(signature):
        within = carried_in_message(token["content"])
        certificates.extend(each.dump() for each in within.certificates)
        crls.extend(within.crls)
        ocsps.extend(within.ocsps)
    return Carried(
        tuple(asn1_x509.Certificate.load(der) for der in readable(asn1_x509.Certificate, certificates)),
        tuple(readable(asn1_crl.CertificateList, crls)),
        tuple(readable(asn1_ocsp.OCSPResponse, ocsps)),
    )


def _tokens(signature: etree._Element) -> list[cms.ContentInfo]:
    found = []
    for der in list(encapsulated(signature, "SignatureTimeStamp", "EncapsulatedTimeStamp"))[:_MOST]:
        try:
            token = cms.ContentInfo.load(der)
            token["content"]["encap_content_info"]["content"].parsed  # noqa: B018 - parses all of it
        except HOSTILE:
            continue
        found.append(token)
    return found


def stampers_of(signature: etree._Element) -> list[bytes]:
    """Certificates (DER) within the time stamps: whose revocation must be known too."""
    return [each.dump() for token in _tokens(signature) for each in carried_in_message(token["content"]).certificates]


def tells_of(carried: Carried, certificate: x509.Certificate) -> bool:
    """Whether what came along holds a list of the certificate's issuer, or an answer about it."""
    issuer = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)).issuer
    if any(asn1_crl.CertificateList.load(der).issuer == issuer for der in carried.crls):
        return True
    answers = (asn1_ocsp.OCSPResponse.load(der).response_data["responses"] for der in carried.ocsps)
    return any(
        line["cert_id"]["serial_number"].native == certificate.serial_number for each in answers for line in each
    )


def proof_of(signature: etree._Element, trust: TrustAnchors, carried: Carried, now: datetime) -> XmlProof:
    """Judge the signature time stamps at `now`, against the anchors of time stamps only."""
    stamps = list(own_parts(signature, "SignatureTimeStamp"))
    if not stamps:
        return XmlProof()
    proofs = [_proof(signature, stamp, trust, carried, now) for stamp in stamps[:_MOST]]
    believed = [(each.at, each) for each in proofs if each.at is not None]
    return min(believed, key=lambda pair: pair[0])[1] if believed else proofs[0]


def _proof(
    signature: etree._Element, stamp: etree._Element, trust: TrustAnchors, carried: Carried, now: datetime
) -> XmlProof:
    unusable = XmlProof(fault="dấu thời gian kèm theo không kiểm tra được")
    stamped = _stamped_octets(signature, stamp)
    tokens = list(octets_within(stamp, "EncapsulatedTimeStamp"))
    if stamped is None or len(tokens) != 1:
        return unusable
    context = ValidationContext(
        trust_roots=anchors_of(trust.time_stamp_roots_at(now)),
        other_certs=[*(asn1_x509.Certificate.load(der) for der in trust.intermediates), *carried.certificates],
        crls=[*trust.crls, *carried.crls],
        ocsps=[*trust.ocsps, *carried.ocsps],
        moment=now,
        revocation_mode="require",
        retroactive_revinfo=True,
        allow_fetching=False,
    )
    try:
        token = cms.ContentInfo.load(tokens[0])["content"]
        imprint = token["encap_content_info"]["content"].parsed["message_imprint"]["hash_algorithm"]["algorithm"].native
        if imprint not in _IMPRINTS:
            return XmlProof(fault="dấu thời gian dùng thuật toán băm không còn an toàn")
        found = asyncio.run(validate_tst_signed_data(token, context, lambda name: hashlib.new(name, stamped).digest()))
    except (SignatureValidationError, *HOSTILE):
        return unusable
    at, path = found["timestamp"], found["validation_path"]
    if not (found["intact"] and found["valid"]) or at > now:
        return unusable
    if found["trust_problem_indic"] is not None or path is None:
        return XmlProof(fault="chưa tin được nơi cấp dấu thời gian kèm theo")
    if revoked_after_all(path, context):
        return XmlProof(fault="chứng thư của dấu thời gian kèm theo đã bị thu hồi")
    if rests_on_strange_lists(path, context):
        return XmlProof(fault="chưa có thông tin thu hồi của chứng thư dấu thời gian")
    if ended(path, trust, carried, now):
        return XmlProof(fault="chứng thư của dấu thời gian đã hết hạn và không còn thông tin thu hồi")
    return XmlProof(at=at, ends_at=found["signing_cert"].not_valid_after)


def _stamped_octets(signature: etree._Element, stamp: etree._Element) -> bytes | None:
    """The signature's value as the time stamp has it: canonical by its own method, else inclusive (5.3.1)."""
    value = signature.find(f"{DS}SignatureValue")
    method = stamp.find(f"{DS}CanonicalizationMethod")
    algorithm = method.get("Algorithm", "") if method is not None else INCLUSIVE
    if value is None or algorithm not in CANONICAL or (method is not None and len(method)):
        return None
    return canonical(value, algorithm)


def ended(path: ValidationPath, trust: TrustAnchors, carried: Carried, now: datetime) -> bool:
    """Whether a certificate of a path has ended and nothing tells of it from before its end."""
    return ended_without_answer(path, now=now, crls=[*trust.crls, *carried.crls], ocsps=[*trust.ocsps, *carried.ocsps])
