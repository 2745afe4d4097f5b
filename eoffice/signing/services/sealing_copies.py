"""Seal an electronic copy of a paper: the organisation signs in the corner, in words only."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from eoffice.core import files
from eoffice.core.models import StoredFile
from eoffice.organization.actor import Actor
from eoffice.signing.engine.text_marks import corner_of, prepare_for_seal, text_mark
from eoffice.signing.errors import KeyNotYours
from eoffice.signing.models import Stage
from eoffice.signing.services.asking import Paper
from eoffice.signing.services.keys import OpenKey
from eoffice.signing.services.signing import seal_papers


def seal_corner(
    *, actor: Actor, open_key: OpenKey, unit_id: int, source_sha: str, lines: Sequence[str], now: datetime
) -> StoredFile:
    """Seal a file nobody has signed, with `lines` at the upper right of its first page; the seal locks everything.

    Decree 30/2020/ND-CP lets the clerk sign for the organisation what an authorised person signed and copies the
    organisation makes itself (Art. 33); that this is one of them is the caller's to know. Opens no transaction around
    the work. Raises KeyNotYours, AlreadyElectronic, PlacesInvalid, CertificateUnusable, PdfUnreadable.
    """
    if open_key.unit_id != unit_id:
        raise KeyNotYours
    return seal_papers(actor, open_key, corner_paper(source_sha=source_sha, lines=lines), now)


def corner_paper(*, source_sha: str, lines: Sequence[str]) -> Paper:
    """The file that is sealed, kept, with its empty field and the words. Opens no transaction around the work.

    Raises AlreadyElectronic, PlacesInvalid, PdfUnreadable.
    """
    source = files.path_of(source_sha)
    corner = corner_of(source)
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        prepared = Path(directory) / "prepared.pdf"
        field = prepare_for_seal(source, prepared, corner.box)
        stored = files.store_path(prepared, media_type="application/pdf")
    return Paper(source_sha=stored.pk, field=field, mark=text_mark(lines, corner), stage=Stage.SEAL)
