"""What an XML signature consists of and points at: names, its own properties, and how much of the file it signs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lxml import etree

DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
XADES: Final = "{http://uri.etsi.org/01903/v1.3.2#}"
_ARCHIVE_SPACES: Final = ("http://uri.etsi.org/01903/v1.4.1#", XADES[1:-1])
SIGNATURE: Final = f"{DS}Signature"
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
INCLUSIVE: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_CANONICAL: Final = (INCLUSIVE, EXCLUSIVE, "http://www.w3.org/2006/12/xml-c14n11")
CANONICAL: Final = frozenset(
    {*_CANONICAL, f"{INCLUSIVE}#WithComments", f"{EXCLUSIVE}WithComments", f"{_CANONICAL[2]}#WithComments"}
)
_BASE64: Final = f"{DS[1:-1]}base64"
XPATH: Final = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_WITHOUT_SIGNATURES: Final = re.compile(r"not\(\s*ancestor-or-self::(?P<prefix>[\w.-]+):Signature\s*\)")
"""The one filter that is taken: all of the file but its signatures, each of which is judged on its own."""
_TRANSFORMS: Final = frozenset({_ENVELOPED, _BASE64, XPATH, *CANONICAL})
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_OLD_DIGEST: Final = re.compile(r"sha1$", re.IGNORECASE)
_SCHEMA_PLACES: Final = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}" for name in ("schemaLocation", "noNamespaceSchemaLocation")
)


class Unjudged(Exception):
    """Something keeps a signature from being judged; `args` are the words and the sub-indication."""


def signature_around(element: etree._Element) -> etree._Element | None:
    """The signature an element lies in, the nearest."""
    return next(element.iterancestors(SIGNATURE), None)


def own_parts(signature: etree._Element, name: str) -> Iterator[etree._Element]:
    """Elements of a name in the XAdES properties of this signature, not in those of one that it holds."""
    for found in signature.iter(f"{XADES}{name}"):
        if signature_around(found) is signature:
            yield found


def has_archive_stamp(signature: etree._Element) -> bool:
    """Whether a signature carries an archive time stamp (EN 319 132-1, 5.5.2), of the first kind or the present one."""
    found = (each for space in _ARCHIVE_SPACES for each in signature.iter(f"{{{space}}}ArchiveTimeStamp"))
    return any(signature_around(each) is signature for each in found)


def encapsulated(signature: etree._Element, holder: str, name: str) -> Iterator[bytes]:
    """DER values that unsigned properties bring along, those that can be read."""
    for part in own_parts(signature, holder):
        yield from octets_within(part, name)


def octets_within(part: etree._Element, name: str) -> Iterator[bytes]:
    """The Base64 values of a name within a property, those that can be read."""
    for value in part.iter(f"{XADES}{name}"):
        try:
            yield base64.b64decode("".join((value.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            continue


def signed_elements(root: etree._Element, signature: etree._Element) -> list[etree._Element]:
    """What the references point at, all inside the file, each by one unmistakable name. Raises Unjudged."""
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    if any(signature_around(each) is signature for each in signature.iter(f"{DS}Manifest")):
        raise Unjudged("chữ ký bao nội dung qua một bảng kê (Manifest) mà hệ thống không kiểm tra", "FORMAT_FAILURE")
    if not references:
        raise Unjudged("chữ ký không bao nội dung nào", "FORMAT_FAILURE")
    found = []
    for reference in references:
        transforms = list(reference.iter(f"{DS}Transform"))
        uri = reference.get("URI")
        if uri == "":
            found.append(root)
        elif uri and uri.startswith("#"):
            named = [each for each in root.iter(etree.Element) if _bears(each, uri[1:])]
            if len(named) != 1:
                raise Unjudged("phần được ký có tên trùng hoặc không có trong tệp", "FORMAT_FAILURE")
            found.append(named[0])
        else:
            raise Unjudged("chữ ký bao nội dung ở ngoài tệp", "SIGNED_DATA_NOT_FOUND")
        if not _may_transform(transforms, found[-1], root, signature):
            raise Unjudged("chữ ký dùng phép biến đổi không được chấp nhận", "SIG_CONSTRAINTS_FAILURE")
    return found


def _may_transform(
    transforms: list[etree._Element], target: etree._Element, root: etree._Element, signature: etree._Element
) -> bool:
    """Whether what is digested is still all of the target: nothing in it is left out but signatures.

    Base64 (XML Signature 1.1, 6.6.2) is taken for an object of the signature that holds such text alone.
    """
    names = [each.get("Algorithm", "") for each in transforms]
    if not set(names) <= _TRANSFORMS:
        return False
    if _BASE64 in names:
        return names == [_BASE64] and target in signature.findall(f"{DS}Object") and _is_base64(target)
    filters = [each for each in transforms if each.get("Algorithm") == XPATH]
    return all(target is root and _leaves_out_signatures(each) for each in filters)


def _is_base64(holder: etree._Element) -> bool:
    try:
        return len(holder) == 0 and bool(base64.b64decode("".join((holder.text or "").split()), validate=True))
    except (binascii.Error, ValueError):
        return False


def _leaves_out_signatures(transform: etree._Element) -> bool:
    if len(transform) != 1 or transform[0].tag != f"{DS}XPath" or len(transform[0]):
        return False
    said = _WITHOUT_SIGNATURES.fullmatch((transform[0].text or "").strip())
    return said is not None and transform[0].nsmap.get(said["prefix"]) == DS[1:-1]


def without_signatures(element: etree._Element) -> None:
    """Take all signatures out of a tree, leaving the text between as it stands."""
    for signature in list(element.iter(SIGNATURE)):
        above, before = signature.getparent(), signature.getprevious()
        if above is None:
            continue
        if signature.tail and before is not None:
            before.tail = (before.tail or "") + signature.tail
        elif signature.tail:
            above.text = (above.text or "") + signature.tail
        signature.tail = None
        above.remove(signature)


def _bears(element: etree._Element, name: str) -> bool:
    """Whether any attribute that some program takes for a name (Id, ID, wsu:Id, xml:id) has this value."""
    return any(value == name and etree.QName(key).localname.lower() == "id" for key, value in element.items())


def covers(root: etree._Element, signature: etree._Element, signed: list[etree._Element]) -> bool:
    """Whether everything there is to read is signed.

    That is: the root; or all objects of an enveloping signature; or parts by name, where nothing stands beside them but
    signatures and elements that hold nothing else. Comments are left out of what is signed (XML Signature 1.1,
    4.4.3.3), and within an enveloped signature anybody may put another object: a file that has either shows more.
    """
    if next(root.iter(etree.Comment, etree.ProcessingInstruction), None) is not None:
        return False
    inside = {id(each) for each in signed}
    objects = [each for each in signature.findall(f"{DS}Object") if not _holds_own_properties(each)]
    objects_signed = all(id(each) in inside or _holds_one_of(each, inside) for each in objects)
    if signature is root:
        return bool(objects) and objects_signed
    return objects_signed and (id(root) in inside or _is_frame(root, inside))


def _holds_one_of(holder: etree._Element, inside: set[int]) -> bool:
    return len(holder) == 1 and id(holder[0]) in inside and not _has_words(holder)


def _is_frame(element: etree._Element, inside: set[int]) -> bool:
    """Whether an element itself says nothing, and what it holds is signed, a signature, or such an element again."""
    if _has_words(element) or set(element.attrib) - _SCHEMA_PLACES:
        return False
    parts = [each for each in element if each.tag != SIGNATURE]
    return len(element) > 0 and all(id(each) in inside or _is_frame(each, inside) for each in parts)


def _has_words(element: etree._Element) -> bool:
    """Whether text stands directly in an element, between its parts."""
    return any((text or "").strip() for text in (element.text, *(each.tail for each in element)))


def _holds_own_properties(holder: etree._Element) -> bool:
    """Whether an object of a signature holds its XAdES properties and nothing else."""
    return len(holder) == 1 and holder[0].tag == f"{XADES}QualifyingProperties" and not _has_words(holder)


def canonical(
    element: etree._Element,
    algorithm: str,
    *,
    inherited: Mapping[str, str] | None = None,
    prefixes: Sequence[str] | None = None,
) -> bytes:
    """An element's octets (Canonical XML 1.0, 1.1; exclusive), with what it inherits from outside.

    The library takes away the default namespace of what lies within a part of a tree, so the part is made a tree of its
    own first; what it would inherit then (xml:lang, xml:space, in 1.0 also xml:base and xml:id) is put on it.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    alone = etree.fromstring(etree.tostring(element, with_tail=False), parser)
    exclusive = algorithm.startswith(EXCLUSIVE)
    if not exclusive:
        for name, value in {**(inherited or {}), **inherited_by(element, algorithm)}.items():
            if name not in alone.attrib:
                alone.set(name, value)
    octets: bytes = etree.tostring(
        alone, method="c14n", exclusive=exclusive, with_comments=algorithm.endswith("WithComments"),
        inclusive_ns_prefixes=list(prefixes) if prefixes else None,
    )  # fmt: skip
    return octets


def inherited_by(element: etree._Element, algorithm: str) -> dict[str, str]:
    """Attributes of the namespace `xml` that elements around have and inclusive canonicalisation passes on, by name."""
    found: dict[str, str] = {}
    for above in element.iterancestors():
        for key, value in above.attrib.items():
            name = str(key)
            if name.startswith(_XML) and (name.removeprefix(_XML) in ("lang", "space") or algorithm != _CANONICAL[2]):
                found.setdefault(name, str(value))
    return found


def old_digest_of(signature: etree._Element) -> str:
    """What is too old about how a signature digests, in words; empty when nothing is."""
    info = signature.find(f"{DS}SignedInfo")
    named = [] if info is None else [*info.iter(f"{DS}SignatureMethod"), *info.iter(f"{DS}DigestMethod")]
    if any(_OLD_DIGEST.search(each.get("Algorithm", "")) for each in named):
        return "ký bằng thuật toán băm SHA1 không còn an toàn"
    return ""
