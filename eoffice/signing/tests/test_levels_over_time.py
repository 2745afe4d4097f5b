"""Each level judged at each moment, with and without a network: the table of ADR 0065 (EN 319 102-1, 5.3 to 5.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper

from eoffice.signing.engine.checking import check
from eoffice.signing.engine.signing import LongTerm
from eoffice.signing.engine.verdicts import TrustAnchors, Word
from eoffice.signing.tests.authorities import DAY, House, Shape
from eoffice.signing.tests.factories import NOW
from eoffice.signing.tests.test_proven_times import _context, lists, signed, stamper

# All of it lies in the past: the library counts the age of proofs by the machine's own clock.
THEN = NOW - 700 * DAY
STALE, ENDED = THEN + 5 * DAY, THEN + 100 * DAY


@dataclass(frozen=True)
class World:
    """One signature at three levels, and everybody who answers for it."""

    house: House
    clock: House
    archive: House
    files: dict[str, Path]

    def word(self, level: str, now: datetime, *, online: bool) -> tuple[Word, str]:
        houses = (self.house, self.clock, self.archive)
        told = [
            each.crl(holder, now=now)
            for each in houses
            for holder in (each.root, each.issuing)
            if holder.certificate.not_valid_after_utc > now
        ]
        trust = TrustAnchors(
            roots=(self.house.root.der,), intermediates=tuple(each.issuing.der for each in houses),
            crls=tuple(told) if online else (), time_stamp_roots=(self.clock.root.der, self.archive.root.der),
        )  # fmt: skip
        (line,) = check(self.files[level], trust, now).signatures
        assert line.intact
        return line.verdict, line.sub_indication


def made(folder: Path, *, house: House, clock_days: int) -> World:
    clock, archive = (House(name=name, made=THEN - 400 * DAY) for name in ("Dấu ký", "Dấu lưu"))
    usage = [ExtendedKeyUsageOID.TIME_STAMPING]
    first = stamper(clock, at=THEN, shape=Shape(made=THEN - 30 * DAY, days=clock_days, usages=usage))
    key = house.signer("A", shape=Shape(made=THEN - 30 * DAY, days=90))
    full = LongTerm(
        time_stamper=first, trust_roots=(house.root.der, clock.root.der),
        intermediates=(house.issuing.der, clock.issuing.der), crls=(*lists(house, now=THEN), *lists(clock, now=THEN)),
    )  # fmt: skip
    files = {}
    for level, how in (("B-T", LongTerm(time_stamper=first)), ("B-LT", full)):
        (folder / level).mkdir()
        files[level] = signed(folder / level, key, long_term=how, at=THEN)
    files["B-LTA"] = folder / "archived.pdf"
    last = stamper(archive, at=THEN + timedelta(hours=1), shape=Shape(made=THEN - DAY, days=3000, usages=usage))
    with files["B-LT"].open("rb") as source, files["B-LTA"].open("w+b") as output:
        PdfTimeStamper(last).timestamp_pdf(
            IncrementalPdfFileWriter(source), "sha256", _context(archive, now=THEN), output=output
        )
    return World(house, clock, archive, files)


VALID = (Word.VALID, "")


def test_lists_in_force_stale_lists_and_the_signers_end(tmp_path: Path):
    world = made(tmp_path, house=House(made=THEN - 400 * DAY), clock_days=2000)
    soon = THEN + timedelta(hours=2)

    assert [world.word(level, soon, online=False) for level in world.files] == [
        (Word.INDETERMINATE, "TRY_LATER"), VALID, VALID,
    ]  # fmt: skip
    for moment in (STALE, ENDED):
        offline = {world.word(level, moment, online=False) for level in ("B-LT", "B-LTA")}
        assert offline == {(Word.INDETERMINATE, "TRY_LATER")}
    assert {world.word(level, STALE, online=True) for level in world.files} == {VALID}
    assert [world.word(level, ENDED, online=True) for level in world.files] == [
        (Word.INDETERMINATE, "REVOCATION_OUT_OF_BOUNDS_NO_POE"), VALID, VALID,
    ]  # fmt: skip


def test_only_an_archive_stamp_outlives_the_authority_and_the_first_stamp(tmp_path: Path):
    # The issuing authority ends fifty days after signing, the time stamper thirty.
    world = made(tmp_path, house=House(made=THEN - 2950 * DAY), clock_days=60)

    assert [world.word(level, ENDED, online=True)[0] for level in world.files] == [
        Word.INDETERMINATE, Word.INDETERMINATE, Word.VALID,
    ]  # fmt: skip
