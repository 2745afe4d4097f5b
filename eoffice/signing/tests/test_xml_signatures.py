"""XML signatures: whole, altered, wrapped, of strangers, revoked, hostile; judged without a database or a network."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import etree
from signxml import methods
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner
from signxml.xades.xades import XAdESSigner

from eoffice.core import clock
from eoffice.signing import services
from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.engine.verdicts import FileState, TrustAnchors, Verdict, Word
from eoffice.signing.engine.xml_signatures import check_xml, is_xml, links_of_xml
from eoffice.signing.tests.factories import NOW, PIN, Cast, Pki
from eoffice.signing.tests.test_verify_command import verify

BODY = b"<?xml version='1.0' encoding='UTF-8'?><BaoCao Id='bc'><Don>Truong Xuan</Don><SoTien>100</SoTien></BaoCao>"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"


@pytest.fixture(scope="module")
def key(pki: Pki) -> SoftwareKey:
    return pki.key("Trần Quốc Khánh", algorithm=KeyAlgorithm.RSA_2048)


def certificates(key: SoftwareKey) -> list[x509.Certificate]:
    return [x509.load_der_x509_certificate(der) for der in (key.certificate, *key.chain)]


def signed(
    key: SoftwareKey, *, xades: bool = False, body: bytes = BODY, reference: str | None = None
) -> etree._Element:
    """The report signed by a person, enveloped; over the part named `reference` where there is one."""
    name = "RSA_SHA256" if isinstance(key.private_key, rsa.RSAPrivateKey) else "ECDSA_SHA256"
    signer = (XAdESSigner if xades else XMLSigner)(
        method=methods.enveloped, signature_algorithm=SignatureMethod[name], digest_algorithm=DigestAlgorithm.SHA256
    )
    asked: Any = {"reference_uri": [f"#{reference}"]} if reference else {}
    made: etree._Element = signer.sign(etree.fromstring(body), key=key.private_key, cert=certificates(key), **asked)
    return made


def judged(directory: Path, content: bytes | etree._Element, trust: TrustAnchors) -> Verdict:
    path = directory / "tep.xml"
    path.write_bytes(content if isinstance(content, bytes) else etree.tostring(content))
    return check_xml(path, trust, NOW)


@pytest.mark.parametrize("xades", [False, True], ids=["xmldsig", "xades"])
@pytest.mark.parametrize("algorithm", [KeyAlgorithm.RSA_2048, KeyAlgorithm.ECDSA_P256])
def test_whole_file_signed_by_a_known_person_is_valid(
    tmp_path: Path, pki: Pki, xades: bool, algorithm: KeyAlgorithm
) -> None:
    key = pki.key("Trần Quốc Khánh", algorithm=algorithm)
    verdict = judged(tmp_path, signed(key, xades=xades), pki.trust())

    (line,) = verdict.signatures
    assert (verdict.verdict, line.signer, line.covers_file, line.intact) == (
        Word.VALID, "Trần Quốc Khánh", True, True
    )  # fmt: skip
    assert line.level == ("XAdES" if xades else "XML-DSig")
    assert (line.time is not None) == xades
    assert len(line.chain) == 3
    assert [link.certificate for link in links_of_xml(tmp_path / "tep.xml", pki.trust())] == [
        key.certificate, pki.issuing.der
    ]  # fmt: skip


def test_any_changed_word_makes_it_invalid(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    content = etree.tostring(signed(key, xades=True))

    for old, new in ((b">100<", b">900<"), (b"Truong", b"truong"), (b"</SoTien>", b"</SoTien><Them>1</Them>")):
        verdict = judged(tmp_path, content.replace(old, new), pki.trust())
        assert (verdict.verdict, verdict.signatures[0].sub_indication) == (Word.INVALID, "HASH_FAILURE")


def test_single_flipped_bytes_are_never_valid(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    content = etree.tostring(signed(key))
    beside = range(content.index(b"<ds:KeyInfo"), content.index(b"</ds:KeyInfo>"))  # signed by nobody
    for place in set(range(10, len(content), 23)) - set(beside):
        changed = bytearray(content)
        changed[place] ^= 1
        verdict = judged(tmp_path, bytes(changed), pki.trust())
        assert verdict.verdict is not Word.VALID, (place, content[place - 20 : place + 20])


# Wrapping: the signed part is moved away, another takes its place


def _wrapped_beside(tree: etree._Element) -> etree._Element:
    """The signed report goes under a new root, a forged one stands first."""
    root = etree.Element("BaoCao")
    etree.SubElement(root, "SoTien").text = "900"
    root.append(tree)
    return root


def _wrapped_same_name(tree: etree._Element) -> etree._Element:
    """Two parts of the name that the signature refers to."""
    root = etree.Element("BaoCao")
    forged = etree.SubElement(root, "BaoCao", Id="bc")
    etree.SubElement(forged, "SoTien").text = "900"
    root.append(tree)
    return root


def _moved_into_object(tree: etree._Element) -> etree._Element:
    """The signed report hides in an Object of its own signature, a forged one is the root."""
    original = copy.deepcopy(tree)
    signature = original.find(f"{DS}Signature")
    assert signature is not None
    original.remove(signature)
    root = etree.Element("BaoCao")
    etree.SubElement(root, "SoTien").text = "900"
    holder = etree.SubElement(signature, f"{DS}Object")
    holder.append(original)
    root.append(signature)
    return root


@pytest.mark.parametrize("wrap", [_wrapped_beside, _wrapped_same_name, _moved_into_object])
@pytest.mark.parametrize("reference", ["", "bc"], ids=["whole", "by-name"])
def test_wrapping_attacks_are_never_valid(
    tmp_path: Path, pki: Pki, key: SoftwareKey, wrap: Callable[[etree._Element], etree._Element], reference: str
) -> None:
    tree = signed(key, reference=reference)
    assert judged(tmp_path, tree, pki.trust()).verdict is Word.VALID

    assert judged(tmp_path, wrap(tree), pki.trust()).verdict is not Word.VALID


def test_signature_over_a_part_is_told_and_not_valid(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    body = b"<BaoCao><Phan Id='p1'><SoTien>100</SoTien></Phan><Phu>khong ky</Phu></BaoCao>"
    verdict = judged(tmp_path, signed(key, body=body, reference="p1"), pki.trust())

    assert verdict.verdict is Word.INDETERMINATE
    assert "chỉ bao một phần" in verdict.reason


def _with_comment(tree: etree._Element) -> None:
    """A program that reads the words up to the comment reads another sum."""
    sum_of_money = tree.find("SoTien")
    assert sum_of_money is not None
    sum_of_money.text = "1"
    comment = etree.Comment("x")
    comment.tail = "00"
    sum_of_money.append(comment)


def _with_object(tree: etree._Element) -> None:
    signature = tree.find(f"{DS}Signature")
    assert signature is not None
    etree.SubElement(etree.SubElement(signature, f"{DS}Object"), "SoTien").text = "900"


def _beside_properties(tree: etree._Element) -> None:
    holder = tree.find(f"{DS}Signature/{DS}Object")
    assert holder is not None
    etree.SubElement(holder, "SoTien").text = "900"


@pytest.mark.parametrize("add", [_with_comment, _with_object, _beside_properties])
def test_what_anybody_may_add_without_breaking_the_value_is_not_valid(
    tmp_path: Path, pki: Pki, key: SoftwareKey, add: Callable[[etree._Element], None]
) -> None:
    tree = signed(key, xades=True)
    assert judged(tmp_path, tree, pki.trust()).verdict is Word.VALID

    add(tree)
    verdict = judged(tmp_path, tree, pki.trust())

    assert (verdict.verdict, verdict.signatures[0].covers_file) == (Word.INDETERMINATE, False)


def test_references_to_the_authorities_above_accuse_nobody(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    tree = signed(key, xades=True)
    properties = tree.find(f".//{XADES}QualifyingProperties")
    own = tree.find(f".//{XADES}CertDigest")
    assert properties is not None
    assert own is not None
    above = copy.deepcopy(own)
    value = above.find(f"{DS}DigestValue")
    assert value is not None
    value.text = base64.b64encode(hashlib.sha256(pki.issuing.der).digest()).decode()
    unsigned = etree.SubElement(properties, f"{XADES}UnsignedProperties")
    signature_properties = etree.SubElement(unsigned, f"{XADES}UnsignedSignatureProperties")
    references = etree.SubElement(
        etree.SubElement(signature_properties, f"{XADES}CompleteCertificateRefs"), f"{XADES}CertRefs"
    )
    etree.SubElement(references, f"{XADES}Cert").append(above)

    assert judged(tmp_path, tree, pki.trust()).verdict is Word.VALID


def test_certificate_swapped_for_another_is_caught(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    tree = signed(key, xades=True)
    other = pki.key("Người khác", algorithm=KeyAlgorithm.RSA_2048)
    place = tree.find(f".//{DS}X509Certificate")
    assert place is not None
    place.text = base64.b64encode(other.certificate).decode()

    assert judged(tmp_path, tree, pki.trust()).verdict is Word.INVALID


# Whom we believe


def test_unknown_authority_and_missing_revocation_leave_it_open(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    tree = signed(key)

    stranger = judged(tmp_path, tree, Pki().trust())
    silent = judged(tmp_path, tree, replace(pki.trust(), crls=()))

    assert (stranger.verdict, silent.verdict) == (Word.INDETERMINATE, Word.INDETERMINATE)
    assert stranger.signatures[0].intact
    assert stranger.signatures[0].signer == "Trần Quốc Khánh"


def test_revoked_signer_makes_it_invalid(tmp_path: Path) -> None:
    own = Pki()
    key = own.key("Người bị thu hồi", algorithm=KeyAlgorithm.RSA_2048)
    tree = signed(key)
    own.revoke(key, at=NOW - timedelta(days=1))

    verdict = judged(tmp_path, tree, own.trust())

    assert (verdict.verdict, verdict.signatures[0].sub_indication) == (Word.INVALID, "REVOKED")


def test_expired_signer_leaves_it_open(tmp_path: Path, pki: Pki) -> None:
    key = pki.key("Hết hạn", algorithm=KeyAlgorithm.RSA_2048, made=NOW - timedelta(days=90), days=30)

    assert judged(tmp_path, signed(key), pki.trust()).verdict is Word.INDETERMINATE


# Hostile files


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        b"<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><a>&b;</a>",
        b"<a><b></a>",
        b"",
        b"\x00\x01",
    ],
    ids=["outside-entity", "laughs", "unclosed", "empty", "bytes"],
)
def test_hostile_and_broken_files_are_unreadable(tmp_path: Path, pki: Pki, content: bytes) -> None:
    verdict = judged(tmp_path, content, pki.trust())

    assert (verdict.state, verdict.signatures) == (FileState.UNREADABLE, ())


def test_signature_pointing_outside_asks_nobody(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    tree = signed(key)
    next(tree.iter(f"{DS}Reference")).set("URI", "http://127.0.0.1:9/bao-cao.xml")

    verdict = judged(tmp_path, tree, pki.trust())

    assert (verdict.verdict, verdict.signatures[0].sub_indication) == (Word.INDETERMINATE, "SIGNED_DATA_NOT_FOUND")


def test_transforms_that_pick_parts_are_refused(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    path = b"http://www.w3.org/TR/1999/REC-xpath-19991116"
    content = etree.tostring(signed(key)).replace(b"http://www.w3.org/2000/09/xmldsig#enveloped-signature", path)

    assert judged(tmp_path, content, pki.trust()).verdict is Word.INDETERMINATE


def test_file_without_signature_and_edxml_header_are_told_as_such(tmp_path: Path, pki: Pki, key: SoftwareKey) -> None:
    header = signed(key, body=b"<edXML xmlns='http://www.mic.gov.vn/TBT/QCVN_102_2016'><a/></edXML>")

    assert judged(tmp_path, BODY, pki.trust()).state is FileState.UNSIGNED
    verdict = judged(tmp_path, header, pki.trust())
    assert verdict.verdict is Word.INDETERMINATE
    assert "không kết luận" in verdict.reason


def test_xml_is_known_by_its_beginning() -> None:
    assert is_xml(b"\xef\xbb\xbf<?xml version='1.0'?><a/>")
    assert is_xml(b"  <HDon>")
    assert not is_xml(b"%PDF-1.7")
    assert not is_xml(b"<html><body>")
    assert not is_xml(b"")


# Where people meet them


def test_page_and_command_judge_xml_as_they_judge_pdf(cast: Cast, client: Client, tmp_path: Path, capsys: Any) -> None:
    services.set_pin(actor=cast.leader, pin=PIN, now=clock.now())
    opened = services.unlock(actor=cast.leader, pin=PIN, now=clock.now()).signer
    assert isinstance(opened, SoftwareKey)
    content = etree.tostring(signed(opened, xades=True))
    path = tmp_path / "bao-cao.xml"
    path.write_bytes(content)

    good = client.post("/signing/verify/", {"file": SimpleUploadedFile("bao-cao.xml", content)}).content.decode()
    bad = client.post(
        "/signing/verify/", {"file": SimpleUploadedFile("bao-cao.xml", content.replace(b">100<", b">900<"))}
    ).content.decode()
    code, spoken = verify(path, capsys)

    assert "Chữ ký trên tệp XML (XAdES)" in good
    assert cast.leader.name in good
    assert "Nội dung đã bị thay đổi sau khi ký" in bad
    assert code == 0
    assert [line["level"] for line in spoken["signatures"]] == ["XAdES"]
