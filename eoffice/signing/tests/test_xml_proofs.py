"""XML signatures with time stamps and validation data, beside one another, upon one another, and wrapped."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.engine.verdicts import SignatureVerdict, TimeSource, TrustAnchors, Verdict, Word
from eoffice.signing.engine.xml_signatures import check_xml
from eoffice.signing.tests.authorities import House
from eoffice.signing.tests.factories import NOW, Pki
from eoffice.signing.tests.test_proven_times import lists, stamper
from eoffice.signing.tests.test_xml_signatures import DS, XADES, signed

DATA = b"<HDon><DLHDon Id='data'><SoTien>100</SoTien></DLHDon><DSCKS><NBan/><NMua/></DSCKS></HDon>"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
LATER = NOW + timedelta(days=400)


@dataclass(frozen=True)
class World:
    """People who sign, and a house that stamps."""

    pki: Pki
    key: SoftwareKey
    other: SoftwareKey
    house: House
    clock: DummyTimeStamper
    folder: Path

    def trust(self, now: datetime = NOW) -> TrustAnchors:
        known = self.pki.trust(now=now, time_stamp_roots=(self.house.root.der,))
        return replace(known, crls=(*known.crls, *lists(self.house, now=now)))

    def judged(self, tree: etree._Element, now: datetime = NOW, trust: TrustAnchors | None = None) -> Verdict:
        path = self.folder / "x.xml"
        path.write_bytes(etree.tostring(tree))
        return check_xml(path, trust or self.trust(now), now)

    def line(self, tree: etree._Element, now: datetime = NOW, trust: TrustAnchors | None = None) -> SignatureVerdict:
        return self.judged(tree, now, trust).signatures[0]


@pytest.fixture(scope="module")
def world(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> World:
    house = House(name="Nhà dấu thời gian")
    key, other = (pki.key(name, algorithm=KeyAlgorithm.RSA_2048) for name in ("Trần Quốc Khánh", "Lê Thị Minh"))
    return World(pki, key, other, house, stamper(house), tmp_path_factory.mktemp("xml"))


def unsigned_properties(tree: etree._Element) -> etree._Element:
    properties = next(tree.iter(f"{XADES}QualifyingProperties"))
    holder = etree.SubElement(properties, f"{XADES}UnsignedProperties")
    return etree.SubElement(holder, f"{XADES}UnsignedSignatureProperties")


def stamped(
    world: World, *, method: str | None = EXCLUSIVE, digest: str = "sha256", over: bytes = b""
) -> etree._Element:
    """A report signed with XAdES and a time stamp over the signature's value."""
    tree = signed(world.key, xades=True)
    stamp = etree.SubElement(unsigned_properties(tree), f"{XADES}SignatureTimeStamp")
    if method is not None:
        etree.SubElement(stamp, f"{DS}CanonicalizationMethod", Algorithm=method)
    value = next(tree.iter(f"{DS}SignatureValue"))
    octets = over or etree.tostring(value, method="c14n", exclusive=method is not None, with_tail=False)
    token = asyncio.run(world.clock.async_timestamp(hashlib.new(digest, octets).digest(), digest))
    etree.SubElement(stamp, f"{XADES}EncapsulatedTimeStamp").text = base64.b64encode(token.dump()).decode()
    return tree


def with_lists(world: World, tree: etree._Element) -> etree._Element:
    """Certificates and lists of everybody in the signature's own properties (XAdES-LT)."""
    properties = next(tree.iter(f"{XADES}UnsignedSignatureProperties"))
    values = etree.SubElement(etree.SubElement(properties, f"{XADES}RevocationValues"), f"{XADES}CRLValues")
    for der in (*world.pki.crls(), *lists(world.house, now=NOW)):
        etree.SubElement(values, f"{XADES}EncapsulatedCRLValue").text = base64.b64encode(der).decode()
    return tree


@pytest.mark.parametrize("method", [EXCLUSIVE, None], ids=["exclusive", "inclusive"])
def test_time_stamp_proves_when_it_was_signed(world: World, method: str | None):
    line = world.line(stamped(world, method=method))

    assert (line.verdict, line.level, line.strength) == (Word.VALID, "XAdES-T", "B-T")
    assert line.time_source is TimeSource.TIME_STAMP
    assert line.time_at == NOW


def test_time_stamp_of_a_stranger_over_something_else_or_weak_proves_nothing(world: World):
    tree = stamped(world)
    believed_for_signers_only = replace(world.trust(), time_stamp_roots=(world.pki.root.der,))

    for line in (
        world.line(tree, trust=believed_for_signers_only),
        world.line(stamped(world, over=b"something else")),
        world.line(stamped(world, digest="sha1")),
    ):
        assert (line.verdict, line.level) == (Word.INDETERMINATE, "XAdES")
        assert "dấu thời gian" in line.reason
        assert line.time_source is TimeSource.CLAIMED


def test_expired_signer_is_valid_only_with_what_was_known_then(world: World):
    with_values = with_lists(world, stamped(world))

    assert world.line(with_values).level == "XAdES-LT"
    assert world.line(with_values, LATER).verdict is Word.VALID
    assert world.line(stamped(world), LATER).verdict is Word.INDETERMINATE


def test_archive_stamp_is_named_where_it_might_have_helped(world: World):
    tree = stamped(world)
    holder = next(tree.iter(f"{XADES}UnsignedSignatureProperties"))
    etree.SubElement(holder, "{http://uri.etsi.org/01903/v1.4.1#}ArchiveTimeStamp")

    assert world.line(tree).verdict is Word.VALID
    line = world.line(tree, LATER)
    assert line.verdict is Word.INDETERMINATE
    assert line.reason.endswith("dấu thời gian lưu trữ trong tệp hệ thống chưa kiểm tra được.")


@pytest.mark.parametrize(("after", "word"), [(-1, Word.INVALID), (1, Word.VALID)])
def test_revoked_before_or_after_the_time_stamp(world: World, after: int, word: Word):
    own = Pki(root=world.pki.root)
    own.issuing = world.pki.issuing
    own.revoke(world.key, at=NOW + timedelta(hours=after))
    later = NOW + timedelta(hours=2)
    known = own.trust(now=later, time_stamp_roots=(world.house.root.der,))
    trust = replace(known, crls=(*known.crls, *lists(world.house, now=later)))

    assert world.line(stamped(world), later, trust).verdict is word


def by_hand(tree: etree._Element, key: SoftwareKey, target: etree._Element, holder: etree._Element, name: str) -> None:
    """Put into `holder` a signature over `target`, which bears one name."""
    (bears,) = (str(value) for attribute, value in target.items() if str(attribute).endswith("Id"))
    transforms = f"<ds:Transforms><ds:Transform Algorithm='{EXCLUSIVE}'/></ds:Transforms>"
    digest = hashlib.sha256(etree.tostring(target, method="c14n", exclusive=True, with_tail=False)).digest()
    info = etree.fromstring(
        f"<ds:SignedInfo xmlns:ds='{DS[1:-1]}'><ds:CanonicalizationMethod Algorithm='{EXCLUSIVE}'/>"
        "<ds:SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>"
        f"<ds:Reference URI='#{bears}'>{transforms}"
        "<ds:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/>"
        f"<ds:DigestValue>{base64.b64encode(digest).decode()}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    assert isinstance(key.private_key, rsa.RSAPrivateKey)
    octets = etree.tostring(info, method="c14n", exclusive=True)
    value = base64.b64encode(key.private_key.sign(octets, padding.PKCS1v15(), SHA256())).decode()
    signature = etree.SubElement(holder, f"{DS}Signature", Id=name, nsmap={"ds": DS[1:-1]})
    signature.append(info)
    etree.SubElement(signature, f"{DS}SignatureValue", Id=f"{name}-value").text = value
    data = etree.SubElement(etree.SubElement(signature, f"{DS}KeyInfo"), f"{DS}X509Data")
    for der in (key.certificate, *key.chain):
        etree.SubElement(data, f"{DS}X509Certificate").text = base64.b64encode(der).decode()
    assert tree is holder.getroottree().getroot()


def invoice(world: World) -> etree._Element:
    """Seller and buyer sign the same data, each in a place of its own beside it."""
    tree = etree.fromstring(DATA)
    (data, places) = tree
    by_hand(tree, world.key, data, places[0], "ban")
    by_hand(tree, world.other, data, places[1], "mua")
    return tree


def test_signatures_beside_one_another_are_judged_each(world: World):
    tree = invoice(world)
    assert [line.verdict for line in world.judged(tree).signatures] == [Word.VALID, Word.VALID]

    tree[1].append(etree.fromstring("<TrangThai>Đã huỷ</TrangThai>"))
    beside = world.judged(tree)
    assert [line.verdict for line in beside.signatures] == [Word.INDETERMINATE] * 2
    assert not any(line.covers_file for line in beside.signatures)

    tree = invoice(world)
    next(tree.iter("SoTien")).text = "900"
    assert [line.sub_indication for line in world.judged(tree).signatures] == ["HASH_FAILURE"] * 2

    tree = invoice(world)
    value = next(tree[1][1].iter(f"{DS}SignatureValue"))
    value.text = next(tree.iter(f"{DS}SignatureValue")).text
    assert [line.verdict for line in world.judged(tree).signatures] == [Word.VALID, Word.INVALID]


def test_two_signatures_in_one_place_are_judged_each(world: World):
    tree = etree.fromstring(DATA)
    (data, places) = tree
    for key, name in ((world.key, "ban"), (world.other, "mua")):
        by_hand(tree, key, data, places[0], name)
    places.remove(places[1])

    verdict = world.judged(tree)
    assert [(line.field, line.verdict) for line in verdict.signatures] == [("ban", Word.VALID), ("mua", Word.VALID)]


def countersigned(world: World) -> etree._Element:
    tree = signed(world.key, xades=True)
    value = next(tree.iter(f"{DS}SignatureValue"))
    value.set("Id", "gia-tri")
    holder = etree.SubElement(unsigned_properties(tree), f"{XADES}CounterSignature")
    by_hand(tree, world.other, value, holder, "xac-nhan")
    return tree


def test_countersignature_is_judged_with_what_it_signs(world: World):
    verdict = world.judged(countersigned(world))
    assert [line.verdict for line in verdict.signatures] == [Word.VALID, Word.VALID]
    assert verdict.signatures[1].signer == "Lê Thị Minh"

    harmed = countersigned(world)
    next(harmed.iter("SoTien")).text = "900"
    assert [line.verdict for line in world.judged(harmed).signatures] == [Word.INVALID, Word.INDETERMINATE]

    swapped = countersigned(world)
    list(swapped.iter(f"{DS}SignatureValue"))[1].text = "AAAA"
    assert [line.verdict for line in world.judged(swapped).signatures] == [Word.VALID, Word.INVALID]


def test_signature_inside_another_that_signs_something_else_is_not_valid(world: World):
    tree = signed(world.key, xades=True)
    part = etree.SubElement(unsigned_properties(tree), f"{XADES}CounterSignature")
    by_hand(tree, world.other, next(tree.iter(f"{XADES}SignedProperties")), part, "la")

    assert world.judged(tree).signatures[1].verdict is not Word.VALID


def test_name_in_another_namespace_does_not_stand_for_the_signed_part(world: World):
    """The signed report hides under a forged root that bears the same name in another spelling."""
    tree = etree.fromstring(
        "<Bao ID='bc' xmlns:w='urn:w'><Huy>1</Huy><BaoCao w:Id='bc'><Tien>100</Tien></BaoCao></Bao>"
    )
    by_hand(tree, world.key, tree[1], tree, "ky")

    line = world.line(tree)
    assert (line.verdict, line.sub_indication) == (Word.INDETERMINATE, "FORMAT_FAILURE")


@pytest.mark.parametrize("extra", ["<?xsl href='x'?>", "<!-- 1 -->"])
def test_what_stands_outside_the_signed_text_is_not_overlooked(world: World, extra: str):
    content = etree.tostring(invoice(world)).replace(b"<DSCKS>", extra.encode() + b"<DSCKS>")

    assert world.judged(etree.fromstring(content)).verdict is Word.INDETERMINATE
