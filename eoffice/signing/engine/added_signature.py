"""What a program elsewhere added to a prepared file: one signature in its field, nothing else (ADR 0057)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation.errors import SignatureValidationError

from eoffice.signing.engine import structure
from eoffice.signing.engine.differences import FIRST_SIGNING_POLICY, SIGNING_POLICY
from eoffice.signing.engine.examining import HOSTILE

_CHUNK: Final = 1024 * 1024


class AddedFault(StrEnum):
    """Why what came back is not the prepared file with the one signature that was asked for."""

    OTHER_FILE = "other_file"
    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned"
    SEVERAL = "several"
    OTHER_FIELD = "other_field"
    OTHER_PERSON = "other_person"
    CERTIFIED = "certified"
    """A certification would forbid what is still to come: number, date, seal."""
    UNLOCKED = "unlocked"
    """The field's lock does not stand in the signature, so it would not hold."""
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Added:
    """What was found: a fault, or the raw value of the one new signature."""

    fault: AddedFault | None
    value: bytes = b""


def examine_added(source: Path, returned: Path, *, field: str, certificate: bytes) -> Added:
    """Hold a returned file to its source: the same bytes, then one update with one signature by this certificate.

    The chain, the digest and what the new signature does to earlier ones are asked by `checking.check`. Never raises
    for what is inside `returned`: it runs where hostile files may cost no more than a child.
    """
    if not _begins_with(returned, source):
        return Added(AddedFault.OTHER_FILE)
    try:
        with source.open("rb") as before, returned.open("rb") as after:
            old, new = PdfFileReader(before, strict=False), PdfFileReader(after, strict=False)
            return _examine(old, new, after, field, certificate)
    except (SignatureValidationError, *HOSTILE):
        return Added(AddedFault.UNREADABLE)


def _begins_with(returned: Path, source: Path) -> bool:
    if returned.stat().st_size <= source.stat().st_size:
        return False
    with source.open("rb") as expected, returned.open("rb") as found:
        while chunk := expected.read(_CHUNK):
            if found.read(len(chunk)) != chunk:
                return False
    return True


def _examine(old: PdfFileReader, new: PdfFileReader, stream: BinaryIO, field: str, certificate: bytes) -> Added:
    known = structure.signed_field_names(old)
    made = [name for name in structure.signed_field_names(new) if name not in known]
    if len(made) != 1:
        return Added(AddedFault.SEVERAL if made else AddedFault.UNSIGNED)
    if made != [field]:
        return Added(AddedFault.OTHER_FIELD)
    if not _is_one_update(old, new) or structure.unexplained_tail(new, stream):
        return Added(AddedFault.CHANGED)
    signature = next((each for each in new.embedded_signatures if each.field_name == field), None)
    if signature is None:
        return Added(AddedFault.UNREADABLE)
    if signature.signer_cert.dump() != certificate:
        return Added(AddedFault.OTHER_PERSON)
    if signature.docmdp_level is not None:
        return Added(AddedFault.CERTIFIED)
    if not _holds_lock(_lock_of(old, field), signature.fieldmdp):
        return Added(AddedFault.UNLOCKED)
    # The library compares with the first signature only; here also what was drawn before there was any.
    policy = SIGNING_POLICY if known else FIRST_SIGNING_POLICY
    found = policy.review_file(new, old.xrefs.total_revisions - 1, doc_mdp=MDPPerm.FILL_FORMS)
    if not isinstance(found, DiffResult) or {str(name) for name in found.changed_form_fields} != {field}:
        return Added(AddedFault.CHANGED)
    return Added(None, bytes(signature.signer_info["signature"].native))


def _is_one_update(old: PdfFileReader, new: PdfFileReader) -> bool:
    """Whether the new file stands on the old one's cross-reference, with one more."""
    newest = old.xrefs.total_revisions - 1
    stands_on = new.xrefs.get_startxref_for_revision(newest) == old.xrefs.get_startxref_for_revision(newest)
    return new.xrefs.total_revisions == newest + 2 and stands_on


def _lock_of(reader: PdfFileReader, name: str) -> FieldMDPSpec | None:
    for found, _, reference in enumerate_sig_fields(reader):
        if found == name:
            field = reference.get_object()
            if isinstance(field, generic.DictionaryObject) and "/Lock" in field:
                return FieldMDPSpec.from_pdf_object(field["/Lock"])
    return None


def _holds_lock(asked: FieldMDPSpec | None, held: FieldMDPSpec | None) -> bool:
    if asked is None:
        return True
    return held is not None and held.action is asked.action and set(held.fields or ()) == set(asked.fields or ())
