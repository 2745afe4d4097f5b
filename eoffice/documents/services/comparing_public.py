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
    """The answer; `verdict` is that of the shown file's own signatures, None where the file is ours, byte for byte.

    `annex` is the place of the separate annex it was found to be; None for the paper itself. `is_signed`: the
    organisation signed what was found.
    """

    likeness: Likeness
    verdict: Verdict | None
    annex: int | None = None
    is_signed: bool = True


def compare_with_issued(*, code: str, content: bytes, is_signed_in: bool, address: str, now: datetime) -> Comparison:
    """Compare a file, which is not kept, with the issued paper of a code and the annexes that went out with it.

    Byte for byte; a scan or a print saved as PDF is another file. What is not the same is checked as on the page of
    signatures, under the same limits. Raises CodeUnknown, TooManyChecks, ChecksBusy.
    """
    paper = issued_by_code(code)
    issued = [_Issued(paper.sha256, None, True)]
    for annex in paper.annexes:
        for place, sha256 in enumerate(annex.sha256s):
            issued.append(_Issued(sha256, annex.position, annex.is_signed and place == 0))
    shown = hashlib.sha256(content).hexdigest()
    originals = set(signatures.originals_of(shown))
    for each in issued:
        if each.sha256 == shown:
            return Comparison(Likeness.SAME, None, each.annex, each.is_signed)
    for each in issued:
        if each.sha256 in originals:
            return Comparison(Likeness.COMPLETED, None, each.annex, each.is_signed)
    verdict = signing.check_shown(content=content, is_signed_in=is_signed_in, address=address, now=now)
    for each in issued:
        if each.is_signed and content.startswith(files.read(each.sha256)):
            return Comparison(Likeness.EXTENDED, verdict, each.annex)
    return Comparison(Likeness.OTHER, verdict)


@dataclass(frozen=True, slots=True)
class _Issued:
    sha256: str
    annex: int | None
    is_signed: bool
