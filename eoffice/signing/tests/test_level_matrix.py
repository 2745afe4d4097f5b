"""Every level with one to three signers, whole and harmed in eight ways: judged by us, by pdfsig and by openssl."""

from __future__ import annotations

import random
import re
import ssl
import subprocess
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from eoffice.signing.engine.completing import complete_pdf, evidence_for
from eoffice.signing.engine.gathering import links_of
from eoffice.signing.engine.signing import LongTerm
from eoffice.signing.engine.time_stamping import AuthoritiesInOrder, TimeStampSource
from eoffice.signing.engine.verdicts import TrustAnchors, Word
from eoffice.signing.engine.verifying import verify_files
from eoffice.signing.tests.factories import NOW, Pki, Trip, whole_way
from tests.pki import LoopbackPki

LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
LATER = NOW + timedelta(days=500)


@dataclass(frozen=True)
class Signed:
    """A sealed letter of one level, and who is believed for it."""

    path: Path
    trip: Trip
    trust: TrustAnchors


def believed(pki: Pki, loopback: LoopbackPki, now: datetime = NOW) -> TrustAnchors:
    trust = pki.trust(now=now, time_stamp_roots=(loopback.certificate("tsa-root"),))
    return replace(trust, crls=(*trust.crls, loopback.crl("tsa-root", now=now)))


def stamper(loopback: LoopbackPki, trust: TrustAnchors) -> AuthoritiesInOrder:
    source = TimeStampSource(key=1, name="tsa", url=loopback.tsa_url(), timeout_s=30)
    return AuthoritiesInOrder([source], trust_for=lambda _: trust, now=NOW)


def signed_at(level: str, signers: int, pki: Pki, loopback: LoopbackPki, directory: Path) -> Signed:
    """The letter of a level: signed, numbered, sealed, then completed as the job does it."""
    trust = believed(pki, loopback)
    with loopback.at(NOW):
        stamps = LongTerm(time_stamper=stamper(loopback, trust)) if level != "B-B" else None
        trip = whole_way(directory, pki, signers=signers, long_term=stamps)
        path = trip.sealed
        if level in ("B-LT", "B-LTA"):
            path = directory / "completed.pdf"
            complete_pdf(
                trip.sealed,
                path,
                evidence=evidence_for(links_of(trip.sealed, trust), trust),
                time_stamper=stamper(loopback, trust) if level == "B-LTA" else None,
            )
    return Signed(path, trip, trust)


def flipped(path: Path, target: Path, offset: int) -> Path:
    content = bytearray(path.read_bytes())
    content[offset] ^= 0x01
    target.write_bytes(content)
    return target


def with_text_appended(path: Path, target: Path) -> Path:
    """An update that draws one more line on the page."""
    with path.open("rb") as source, target.open("wb") as output:
        writer = IncrementalPdfFileWriter(source)
        stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf 100 500 Td (them) Tj ET")
        writer.add_stream_to_page(0, writer.add_object(stream))
        writer.write(output)
    return target


def with_number_refilled(path: Path, target: Path) -> Path:
    """An update that writes another number into the field that the seal has locked."""
    with path.open("rb") as source, target.open("wb") as output:
        writer = IncrementalPdfFileWriter(source)
        fields = [entry.get_object() for entry in writer.root["/AcroForm"]["/Fields"]]
        field = next(entry for entry in fields if str(entry["/T"]) == "so")
        field[pdf_name("/V")] = generic.TextStringObject("9999")
        writer.update_container(field)
        writer.write(output)
    return target


def holes(path: Path, count: int) -> list[tuple[int, int, int]]:
    """First end, second start, second length of the first `count` byte ranges: people and seal, before any stamp."""
    found = re.findall(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", path.read_bytes())
    return sorted((int(a), int(b), int(c)) for a, b, c in found)[:count]


def pdfsig_verdicts(path: Path) -> list[str]:
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    return re.findall(r"Signature Validation: (Signature is \w+)", said)


def openssl_chains(signed: Signed, pki: Pki, directory: Path, count: int) -> list[bool]:
    root = directory / "root.pem"
    root.write_text(ssl.DER_cert_to_PEM_cert(pki.root.der))
    content, results = signed.path.read_bytes(), []
    for number, (first, second, length) in enumerate(holes(signed.path, count)):
        cms, data = directory / f"{number}.cms", directory / f"{number}.bin"
        cms.write_bytes(bytes.fromhex(content[first + 1 : second - 1].decode()))
        data.write_bytes(content[:first] + content[second : second + length])
        ran = subprocess.run(
            ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(cms), "-content", str(data),
             "-CAfile", str(root), "-purpose", "any", "-attime", str(int(NOW.timestamp())), "-out", "/dev/null"],
            capture_output=True, check=False,
        )  # fmt: skip
        results.append(ran.returncode == 0)
    return results


def openssl_stamps(signed: Signed, loopback: LoopbackPki, directory: Path) -> list[bool]:
    """Each signature's time stamp against its value, up to the root of time stamps."""
    root = directory / "tsa-root.pem"
    root.write_text(ssl.DER_cert_to_PEM_cert(loopback.certificate("tsa-root")))
    results = []
    with signed.path.open("rb") as stream:
        for signature in PdfFileReader(stream).embedded_signatures:
            attributes = signature.signer_info["unsigned_attrs"]
            for attribute in attributes if signature.sig_object_type == "/Sig" and attributes else ():
                token, value = directory / "token.der", directory / "value.bin"
                token.write_bytes(attribute["values"][0].dump())
                value.write_bytes(signature.signer_info["signature"].native)
                ran = subprocess.run(
                    ["openssl", "ts", "-verify", "-token_in", "-in", str(token), "-data", str(value),
                     "-CAfile", str(root)],
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                results.append("Verification: OK" in ran.stdout + ran.stderr)
    return results


def words(paths: list[Path], trust: TrustAnchors, now: datetime = NOW) -> list[Word]:
    return [verdict.verdict for verdict in verify_files(paths, trust, now)]


@pytest.fixture(
    params=[(level, signers) for level in LEVELS for signers in (1, 2, 3)], ids=lambda each: f"{each[0]}-{each[1]}"
)
def case(
    request: pytest.FixtureRequest, pki: Pki, loopback_pki: LoopbackPki, tmp_path: Path
) -> tuple[str, int, Signed]:
    level, signers = request.param
    return level, signers, signed_at(level, signers, pki, loopback_pki, tmp_path)


def test_level_whole_and_harmed(case: tuple[str, int, Signed], pki: Pki, loopback_pki: LoopbackPki, tmp_path: Path):
    level, signers, signed = case
    people_and_seal = signers + 1
    page = signed.path.read_bytes().find(b"stream") + 40
    harmed = [
        flipped(signed.path, tmp_path / "flipped.pdf", page),
        with_text_appended(signed.path, tmp_path / "text.pdf"),
        with_number_refilled(signed.path, tmp_path / "refilled.pdf"),
    ]
    trailing = tmp_path / "trailing.pdf"
    trailing.write_bytes(signed.path.read_bytes() + b"\n% them")

    whole = verify_files([signed.path], signed.trust, NOW)[0]
    assert [(line.verdict, line.level) for line in whole.signatures] == [(Word.VALID, level)] * people_and_seal
    assert words([*harmed, trailing], signed.trust) == [Word.INVALID] * 4

    assert pdfsig_verdicts(signed.path)[:people_and_seal] == ["Signature is Valid"] * people_and_seal
    assert "Signature is Valid" not in pdfsig_verdicts(harmed[0])
    assert openssl_chains(signed, pki, tmp_path, people_and_seal) == [True] * people_and_seal
    stamped = 0 if level == "B-B" else people_and_seal
    assert openssl_stamps(signed, loopback_pki, tmp_path) == [True] * stamped


def test_level_revoked_expired_and_with_a_wrong_authority(
    case: tuple[str, int, Signed], pki: Pki, loopback_pki: LoopbackPki
):
    level, _, signed = case
    other = Pki(root=pki.root)
    other.issuing, other.revoked = pki.issuing, []
    other.revoke(signed.trip.keys[0], at=NOW - timedelta(days=1))
    revoked = replace(believed(other, loopback_pki), crls=(*other.crls(), loopback_pki.crl("tsa-root", now=NOW)))
    unknown_stamps = replace(signed.trust, time_stamp_roots=(loopback_pki.certificate("stranger-root"),))

    # A list from after the certificate's end need not name it any more: only what the file brings along proves enough.
    proven = Word.VALID if level in ("B-LT", "B-LTA") else Word.INDETERMINATE
    assert words([signed.path], believed(pki, loopback_pki, LATER), LATER) == [proven]
    assert words([signed.path], unknown_stamps) == [Word.VALID if level == "B-B" else Word.INDETERMINATE]
    if level in ("B-B", "B-T"):
        # A file that brings its own list from the time of signing was not revoked then, as far as it can prove.
        assert words([signed.path], revoked) == [Word.INVALID]


def test_one_changed_byte_in_what_is_signed_is_never_valid(pki: Pki, loopback_pki: LoopbackPki, tmp_path: Path):
    signed = signed_at("B-LTA", 2, pki, loopback_pki, tmp_path)
    first, second, length = holes(signed.path, 3)[-1]
    chance = random.Random(20261128)
    offsets = [
        chance.choice((chance.randrange(0, first), chance.randrange(second, second + length))) for _ in range(40)
    ]

    files = [flipped(signed.path, tmp_path / f"{number}.pdf", offset) for number, offset in enumerate(offsets)]

    assert [
        offset for offset, word in zip(offsets, words(files, signed.trust), strict=True) if word is Word.VALID
    ] == []
