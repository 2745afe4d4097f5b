"""Files as other programs write them: what is honest is valid, and what only looks so is not (ISO 32000-2, 12.8)."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from asn1crypto import cms, core
from asn1crypto.crl import CertificateList
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.signing.engine.verdicts import FileState, TrustAnchors, Word
from eoffice.signing.tests.authorities import DAY, Holder, House
from eoffice.signing.tests.factories import NOW
from eoffice.signing.tests.foreign import (
    Style,
    World,
    as_indefinite,
    hybrid,
    letter,
    make_world,
    page,
    sign,
    stream,
    update,
)

FIRST = b"100 0 R"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
COVER = b"q 1 1 1 rg 60 500 480 200 re f 0 g BT /F1 14 Tf 80 600 Td (9 000 000 000) Tj ET Q"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("f"))


def with_adobe_lists(world: World) -> Style:
    """Lists in Adobe's signed attribute, as its programs write them."""
    listed = {"crl": [CertificateList.load(der) for der in world.trust.crls]}
    return Style(more_signed=[cms.CMSAttribute({"type": "adobe_revocation_info_archival", "values": [listed]})])


@pytest.mark.parametrize("where", ["nowhere", "message", "adobe"])
def test_lists_are_found_wherever_the_file_carries_them(world: World, where: str):
    known = {"nowhere": Style(), "message": Style(crls=world.trust.crls), "adobe": with_adobe_lists(world)}
    roots_only = TrustAnchors(roots=world.trust.roots)

    verdict = world.judged(world.sign(letter(), style=known[where]), roots_only)
    assert verdict.verdict is (Word.INDETERMINATE if where == "nowhere" else Word.VALID)


def test_certificate_that_limits_its_key_to_nothing_may_sign(world: World):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tự ký")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(world.house.issuing.certificate.subject)
        .public_key(key.public_key()).serial_number(77).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
        .sign(world.house.issuing.key, SHA256())
    )  # fmt: skip

    assert world.word(world.sign(letter(), Holder(certificate, key))) is Word.VALID


def attribute(*_: bytes) -> list[cms.CMSAttribute]:
    return [cms.CMSAttribute({"type": "1.2.3.4.5.6", "values": [core.OctetString(b"x")]})]


DETACHED = b"/adbe.pkcs7.detached"


@pytest.mark.parametrize(
    "style",
    [
        Style(sub_filter=DETACHED, names_certificate=0, claimed=NOW),
        Style(sub_filter=DETACHED, signed_attributes=False),
        Style(sub_filter=DETACHED, names_certificate=1),
        Style(digest="sha384"),
        Style(digest="sha3_256"),
        Style(pss_salt=0),
        Style(pss_salt=20),
        Style(pss_salt=64, digest="sha512"),
        Style(by_key_identifier=True),
        Style(rewrite=as_indefinite),
        Style(as_stream=True),
        Style(version="v3"),
        Style(unsigned=attribute),
        Style(more_signed=attribute()),
    ],
    ids=["cms", "cms-bare", "named-v1", "sha384", "sha3", "pss-0", "pss-20", "pss-512", "by-key", "open-lengths",
         "xref-stream", "version-3", "unknown-unsigned", "unknown-signed"],
)  # fmt: skip
def test_honest_ways_to_sign_are_valid(world: World, style: Style):
    verdict = world.judged(world.sign(letter(), world.rsa, style=style))

    assert verdict.verdict is Word.VALID, verdict.reason


@pytest.mark.parametrize(
    ("key", "digest"),
    [
        (ec.generate_private_key(ec.SECP521R1()), "sha512"),
        (ec.generate_private_key(ec.BrainpoolP384R1()), "sha384"),
        (ed25519.Ed25519PrivateKey.generate(), "sha512"),
    ],
    ids=["p521", "brainpool", "ed25519"],
)
def test_keys_of_other_kinds_are_checked(world: World, key: ec.EllipticCurvePrivateKey, digest: str):
    holder = world.house.holder("Khóa khác", key=key)

    assert world.word(world.sign(letter(), holder, style=Style(digest=digest))) is Word.VALID


def test_certificates_come_in_any_order_with_strangers_among_them(world: World):
    strange = House(name="Nhà khác").issuing.der
    order = (world.house.root.der, strange, world.house.issuing.der, world.curve.der)

    assert world.word(world.sign(letter(), style=Style(certificates=order))) is Word.VALID


def catalog(extra: bytes = b"", form: bytes = b"", fields: bytes = FIRST) -> bytes:
    return b"<< /Type /Catalog /Pages 2 0 R %s /AcroForm << /SigFlags 3 /Fields [%s] %s >> >>" % (extra, fields, form)


def annotated(*references: bytes) -> bytes:
    return page(10, b"/Annots [%s]" % b" ".join((FIRST, *references)))


HONEST: dict[str, Callable[[bytes], bytes]] = {
    "page written again": lambda signed: update(signed, {10: annotated()}),
    "information added": lambda signed: update(
        signed, {200: b"<< /Producer (X) >>"}, trailer=b"/Root 1 0 R /Info 200 0 R"
    ),
    "metadata added": lambda signed: update(
        signed, {1: catalog(b"/Metadata 200 0 R"), 200: stream(XMP, b"/Type /Metadata /Subtype /XML")}
    ),
    "nothing added": lambda signed: update(signed, {}),
    "nothing added, as a stream": lambda signed: update(signed, {}, as_stream=True),
    "fonts for fields": lambda signed: update(
        signed, {1: catalog(form=b"/DR << /Font << /Helv 3 0 R >> >> /DA (/Helv 0 Tf 0 g)")}
    ),
    "version raised": lambda signed: update(signed, {1: catalog(b"/Version /2.0")}),
    "invisible field": lambda signed: update(
        signed,
        {
            1: catalog(fields=b"100 0 R 150 0 R"), 10: annotated(b"150 0 R"),
            150: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Moi) /P 10 0 R /Rect [0 0 0 0] >>",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_what_programs_save_after_signing_leaves_it_valid(world: World, name: str):
    assert world.word(HONEST[name](world.signed)) is Word.VALID


SAVED: dict[str, dict[str, object]] = {
    "linear": {"linearize": True},
    "packed": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "encrypted": {"encryption": pikepdf.Encryption(owner="o", user="")},
}


@pytest.mark.parametrize("save", SAVED.values(), ids=SAVED)
def test_files_saved_otherwise_before_signing_are_valid(world: World, save: dict[str, object]):
    assert world.word(with_pyhanko(resaved(**save), world)) is Word.VALID


def test_file_that_asks_for_a_password_is_unreadable(world: World):
    locked = with_pyhanko(resaved(encryption=pikepdf.Encryption(owner="o", user="x")), world, password="x")

    assert world.judged(locked).state is FileState.UNREADABLE


def resaved(**save: object) -> bytes:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as pdf:
        pdf.save(output, **save)  # type: ignore[arg-type]
    return output.getvalue()


def with_pyhanko(content: bytes, world: World, password: str = "") -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content), strict=False)
    if writer.prev.encrypted:
        writer.encrypt(password.encode())
    der = world.curve.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    store = SimpleCertificateStore()
    store.register(cms.Certificate.load(world.house.issuing.der))
    signer = SimpleSigner(
        signing_cert=cms.Certificate.load(world.curve.der), cert_registry=store,
        signing_key=load_private_key_from_pemder_data(der, passphrase=None),
    )  # fmt: skip
    output = PdfSigner(PdfSignatureMetadata(field_name="Ky1", md_algorithm="sha256"), signer=signer).sign_pdf(writer)
    assert isinstance(output, io.BytesIO)
    return output.getvalue()


def mark(content: bytes, rect: bytes = b"[0 0 595 842]") -> Style:
    return Style(rect=rect, field_entries=b"/AP << /N 120 0 R >>", more={120: stream(content, FORM)})


def countersigned(world: World, first: bytes, style: Style, extra: bytes = b"") -> bytes:
    return world.sign(first, world.rsa, name=b"Ky2", number=110, fields=FIRST, style=style, catalog=extra)


def test_another_signers_mark_beside_the_words_is_valid_and_one_over_them_is_not(world: World):
    beside = countersigned(world, world.signed, mark(b"BT /F1 10 Tf 300 120 Td (Ky boi B) Tj ET"))
    over = countersigned(world, world.signed, mark(COVER))

    assert world.word(beside) is Word.VALID
    covered = world.judged(over)
    assert [line.verdict for line in covered.signatures] == [Word.INDETERMINATE, Word.VALID]
    assert "che mất nội dung ở trang 1" in covered.reason


@pytest.mark.parametrize("ground", [b"0.8 g", b"0.62 g", b"0.5 0 0 rg"], ids=["pale", "grey", "red"])
def test_words_covered_by_a_coloured_mark_are_missed_too(world: World, ground: bytes):
    covering = b"q %s 60 560 480 80 re f 1 g BT /F1 14 Tf 300 600 Td (9 000) Tj ET Q" % ground
    covered = countersigned(world, world.signed, mark(covering))

    assert world.judged(covered).signatures[0].verdict is Word.INDETERMINATE


@pytest.mark.parametrize("turn", [b"/Rotate 90", b"/CropBox [50 50 500 800]"])
def test_marks_on_turned_and_cropped_pages_are_found_where_they_stand(world: World, turn: bytes):
    turned = {10: page(10, b"/Annots [100 0 R] " + turn)}
    first = sign(letter(more={10: page(10, turn)}), world.curve, world.house.issuing, style=Style(more=turned))
    style = mark(b"BT /F1 10 Tf 300 120 Td (Ky boi B) Tj ET", b"[0 0 595 842]")
    again = Style(
        rect=style.rect, field_entries=style.field_entries,
        more={**style.more, 10: page(10, b"/Annots [100 0 R 110 0 R] " + turn)},
    )  # fmt: skip

    assert world.word(countersigned(world, first, again)) is Word.VALID


def test_strangers_signature_that_nobody_sees_takes_nothing_from_the_first(world: World):
    other = House(name="Người lạ")
    both = sign(world.signed, other.holder("Lạ"), other.issuing, name=b"Ky2", number=110, fields=FIRST)

    assert [line.verdict for line in world.judged(both).signatures] == [Word.VALID, Word.INDETERMINATE]


ANNOTATION = b"<< /Type /Annot /Subtype /Square /Rect [60 560 400 640] /F 4 /AP << /N 131 0 R >> >>"
FORGED: dict[str, Callable[[bytes], bytes]] = {
    "words replaced": lambda signed: update(signed, {11: stream(COVER)}),
    "font exchanged": lambda signed: update(signed, {3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"}),
    "layers added": lambda signed: update(signed, {1: catalog(b"/OCProperties << /OCGs [] /D << >> >>")}),
    "script added": lambda signed: update(signed, {1: catalog(b"/OpenAction << /S /JavaScript /JS (1) >>")}),
    "form of another kind": lambda signed: update(signed, {1: catalog(form=b"/XFA 200 0 R"), 200: stream(b"<xdp/>")}),
    "fields drawn anew": lambda signed: update(signed, {1: catalog(form=b"/NeedAppearances true")}),
    "annotation over the words": lambda signed: update(
        signed, {10: annotated(b"130 0 R"), 130: ANNOTATION, 131: stream(b"1 1 1 rg 0 0 595 842 re f", FORM)}
    ),
    "encrypted afterwards": lambda signed: update(
        signed,
        {300: b"<< /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >>" % (b"o" * 32, b"u" * 32)},
        trailer=b"/Root 1 0 R /Encrypt 300 0 R /ID [(a) (a)]",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_updates_that_change_what_is_seen_are_not_valid(world: World, name: str):
    assert world.word(FORGED[name](world.signed)) is not Word.VALID


@pytest.mark.parametrize("place", ["content", "drawing"])
def test_places_left_empty_when_signing_cannot_be_filled_later(world: World, place: str):
    """On a page that is not compared by its look, with an object that the signed file names and does not have."""
    last = 10 + 2 * 13
    drawing = page(last).replace(b"/Font <<", b"/XObject << /X 199 0 R >> /Font <<")
    more = {last: page(last, contents=b"[%d 0 R 199 0 R]" % (last + 1))}
    if place == "drawing":
        more = {last: drawing, last + 1: stream(b"BT /F1 14 Tf 80 600 Td (x) Tj ET /X Do")}
    signed = world.sign(letter(pages=14, more=more))

    assert world.word(signed) is Word.VALID
    verdict = world.judged(update(signed, {199: stream(COVER, FORM)}))
    assert verdict.verdict is Word.INVALID
    assert "để trống" in verdict.reason


def test_hybrid_tables_are_read_and_hide_nothing(world: World):
    seen = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", 10: page(10),
    }  # fmt: skip
    old_word = hybrid(b"%PDF-1.7\n", seen, {11: stream(b"BT /F1 14 Tf 80 600 Td (So tien) Tj ET")})
    signed = world.sign(old_word)

    assert world.word(signed) is Word.VALID
    assert world.word(hybrid(signed, {}, {11: stream(COVER)})) is Word.INVALID
    assert world.word(hybrid(world.signed, {200: b"(x)"}, {11: stream(COVER)})) is Word.INVALID
    assert world.word(hybrid(world.signed, {200: b"(x)"}, {201: b"(y)"})) is Word.VALID


def certified(world: World, level: int) -> bytes:
    reference = b"/Reference [<< /TransformMethod /DocMDP /TransformParams << /V /1.2 /P %d >> >>]" % level
    return world.sign(letter(), catalog=b"/Perms << /DocMDP 101 0 R >>", style=Style(entries=reference))


@pytest.mark.parametrize(("level", "word"), [(1, Word.INVALID), (2, Word.INVALID), (3, Word.INDETERMINATE)])
def test_annotations_after_certification(world: World, level: int, word: Word):
    changed = {10: annotated(b"130 0 R"), 130: ANNOTATION, 131: stream(b"1 1 1 rg 0 0 595 842 re f", FORM)}

    assert world.word(certified(world, level)) is Word.VALID
    assert world.word(update(certified(world, level), changed)) is word


@pytest.mark.parametrize(("level", "word"), [(1, Word.INVALID), (2, Word.VALID), (3, Word.VALID)])
def test_signatures_after_certification(world: World, level: int, word: Word):
    both = countersigned(world, certified(world, level), Style(), b"/Perms << /DocMDP 101 0 R >>")

    assert world.word(both) is word


def test_field_without_value_is_no_signature(world: World):
    empty = b"<< /FT /Sig /T (Trong) /V null /Rect [0 0 0 0] /Type /Annot /Subtype /Widget >>"
    verdict = world.judged(world.sign(letter(), fields=b"140 0 R", style=Style(more={140: empty})))

    assert [line.verdict for line in verdict.signatures] == [Word.VALID]


@pytest.mark.parametrize("name", [rb"Ky\000x", rb"\376\377\330\000\000a", rb"\001\002\033[2J", b"", b"A" * 9000])
def test_names_that_no_text_can_hold_harm_nobody(world: World, name: bytes):
    verdict = world.judged(world.sign(letter(), name=name))

    (line,) = verdict.signatures
    assert line.verdict is Word.VALID
    line.field.encode()
    assert all(sign.isprintable() for sign in line.field)


def test_two_fields_of_one_name_are_both_judged(world: World):
    both = world.sign(
        world.signed, name=b"Ky1", number=110, fields=FIRST, style=Style(rewrite=lambda der: der[:-4] + bytes(4))
    )

    verdict = world.judged(both)
    assert len(verdict.signatures) == 2
    assert verdict.verdict is Word.INVALID


def test_signature_that_calls_itself_a_time_stamp_is_still_judged(world: World):
    """Else a broken one could hide behind the name, and the file would pass as one without signatures."""
    signed = world.sign(letter(), style=Style(kind=b"/DocTimeStamp"))

    verdict = world.judged(signed)
    assert (verdict.state, verdict.verdict) == (FileState.SIGNED, Word.INDETERMINATE)
    assert len(verdict.signatures) == 1


def test_hole_holds_nothing_but_the_signature(world: World):
    assert world.word(world.sign(letter(), style=Style(rewrite=lambda der: der + b"\x01"))) is Word.INVALID
