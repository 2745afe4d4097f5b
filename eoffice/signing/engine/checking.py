"""Judge every signature of one file. Runs in a child process of its own (`verifying`), since files may be hostile."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import FieldMDPAction
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from eoffice.core.clock import VIETNAM
from eoffice.signing.engine import names, structure
from eoffice.signing.engine.added_signature import examine_added
from eoffice.signing.engine.carried import carried_by
from eoffice.signing.engine.containers import told
from eoffice.signing.engine.contexts import LENIENT, entry_point, key_usage, signer_context, stamp_context
from eoffice.signing.engine.differences import POLICY
from eoffice.signing.engine.embedded import broken, embedded_in, refused
from eoffice.signing.engine.examining import HOSTILE, DocumentStamp, ExaminedFile, Locked, is_stamp, opened, signer_of
from eoffice.signing.engine.filled_fields import FilledField, examine_filling
from eoffice.signing.engine.gathering import links_of
from eoffice.signing.engine.judging import judge
from eoffice.signing.engine.outgrown import read_through
from eoffice.signing.engine.proofs import knows_revocation
from eoffice.signing.engine.revocation import Link
from eoffice.signing.engine.stamps import proven_after, with_stamps
from eoffice.signing.engine.verdicts import (
    ChainLink,
    Change,
    SignatureVerdict,
    TimeSource,
    TrustAnchors,
    Verdict,
    Word,
    of_signatures,
    unreadable,
)
from eoffice.signing.engine.xml_signatures import check_xml, is_xml, links_of_xml

_OUTSIDE: Final = "ô chữ ký này không nằm trong biểu mẫu của tệp nên hệ thống không kiểm tra được"
_NOT_FOUND: Final = {
    structure.UNREADABLE_PAGES: "có trang trong tệp bị hỏng nên không biết trên đó còn ô chữ ký nào khác không"
}
_MEMORY_LIMIT_BYTES: Final = 2 * 1024**3
_CPU_LIMIT_S: Final = 60


def check(path: Path, trust: TrustAnchors, now: datetime, open_fields: frozenset[str] = frozenset()) -> Verdict:
    """Judge one file; never raises for what is inside it. Source of the rules: digital-signature A.6, G.4."""
    try:
        with path.open("rb") as stream:
            head = stream.read(1024)
            if b"%PDF-" not in head:
                return check_xml(path, trust, now) if is_xml(head) else unreadable(told(path, head))
            reader = opened(stream)
            fields = structure.signed_field_names(reader)
            if not fields:
                return _unsigned(stream)
            if set(fields) == {structure.UNREADABLE_PAGES}:
                return unreadable("Tệp có trang bị hỏng nên không đọc hết được. Xin lại tệp gốc rồi kiểm tra lại.")
            return _check_signed(path, reader, stream, fields, trust, now, open_fields)
    except Locked:
        return unreadable("Tệp có mật khẩu, hoặc chỉ mở được bằng khóa của người nhận, nên không kiểm tra được.")
    except HOSTILE as error:
        return unreadable(
            "Tệp bị hỏng hoặc tải về chưa đủ nên không đọc được. Xin lại tệp gốc rồi kiểm tra lại. "
            f"Mã hỗ trợ: {type(error).__name__}."
        )


def _links_of(path: Path, trust: TrustAnchors) -> list[Link]:
    """Certificates whose revocation matters to a file, whatever it is."""
    with path.open("rb") as stream:
        head = stream.read(1024)
    return links_of_xml(path, trust) if b"%PDF-" not in head and is_xml(head) else links_of(path, trust)


def _unsigned(stream: BinaryIO) -> Verdict:
    if structure.carries_byte_range(stream):
        line = _unchecked("", "tệp có dấu vết của chữ ký nhưng chữ ký không còn gắn với ô nào")
        return of_signatures([line])
    return of_signatures([])


def _check_signed(
    path: Path,
    reader: PdfFileReader,
    stream: BinaryIO,
    fields: list[str],
    trust: TrustAnchors,
    now: datetime,
    open_fields: frozenset[str],
) -> Verdict:
    try:
        found = embedded_in(reader)
        embedded = found.signatures
        first_signed = min((line.signed_revision for line in embedded), default=0)
        read = read_through(stream, first_signed=first_signed)
        store = _security_store(reader)
        file = ExaminedFile(
            path=path,
            reader=reader,
            stream=stream,
            signatures=embedded,
            trust=trust,
            now=now,
            open_fields=open_fields,
            damaged_tail=structure.unexplained_tail(reader, stream),
            store=store,
            unread={each.name: each.is_invisible for each in found.unchecked},
            carried=carried_by(embedded, store),
            promised=structure.later_promised(reader, first_signed=first_signed),
            reaches=read.reaches,
            ambiguous=read.ambiguous,
        )
        file = with_stamps(file)
    except HOSTILE as error:
        return of_signatures([_unchecked(name, broken(error)) for name in fields])
    lines: list[SignatureVerdict] = []
    later: dict[str, SignatureVerdict] = {}
    for signature in reversed([line for line in embedded if not is_stamp(line)]):
        line = _judge_safely(file, signature, later)
        lines.append(line)
        name = str(signature.field_name)
        later[name] = _worse(line, later.get(name))
    missing = list(fields)
    for name in (*(str(each.field_name) for each in embedded), *(each.name for each in found.unchecked)):
        if name in missing:
            missing.remove(name)
    lines.reverse()
    lines.extend(_unchecked(each.name, each.reason) for each in found.unchecked)
    lines.extend(_unchecked(name, _NOT_FOUND.get(name, _OUTSIDE)) for name in missing)
    if not lines:
        return replace(of_signatures([]), reason="Tệp không có chữ ký số, chỉ có dấu thời gian cho cả tệp.")
    return of_signatures(lines)


def _worse(line: SignatureVerdict, other: SignatureVerdict | None) -> SignatureVerdict:
    """Of two signatures in fields of one name, the one that must not be relied on."""
    return line if other is None or other.verdict is Word.VALID else other


def _judge_safely(
    file: ExaminedFile, signature: EmbeddedPdfSignature, later: dict[str, SignatureVerdict]
) -> SignatureVerdict:
    try:
        return _judge(file, signature, later)
    except SignatureValidationError as error:
        return _unchecked(str(signature.field_name), refused(error), signer_of(signature))
    except HOSTILE as error:
        return _unchecked(str(signature.field_name), broken(error), signer_of(signature))


def _judge(file: ExaminedFile, signature: EmbeddedPdfSignature, later: dict[str, SignatureVerdict]) -> SignatureVerdict:
    status, proven = _validate(file, signature)
    changes = _changes_after(file, signature, status, later)
    standing = asyncio.run(
        entry_point(
            file,
            signature,
            is_stamped=status.timestamp_validity is not None,
            proven=proven,
        )
    )
    over_it = [stamp for stamp in file.stamps if stamp.revision > signature.signed_revision and stamp.proves]
    strength = _strength(file, status, over_it)
    finding = judge(file, signature, status, changes, proven, standing)
    shown = proven or status.signer_reported_dt
    lock = signature.fieldmdp
    return SignatureVerdict(
        field=names.shown(str(signature.field_name)),
        signer=signer_of(signature),
        verdict=finding.word,
        reason=finding.reason,
        indication=finding.indication,
        sub_indication=finding.sub_indication,
        time=_local(shown),
        time_source=TimeSource.TIME_STAMP if proven else TimeSource.CLAIMED if shown else TimeSource.NONE,
        level=strength if _is_pades(signature) else "CMS",
        strength=strength,
        holds_until=_local(_holds_until(status, over_it)),
        changes=tuple(changes),
        intact=status.intact and status.valid,
        locks_all=lock is not None and lock.action is FieldMDPAction.ALL,
        covers_file=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        chain=_chain(signature, status),
    )


def _validate(file: ExaminedFile, signature: EmbeddedPdfSignature) -> tuple[PdfSignatureStatus, datetime | None]:
    """Judge at the time of a trusted time stamp, else now ("theo trạng thái hiện nay").

    The signature's own time stamp is judged at the time that a later document time stamp proves; where there is none
    of its own, that later one is the proof.
    """
    over_it = proven_after(file, signature.signed_revision)
    status = _validate_at(file, signature, file.now, stamp_moment=over_it or file.now)
    proven = _proven_time(status) or (over_it if status.timestamp_validity is None else None)
    if proven is None:
        return status, None
    return _validate_at(file, signature, proven, stamp_moment=over_it or file.now), proven


def _validate_at(
    file: ExaminedFile, signature: EmbeddedPdfSignature, moment: datetime, *, stamp_moment: datetime
) -> PdfSignatureStatus:
    return asyncio.run(
        async_validate_pdf_signature(
            signature,
            signer_validation_context=signer_context(file, moment),
            ts_validation_context=stamp_context(file, stamp_moment),
            diff_policy=POLICY,
            key_usage_settings=key_usage(signature),
            algorithm_policy=LENIENT,
        )
    )


def _proven_time(status: PdfSignatureStatus) -> datetime | None:
    stamp = status.timestamp_validity
    return stamp.timestamp if stamp is not None and stamp.valid and stamp.intact and stamp.trusted else None


def _changes_after(
    file: ExaminedFile,
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    later: dict[str, SignatureVerdict],
) -> list[Change]:
    if not isinstance(status.diff_result, DiffResult):
        return []
    by_name = {str(line.field_name): line for line in file.signatures}
    changes = [
        Change(stamp.field, "stamp", "", stamp.is_harmless)
        for stamp in file.stamps
        if stamp.revision > signature.signed_revision
    ]
    stamps = {stamp.field for stamp in file.stamps}
    for name in sorted(str(field) for field in status.diff_result.changed_form_fields if field not in stamps):
        if name in later:
            # A signature that is not valid still changes nothing of what stands, as long as nobody can see it.
            is_harmless = later[name].verdict is Word.VALID or structure.is_invisible(by_name[name].sig_field)
            changes.append(Change(name, "signature", later[name].signer, is_harmless))
        elif name in by_name:
            changes.append(Change(name, "signature", signer_of(by_name[name]), allowed=False))
        elif name in file.unread:
            changes.append(Change(name, "signature", "", file.unread[name]))
        else:
            changes.append(_filled(file, name, later))
    if status.diff_result.modification_level is ModificationLevel.ANNOTATIONS:
        changes.append(Change("", "annotation", "", allowed=False))
    return changes


def _filled(file: ExaminedFile, name: str, later: dict[str, SignatureVerdict]) -> Change:
    regular = [line for line in file.signatures if not is_stamp(line)]
    first = min(regular, key=lambda line: line.signed_revision)
    field = examine_filling(
        file.reader, file.path, name, first_revision=first.signed_revision, first_lock=first.fieldmdp
    )
    sealed = any(_seals(line, field, later) for line in regular)
    return Change(name, "filled", names.shown(field.value), not field.fault and (sealed or name in file.open_fields))


def _seals(signature: EmbeddedPdfSignature, field: FilledField, later: dict[str, SignatureVerdict]) -> bool:
    """A later valid signature over the filling that locks everything."""
    verdict = later.get(signature.field_name)
    return (
        verdict is not None
        and verdict.verdict is Word.VALID
        and verdict.locks_all
        and signature.signed_revision >= field.filled_in
    )


def _is_pades(signature: EmbeddedPdfSignature) -> bool:
    kinds = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    return str(signature.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached" and "signing_certificate_v2" in kinds


def _strength(file: ExaminedFile, status: PdfSignatureStatus, over_it: list[DocumentStamp]) -> str:
    """B-B to B-LTA by what proves it: a time stamp, revocation data in the file, a time stamp over that data."""
    if status.timestamp_validity is None and not over_it:
        return "B-B"
    path = status.validation_path
    if path is None or not knows_revocation(file, path):
        return "B-T"
    archived = any(knows_revocation(file, path, revision=stamp.revision) for stamp in over_it)
    return "B-LTA" if archived else "B-LT"


def _holds_until(status: PdfSignatureStatus, over_it: list[DocumentStamp]) -> datetime | None:
    """The end of the newest proof's certificate; without any, the first end on the signer's chain."""
    if over_it:
        return over_it[0].certificate_ends_at
    stamp = status.timestamp_validity
    if stamp is not None and stamp.trusted:
        ends: datetime = stamp.signing_cert.not_valid_after
        return ends
    path = status.validation_path
    return min(each.not_valid_after for each in path.iter_certs(include_root=True)) if path else None


def _chain(signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> tuple[ChainLink, ...]:
    path = status.validation_path
    certificates = list(reversed(list(path.iter_certs(include_root=True)))) if path else [signature.signer_cert]
    return tuple(_link(certificate) for certificate in certificates)


def _link(certificate: asn1_x509.Certificate) -> ChainLink:
    return ChainLink(
        subject=names.spoken(certificate.subject),
        issuer=names.spoken(certificate.issuer),
        serial=f"{certificate.serial_number:x}",
        valid_from=_local(certificate.not_valid_before) or "",
        valid_to=_local(certificate.not_valid_after) or "",
        fingerprint=certificate.sha256.hex(),
    )


def _unchecked(name: str, reason: str, signer: str = "") -> SignatureVerdict:
    return SignatureVerdict(
        field=names.shown(name), signer=signer, verdict=Word.INDETERMINATE, reason=f"Chưa xác định: {reason}."
    )


def _security_store(reader: PdfFileReader) -> DocumentSecurityStore | None:
    try:
        return DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return None


def _local(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(VIETNAM).isoformat(timespec="seconds")


def answer(request: Mapping[str, Any], output: int) -> None:
    """Judge the files of one request (or name their certificates), one JSON line for each to the descriptor `output`.

    Puts limits on the calling process that cannot be lifted again: call it in a child of its own.
    """
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT_BYTES, _MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    trust = TrustAnchors.from_json(request["trust"])
    now = datetime.fromisoformat(request["now"])
    open_fields = frozenset(request["open_fields"])
    names_links = bool(request.get("names_links"))
    with os.fdopen(output, "w", encoding="utf-8") as lines:
        if (asked := request.get("added")) is not None:
            _limit_cpu()
            source, returned = (Path(name) for name in request["files"])
            added = examine_added(
                source, returned, field=asked["field"], certificate=bytes.fromhex(asked["certificate"])
            )
            lines.write(json.dumps({"fault": added.fault, "value": added.value.hex()}) + "\n")
            return
        for name in request["files"]:
            _limit_cpu()
            said: object
            if names_links:
                said = [link.to_json() for link in _links_of(Path(name), trust)]
            else:
                said = check(Path(name), trust, now, open_fields).to_record()
            lines.write(json.dumps(said, ensure_ascii=False) + "\n")
            lines.flush()


def _limit_cpu() -> None:
    """From now on this process may calculate for one file's time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + _CPU_LIMIT_S
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
