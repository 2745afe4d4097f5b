"""Đối chiếu: is a file somebody holds the paper that was issued under a code?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eoffice.core import files
from eoffice.documents.queries.check_codes import issued_by_code
from eoffice.signing import queries as signatures
from eoffice.signing import services as signing
from eoffice.signing.engine.verdicts import Verdict


class Likeness(StrEnum):
    """How a shown file relates to the issued one."""

    SAME = "same"
    COMPLETED = "completed"
    """The issued file with what we ourselves added later, so that its signatures stay provable: nothing else."""
    EXTENDED = "extended"
    """The issued file with something behind it: time stamps, signatures of receivers, or what should not be there."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer; `verdict` is that of the shown file's own signatures, None where the file is ours, byte for byte."""

    likeness: Likeness
    verdict: Verdict | None


def compare_with_issued(*, code: str, content: bytes, is_signed_in: bool, address: str, now: datetime) -> Comparison:
    """Compare a file, which is not kept, with the issued paper of a code.

    Byte for byte; a scan or a print saved as PDF is another file. What is not the same is checked as on the page of
    signatures, under the same limits. Raises CodeUnknown, TooManyChecks, ChecksBusy.
    """
    issued = issued_by_code(code).sha256
    shown = hashlib.sha256(content).hexdigest()
    if shown == issued:
        return Comparison(Likeness.SAME, None)
    if issued in signatures.originals_of(shown):
        return Comparison(Likeness.COMPLETED, None)
    verdict = signing.check_shown(content=content, is_signed_in=is_signed_in, address=address, now=now)
    return Comparison(Likeness.EXTENDED if content.startswith(files.read(issued)) else Likeness.OTHER, verdict)
