"""Real certificates, real letters and real people for this room's tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from eoffice.core import files
from eoffice.core.actor_ref import ActorRef
from eoffice.core.geometry import Box, LetterPlaces
from eoffice.core.models import StoredFile
from eoffice.core.typesetting import typeset
from eoffice.organization import queries, services
from eoffice.organization.actor import Actor
from eoffice.organization.models import Person, Role, Unit, UnitKind
from eoffice.signing.engine.authority import (
    CertifiedKey,
    KeyAlgorithm,
    Revocation,
    Subject,
    generate_key,
    issue_certificate,
    issue_crl,
    make_issuing,
    make_root,
)
from eoffice.signing.engine.filling import fill_number_and_date
from eoffice.signing.engine.marks import name_mark, seal_mark
from eoffice.signing.engine.preparing import prepare, seal_box
from eoffice.signing.engine.signing import LongTerm, SoftwareKey, sign_pdf
from eoffice.signing.engine.verdicts import TrustAnchors
from eoffice.signing.services import ensure_authority
from tests.worlds import made_once

NOW: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Thứ Hai, 23/11/2026, 08:00 in Vietnam."""
GROUP: Final = "Tập đoàn Hạ tầng số Trường Xuân"
DATE_LINE: Final = "Hà Nội, ngày 05 tháng 01 năm 2027"
PIN: Final = "908172"
SEAL_PIN: Final = "317264"
_LETTER: Final = Path(__file__).resolve().parent / "letter.typ"
_SIGNATURE: Final = Box(0, 350, 100, 470, 160)


@dataclass
class Pki:
    """A root, an issuing authority, and revocation lists made when asked for."""

    root: CertifiedKey = field(default_factory=lambda: make_root(name="Gốc thử", now=NOW - timedelta(days=400)))
    issuing: CertifiedKey = field(init=False)
    revoked: list[Revocation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.issuing = make_issuing(self.root, name="Cấp phát thử", now=NOW - timedelta(days=400))

    def key(
        self,
        name: str,
        *,
        algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_P256,
        made: datetime = NOW - timedelta(days=30),
        days: int = 365,
    ) -> SoftwareKey:
        private_key = generate_key(algorithm)
        certificate = issue_certificate(
            self.issuing,
            subject=Subject(common_name=name, organization=GROUP),
            public_key=private_key.public_key(),
            now=made,
            valid_for=timedelta(days=days),
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        return SoftwareKey(certificate=der, chain=(self.issuing.der,), private_key=private_key)

    def revoke(self, key: SoftwareKey, *, at: datetime) -> None:
        self.revoked.append(Revocation(x509.load_der_x509_certificate(key.certificate).serial_number, at))

    def crls(self, *, now: datetime = NOW) -> tuple[bytes, ...]:
        return (
            issue_crl(self.root, revoked=[], number=1, now=now),
            issue_crl(self.issuing, revoked=self.revoked, number=1, now=now),
        )

    def trust(self, *, now: datetime = NOW, time_stamp_roots: tuple[bytes, ...] = ()) -> TrustAnchors:
        return TrustAnchors(
            roots=(self.root.der,),
            intermediates=(self.issuing.der,),
            crls=self.crls(now=now),
            time_stamp_roots=time_stamp_roots,
        )


def letter_pdf(body: str = "Kính gửi các đơn vị thành viên. Nội dung công văn mẫu.") -> bytes:
    """A one-page letter, PDF/A, with room for number, date, signatures and seal."""
    return typeset(_LETTER, {"body": body})


def letter_places(signers: int = 1) -> LetterPlaces:
    signatures = tuple(
        Box(0, _SIGNATURE.x0, _SIGNATURE.y0 + 90 * step, _SIGNATURE.x1, _SIGNATURE.y1 + 90 * step)
        for step in range(signers)
    )
    return LetterPlaces(
        number=Box(0, 108, 736, 152, 752),
        date=Box(0, 300, 700, 520, 716),
        signatures=signatures,
        seal=seal_box(signatures[-1]),
    )


def field_names(signers: int) -> tuple[str, ...]:
    return tuple(f"ky_{number}" for number in range(1, signers + 1))


@dataclass(frozen=True, repr=False)
class Trip:
    """The files of one letter's way: prepared, after each signer, numbered, sealed."""

    prepared: Path
    signed: tuple[Path, ...]
    numbered: Path
    sealed: Path
    keys: tuple[SoftwareKey, ...]
    seal_key: SoftwareKey


def whole_way(directory: Path, pki: Pki, *, signers: int = 1, long_term: LongTerm | None = None) -> Trip:
    """One letter from prepared to sealed, signed at `NOW`."""
    source = directory / "source.pdf"
    source.write_bytes(letter_pdf())
    prepared = directory / "prepared.pdf"
    prepare(source, prepared, letter_places(signers), signer_fields=field_names(signers))
    mark, seal = directory / "mark.pdf", directory / "seal.pdf"
    mark.write_bytes(name_mark("Trần Quốc Khánh", width=_SIGNATURE.width, height=_SIGNATURE.height))
    seal.write_bytes(seal_mark(GROUP))
    algorithms = (KeyAlgorithm.ECDSA_P256, KeyAlgorithm.RSA_2048, KeyAlgorithm.ECDSA_P256)
    keys = tuple(pki.key(f"Người ký {number + 1}", algorithm=algorithms[number]) for number in range(signers))
    seal_key = pki.key(GROUP.upper())
    current, signed = prepared, []
    for name, key in zip(field_names(signers), keys, strict=True):
        target = directory / f"{name}.pdf"
        sign_pdf(current, target, key=key, field=name, mark=mark, now=NOW, long_term=long_term)
        signed.append(target)
        current = target
    numbered, sealed = directory / "numbered.pdf", directory / "sealed.pdf"
    fill_number_and_date(current, numbered, "5648", DATE_LINE)
    sign_pdf(numbered, sealed, key=seal_key, field="dau", mark=seal, now=NOW, long_term=long_term)
    return Trip(prepared, tuple(signed), numbered, sealed, keys, seal_key)


@dataclass(frozen=True)
class Cast:
    """A registry with its clerk, its leader, and an outsider of another unit."""

    group: Unit
    company: Unit
    clerk: Actor
    leader: Actor
    outsider: Actor
    administrator: Actor


@made_once
def make_cast() -> Cast:
    """Build the cast through the services of `organization`, with the test authority in place."""
    system = ActorRef(None, source="cli")
    since = date(2020, 1, 1)

    def unit(parent: Unit | None, kind: UnitKind, name: str, symbol: str) -> Unit:
        return services.create_unit(
            actor=system, parent=parent, kind=kind, name=name, short_name=name, symbol=symbol,
            has_registry=True, place="Hà Nội", now=NOW,
        )  # fmt: skip

    def actor(name: str, email: str, where: Unit, role: Role) -> Actor:
        person: Person = services.create_person(
            actor=system, full_name=name, email=f"{email}@txg.test", password="Mat-khau-9182", now=NOW
        )
        services.appoint(
            actor=system, person=person, unit=where, position_name="Chuyên viên", rank=9, starts_on=since, now=NOW
        )
        services.grant_role(actor=system, person=person, unit=where, role=role, starts_on=since, now=NOW)
        assert person.user_id is not None
        return queries.actor_of(user_id=person.user_id, now=NOW)

    ensure_authority(now=NOW - timedelta(days=1))
    group = unit(None, UnitKind.GROUP, GROUP, "TXG")
    company = unit(group, UnitKind.COMPANY, "Công ty Dịch vụ số Trường Xuân", "DVS")
    return Cast(
        group=group,
        company=company,
        clerk=actor("Nguyễn Thị Thu Hương", "huong", group, Role.CLERK),
        leader=actor("Trần Quốc Khánh", "khanh", group, Role.LEADER),
        outsider=actor("Lý Thị Út", "ut", company, Role.CLERK),
        administrator=actor("Quản Trị Viên", "quantri", group, Role.ADMINISTRATOR),
    )


def store_pdf(content: bytes) -> StoredFile:
    return files.store(content, media_type="application/pdf")
