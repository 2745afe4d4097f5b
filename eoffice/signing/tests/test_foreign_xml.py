"""XML signatures as other programs write them, put together as text: names without prefix, filters, keys in order."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from eoffice.signing.engine.authority import KeyAlgorithm
from eoffice.signing.engine.signing import SoftwareKey
from eoffice.signing.engine.verdicts import SignatureVerdict, Word
from eoffice.signing.engine.xml_signatures import check_xml
from eoffice.signing.tests.factories import NOW, Pki

DSIG = "http://www.w3.org/2000/09/xmldsig#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f'<Transform Algorithm="{DSIG}enveloped-signature"></Transform>'
FILTER = (
    '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    f'<XPath xmlns:d="{DSIG}">{{}}</XPath></Transform>'
)
REPORT = '<BaoCao xml:lang="vi"><So>12</So>{}</BaoCao>'


@dataclass(frozen=True, kw_only=True)
class How:
    """How a program signs. `digested` is what it digests, canonical already; `inherited` stands in the apex."""

    digested: str = REPORT.format("")
    transforms: str = ENVELOPED
    uri: str = ""
    inherited: str = ' xml:lang="vi"'
    holds: str = ""
    digest: str = "sha256"
    names: tuple[str, str] = (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    )
    more: Sequence[bytes] = field(default=())
    """Certificates (DER) that stand before the signer's."""


def signature(key: SoftwareKey, how: How) -> str:
    """A signature whose names have no prefix, as .NET writes them; its own text is canonical as it stands."""
    assert isinstance(key.private_key, rsa.RSAPrivateKey)
    digest = base64.b64encode(hashlib.new(how.digest, how.digested.encode()).digest()).decode()
    info = (
        f'<CanonicalizationMethod Algorithm="{INCLUSIVE}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{how.names[0]}"></SignatureMethod>'
        f'<Reference URI="{how.uri}"><Transforms>{how.transforms}</Transforms>'
        f'<DigestMethod Algorithm="{how.names[1]}"></DigestMethod><DigestValue>{digest}</DigestValue></Reference>'
    )
    octets = f'<SignedInfo xmlns="{DSIG}"{how.inherited}>{info}</SignedInfo>'.encode()
    algorithm = SHA1() if how.digest == "sha1" else SHA256()
    value = base64.b64encode(key.private_key.sign(octets, padding.PKCS1v15(), algorithm)).decode()
    known = [base64.b64encode(der).decode() for der in (*how.more, key.certificate)]
    certificates = "".join(f"<X509Certificate>{text}</X509Certificate>" for text in known)
    return (
        f'<Signature xmlns="{DSIG}"><SignedInfo>{info}</SignedInfo><SignatureValue>{value}</SignatureValue>'
        f"<KeyInfo><X509Data>{certificates}</X509Data></KeyInfo>{how.holds}</Signature>"
    )


@dataclass(frozen=True)
class World:
    pki: Pki
    key: SoftwareKey
    folder: Path

    def judged(self, content: str) -> list[SignatureVerdict]:
        path = self.folder / "x.xml"
        path.write_text(content, encoding="utf-8")
        return list(check_xml(path, self.pki.trust(), NOW).signatures)

    def line(self, content: str) -> SignatureVerdict:
        (line,) = self.judged(content)
        return line


@pytest.fixture(scope="module")
def world(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> World:
    key = pki.key("Trần Quốc Khánh", algorithm=KeyAlgorithm.RSA_2048)
    return World(pki, key, tmp_path_factory.mktemp("xml"))


def test_names_without_prefix_and_words_inherited_from_the_root(world: World):
    line = world.line(REPORT.format(signature(world.key, How())))
    assert (line.verdict, line.intact, line.signer) == (Word.VALID, True, "Trần Quốc Khánh"), line.reason

    changed = world.line(REPORT.format(signature(world.key, How())).replace(">12<", ">13<"))
    assert (changed.verdict, changed.sub_indication) == (Word.INVALID, "HASH_FAILURE")


def test_part_named_under_a_root_with_a_language(world: World):
    part = '<PhanKy{} Id="p"><So>12</So></PhanKy>'
    how = How(
        digested=part.format(' xml:lang="vi"').replace(' xml:lang="vi" Id="p"', ' Id="p" xml:lang="vi"'),
        uri="#p",
        transforms=f'<Transform Algorithm="{INCLUSIVE}"></Transform>',
    )
    line = world.line(f'<BaoCao xml:lang="vi">{part.format("")}{signature(world.key, how)}</BaoCao>')

    assert line.intact, line.reason
    assert line.verdict is Word.INDETERMINATE, "the language beside the signed part is signed by nobody"


def test_certificates_may_stand_in_any_order(world: World):
    how = How(more=(world.pki.root.der, world.pki.issuing.der))

    line = world.line(REPORT.format(signature(world.key, how)))
    assert (line.verdict, line.signer) == (Word.VALID, "Trần Quốc Khánh")


def _enveloping(text: str, octets: str) -> How:
    holder = f'<Object Id="o">{text}</Object>'
    return How(
        digested=octets, uri="#o", inherited="", holds=holder,
        transforms=f'<Transform Algorithm="{DSIG}base64"></Transform>',
    )  # fmt: skip


def test_words_in_base64_inside_the_signature(world: World):
    text = base64.b64encode("Nội dung văn bản".encode()).decode()

    assert world.line(signature(world.key, _enveloping(text, "Nội dung văn bản"))).verdict is Word.VALID
    other = signature(world.key, _enveloping(text, "Nội dung khác"))
    assert world.line(other).verdict is Word.INVALID
    with_part = signature(world.key, _enveloping(f"{text}<Them></Them>", "Nội dung văn bản"))
    assert world.line(with_part).verdict is Word.INDETERMINATE
    with_signs = signature(world.key, _enveloping(f"!{text}", "Nội dung văn bản"))
    assert world.line(with_signs).verdict is Word.INDETERMINATE


def test_all_of_a_file_but_its_signatures(world: World):
    how = How(transforms=FILTER.format("not(ancestor-or-self::d:Signature)"))
    one = signature(world.key, how)
    assert world.line(REPORT.format(one)).verdict is Word.VALID

    both = world.judged(REPORT.format(one + signature(world.key, how)))
    assert [line.verdict for line in both] == [Word.VALID, Word.VALID]
    assert world.line(REPORT.format(one).replace("12", "13")).verdict is Word.INVALID
    hidden = f'<Signature xmlns="{DSIG}"><Object>Nội dung thêm</Object></Signature>'
    assert Word.INDETERMINATE in [line.verdict for line in world.judged(REPORT.format(one + hidden))]


@pytest.mark.parametrize(
    "said",
    [
        "not(ancestor-or-self::d:Signature or self::So)",
        "not(ancestor-or-self::So)",
        "true()",
        "not(ancestor-or-self::x:Signature)",
    ],
)
def test_other_filters_are_refused_in_words(world: World, said: str):
    line = world.line(REPORT.format(signature(world.key, How(transforms=FILTER.format(said)))))

    assert (line.verdict, line.intact) == (Word.INDETERMINATE, False)
    assert line.reason == "Chưa xác định: chữ ký dùng phép biến đổi không được chấp nhận."


def test_old_digests_are_checked_and_never_enough(world: World):
    how = How(digest="sha1", names=(f"{DSIG}rsa-sha1", f"{DSIG}sha1"))
    content = REPORT.format(signature(world.key, how))

    line = world.line(content)
    assert (line.verdict, line.intact, line.sub_indication) == (Word.INDETERMINATE, True, "CRYPTO_CONSTRAINTS_FAILURE")
    assert world.line(content.replace(">12<", ">13<")).verdict is Word.INVALID


def test_list_of_digests_stands_for_nothing_that_is_read(world: World):
    manifest = '<Manifest Id="m"><Reference URI="x"></Reference></Manifest>'
    how = How(
        digested=f'<Manifest xmlns="{DSIG}" Id="m"><Reference URI="x"></Reference></Manifest>', uri="#m", inherited="",
        transforms=f'<Transform Algorithm="{INCLUSIVE}"></Transform>', holds=f"<Object>{manifest}</Object>",
    )  # fmt: skip

    line = world.line(signature(world.key, how))
    assert line.verdict is Word.INDETERMINATE
    assert "Manifest" in line.reason
