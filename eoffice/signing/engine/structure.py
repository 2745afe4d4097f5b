"""What a PDF library takes on trust: signed fields it drops, bytes it overlooks, encodings it forgives (A.6)."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.engine.examining import HOSTILE
from eoffice.signing.engine.verdicts import TrustAnchors

_WHITE: Final = b"\x00\t\n\x0c\r "
_HEX: Final = re.compile(rb"<([0-9a-f]*|[0-9A-F]*)>\Z")
_DEEPEST_FIELD: Final = 32
UNREADABLE_PAGES: Final = "(trang hỏng)"
_SHAKE_BITS: Final = 512
"""The only length of the digest of Ed448 (RFC 8419, 2.3)."""
_OPEN: Final = 0x80
"""The length octet of a value that ends with two zeros (X.690, 8.1.3.6)."""


def signed_field_names(reader: PdfFileReader) -> list[str]:
    """Names of all signature fields with a value, counted by ourselves, those outside the form included.

    Two fields of one name are named twice; `UNREADABLE_PAGES` stands for those on pages that cannot be read.
    """
    found: list[str] = []
    form_fields: list[generic.PdfObject] = []
    if "/AcroForm" in reader.root and "/Fields" in reader.root["/AcroForm"]:
        form_fields = list(reader.root["/AcroForm"]["/Fields"])
    waiting = [(entry, "", "", 0) for entry in form_fields]
    try:
        waiting.extend((entry, "", "", 0) for entry in list(_widgets(reader)))
    except HOSTILE:
        found.append(UNREADABLE_PAGES)
    seen: set[object] = set()
    while waiting:
        entry, prefix, inherited, depth = waiting.pop(0)
        reference = entry.reference if isinstance(entry, generic.IndirectObject) else id(entry)
        field = entry.get_object()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        if reference in seen or depth > _DEEPEST_FIELD or not isinstance(field, generic.DictionaryObject):
            continue
        seen.add(reference)
        kind = str(field["/FT"]) if "/FT" in field else inherited
        name = prefix
        if "/T" in field:
            name = f"{prefix}.{field['/T']}" if prefix else str(field["/T"])
        if kind == "/Sig" and "/V" in field and not isinstance(field.raw_get("/V"), generic.NullObject):
            found.append(name)
        for kid in field["/Kids"] if "/Kids" in field else ():  # noqa: SIM401 - `get` leaves references
            waiting.append((kid, name, kind, depth + 1))
    return found


def later_promised(reader: PdfFileReader, *, first_signed: int) -> frozenset[int]:
    """Revisions after `first_signed` that define objects which an earlier one named without having them.

    Such a file was signed with an empty place that anybody can fill later without touching what was signed; the
    comparison of objects takes what fills it for an object that nothing uses. What stood just before is no empty
    place: its change is judged by that comparison. A number used again under another generation is one too, since
    viewers go by the number.
    """
    table = reader.xrefs
    promised: set[tuple[int, int]] = set()
    generations: dict[int, set[int]] = {}
    found = set()
    newest = table.total_revisions - 1
    for revision in range(newest + 1 if first_signed < newest else 0):
        written = table.explicit_refs_in_revision(revision)
        for reference in written if revision > first_signed else ():
            is_new = table.get_historical_ref(reference, revision - 1) is None
            others = generations.get(reference.idnum, set()) - {reference.generation}
            if is_new and (_key(reference) in promised or others):
                found.add(revision)
        for reference in written:
            generations.setdefault(reference.idnum, set()).add(reference.generation)
        resolver = reader.get_historical_resolver(revision)
        for reference in written:
            try:
                value = resolver(reference)
            except HOSTILE:
                continue  # what the library cannot read it refuses where it matters
            for named in _named_in(value):
                if table.get_historical_ref(named, revision) is None:
                    promised.add(_key(named))
    return frozenset(found)


def _key(reference: generic.Reference) -> tuple[int, int]:
    return reference.idnum, reference.generation


def _named_in(value: generic.PdfObject) -> Iterator[generic.Reference]:
    """References directly within an object, not those of the objects they lead to."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, generic.IndirectObject):
            yield value.reference
        elif isinstance(value, generic.DictionaryObject):
            waiting.extend(value.raw_get(key) for key in value)
        elif isinstance(value, generic.ArrayObject):
            waiting.extend(value.raw_get(index) for index in range(len(value)))


def _widgets(reader: PdfFileReader) -> Iterator[generic.PdfObject]:
    """Widgets on pages that belong to no parent field."""
    for number in range(_page_count(reader)):
        page = reader.find_page_for_modification(number)[0].get_object()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        for entry in page["/Annots"] if "/Annots" in page else ():  # noqa: SIM401 - `get` leaves references
            annotation = entry.get_object()
            if isinstance(annotation, generic.DictionaryObject) and "/FT" in annotation and "/Parent" not in annotation:
                yield entry


def _page_count(reader: PdfFileReader) -> int:
    return int(reader.root["/Pages"]["/Count"])


def carries_byte_range(stream: BinaryIO) -> bool:
    """Whether the bytes hold a signature dictionary anywhere, reachable or not."""
    stream.seek(0)
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"/ByteRange") >= 0


def first_revision(reader: PdfFileReader) -> int:
    """The number of the revision that the file began with.

    A linearised file is one revision in two sections: the newer one, of the first page, stands near the start and leads
    on to the other at the end (ISO 32000-2, annex F). An update always stands behind what it changes.
    """
    table = reader.xrefs
    if table.total_revisions < 2:
        return 0
    main, first_page = (table.get_xref_container_info(revision).start_location for revision in (0, 1))
    return int(first_page < main)


def unexplained_tail(reader: PdfFileReader, stream: BinaryIO) -> bool:
    """Whether anything but white space follows the end of the newest revision.

    That of a linearised file ends behind its other section, and the pointer there is to the one of the first page.
    """
    newest = reader.xrefs.total_revisions - 1
    sections = range(newest + 1) if newest == first_revision(reader) else (newest,)
    start = max(reader.xrefs.get_xref_container_info(section).end_location for section in sections)
    stream.seek(start)
    rest = stream.read()
    marker = rest.find(b"startxref")
    end = rest.find(b"%%EOF", marker)
    if marker < 0 or end < 0:
        return True
    pointer = rest[marker + len(b"startxref") : end].strip(_WHITE)
    expected = reader.xrefs.get_startxref_for_revision(newest)
    return pointer != str(expected).encode() or rest[end + len(b"%%EOF") :].strip(_WHITE) != b""


def is_invisible(field: generic.DictionaryObject) -> bool:
    """Whether a field draws nothing: its box has no area, or it has no appearance."""
    widgets = [field, *(kid.get_object() for kid in (field["/Kids"] if "/Kids" in field else ()))]  # noqa: SIM401 - `get` leaves references
    for widget in widgets:
        if "/Rect" not in widget:
            continue
        x0, y0, x1, y1 = (float(value) for value in widget["/Rect"])
        if x0 != x1 and y0 != y1 and "/AP" in widget:
            return False
    return True


def hole_fault(signature: EmbeddedPdfSignature, stream: BinaryIO) -> bool:
    """Whether the bytes that the signature leaves out are more, or other, than its own value in plain hex."""
    values = [int(value) for value in signature.byte_range]
    if len(values) != 4 or values[0] != 0 or min(values) < 0:
        return True
    _, first, second, _ = values
    if second <= first:
        return True
    stream.seek(first)
    match = _HEX.match(stream.read(second - first))
    if match is None or len(match[1]) % 2:
        return True
    content = bytes.fromhex(match[1].decode())
    return content[_message_length(content) :].strip(b"\x00") != b""


def _message_length(content: bytes) -> int:
    """Octets of the first value in `content`; the rest of the hole must be zeros."""
    if len(content) < 2:
        return 0
    if content[1] == _OPEN:
        return _end_of(memoryview(content), 0) or len(content)
    if content[1] < 0x80:
        return 2 + content[1]
    size = content[1] & 0x7F
    return 2 + size + int.from_bytes(content[2 : 2 + size])


def _end_of(content: memoryview, start: int) -> int:
    """Where the value at `start` ends, if lengths are shortest, or left open and closed again; 0 if they are not.

    ISO 32000-2 wants DER; libraries of Java wrote open lengths for years, and every reader takes them. What must be
    DER for the signature's sake (signed attributes, certificates) is hashed as it stands.
    """
    if len(content) - start < 2 or content[start] & 0x1F == 0x1F:
        return 0
    constructed, length, position = content[start] & 0x20, content[start + 1], start + 2
    if length == _OPEN:
        if not constructed:
            return 0
        while bytes(content[position : position + 2]) != b"\x00\x00":
            position = _end_of(content, position)
            if not position:
                return 0
        return position + 2
    if length > _OPEN:
        size = length & 0x7F
        length = int.from_bytes(content[position : position + size])
        if length < 0x80 or content[position] == 0:
            return 0
        position += size
    end = position + length
    if end > len(content):
        return 0
    while constructed and position < end:
        position = _end_of(content[:end], position)
        if not position:
            return 0
    return end


def encoding_faults(signature: EmbeddedPdfSignature) -> list[str]:
    """Liberties in the CMS that other validators read differently, or that leave room for unsigned change."""
    content = signature.pkcs7_content[: _message_length(signature.pkcs7_content)]
    message = cms.ContentInfo.load(content)
    data, signer = signature.signed_data, signature.signer_info
    faults = []
    attributes = [attribute.dump() for attribute in signer["signed_attrs"] or ()]
    if attributes != sorted(attributes):
        faults.append("thuộc tính ký không theo thứ tự DER")
    if _end_of(memoryview(content), 0) != len(content):
        faults.append("mã hóa CMS không đúng chuẩn")
    if message["content_type"].native != "signed_data" or len(data["signer_infos"]) != 1:
        faults.append("CMS không có đúng một người ký")
    algorithms = [line["algorithm"].native for line in data["digest_algorithms"]]
    if signer["digest_algorithm"]["algorithm"].native not in algorithms:
        faults.append("thuật toán băm khai báo không khớp")
    if data["encap_content_info"]["content_type"].native != "data" or data["encap_content_info"]["content"].native:
        faults.append("CMS chứa nội dung bên trong")
    faults.extend(_loose_values(data, signer, signature.signer_cert))
    return faults


def _loose_values(data: cms.SignedData, signer: cms.SignerInfo, certificate: asn1_x509.Certificate) -> Iterator[str]:
    """Parts that no signature covers, held to the only value they can have."""
    by_issuer = signer["sid"].name == "issuer_and_serial_number"
    if signer["version"].native != ("v1" if by_issuer else "v3"):
        yield "phiên bản CMS không đúng chuẩn"
    if by_issuer and signer["sid"].chosen["issuer"].dump() != certificate.issuer.dump():
        yield "tên nơi cấp trong chữ ký khác với chứng thư số"
    if data["version"].native not in _versions(data):
        yield "phiên bản CMS không đúng chuẩn"
    for algorithm in [*data["digest_algorithms"], signer["digest_algorithm"]]:
        parameters = algorithm["parameters"]
        if algorithm["algorithm"].native == "shake256_len" and parameters.native == _SHAKE_BITS:
            continue
        if parameters.native is not None or parameters.dump() not in (b"", b"\x05\x00"):
            yield "tham số thuật toán băm không đúng chuẩn"


def _versions(data: cms.SignedData) -> tuple[str, ...]:
    """The versions that what is inside may have (RFC 5652, 5.1); signers of either kind were seen under 1 and 3."""
    kinds = {choice.name for choice in (*(data["certificates"] or ()), *(data["crls"] or ()))}
    if "other" in kinds:
        return ("v5",)
    return ("v4",) if "v2_attr_cert" in kinds else ("v1", "v3")


def has_broken_certificate(signature: EmbeddedPdfSignature, trust: TrustAnchors) -> bool:
    """Whether a certificate brought along was altered: no signature covers it.

    One of an issuer that nobody knows is none of our business, unless it bears the name of one that we know.
    """
    ours = {*trust.roots, *trust.intermediates}
    known = [asn1_x509.Certificate.load(der) for der in ours]
    brought = [each for each in signature.other_embedded_certs if each.dump() not in ours]
    for certificate in brought:
        issuers = [other for other in (*known, *brought) if other.subject == certificate.issuer]
        is_foreign = not issuers and all(other.subject != certificate.subject for other in known)
        if not is_foreign and not any(_signed_by(certificate, issuer) for issuer in issuers):
            return True
    return False


def _signed_by(certificate: asn1_x509.Certificate, issuer: asn1_x509.Certificate) -> bool:
    try:
        x509.load_der_x509_certificate(certificate.dump()).verify_directly_issued_by(
            x509.load_der_x509_certificate(issuer.dump())
        )
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        return False
    return True
