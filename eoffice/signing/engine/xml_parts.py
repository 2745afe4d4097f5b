"""What an XML signature consists of and points at: names, its own properties, and how much of the file it signs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from lxml import etree

DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
XADES: Final = "{http://uri.etsi.org/01903/v1.3.2#}"
SIGNATURE: Final = f"{DS}Signature"
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
INCLUSIVE: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_CANONICAL: Final = (INCLUSIVE, EXCLUSIVE, "http://www.w3.org/2006/12/xml-c14n11")
CANONICAL: Final = frozenset(
    {*_CANONICAL, f"{INCLUSIVE}#WithComments", f"{EXCLUSIVE}WithComments", f"{_CANONICAL[2]}#WithComments"}
)
_TRANSFORMS: Final = frozenset({_ENVELOPED, *CANONICAL})
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
    if not references:
        raise Unjudged("chữ ký không bao nội dung nào", "FORMAT_FAILURE")
    found = []
    for reference in references:
        transforms = {each.get("Algorithm") for each in reference.iter(f"{DS}Transform")}
        if not transforms <= _TRANSFORMS:
            raise Unjudged("chữ ký dùng phép biến đổi không được chấp nhận", "SIG_CONSTRAINTS_FAILURE")
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
    return found


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
