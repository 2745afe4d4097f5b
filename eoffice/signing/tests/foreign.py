"""Signed PDFs as other programs write them, put together byte by byte: any table style, any CMS, any update."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from eoffice.signing.engine.checking import check
from eoffice.signing.engine.verdicts import TrustAnchors, Verdict, Word
from eoffice.signing.tests.authorities import Holder, House, rsa_key
from eoffice.signing.tests.factories import NOW

Objects = Mapping[int, bytes]
_ROOM: Final = 12_000
_HASHES: Final[dict[str, Callable[[], hashes.HashAlgorithm]]] = {
    "sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
    "sha512": hashes.SHA512, "sha3_256": hashes.SHA3_256, "sha3_512": hashes.SHA3_512,
}  # fmt: skip


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def letter(text: bytes = b"Tong so tien: 1 000 000 dong", *, pages: int = 1, more: Objects | None = None) -> bytes:
    """A plain file: root 1, pages 2, font 3, then page and content two by two from 10 on."""
    numbers = [10 + 2 * step for step in range(pages)]
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        **{number: page(number) for number in numbers},
        **{number + 1: stream(b"BT /F1 14 Tf 80 600 Td (%s) Tj ET" % text) for number in numbers},
        **(more or {}),
    }
    return begin(objects)


def page(number: int, extra: bytes = b"", contents: bytes = b"") -> bytes:
    shown = contents or b"%d 0 R" % (number + 1)
    fonts = b"/Resources << /Font << /F1 3 0 R >> >>"
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s /Contents %s %s >>" % (fonts, shown, extra)


def begin(objects: Objects, *, trailer: bytes = b"") -> bytes:
    """A first revision with a classic table."""
    return _with_table(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", objects, trailer=b"/Root 1 0 R " + trailer, previous=None)


def update(content: bytes, objects: Objects, *, as_stream: bool = False, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """`content` with one more revision: a classic table, or a cross-reference stream."""
    grown = content if content.endswith(b"\n") else content + b"\n"
    previous = int(re.findall(rb"startxref\s+(\d+)", content)[-1])
    if as_stream:
        return _with_stream(grown, objects, trailer=trailer, previous=previous)
    return _with_table(grown, objects, trailer=trailer, previous=previous)


def _with_table(content: bytes, objects: Objects, *, trailer: bytes, previous: int | None) -> bytes:
    places, grown = _placed(content, objects)
    lines = [b"xref\n"] + ([b"0 1\n0000000000 65535 f \n"] if previous is None or not objects else [])
    lines += [b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in sorted(places.items())]
    size = _size(content, objects)
    prev = b"" if previous is None else b" /Prev %d" % previous
    end = b"trailer\n<< /Size %d %s%s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, prev, len(grown))
    return grown + b"".join(lines) + end


def _with_stream(content: bytes, objects: Objects, *, trailer: bytes, previous: int) -> bytes:
    places, grown = _placed(content, objects)
    own = _size(content, objects)
    places[own] = len(grown)
    index = b" ".join(b"%d 1" % number for number in sorted(places))
    table = b"".join(b"\x01" + place.to_bytes(4) + b"\x00\x00" for _, place in sorted(places.items()))
    entries = b"/Type /XRef /W [1 4 2] /Index [%s] /Size %d %s /Prev %d" % (index, own + 1, trailer, previous)
    body = b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, stream(table, entries), len(grown))
    return grown + body


def hybrid(content: bytes, shown: Objects, hidden: Objects) -> bytes:
    """One more revision (or the first, where `content` has none) as old Word writes it: a table for old readers, and a
    stream named by it with what those are not to see (ISO 32000-2, 7.5.8.4)."""
    previous = re.findall(rb"startxref\s+(\d+)", content)
    places, grown = _placed(content, {**shown, **hidden})
    own, at = _size(content, {**shown, **hidden}), len(grown)
    index = b" ".join(b"%d 1" % number for number in sorted(hidden))
    table = b"".join(b"\x01" + places[number].to_bytes(4) + b"\x00\x00" for number in sorted(hidden))
    entries = b"/Type /XRef /W [1 4 2] /Index [%s] /Size %d /Root 1 0 R" % (index, own + 1)
    grown += b"%d 0 obj\n%s\nendobj\n" % (own, stream(table, entries))
    free = [0, *(() if previous else hidden)]
    lines = [b"%d 1\n0000000000 65535 f \n" % number for number in sorted(free)]
    lines += [b"%d 1\n%010d 00000 n \n" % (number, places[number]) for number in sorted(shown)]
    prev = b"/Prev %s" % previous[-1] if previous else b""
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /XRefStm %d %s >>\n" % (own + 1, at, prev)
    return grown + b"xref\n" + b"".join(lines) + trailer + b"startxref\n%d\n%%%%EOF\n" % len(grown)


def _placed(content: bytes, objects: Objects) -> tuple[dict[int, int], bytes]:
    places, parts, at = {}, [content], len(content)
    for number, body in objects.items():
        places[number] = at
        part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        parts.append(part)
        at += len(part)
    return places, b"".join(parts)


def _size(content: bytes, objects: Objects) -> int:
    known = [int(number) for number in re.findall(rb"/Size (\d+)", content)]
    return max([*known, *(number + 1 for number in objects), 1])


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a foreign program signs. What is not set is as EN 319 142-1 has it, with SHA-256."""

    digest: str = "sha256"
    sub_filter: bytes = b"/ETSI.CAdES.detached"
    kind: bytes = b"/Sig"
    signed_attributes: bool = True
    names_certificate: int = 2
    """signing-certificate version 2 or 1; 0 for none."""
    pss_salt: int | None = None
    by_key_identifier: bool = False
    certificates: Sequence[bytes] | None = None
    """DER in this order; the signer's and its issuer's when None."""
    crls: Sequence[bytes] = ()
    """Lists inside the CMS (RFC 5652, 10.2.1)."""
    more_signed: Sequence[cms.CMSAttribute] = ()
    unsigned: Callable[[bytes], Sequence[cms.CMSAttribute]] | None = None
    rewrite: Callable[[bytes], bytes] | None = None
    """The CMS as DER to what is written in the hole."""
    entries: bytes = b""
    """Further entries of the signature dictionary (/Reference, /M)."""
    field_entries: bytes = b""
    rect: bytes = b"[0 0 0 0]"
    claimed: datetime | None = None
    content: bytes | None = None
    """Content inside the CMS."""
    version: str = ""
    more: Mapping[int, bytes] = field(default_factory=dict)
    """Further objects of the same revision."""
    as_stream: bool = False


def sign(
    content: bytes, holder: Holder, issuer: Holder, *, name: bytes = b"Ky1", number: int = 100,
    style: Style | None = None, catalog: bytes = b"", fields: bytes = b"", annotations: bytes = b"",
) -> bytes:  # fmt: skip
    """`content` with one more revision that carries a signature field and its value (objects `number` and the next).

    `fields` and `annotations` are those that stand already, as references.
    """
    how = style or Style()
    own = b"%d 0 R" % number
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s /AcroForm << /SigFlags 3 /Fields [%s %s] >> >>" % (catalog, fields, own),
        10: page(10, b"/Annots [%s %s]" % (annotations or fields, own)),
        **_field_and_value(number, name, how),
        **how.more,
    }
    return _with_value(update(content, objects, as_stream=how.as_stream), holder, issuer, how, after=len(content))


def linear(
    holder: Holder,
    issuer: Holder,
    *,
    style: Style | None = None,
    value_in_main: bool = False,
    more: Objects | None = None,
) -> bytes:
    """A linearised letter signed in the same save (ISO 32000-2, annex F).

    The section of the first page stands near the start and leads on to the one at the end, which holds the rest: the
    tree of pages, the font, `more`, and the signature's value where it is asked to.
    """
    how = style or Style()
    field, value = _field_and_value(100, b"Ky1", how).items()
    rest = {
        2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        **(dict([value]) if value_in_main else {}), **(more or {}),
    }  # fmt: skip
    first = {
        1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [100 0 R] >> >>",
        10: page(10, b"/Annots [100 0 R]"), 11: stream(b"BT /F1 14 Tf 80 600 Td (So tien) Tj ET"),
        **dict([field]), **({} if value_in_main else dict([value])),
    }  # fmt: skip
    head = b"%PDF-1.7\n90 0 obj\n<< /Linearized 1 /O 10 /N 1 >>\nendobj\n"
    size = max(*rest, *first) + 1
    main = 0
    places = dict.fromkeys(first, 0)
    for _ in range(2):  # the table before the objects needs to know where they will stand
        table = b"".join(b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in sorted(places.items()))
        trailer = b"trailer\n<< /Size %d /Root 1 0 R /Prev %010d >>\nstartxref\n0\n%%%%EOF\n" % (size, main)
        places, grown = _placed(head + b"xref\n" + table + trailer, first)
        others, grown = _placed(grown, rest)
        main = len(grown)
    lines = b"".join(b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in sorted(others.items()))
    end = b"trailer\n<< /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(head))
    return _with_value(grown + b"xref\n0 1\n0000000000 65535 f \n" + lines + end, holder, issuer, how, after=0)


_HOLE: Final = b"<" + b"0" * _ROOM + b">"
_BARE: Final = b"/ByteRange [0 0000000000 0000000000 0000000000]"


def _field_and_value(number: int, name: bytes, how: Style) -> dict[int, bytes]:
    kind = b"/Type %s /Filter /Adobe.PPKLite /SubFilter %s %s" % (how.kind, how.sub_filter, how.entries)
    return {
        number: b"<< /Type /Annot /Subtype /Widget /FT /Sig /F 132 /T (%s) /P 10 0 R /Rect %s /V %d 0 R %s >>"
        % (name, how.rect, number + 1, how.field_entries),
        number + 1: b"<< %s %s /Contents %s >>" % (kind, _BARE, _HOLE),
    }


def _with_value(grown: bytes, holder: Holder, issuer: Holder, how: Style, *, after: int) -> bytes:
    """The file with the range and the signature in the hole that stands behind `after`."""
    first = grown.index(_HOLE, after)
    second = first + len(_HOLE)
    rest = len(grown) - second
    grown = _replaced(grown, _BARE, b"/ByteRange [0 %010d %010d %010d]" % (first, second, rest), after=after)
    covered = grown[:first] + grown[second:]
    der = signed_message(covered, holder, issuer, how)
    written = (how.rewrite(der) if how.rewrite else der).hex().encode()
    assert len(written) <= _ROOM
    return grown[:first] + b"<" + written.ljust(_ROOM, b"0") + b">" + grown[second:]


def _replaced(content: bytes, old: bytes, new: bytes, *, after: int) -> bytes:
    assert len(old) == len(new)
    place = content.index(old, after)
    return content[:place] + new + content[place + len(old) :]


def signed_message(covered: bytes, holder: Holder, issuer: Holder, how: Style) -> bytes:
    """The CMS (DER) over what is covered."""
    certificate = asn1_x509.Certificate.load(holder.der)
    digest = _digest(how.digest, covered if how.content is None else how.content)
    to_sign, attributes = covered, None
    if how.signed_attributes:
        attributes = cms.CMSAttributes(_signed_attributes(digest, certificate, how))
        to_sign = attributes.dump()
    signature = raw_signature(holder, to_sign, how)
    by_key = {"subject_key_identifier": certificate.key_identifier}
    by_name = {
        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
            {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        )
    }
    info: dict[str, Any] = {
        "version": "v3" if how.by_key_identifier else "v1",
        "sid": cms.SignerIdentifier(by_key if how.by_key_identifier else by_name),
        "digest_algorithm": {"algorithm": how.digest},
        "signature_algorithm": _algorithm(holder, how),
        "signature": signature,
    }
    if attributes is not None:
        info["signed_attrs"] = attributes
    if how.unsigned is not None:
        info["unsigned_attrs"] = cms.CMSAttributes(how.unsigned(signature))
    ders = how.certificates if how.certificates is not None else (holder.der, issuer.der)
    inside: dict[str, Any] = {"content_type": "data"}
    if how.content is not None:
        inside["content"] = how.content
    data: dict[str, Any] = {
        "version": how.version or ("v3" if how.by_key_identifier else "v1"),
        "digest_algorithms": [{"algorithm": how.digest}],
        "encap_content_info": inside,
        "certificates": [asn1_x509.Certificate.load(der) for der in ders],
        "signer_infos": [info],
    }
    if how.crls:
        data["crls"] = cms.RevocationInfoChoices([cms.RevocationInfoChoice.load(der) for der in how.crls])
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)}).dump())


def _signed_attributes(digest: bytes, certificate: asn1_x509.Certificate, how: Style) -> list[cms.CMSAttribute]:
    found = [
        cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
        cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
        *how.more_signed,
    ]
    if how.claimed is not None:
        at = cms.Time({"utc_time": core.UTCTime(how.claimed)})
        found.append(cms.CMSAttribute({"type": "signing_time", "values": [at]}))
    if how.names_certificate == 1:
        named: Any = tsp.SigningCertificate({"certs": [{"cert_hash": hashlib.sha1(certificate.dump()).digest()}]})
        found.append(cms.CMSAttribute({"type": "signing_certificate", "values": [named]}))
    elif how.names_certificate == 2:
        named = tsp.SigningCertificateV2({"certs": [{"cert_hash": certificate.sha256}]})
        found.append(cms.CMSAttribute({"type": "signing_certificate_v2", "values": [named]}))
    return sorted(found, key=lambda attribute: bytes(attribute.dump()))


def raw_signature(holder: Holder, content: bytes, how: Style) -> bytes:
    key: object = holder.key
    algorithm = _HASHES[how.digest]()
    if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return key.sign(content)
    hashed = _digest(how.digest, content)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(hashed, ec.ECDSA(Prehashed(algorithm)))
    assert isinstance(key, rsa.RSAPrivateKey)
    if how.pss_salt is not None:
        return key.sign(hashed, padding.PSS(padding.MGF1(algorithm), how.pss_salt), Prehashed(algorithm))
    return key.sign(hashed, padding.PKCS1v15(), Prehashed(algorithm))


def _algorithm(holder: Holder, how: Style) -> dict[str, Any]:
    key: object = holder.key
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {"algorithm": "ed25519"}
    if isinstance(key, ed448.Ed448PrivateKey):
        return {"algorithm": "ed448"}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {"algorithm": f"{how.digest}_ecdsa"}
    if how.pss_salt is None:
        return {"algorithm": "rsassa_pkcs1v15"}
    of_mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": {"algorithm": how.digest}})
    parameters = {
        "hash_algorithm": {"algorithm": how.digest},
        "mask_gen_algorithm": of_mask,
        "salt_length": how.pss_salt,
    }
    return {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(parameters)}


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.new(name, content).digest()


def as_indefinite(der: bytes) -> bytes:
    """The same CMS with the outer lengths left open, as old libraries of Java write it (X.690, 8.1.3.6)."""
    outer = cms.ContentInfo.load(der)
    kind, content = bytes(outer["content_type"].dump()), bytes(outer["content"].untag().dump())
    return b"\x30\x80" + kind + b"\xa0\x80\x30\x80" + content[_header(content) :] + bytes(6)


def _header(der: bytes) -> int:
    return 2 if der[1] < 0x80 else 2 + (der[1] & 0x7F)


@dataclass(frozen=True)
class World:
    """A house of certificates, a person with an RSA key, one with a curve, and a letter signed by her."""

    house: House
    rsa: Holder
    curve: Holder
    signed: bytes
    trust: TrustAnchors
    folder: Path

    def sign(self, content: bytes, holder: Holder | None = None, **how: Any) -> bytes:
        return sign(content, holder or self.curve, self.house.issuing, **how)

    def judged(self, content: bytes, trust: TrustAnchors | None = None) -> Verdict:
        path = self.folder / "x.pdf"
        path.write_bytes(content)
        return check(path, trust or self.trust, NOW)

    def word(self, content: bytes) -> Word:
        return self.judged(content).verdict


def make_world(folder: Path) -> World:
    house = House()
    trust = TrustAnchors(
        roots=(house.root.der,), crls=(house.crl(house.root, now=NOW), house.crl(house.issuing, now=NOW))
    )
    curve = house.holder("Người ký")
    signed = sign(letter(), curve, house.issuing)
    return World(house, house.holder("Người ký RSA", key=rsa_key()), curve, signed, trust, folder)
