"""Tables of the room, by use case."""

from __future__ import annotations

from eoffice.signing.models.certificates import (
    CertificateList,
    CertificateRequest,
    CertificateRequestKind,
    HeldCertificate,
)
from eoffice.signing.models.keeping_seals import KeeperRules, SealHandOver
from eoffice.signing.models.keys import (
    WRONG_PINS_ALLOWED,
    FillingRecord,
    HsmToken,
    ImageRules,
    KeyFileTry,
    KeyOrigin,
    MarkImage,
    MarkImageState,
    PublicCheck,
    Purpose,
    RevocationReason,
    SignatureRecord,
    SigningKey,
    Stage,
    VerificationReport,
)
from eoffice.signing.models.lasting import CompletionAttempt, CompletionRecord, LastingFile, Risk, WantedLevel
from eoffice.signing.models.methods import MethodKind, MethodRules, ProviderKind, SigningMethod, SigningProvider
from eoffice.signing.models.program_files import FilePass
from eoffice.signing.models.requests import SignatureRequest, SignatureRequestPaper
from eoffice.signing.models.revocation import (
    INSIDE_HOSTS_LIMIT,
    LIST_AGE_MINUTES,
    AnswerKind,
    EvidenceItem,
    EvidenceKind,
    RevocationAnswer,
    RevocationRules,
)
from eoffice.signing.models.time_stamps import ArchiveAt, LevelRules, TimeStampAuthority
from eoffice.signing.models.trust import AnchorPurpose, AuthorityKind, AuthorityScope, CertificateAuthority, TrustAnchor

__all__ = [
    "INSIDE_HOSTS_LIMIT",
    "LIST_AGE_MINUTES",
    "WRONG_PINS_ALLOWED",
    "AnchorPurpose",
    "AnswerKind",
    "ArchiveAt",
    "AuthorityKind",
    "AuthorityScope",
    "CertificateAuthority",
    "CertificateList",
    "CertificateRequest",
    "CertificateRequestKind",
    "CompletionAttempt",
    "CompletionRecord",
    "EvidenceItem",
    "EvidenceKind",
    "FilePass",
    "FillingRecord",
    "HeldCertificate",
    "HsmToken",
    "ImageRules",
    "KeeperRules",
    "KeyFileTry",
    "KeyOrigin",
    "LastingFile",
    "LevelRules",
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
    "Risk",
    "SealHandOver",
    "SignatureRecord",
    "SignatureRequest",
    "SignatureRequestPaper",
    "SigningKey",
    "SigningMethod",
    "SigningProvider",
    "Stage",
    "TimeStampAuthority",
    "TrustAnchor",
    "VerificationReport",
    "WantedLevel",
]
