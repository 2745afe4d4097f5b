"""One file under examination, and what malformed files do to the libraries that read them."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import pikepdf
import pypdfium2
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from PIL import Image
from pyhanko.pdf_utils.crypt import AuthStatus, StandardSecurityHandler
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator.errors import PathError, ValidationError

from eoffice.signing.engine.names import common
from eoffice.signing.engine.verdicts import TrustAnchors

HOSTILE: Final = (
    PdfError,
    PathError,
    ValidationError,
    pikepdf.PdfError,
    pypdfium2.PdfiumError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ValueError,
    ArithmeticError,
    OSError,
    RecursionError,
    NotImplementedError,
    UnboundLocalError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What malformed files were seen to raise inside the libraries. Anything else ends the child: also "chưa xác định"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStamp:
    """A time stamp over the whole file. `proves` is its time where its authority is believed."""

    field: str
    revision: int
    proves: datetime | None
    is_harmless: bool
    """Whole, and draws nothing on a page."""
    certificate_ends_at: datetime | None = None
    """Of its authority: unless renewed, what it proves ends with it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file brings along: certificates, lists and answers (DER), each once and readable."""

    certificates: tuple[asn1_x509.Certificate, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedFile:
    """One file under examination, with what its signatures share."""

    path: Path
    reader: PdfFileReader
    stream: BinaryIO
    signatures: list[EmbeddedPdfSignature]
    trust: TrustAnchors
    now: datetime
    open_fields: frozenset[str]
    damaged_tail: bool
    store: DocumentSecurityStore | None
    reaches: Mapping[tuple[int, int, int], int] = field(default_factory=dict)
    """How far objects are read (`outgrown.Reaches`)."""
    ambiguous: frozenset[int] = frozenset()
    """Revisions that programs read in different ways (`outgrown.ReadThrough`)."""
    unread: Mapping[str, bool] = field(default_factory=dict)
    """Signature fields whose value cannot be checked, and whether they draw nothing."""
    carried: Carried = Carried()
    promised: frozenset[int] = frozenset()
    """Revisions that fill places which an earlier one left empty (`structure.later_promised`)."""
    stamps: tuple[DocumentStamp, ...] = ()
    drawn: dict[int, Image.Image] = field(default_factory=dict)
    """Pages of the newest state that were drawn already, by index (`looking`)."""
    started: float = field(default_factory=time.monotonic)
    """Seconds of the monotonic clock: when the check began."""


class Locked(Exception):
    """The file opens with a password, or for those with a certain key, only."""


def opened(stream: BinaryIO) -> PdfFileReader:
    """A reader of a foreign file; one that is encrypted without a password to open it is read as viewers do.

    Raises Locked.
    """
    reader = PdfFileReader(stream, strict=False)
    if reader.encrypted:
        by_password = isinstance(reader.security_handler, StandardSecurityHandler)
        if not by_password or reader.decrypt(b"").status is AuthStatus.FAILED:
            raise Locked
    return reader


def is_stamp(signature: EmbeddedPdfSignature) -> bool:
    """Whether it is a document time stamp by what it holds, not only by what it calls itself."""
    kind = signature.signed_data["encap_content_info"]["content_type"].native
    return str(signature.sig_object_type) == "/DocTimeStamp" and kind == "tst_info"


def signer_of(signature: EmbeddedPdfSignature) -> str:
    """The name in the signer's certificate; empty where it cannot be read."""
    try:
        return common(signature.signer_cert.subject)
    except HOSTILE:
        return ""
