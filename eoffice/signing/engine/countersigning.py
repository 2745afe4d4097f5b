"""A file that came signed already: new signature fields appended as an update, where its signatures allow it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    SigFieldSpec,
    append_signature_field,
    enumerate_sig_fields,
)

from eoffice.core.geometry import Box
from eoffice.signing.engine.verdicts import TrustAnchors, Word
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.errors import CountersigningForbidden, PdfUnreadable

_TRIAL_BOX: Final = Box(0, 36.0, 36.0, 136.0, 86.0)


@dataclass(frozen=True, slots=True)
class AppendedFields:
    """Names of the new signature fields; they differ from every name in the file."""

    signers: tuple[str, ...]
    seal: str | None


def append_fields(
    source: Path, target: Path, *, signers: Sequence[tuple[str, Box]], seal: tuple[str, Box] | None
) -> AppendedFields:
    """Write `target`: `source`, byte for byte, plus one update with empty signature fields at their boxes.

    A signer's field locks all but the later signers and the seal, the seal's locks everything, as on a letter of our
    own. Whether the old signatures bear the new fields is judged by `require_room`. Raises PdfUnreadable.
    """
    try:
        with source.open("rb") as original:
            writer = IncrementalPdfFileWriter(original, strict=False)
            taken = {str(name) for name, _, _ in enumerate_sig_fields(writer.prev)}
            taken |= _other_names(writer.prev)
            names = [_free(name, taken) for name, _ in signers]
            seal_name = _free(seal[0], taken) if seal else None
            for index, (name, (_, box)) in enumerate(zip(names, signers, strict=True)):
                open_later = [*names[index + 1 :], *([seal_name] if seal_name else [])]
                _append(writer, name, box, FieldMDPSpec(FieldMDPAction.EXCLUDE, open_later))
            if seal is not None and seal_name is not None:
                _append(writer, seal_name, seal[1], FieldMDPSpec(FieldMDPAction.ALL))
            with target.open("wb") as output:
                writer.write(output)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    except PdfError as error:
        raise PdfUnreadable from error
    return AppendedFields(tuple(names), seal_name)


def require_room(source: Path, *, trust: TrustAnchors, now: datetime) -> None:
    """Refuse a signed file whose signatures are broken, or break when another signature field is appended.

    What the certification (DocMDP) and the locks (FieldMDP) permit is asked by trying on a copy.
    Source: digital-signature A.4. Raises CountersigningForbidden, PdfUnreadable.
    """
    with tempfile.TemporaryDirectory(prefix="eoffice-") as directory:
        tried = Path(directory) / "tried.pdf"
        append_fields(source, tried, signers=[("ky_1", _TRIAL_BOX)], seal=None)
        before, after = verify_files([source, tried], trust, now)
    broken = next((line for line in before.signatures if line.verdict is Word.INVALID), None)
    if broken is not None:
        raise CountersigningForbidden(
            f"Chữ ký có sẵn của {broken.signer or 'người không đọc được tên'} trên tệp này không hợp lệ nên không ký "
            f"thêm được. {broken.reason} Tệp chưa được dùng; xin lại bản đúng từ nơi gửi."
        )
    if len(after.signatures) != len(before.signatures) or any(
        line.verdict is Word.INVALID for line in after.signatures
    ):
        raise CountersigningForbidden


def _append(writer: IncrementalPdfFileWriter, name: str, box: Box, lock: FieldMDPSpec) -> None:
    rect = (round(box.x0), round(box.y0), round(box.x1), round(box.y1))
    append_signature_field(writer, SigFieldSpec(name, on_page=box.page, box=rect, field_mdp_spec=lock))


def _other_names(reader: PdfFileReader) -> set[str]:
    """Top-level names of fields that are no signatures: a new field must not be taken for one of them."""
    if "/AcroForm" not in reader.root or "/Fields" not in reader.root["/AcroForm"]:
        return set()
    fields = [entry.get_object() for entry in reader.root["/AcroForm"]["/Fields"]]
    return {str(field["/T"]) for field in fields if "/T" in field}


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_them_{number}"
    taken.add(name)
    return name
