"""Tables of the room, by use case."""

from __future__ import annotations

from eoffice.signing.models.keys import (
    WRONG_PINS_ALLOWED,
    AnchorPurpose,
    AuthorityKind,
    CertificateAuthority,
    FillingRecord,
    ImageRules,
    MarkImage,
    MarkImageState,
    PublicCheck,
    Purpose,
    RevocationReason,
    SignatureRecord,
    SigningKey,
    Stage,
    TrustAnchor,
    VerificationReport,
)
from eoffice.signing.models.methods import MethodKind, MethodRules, ProviderKind, SigningMethod, SigningProvider
from eoffice.signing.models.requests import SignatureRequest, SignatureRequestPaper
from eoffice.signing.models.revocation import (
    INSIDE_HOSTS_LIMIT,
    AnswerKind,
    EvidenceItem,
    EvidenceKind,
    RevocationAnswer,
    RevocationRules,
)

__all__ = [
    "INSIDE_HOSTS_LIMIT",
    "WRONG_PINS_ALLOWED",
    "AnchorPurpose",
    "AnswerKind",
    "AuthorityKind",
    "CertificateAuthority",
    "EvidenceItem",
    "EvidenceKind",
    "FillingRecord",
    "ImageRules",
    "MarkImage",
    "MarkImageState",
    "MethodKind",
    "MethodRules",
    "ProviderKind",
    "PublicCheck",
    "Purpose",
    "RevocationAnswer",
    "RevocationReason",
    "RevocationRules",
    "SignatureRecord",
    "SignatureRequest",
    "SignatureRequestPaper",
    "SigningKey",
    "SigningMethod",
    "SigningProvider",
    "Stage",
    "TrustAnchor",
    "VerificationReport",
]
