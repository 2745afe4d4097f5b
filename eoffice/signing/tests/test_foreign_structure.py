"""Foreign files of unusual build: which bytes belong to what was signed, and what a file can show only later (A.6)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from asn1crypto import cms, core
from pyhanko.pdf_utils.reader import PdfFileReader

from eoffice.signing.engine.embedded import embedded_in
from eoffice.signing.engine.examining import ExaminedFile
from eoffice.signing.engine.looking import Look, look_after
from eoffice.signing.engine.makeup import pages_made_anew
from eoffice.signing.engine.verdicts import TrustAnchors, Word
from eoffice.signing.tests.factories import NOW
from eoffice.signing.tests.foreign import (
    Style,
    World,
    begin,
    letter,
    linear,
    make_world,
    page,
    stream,
    update,
)

FIRST = b"100 0 R"
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
COVER = b"q 1 1 1 rg 60 500 480 200 re f 0 g BT /F1 14 Tf 80 600 Td (9 000 000 000) Tj ET Q"
PAGES = 15
LAST = 10 + 2 * (PAGES - 1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("s"))


def last_pointer(content: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)", content)[-1])


def pointing_back(content: bytes) -> bytes:
    """An update that writes nothing."""
    at = len(content)
    return b"xref\n0 0\ntrailer\n<< /Size 300 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        last_pointer(content), at,
    )  # fmt: skip


# A linearised file is one revision in two sections, of which the newer one stands first.
@pytest.fixture(scope="module", params=[False, True], ids=["value-in-first-page", "value-in-the-rest"])
def linearised(request: pytest.FixtureRequest, world: World) -> bytes:
    return linear(world.curve, world.house.issuing, value_in_main=request.param)


def test_linearised_file_signed_in_the_same_save_is_valid(world: World, linearised: bytes):
    assert world.word(linearised) is Word.VALID


def test_linearised_file_may_be_signed_again(world: World, linearised: bytes):
    again = world.sign(linearised, world.rsa, name=b"Ky2", number=110, fields=FIRST)

    assert [line.verdict for line in world.judged(again).signatures] == [Word.VALID, Word.VALID]


TAILS: dict[str, Callable[[bytes], bytes]] = {
    "a mark": lambda signed: signed + b"%%EOF\n",
    "an object": lambda signed: signed + b"11 0 obj\n" + stream(COVER) + b"\nendobj\n",
    "an object and the same pointer": lambda signed: (
        signed + b"11 0 obj\n" + stream(COVER) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % last_pointer(signed)
    ),
    "an update": lambda signed: update(signed, {11: stream(COVER)}),
    "another section in place of the second": lambda signed: (
        signed.replace(b"/Prev 0", b"/Prev 9", 1) + b"11 0 obj\n" + stream(COVER) + b"\nendobj\n"
    ),
}


@pytest.mark.parametrize("name", TAILS)
def test_nothing_follows_a_linearised_file_unexamined(world: World, linearised: bytes, name: str):
    assert world.word(TAILS[name](linearised)) is not Word.VALID


def test_section_of_a_first_page_planted_before_signing_shows_nothing_later(world: World):
    """Everything is in the signed bytes; a pointer appended afterwards makes the planted section the newest."""

    def planted(main: int) -> bytes:
        hidden = b"%%PDF-1.7\n60 0 obj\n%s\nendobj\n" % stream(COVER)
        table = b"xref\n11 1\n%010d 00000 n \ntrailer\n<< /Size 200 /Root 1 0 R /Prev %010d >>\n" % (9, main)
        table = table.replace(b"%010d" % 9, b"%010d" % (hidden.index(b"60 0 obj")))
        start = hidden.replace(b"60 0 obj", b"11 0 obj") + table
        body = letter()[len(b"%PDF-1.7\n") :]
        objects = {int(number): text for number, text in re.findall(rb"(\d+) 0 obj\n(.*?)\nendobj\n", body, re.S)}
        return _moved(start, objects)

    signed = world.sign(planted(last_pointer(world.sign(planted(0)))))
    section = signed.index(b"xref\n11 1")

    assert world.word(signed) is Word.VALID
    assert world.word(signed + b"startxref\n%d\n%%%%EOF\n" % section) is Word.INVALID


def _moved(start: bytes, objects: dict[int, bytes]) -> bytes:
    """A first revision that begins with `start`."""
    whole = begin(objects)
    shift = len(start) - whole.index(b"1 0 obj")
    moved = re.sub(rb"(\d{10}) 00000 n", lambda found: b"%010d 00000 n" % (int(found[1]) + shift), whole)
    moved = re.sub(rb"startxref\n(\d+)", lambda found: b"startxref\n%d" % (int(found[1]) + shift), moved)
    return start + moved[moved.index(b"1 0 obj") :]


# What a file shows only once something is appended, on a page far behind.
def pointing_behind(world: World) -> tuple[bytes, bytes]:
    """The table has an object that begins behind the end of what is signed."""
    far = 40_000
    base = letter(pages=PAGES, more={LAST: page(LAST, contents=b"[%d 0 R 199 0 R]" % (LAST + 1))})
    free = b"xref\n0 1\n0000000000 65535 f \n"
    signed = world.sign(base.replace(free, free + b"199 1\n%010d 00000 n \n" % far).replace(b"/Size 40", b"/Size 200"))
    grown = (signed + b"%").ljust(far - 1, b"x") + b"\n199 0 obj\n" + stream(COVER) + b"\nendobj\n"
    return signed, grown + pointing_back(grown)


def claiming_more(world: World) -> tuple[bytes, bytes]:
    """The stream of a page claims more bytes than it has."""
    long = 60_000
    shown = b"BT /F1 14 Tf 80 600 Td (x) Tj ET"
    signed = world.sign(
        letter(pages=PAGES, more={LAST + 1: b"<< /Length %d >>\nstream\n%s\nendstream" % (long, shown)})
    )
    end = signed.index(shown) + long
    grown = (signed + b"%x\n").ljust(end - len(COVER)) + COVER + b"\nendstream\nendobj\n"
    return signed, grown + pointing_back(grown)


def in_no_stream(world: World) -> tuple[bytes, bytes]:
    """The table has an object within a stream that is not there."""
    page_without = page(LAST).replace(b"/Resources <<", b"/Resources 199 0 R /Old <<")
    base = letter(pages=PAGES, more={LAST: page_without})
    signed = world.sign(with_places(base, {}, {199: (300, 0)}))
    shown = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Symbol >> >> >>"
    head = b"199 0 201 %d " % (len(shown) + 1)
    holder = stream(head + shown + b" (x)", b"/Type /ObjStm /N 2 /First %d" % len(head))
    return signed, with_places(signed, {300: holder}, {201: (300, 1)})


def with_places(content: bytes, objects: dict[int, bytes], inside: dict[int, tuple[int, int]]) -> bytes:
    """One more revision whose table names objects `inside` streams, by the stream's number and their place in it."""
    rows = {}
    for number, body in objects.items():
        rows[number] = b"\x01" + len(content).to_bytes(4) + b"\x00\x00"
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    own = 400 + len(rows)
    rows[own] = b"\x01" + len(content).to_bytes(4) + b"\x00\x00"
    rows |= {number: b"\x02" + holder.to_bytes(4) + place.to_bytes(2) for number, (holder, place) in inside.items()}
    index = b" ".join(b"%d 1" % number for number in sorted(rows))
    entries = b"/Type /XRef /W [1 4 2] /Index [%s] /Size 500 /Root 1 0 R /Prev %d" % (index, last_pointer(content))
    table = stream(b"".join(row for _, row in sorted(rows.items())), entries)
    return content + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, table, len(content))


@pytest.mark.parametrize("make", [pointing_behind, claiming_more, in_no_stream])
def test_signed_bytes_mean_the_same_whatever_follows(world: World, make: Callable[[World], tuple[bytes, bytes]]):
    signed, grown = make(world)

    assert world.word(signed) is Word.VALID
    verdict = world.judged(grown)
    assert verdict.verdict is Word.INVALID
    assert "để trống" in verdict.reason


def test_number_in_use_is_not_used_again_under_another_generation(world: World):
    """Viewers go by the number: the later one would be drawn."""
    signed = world.sign(letter(pages=PAGES))
    at = len(signed)
    body = b"%d 1 obj\n<< /Producer (x) >>\nendobj\n" % (LAST + 1)
    table = b"xref\n%d 1\n%010d 00001 n \n" % (LAST + 1, at)
    trailer = b"trailer\n<< /Size 300 /Root 1 0 R /Info %d 1 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        LAST + 1, last_pointer(signed), at + len(body),
    )  # fmt: skip

    verdict = world.judged(signed + body + table + trailer)
    assert verdict.verdict is Word.INVALID
    assert "để trống" in verdict.reason


@pytest.mark.parametrize(
    "twice", [b"/Contents %d 0 R /Contents 900 0 R", b"/Contents 900 0 R /Contents %d 0 R"], ids=["last", "first"]
)
def test_entry_named_twice_is_read_in_two_ways(world: World, twice: bytes):
    signed = world.sign(letter(pages=PAGES))
    changed = page(LAST).replace(b"/Contents %d 0 R" % (LAST + 1), twice % (LAST + 1))
    unseen = page(LAST, b"/Rotate 0 /Rotate 0")

    assert world.word(update(signed, {LAST: changed, 900: stream(COVER)})) is Word.INVALID
    verdict = world.judged(update(signed, {LAST: unseen}))
    assert verdict.verdict is not Word.VALID


def looked_at(world: World, content: bytes, *, seconds_ago: float = 0) -> Look:
    path = world.folder / "look.pdf"
    path.write_bytes(content)
    with path.open("rb") as source:
        reader = PdfFileReader(source, strict=False)
        signatures = embedded_in(reader).signatures
        file = ExaminedFile(
            path=path, reader=reader, stream=source, signatures=signatures, trust=TrustAnchors(), now=NOW,
            open_fields=frozenset(), damaged_tail=False, store=None, started=time.monotonic() - seconds_ago,
        )  # fmt: skip
        return look_after(file, signatures[0], set())


def test_pages_far_behind_are_seen_too(world: World):
    """The second line of defence by itself: however a change got there."""
    signed, changed = pointing_behind(world)
    plain = update(world.sign(letter(pages=PAGES)), {LAST + 1: stream(COVER)})

    assert looked_at(world, changed).differs == PAGES
    assert looked_at(world, plain).differs == PAGES
    assert looked_at(world, update(signed, {})) == Look()
    assert pages_made_anew(signed, update(signed, {LAST + 1: stream(COVER)})) == frozenset({PAGES - 1})
    assert pages_made_anew(signed, update(signed, {3: b"<< /Type /Font >>"})) == frozenset(range(PAGES))
    assert pages_made_anew(signed, update(signed, {})) == frozenset()


def test_other_layers_make_every_page_anew():
    layers = {
        1: b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [200 0 R] /D 201 0 R >> >>",
        200: b"<< /Type /OCG /Name (Lop) >>",
        201: b"<< /ON [200 0 R] >>",
    }
    content = letter(pages=2, more=layers)

    assert pages_made_anew(content, update(content, {201: b"<< /OFF [200 0 R] >>"})) is None
    assert pages_made_anew(content, update(content, {})) == frozenset()


def test_pages_that_changed_and_were_not_drawn_in_time_are_named(world: World):
    signed = world.sign(letter(pages=PAGES))

    assert looked_at(world, update(signed, {LAST + 1: stream(COVER)}), seconds_ago=1000).unseen == PAGES
    assert looked_at(world, update(signed, {}), seconds_ago=1000) == Look(), "no page is made of anything else"


# Signatures that cannot be checked, beside one that can.
BROKEN = {
    "no dictionary": (b"/V [100 0 R]", "dữ liệu khác"),
    "old": (b"/V << /Type /Sig /SubFilter /adbe.pkcs7.sha1 >>", "adbe.pkcs7.sha1"),
    "unknown": (b"/V << /Type /Sig /SubFilter /Nha.Rieng >>", "Nha.Rieng"),
    "of no kind": (b"/V << /Type /Sig >>", "không ghi kiểu"),
    "empty": (b"/V << /Type /Sig /SubFilter /ETSI.CAdES.detached >>", "hỏng"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_field_that_cannot_be_checked_is_named_and_hides_no_other(world: World, name: str):
    value, reason = BROKEN[name]
    field = b"<< /FT /Sig /T (Hong) /Rect [0 0 0 0] /Type /Annot /Subtype /Widget %s >>" % value
    verdict = world.judged(world.sign(letter(), fields=b"140 0 R", style=Style(more={140: field})))

    assert [(line.field, line.verdict) for line in verdict.signatures] == [
        ("Ky1", Word.VALID), ("Hong", Word.INDETERMINATE),
    ]  # fmt: skip
    assert verdict.verdict is Word.INDETERMINATE
    assert reason in verdict.signatures[1].reason


@pytest.mark.parametrize(("rect", "word"), [(b"[0 0 0 0]", Word.VALID), (b"[280 100 500 140]", Word.INDETERMINATE)])
def test_later_signature_that_cannot_be_checked_harms_none_as_long_as_nobody_sees_it(
    world: World, rect: bytes, word: Word
):
    style = Style(
        sub_filter=b"/Nha.Rieng", rect=rect, field_entries=b"/AP << /N 120 0 R >>", more={120: stream(b"", FORM)}
    )
    both = world.sign(world.signed, world.rsa, name=b"Ky2", number=110, fields=FIRST, style=style)

    assert [line.verdict for line in world.judged(both).signatures] == [word, Word.INDETERMINATE]


@pytest.mark.parametrize(
    ("style", "reason"),
    [
        (Style(certificates=()), "không kèm đúng chứng thư số"),
        (Style(content=b"x"), "cấu trúc"),
        (Style(sub_filter=b"/ETSI.RFC3161"), "ghi sai loại"),
    ],
    ids=["no-certificate", "content-inside", "stamp-by-name"],
)
def test_what_cannot_be_checked_is_said_in_plain_words(world: World, style: Style, reason: str):
    verdict = world.judged(world.sign(letter(), style=style))

    assert verdict.verdict is Word.INDETERMINATE
    assert reason in verdict.reason


def test_signature_against_the_conditions_of_its_field_is_not_valid(world: World):
    """A field may require of its signer what it will (ISO 32000-2, 12.7.5.5)."""
    required = b"/SV << /Type /SV /Ff 2 /SubFilter [/adbe.pkcs7.detached] >>"

    verdict = world.judged(world.sign(letter(), style=Style(field_entries=required)))
    assert verdict.verdict is Word.INDETERMINATE
    assert "điều kiện" in verdict.reason
    kept = Style(field_entries=required, sub_filter=b"/adbe.pkcs7.detached")
    assert world.word(world.sign(letter(), style=kept)) is Word.VALID


def test_digest_under_a_wrong_name_is_said_in_words(world: World):
    """Old programs of Windows name the algorithm of the signature there."""
    sha256, other = (bytes.fromhex(text) for text in ("0609608648016503040201", "06092a864886f70d010105"))
    signed = world.sign(letter(), style=Style(rewrite=lambda der: der.replace(sha256, other)))

    verdict = world.judged(signed)
    assert verdict.verdict is Word.INDETERMINATE
    assert "1.2.840.113549.1.1.5" in verdict.reason


def test_pages_that_an_update_broke_leave_a_verdict(world: World):
    for kids in (b"/Test", b"[10 0 R 500 0 R]", b"[10 0 R /Test]"):
        broken = world.judged(update(world.signed, {2: b"<< /Type /Pages /Kids %s /Count 2 >>" % kids}))

        assert broken.verdict is Word.INVALID
        assert "trang trong tệp bị hỏng" in broken.signatures[-1].reason


@pytest.mark.parametrize(("version", "word"), [("v5", Word.VALID), ("v1", Word.INDETERMINATE)])
def test_version_follows_what_the_message_holds(world: World, version: str, word: Word):
    """RFC 5652, 5.1: with revocation of another kind than lists it is 5."""
    kind = {"other_rev_info_format": "1.2.3.4", "other_rev_info": core.Null()}
    other = cms.RevocationInfoChoice({"other": kind}).dump()
    signed = world.sign(letter(), style=Style(crls=[*world.trust.crls, other], version=version))

    assert world.word(signed) is word


def test_mark_in_a_widget_that_does_not_name_its_field_belongs_to_it(world: World):
    field = b"<< /FT /Sig /T (Ky2) /V 111 0 R /Kids [112 0 R] >>"
    widget = b"<< /Type /Annot /Subtype /Widget /F 132 /P 10 0 R /Rect [280 100 500 140] /AP << /N 120 0 R >> >>"
    more = {
        10: page(10, b"/Annots [100 0 R 112 0 R]"), 110: field, 112: widget,
        120: stream(b"BT /F1 10 Tf 300 120 Td (Ky boi B) Tj ET", FORM.replace(b"[0 0 595 842]", b"[280 100 500 140]")),
    }  # fmt: skip
    both = world.sign(world.signed, world.rsa, name=b"Ky2", number=110, fields=FIRST, style=Style(more=more))

    assert [line.verdict for line in world.judged(both).signatures] == [Word.VALID, Word.VALID]
