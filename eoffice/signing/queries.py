"""Reads: keys, marks, reports, who signed which file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.db.models import QuerySet

from eoffice.core.errors import NotFound
from eoffice.core.geometry import Box
from eoffice.core.vietnamese import fold
from eoffice.organization.actor import Actor
from eoffice.organization.models import Role
from eoffice.signing import permissions
from eoffice.signing.engine.marks import POINTS_PER_MM, SEAL_DIAMETER_MM, image_mark, name_mark
from eoffice.signing.engine.marks import seal_mark as draw_seal
from eoffice.signing.engine.reporting import TechnicalReport
from eoffice.signing.engine.verdicts import Verdict
from eoffice.signing.errors import ReportMissing
from eoffice.signing.models import (
    FillingRecord,
    ImageRules,
    MarkImage,
    MarkImageState,
    RevocationAnswer,
    RevocationRules,
    SignatureRecord,
    SignatureRequestPaper,
    SigningKey,
    TrustAnchor,
    VerificationReport,
)

_STEPS: Final = 50


@dataclass(frozen=True, slots=True)
class KeyPage:
    """What the page of one's own signature shows."""

    key: SigningKey | None
    images: list[MarkImage]
    """Versions of one's picture, newest first: the one in use among them."""
    revoked: list[SigningKey]


def key_of_person(person_id: int) -> SigningKey | None:
    """The key a person signs with now."""
    return SigningKey.objects.filter(person_id=person_id, revoked_at__isnull=True).first()


def key_of_unit(unit_id: int) -> SigningKey | None:
    """The key of a unit's seal now."""
    return SigningKey.objects.filter(unit_id=unit_id, revoked_at__isnull=True, withdrawn_at__isnull=True).first()


def keys_naming(person_ids: Iterable[int], names: Iterable[str]) -> list[SigningKey]:
    """Certificates in use of these people whose subject names one of `names`; a few hundred are read in one go."""
    folded = [fold(name) for name in names]
    keys = SigningKey.objects.filter(person_id__in=list(person_ids), revoked_at__isnull=True).order_by("pk")
    return [key for key in keys if any(name in fold(_subject_words(key)) for name in folded)]


def _subject_words(key: SigningKey) -> str:
    subject = x509.load_der_x509_certificate(bytes(key.certificate)).subject
    return " ".join(str(attribute.value) for attribute in subject)


def key_page(person_id: int) -> KeyPage:
    """Key, picture and revoked certificates of one person."""
    revoked = SigningKey.objects.filter(person_id=person_id, revoked_at__isnull=False).order_by("-revoked_at", "-pk")
    return KeyPage(key_of_person(person_id), images_of_person(person_id), list(revoked[:20]))


def person_mark(*, person_id: int, name: str, box: Box) -> bytes:
    """A person's mark as a one-page PDF for `box`: the picture in use, else strokes drawn from the name."""
    image = MarkImage.objects.filter(person_id=person_id, state=MarkImageState.IN_USE).first()
    if image is None:
        return name_mark(name, width=box.width, height=box.height)
    return image_mark(bytes(image.png), width=box.width, height=box.height)


def seal_mark(*, unit_id: int, organization: str, superior: str = "", box: Box | None = None) -> bytes:
    """A unit's seal of real size as a one-page PDF: the confirmed picture, else one drawn from the names.

    In a `box` made for another size the picture keeps its own, in the middle, unless the box is too small for it.
    """
    image = _seal_image(unit_id)
    if image is None or image.diameter_mm is None:
        return draw_seal(organization, superior=superior)
    diameter_mm = float(image.diameter_mm)
    side = diameter_mm * POINTS_PER_MM
    width, height = (box.width, box.height) if box else (side, side)
    return image_mark(bytes(image.png), width=width, height=height, most_mm=diameter_mm)


def seal_diameter_mm(unit_id: int) -> float:
    """How wide a unit's seal is on the page."""
    image = _seal_image(unit_id)
    return float(image.diameter_mm) if image and image.diameter_mm else float(SEAL_DIAMETER_MM)


def images_of_person(person_id: int) -> list[MarkImage]:
    """The versions of a person's picture, newest first, twenty at most."""
    return list(MarkImage.objects.filter(person_id=person_id).select_related("decided_by").order_by("-number")[:20])


def images_of_unit(unit_id: int) -> list[MarkImage]:
    """The versions of a seal's picture, newest first, twenty at most."""
    rows = MarkImage.objects.filter(unit_id=unit_id).select_related("uploaded_by", "decided_by")
    return list(rows.order_by("-number")[:20])


def get_mark_image(actor: Actor, image_id: int) -> MarkImage:
    """One version. Raises NotFound for whom it does not concern."""
    image = MarkImage.objects.filter(pk=image_id).first()
    if image is None or not permissions.can_see_mark_image(actor, image):
        raise NotFound
    return image


def images_to_decide(actor: Actor) -> list[MarkImage]:
    """Pictures that wait and that the actor may decide on, oldest first, a hundred at most."""
    rows = MarkImage.objects.filter(state=MarkImageState.WAITING).exclude(uploaded_by_id=actor.person_id)
    if not permissions.can_manage_images(actor):
        rows = rows.filter(unit_id__in=actor.units_with(Role.CHIEF_OF_OFFICE, Role.LEADER))
    return list(rows.select_related("person", "unit", "uploaded_by").order_by("pk")[:100])


def image_rules() -> ImageRules:
    """The rules of pictures in force; those of a new installation where nothing was set."""
    return ImageRules.objects.filter(pk=1).first() or ImageRules(pk=1)


def _seal_image(unit_id: int) -> MarkImage | None:
    return MarkImage.objects.filter(unit_id=unit_id, state=MarkImageState.IN_USE).first()


def signed_paper(paper_id: int) -> SignatureRequestPaper | None:
    """A paper of a request whose signed file waits to be taken, with its request; None once it is taken."""
    rows = SignatureRequestPaper.objects.select_related("request__person", "result")
    return rows.filter(pk=paper_id, result__isnull=False, taken_at__isnull=True).first()


def report_of(sha256: str) -> VerificationReport:
    """The newest check of a stored file. Raises ReportMissing."""
    report = VerificationReport.objects.filter(pk=sha256).first()
    if report is None:
        raise ReportMissing
    return report


def technical_report(report: VerificationReport, *, file_name: str) -> TechnicalReport:
    """A kept check with its evidence, ready to show, print and export."""
    return TechnicalReport(
        file_name=file_name,
        file_sha256=report.pk,
        verdict=Verdict.from_record(report.record),
        checked_at=report.checked_at,
        engine=report.engine,
        trust_state=report.trust_state,
        evidence=tuple(report.evidence),
        unreachable=report.unreachable,
    )


def verdict_of(sha256: str) -> Verdict | None:
    """What the newest check said; None when the file was not checked yet."""
    report = VerificationReport.objects.filter(pk=sha256).first()
    return Verdict.from_record(report.record) if report else None


def checked_at(sha256: str) -> datetime | None:
    return VerificationReport.objects.filter(pk=sha256).values_list("checked_at", flat=True).first()


def signatures_of(sha256: str) -> list[SignatureRecord]:
    """The signatures made here that lead to a file, newest first, following the files back (at most 50 steps)."""
    found: list[SignatureRecord] = []
    current: str | None = sha256
    for _ in range(_STEPS):
        if current is None:
            break
        record = SignatureRecord.objects.select_related("person", "unit").filter(file_after_id=current).first()
        if record is None:
            filled = FillingRecord.objects.filter(file_after_id=current)
            current = filled.values_list("file_before_id", flat=True).first()
        else:
            found.append(record)
            current = record.file_before_id
    return found


def records_of_person(person_id: int) -> QuerySet[SignatureRecord]:
    """What a person signed, newest first."""
    return SignatureRecord.objects.filter(person_id=person_id, unit__isnull=True).order_by("-pk")


@dataclass(frozen=True, slots=True)
class AnchorLine:
    """One line of the trust list, with what its certificate says."""

    anchor: TrustAnchor
    subject: str
    issuer: str
    starts_at: datetime
    ends_at: datetime
    key: str

    @property
    def shown_fingerprint(self) -> str:
        """In groups of eight, as publishers print it."""
        text = self.anchor.fingerprint.upper()
        return " ".join(text[start : start + 8] for start in range(0, len(text), 8))


@dataclass(frozen=True, slots=True)
class TrustPage:
    """What the page of the trust list shows: lines in force by purpose, withdrawn ones, and what was asked lately."""

    in_force: list[AnchorLine]
    withdrawn: list[AnchorLine]
    answers: list[RevocationAnswer]
    rules: RevocationRules


def trust_page(actor: Actor) -> TrustPage:
    """The trust list, 500 lines at most. Raises NotFound for all but administrators."""
    if not permissions.can_manage_trust(actor):
        raise NotFound
    rows = TrustAnchor.objects.select_related("added_by", "withdrawn_by").order_by("purpose", "is_intermediate", "pk")
    lines = [_anchor_line(row) for row in rows[:500]]
    answers = RevocationAnswer.objects.defer("content").order_by("-failed_at", "-fetched_at", "pk")
    return TrustPage(
        [line for line in lines if line.anchor.withdrawn_at is None],
        [line for line in lines if line.anchor.withdrawn_at is not None],
        list(answers[:20]),
        RevocationRules.objects.filter(pk=1).first() or RevocationRules(pk=1),
    )


def anchor_certificate(actor: Actor, anchor_id: int) -> TrustAnchor:
    """One line of the list. Raises NotFound."""
    anchor = TrustAnchor.objects.filter(pk=anchor_id).first()
    if anchor is None or not permissions.can_manage_trust(actor):
        raise NotFound
    return anchor


def _anchor_line(anchor: TrustAnchor) -> AnchorLine:
    certificate = x509.load_der_x509_certificate(bytes(anchor.certificate))
    key = certificate.public_key()
    words = "khác"
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        words = f"{'RSA' if isinstance(key, rsa.RSAPublicKey) else 'ECDSA'} {key.key_size} bit"
    return AnchorLine(
        anchor,
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        words,
    )
