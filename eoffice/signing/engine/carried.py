"""Certificates, lists and answers that a file brings along, wherever its writer put them.

In the security store of the file (EN 319 142-1, 5.4.2), in a signed attribute as Adobe's programs do (ISO 32000-2,
12.8.3.3.2), in the CMS (RFC 5652, 5.1 and 10.2.1), in its unsigned attributes (EN 319 122-1, 5.4 and A.1), and in the
time stamps. Nothing of it is believed for being there: it counts only if its issuer signed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from asn1crypto import cms, core
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils import generic
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.signing.engine.examining import HOSTILE, Carried
from eoffice.signing.engine.long_lists import LONG, is_whole

_ADOBE: Final = "1.2.840.113583.1.1.8"
_CERTIFICATE_VALUES: Final = "1.2.840.113549.1.9.16.2.23"
_REVOCATION_VALUES: Final = "1.2.840.113549.1.9.16.2.24"
_TIME_STAMP: Final = "1.2.840.113549.1.9.16.2.14"
_MOST: Final = 200
"""Of each kind; what a file carries beyond is not read."""


def carried_by(signatures: Sequence[EmbeddedPdfSignature], store: DocumentSecurityStore | None) -> Carried:
    """Everything that the signatures, their time stamps and the security store of a file bring along."""
    values = list(_of_store(store)) if store else []
    for signature in signatures:
        values.extend(_of_message(signature.signed_data))
    return _sorted(values)


def carried_in_message(data: cms.SignedData) -> Carried:
    """Everything that one CMS brings along."""
    return _sorted(list(_of_message(data)))


def _sorted(values: list[tuple[type[core.Asn1Value], bytes]]) -> Carried:
    kinds: tuple[type[core.Asn1Value], ...] = (
        asn1_x509.Certificate, asn1_crl.CertificateList, asn1_ocsp.OCSPResponse,
    )  # fmt: skip
    certificates, crls, ocsps = (readable(kind, (der for of, der in values if of is kind)) for kind in kinds)
    return Carried(tuple(asn1_x509.Certificate.load(der) for der in certificates), tuple(crls), tuple(ocsps))


_Values = Iterator[tuple[type[core.Asn1Value], bytes]]


def _of_store(store: DocumentSecurityStore) -> _Values:
    for certificate in store.load_certs():
        yield asn1_x509.Certificate, certificate.dump()
    for entry in store.crls:
        yield asn1_crl.CertificateList, _content(entry)
    for entry in store.ocsps:
        yield asn1_ocsp.OCSPResponse, _content(entry)


def _content(entry: generic.IndirectObject) -> bytes:
    return bytes(entry.get_object().data)  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped


def _of_message(data: cms.SignedData, depth: int = 0) -> _Values:
    """What a CMS brings; parts that cannot be read are passed over, as the signature may not need them."""
    try:
        for choice in data["certificates"] or ():
            if isinstance(choice.chosen, asn1_x509.Certificate):
                yield asn1_x509.Certificate, choice.chosen.dump()
        for choice in data["crls"] or ():
            yield from _of_choice(choice)
        for signer in data["signer_infos"]:
            for attribute in (*(signer["signed_attrs"] or ()), *(signer["unsigned_attrs"] or ())):
                yield from _of_attribute(attribute, depth)
    except HOSTILE:
        return


def _of_choice(choice: cms.RevocationInfoChoice) -> _Values:
    if isinstance(choice.chosen, asn1_crl.CertificateList):
        yield asn1_crl.CertificateList, choice.chosen.dump()
    elif choice.name == "other" and choice.chosen["other_rev_info_format"].native == "ocsp_response":
        yield asn1_ocsp.OCSPResponse, choice.chosen["other_rev_info"].dump()


def _of_attribute(attribute: cms.CMSAttribute, depth: int) -> _Values:
    kind = attribute["type"].dotted
    for value in attribute["values"]:
        if kind == _TIME_STAMP and depth == 0:
            yield from _of_message(value["content"], depth + 1)
        elif kind == _ADOBE:
            found = _AdobeRevocation.load(value.dump())
            yield from ((asn1_crl.CertificateList, each.dump()) for each in found["crl"] or ())
            yield from ((asn1_ocsp.OCSPResponse, each.dump()) for each in found["ocsp"] or ())
        elif kind == _REVOCATION_VALUES:
            known = _RevocationValues.load(value.dump())
            yield from ((asn1_crl.CertificateList, each.dump()) for each in known["crls"] or ())
            yield from ((asn1_ocsp.OCSPResponse, _whole(each)) for each in known["ocsps"] or ())
        elif kind == _CERTIFICATE_VALUES:
            yield from ((asn1_x509.Certificate, each.dump()) for each in _Certificates.load(value.dump()))


def _whole(answer: asn1_ocsp.BasicOCSPResponse) -> bytes:
    """A basic answer as the responder would have sent it."""
    inside = {"response_type": "basic_ocsp_response", "response": core.ParsableOctetString(answer.dump())}
    return bytes(asn1_ocsp.OCSPResponse({"response_status": "successful", "response_bytes": inside}).dump())


def readable(kind: type[core.Asn1Value], ders: Iterable[bytes]) -> list[bytes]:
    """One broken answer in a file must not hide the others from us."""
    found = []
    for der in list(dict.fromkeys(ders))[:_MOST]:
        if kind is asn1_crl.CertificateList and len(der) > LONG and is_whole(der):
            found.append(der)
            continue
        try:
            kind.load(der).native  # noqa: B018 - parses all of it
        except HOSTILE:
            continue
        found.append(der)
    return found


class _Certificates(core.SequenceOf):  # type: ignore[misc]  # asn1crypto is untyped
    _child_spec = asn1_x509.Certificate


class _Lists(core.SequenceOf):  # type: ignore[misc]  # asn1crypto is untyped
    _child_spec = asn1_crl.CertificateList


class _Answers(core.SequenceOf):  # type: ignore[misc]  # asn1crypto is untyped
    _child_spec = asn1_ocsp.OCSPResponse


class _BasicAnswers(core.SequenceOf):  # type: ignore[misc]  # asn1crypto is untyped
    _child_spec = asn1_ocsp.BasicOCSPResponse


class _AdobeRevocation(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [
        ("crl", _Lists, {"explicit": 0, "optional": True}),
        ("ocsp", _Answers, {"explicit": 1, "optional": True}),
    ]


class _RevocationValues(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [
        ("crls", _Lists, {"explicit": 0, "optional": True}),
        ("ocsps", _BasicAnswers, {"explicit": 1, "optional": True}),
        ("other", core.Any, {"explicit": 2, "optional": True}),
    ]
